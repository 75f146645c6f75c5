package main

import "math"

// finish is what a surface looks like at one point.
type finish struct {
	albedo vec     // share of light that it throws back, by colour
	bumpU  float64 // how far the normal leans along u, and along v
	bumpV  float64
	gloss  float64 // strength of the highlight, 0 for matt
	glow   vec     // light that it sends out itself: sky behind glass, a laser line
}

// surface gives the finish at a point; u and v are metres on the face that was hit: along the wall (or floor) and up (or away from the wall).
type surface func(u, v float64) finish

// lean tilts the normal of a face by the finish's bump.
func (f finish) lean(normal vec) vec {
	switch {
	case normal.y > 0.5 || normal.y < -0.5:
		return normal.add(vec{f.bumpU, 0, f.bumpV}).unit()
	case normal.x > 0.7 || normal.x < -0.7:
		return normal.add(vec{0, f.bumpV, f.bumpU}).unit()
	default:
		return normal.add(vec{f.bumpU, f.bumpV, 0}).unit()
	}
}

// solid is a body that rays can hit.
type solid interface {
	// hit is the distance along the ray to the first point in front of it, with normal and face coordinates.
	hit(from, along vec) (distance float64, normal vec, u, v float64, ok bool)
	look(u, v float64) finish
}

// box is an upright block. Its surface sees x and y on faces that look along z, z and y on those along x, x and z on those along y.
type box struct {
	min, max vec
	surface  surface
}

func (b box) look(u, v float64) finish { return b.surface(u, v) }

func (b box) hit(from, along vec) (distance float64, normal vec, u, v float64, ok bool) {
	near, far := math.Inf(-1), math.Inf(1)
	for _, axis := range [3]struct {
		from, along, min, max float64
		normal                vec
	}{
		{from.x, along.x, b.min.x, b.max.x, vec{x: 1}},
		{from.y, along.y, b.min.y, b.max.y, vec{y: 1}},
		{from.z, along.z, b.min.z, b.max.z, vec{z: 1}},
	} {
		if math.Abs(axis.along) < 1e-12 {
			if axis.from < axis.min || axis.from > axis.max {
				return 0, vec{}, 0, 0, false
			}
			continue
		}
		enter, leave := (axis.min-axis.from)/axis.along, (axis.max-axis.from)/axis.along
		facing := axis.normal.times(-1)
		if enter > leave {
			enter, leave, facing = leave, enter, axis.normal
		}
		if enter > near {
			near, normal = enter, facing
		}
		far = min(far, leave)
	}
	if near > far || near < 1e-6 {
		return 0, vec{}, 0, 0, false
	}
	p := from.add(along.times(near))
	switch {
	case normal.z != 0:
		u, v = p.x, p.y
	case normal.x != 0:
		u, v = p.z, p.y
	default:
		u, v = p.x, p.z
	}
	return near, normal, u, v, true
}

// pipe is an upright round bar with a closed top.
type pipe struct {
	centre  vec // of its foot
	radius  float64
	height  float64
	surface surface
}

func (c pipe) look(u, v float64) finish { return c.surface(u, v) }

func (c pipe) hit(from, along vec) (distance float64, normal vec, u, v float64, ok bool) {
	ox, oz := from.x-c.centre.x, from.z-c.centre.z
	if top := (c.centre.y + c.height - from.y) / along.y; top > 1e-6 && along.y < 0 {
		p := from.add(along.times(top))
		if math.Hypot(p.x-c.centre.x, p.z-c.centre.z) < c.radius {
			return top, vec{y: 1}, p.x, p.z, true
		}
	}
	a := along.x*along.x + along.z*along.z
	b := ox*along.x + oz*along.z
	d := b*b - a*(ox*ox+oz*oz-c.radius*c.radius)
	if d < 0 || a < 1e-12 {
		return 0, vec{}, 0, 0, false
	}
	t := (-b - math.Sqrt(d)) / a
	p := from.add(along.times(t))
	if t < 1e-6 || p.y < c.centre.y || p.y > c.centre.y+c.height {
		return 0, vec{}, 0, 0, false
	}
	normal = vec{p.x - c.centre.x, 0, p.z - c.centre.z}.times(1 / c.radius)
	return t, normal, math.Atan2(normal.z, normal.x) * c.radius, p.y, true
}

// lamp is a square light that faces the wall: a window, a ceiling lamp, a flash.
type lamp struct {
	centre vec
	size   float64 // edge, m
	colour vec     // strength at one metre
}

// scene is everything in front of the camera, in metres: x to the right, y up, z towards the camera; the wall stands at z = 0.
type scene struct {
	solids  []solid
	lamps   []lamp
	ambient vec
	camera  camera
}

// camera looks from a place at a point; angle is the field of view across the picture's longer side, in degrees.
type camera struct {
	from, at vec
	roll     float64 // degrees, because nobody holds a tablet level
	angle    float64
}

// first is the nearest solid on the ray.
func (s scene) first(from, along vec, reach float64) (p, normal vec, look finish, ok bool) {
	var body solid
	var u, v float64
	for _, candidate := range s.solids {
		if d, n, cu, cv, hit := candidate.hit(from, along); hit && d < reach {
			reach, normal, u, v, body = d, n, cu, cv, candidate
		}
	}
	if body == nil {
		return vec{}, vec{}, finish{}, false
	}
	return from.add(along.times(reach)), normal, body.look(u, v), true
}

// blocked says whether anything stands within the reach of the ray.
func (s scene) blocked(from, along vec, reach float64) bool {
	for _, body := range s.solids {
		if d, _, _, _, hit := body.hit(from, along); hit && d < reach {
			return true
		}
	}
	return false
}
