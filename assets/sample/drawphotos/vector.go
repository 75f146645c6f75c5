package main

import "math"

// vec is a place in metres, a direction, or a colour in linear light (red, green, blue).
type vec struct{ x, y, z float64 }

func (a vec) add(b vec) vec       { return vec{a.x + b.x, a.y + b.y, a.z + b.z} }
func (a vec) sub(b vec) vec       { return vec{a.x - b.x, a.y - b.y, a.z - b.z} }
func (a vec) mul(b vec) vec       { return vec{a.x * b.x, a.y * b.y, a.z * b.z} }
func (a vec) times(f float64) vec { return vec{a.x * f, a.y * f, a.z * f} }
func (a vec) dot(b vec) float64   { return a.x*b.x + a.y*b.y + a.z*b.z }
func (a vec) length() float64     { return math.Sqrt(a.dot(a)) }
func (a vec) unit() vec           { return a.times(1 / a.length()) }

func (a vec) cross(b vec) vec {
	return vec{a.y*b.z - a.z*b.y, a.z*b.x - a.x*b.z, a.x*b.y - a.y*b.x}
}

// mix goes from a (share 0) to b (share 1).
func mix(a, b vec, share float64) vec { return a.times(1 - share).add(b.times(share)) }

// step rises smoothly from 0 at the first edge to 1 at the second; the edges may be given in falling order.
func step(from, to, x float64) float64 {
	t := min(max((x-from)/(to-from), 0), 1)
	return t * t * (3 - 2*t)
}

// srgb is a colour from the eight-bit values of a colour picker.
func srgb(r, g, b uint8) vec {
	linear := func(c uint8) float64 { return math.Pow(float64(c)/255, 2.2) }
	return vec{linear(r), linear(g), linear(b)}
}
