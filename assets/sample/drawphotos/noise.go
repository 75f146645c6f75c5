package main

import "math"

// random is a number in [0, 1) that depends on nothing but its arguments, so that pictures come out the same every time.
func random(x, y, z int) float64 {
	h := uint64(uint32(x))*0x9E3779B97F4A7C15 ^ uint64(uint32(y))*0xC2B2AE3D27D4EB4F ^ uint64(uint32(z))*0x165667B19E3779F9
	h ^= h >> 29
	h *= 0xBF58476D1CE4E5B9
	h ^= h >> 32
	h *= 0x94D049BB133111EB
	h ^= h >> 29
	return float64(h>>11) / (1 << 53)
}

// noise is smooth value noise in [0, 1) with cells of size 1.
func noise(x, y float64, layer int) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int(fx), int(fy)
	sx, sy := x-fx, y-fy
	sx, sy = sx*sx*(3-2*sx), sy*sy*(3-2*sy)
	top := random(ix, iy, layer)*(1-sx) + random(ix+1, iy, layer)*sx
	bottom := random(ix, iy+1, layer)*(1-sx) + random(ix+1, iy+1, layer)*sx
	return top*(1-sy) + bottom*sy
}

// clouds adds octaves of noise, each twice as fine and half as strong; the result lies around 0.5.
func clouds(x, y float64, octaves, layer int) float64 {
	sum, strength, total := 0.0, 1.0, 0.0
	for i := range octaves {
		sum += strength * noise(x, y, layer+i)
		total += strength
		strength /= 2
		x, y = x*2.03+17.1, y*2.03-9.7
	}
	return sum / total
}
