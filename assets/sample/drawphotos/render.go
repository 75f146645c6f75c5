package main

import (
	"image"
	"image/color"
	"math"
	"runtime"
	"sync"
)

const (
	raster    = 3   // samples a pixel in each direction
	corners   = 2   // rays that look for nearby surfaces, which darken corners
	darkening = 0.3 // m, how far those rays look
)

// render draws the scene upright with the given number of pixels.
func (s scene) render(width, height int) *image.RGBA {
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	var rows sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		rows.Go(func() {
			for y := range next {
				for x := range width {
					picture.SetRGBA(x, y, s.pixel(x, y, width, height))
				}
			}
		})
	}
	for y := range height {
		next <- y
	}
	close(next)
	rows.Wait()
	return picture
}

// pixel averages its samples and turns light into a camera's eight bits: exposure curve, fall-off to the corners, grain.
func (s scene) pixel(x, y, width, height int) color.RGBA {
	forward := s.camera.at.sub(s.camera.from).unit()
	right := forward.cross(vec{y: 1}).unit()
	up := right.cross(forward)
	sin, cos := math.Sincos(s.camera.roll * math.Pi / 180)
	right, up = right.times(cos).add(up.times(sin)), up.times(cos).sub(right.times(sin))
	half := math.Tan(s.camera.angle / 2 * math.Pi / 180)
	longer := float64(max(width, height))

	var light vec
	var dx, dy float64
	for i := range raster * raster {
		dx = (2*(float64(x)+(float64(i%raster)+0.5)/raster) - float64(width)) / longer * half
		dy = (float64(height) - 2*(float64(y)+(float64(i/raster)+0.5)/raster)) / longer * half
		along := forward.add(right.times(dx)).add(up.times(dy)).unit()
		light = light.add(s.light(along, spread{x, y, i}))
	}
	light = light.times(1.0 / (raster * raster))
	light = light.times(1 - 0.22*(dx*dx+dy*dy)/(half*half))

	grain := (random(x, y, 7) + random(x, y, 8) - 1) * 2.2
	eight := func(c float64) uint8 {
		return uint8(min(max(math.Pow(1-math.Exp(-1.75*c), 1/2.2)*258+grain, 0), 255))
	}
	return color.RGBA{eight(light.x), eight(light.y), eight(light.z), 255}
}

// spread gives the samples of one pixel directions that are spread evenly: the R2 sequence, shifted by a random offset for each pixel.
type spread struct{ x, y, sample int }

// at is the k-th pair for a use; both numbers are in [0, 1).
func (r spread) at(k, perSample, use int) (a, b float64) {
	const plastic = 1.32471795724474602596 // the ratio on which R2 is built
	n := float64(r.sample*perSample + k)
	_, a = math.Modf(random(r.x, r.y, 2*use) + n/plastic)
	_, b = math.Modf(random(r.x, r.y, 2*use+1) + n/(plastic*plastic))
	return a, b
}

// light is what comes to the camera along the ray.
func (s scene) light(along vec, sample spread) vec {
	p, normal, look, ok := s.first(s.camera.from, along, math.Inf(1))
	if !ok {
		return s.ambient
	}
	bumped := look.lean(normal)
	p = p.add(normal.times(1e-4))

	open := 0
	for i := range corners {
		a, b := sample.at(i, corners, 20)
		if !s.blocked(p, scatter(normal, a, b), darkening) {
			open++
		}
	}
	// Even a corner gets light from the surfaces around it.
	sum := s.ambient.mul(look.albedo).times(0.45 + 0.55*float64(open)/corners).times(0.85 + 0.15*bumped.y)

	for i, l := range s.lamps {
		a, b := sample.at(0, 1, 21+i)
		spot := l.centre.add(vec{(a - 0.5) * l.size, (b - 0.5) * l.size, 0})
		to := spot.sub(p)
		distance := to.length()
		to = to.times(1 / distance)
		cosine := bumped.dot(to)
		if cosine <= 0 || s.blocked(p, to, distance) {
			continue
		}
		arriving := l.colour.times(1 / (0.2 + distance*distance))
		sum = sum.add(arriving.mul(look.albedo).times(cosine))
		if look.gloss > 0 {
			halfway := to.sub(along).unit()
			sum = sum.add(arriving.times(look.gloss * math.Pow(max(0, bumped.dot(halfway)), 90)))
		}
	}
	return sum.add(look.glow)
}

// scatter is a direction in the half space of the normal, denser around it; a and b are in [0, 1).
func scatter(normal vec, a, b float64) vec {
	side := vec{x: 1}
	if math.Abs(normal.x) > 0.9 {
		side = vec{y: 1}
	}
	first := normal.cross(side).unit()
	second := normal.cross(first)
	sin, cos := math.Sincos(2 * math.Pi * a)
	radius := math.Sqrt(b)
	return first.times(cos * radius).add(second.times(sin * radius)).add(normal.times(math.Sqrt(1 - b)))
}
