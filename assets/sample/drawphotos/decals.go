package main

import "math"

// point is a place on a face, in metres.
type point struct{ u, v float64 }

// crackSegment is one straight piece of a crack.
type crackSegment struct {
	a, b  point
	width float64 // m
}

// crack is a broken line whose pieces are kept in runs with their bounds, so that most points of a wall are told quickly.
type crack struct {
	runs []crackRun
}

type crackRun struct {
	low, high point
	segments  []crackSegment
}

// newCrack breaks the line through the points again and again, each time moving the middle aside, as a crack runs around grains.
func newCrack(width float64, layer int, through ...point) crack {
	var line []point
	for i := 1; i < len(through); i++ {
		part := shatter(through[i-1], through[i], 6, layer+i*100)
		line = append(line, part[:len(part)-1]...)
	}
	line = append(line, through[len(through)-1])

	var c crack
	const run = 16
	const margin = 0.01 // m, how far the soiled lips reach
	for i := 0; i < len(line)-1; i += run {
		r := crackRun{low: line[i], high: line[i]}
		for j := i; j < min(i+run, len(line)-1); j++ {
			along := float64(j) / float64(len(line))
			// Widest in the middle, a hair at both ends.
			w := width * (0.25 + 0.75*math.Sin(math.Pi*along)) * (0.6 + 0.8*random(j, layer, 71))
			r.segments = append(r.segments, crackSegment{line[j], line[j+1], w})
			for _, p := range line[j : j+2] {
				r.low = point{min(r.low.u, p.u-margin), min(r.low.v, p.v-margin)}
				r.high = point{max(r.high.u, p.u+margin), max(r.high.v, p.v+margin)}
			}
		}
		c.runs = append(c.runs, r)
	}
	return c
}

func shatter(a, b point, depth, layer int) []point {
	if depth == 0 {
		return []point{a, b}
	}
	length := math.Hypot(b.u-a.u, b.v-a.v)
	aside := (random(depth, layer, 72) - 0.5) * 0.32
	middle := point{(a.u+b.u)/2 - (b.v-a.v)*aside, (a.v+b.v)/2 + (b.u-a.u)*aside}
	if length < 0.004 {
		return []point{a, b}
	}
	first := shatter(a, middle, depth-1, layer*2+1)
	return append(first[:len(first)-1], shatter(middle, b, depth-1, layer*2+2)...)
}

// distance is how far the point lies from the crack's middle, with the width there; far away it is infinite.
func (c crack) distance(u, v float64) (distance, width float64) {
	distance = math.Inf(1)
	for _, r := range c.runs {
		if u < r.low.u || u > r.high.u || v < r.low.v || v > r.high.v {
			continue
		}
		for _, s := range r.segments {
			if d := segmentDistance(u, v, s.a, s.b); d < distance {
				distance, width = d, s.width
			}
		}
	}
	return distance, width
}

func segmentDistance(u, v float64, a, b point) float64 {
	du, dv := b.u-a.u, b.v-a.v
	along := ((u-a.u)*du + (v-a.v)*dv) / (du*du + dv*dv + 1e-18)
	along = min(max(along, 0), 1)
	return math.Hypot(u-a.u-along*du, v-a.v-along*dv)
}

// on lets the crack run through a surface: a dark gap with soiled lips.
func (c crack) on(under surface) surface {
	return func(u, v float64) finish {
		look := under(u, v)
		distance, width := c.distance(u, v)
		if math.IsInf(distance, 1) {
			return look
		}
		soil := 0.14 * math.Exp(-distance/0.0035)
		gap := step(width/2+0.0004, width/2-0.0002, distance)
		look.albedo = look.albedo.times(1 - soil)
		look.albedo = mix(look.albedo, vec{0.035, 0.03, 0.026}, gap*0.92)
		return look
	}
}

// sticker puts the red arrow of the inspectors on a surface: it points at the given place from the given side (degrees, 0 = from the right).
func sticker(under surface, at point, from float64) surface {
	sin, cos := math.Sincos(from * math.Pi / 180)
	return func(u, v float64) finish {
		look := under(u, v)
		du, dv := u-at.u, v-at.v
		along, across := du*cos+dv*sin, math.Abs(dv*cos-du*sin)
		const tip, neck, tail = 0.012, 0.034, 0.078 // m from the place that it points at
		half := 0.0
		switch {
		case along >= tip && along < neck:
			half = (along - tip) / (neck - tip) * 0.017
		case along >= neck && along <= tail:
			half = 0.0085
		}
		if cover := step(0.0004, -0.0004, across-half); half > 0 && cover > 0 {
			look.albedo = mix(look.albedo, srgb(206, 32, 38).times(0.95+0.1*clouds(u*60, v*60, 2, 81)), cover)
			look.gloss = 0.05
		}
		return look
	}
}

// chalk draws strokes on a surface; pressure changes along them, and the grain of the ground takes the chalk only in places.
func chalk(under surface, width float64, strokes ...[]point) surface {
	return func(u, v float64) finish {
		look := under(u, v)
		nearest := math.Inf(1)
		for _, stroke := range strokes {
			for i := 1; i < len(stroke); i++ {
				nearest = min(nearest, segmentDistance(u, v, stroke[i-1], stroke[i]))
			}
		}
		if nearest > width {
			return look
		}
		pressure := clouds(u*16, v*16, 3, 92)
		grain := step(0.62-0.35*pressure, 0.86-0.35*pressure, clouds(u*620, v*620, 2, 91))
		half := width * (0.25 + 0.55*pressure + 0.25*(noise(u*260, v*260, 93)-0.5))
		cover := step(half, half*0.45, nearest) * (0.12 + 0.8*grain)
		cover = max(cover, 0.1*step(width, 0, nearest)) // dust beside the stroke
		look.albedo = mix(look.albedo, vec{0.86, 0.86, 0.84}, cover)
		return look
	}
}
