package main

import "math"

// relief turns the slope of a height field (metres) into a bump; reach is the distance over which the slope is taken.
func relief(height func(u, v float64) float64, u, v, reach float64, strength float64) (du, dv float64) {
	here := height(u, v)
	return (here - height(u+reach, v)) / reach * strength, (here - height(u, v+reach)) / reach * strength
}

// paint is emulsion paint from a roller: faint clouds in the tone and a fine orange-peel relief.
func paint(tone vec) surface {
	peel := func(u, v float64) float64 { return clouds(u*420, v*420, 2, 11) * 0.0005 }
	return func(u, v float64) finish {
		du, dv := relief(peel, u, v, 0.0008, 0.35)
		shade := 0.965 + 0.07*clouds(u*2.2, v*2.2, 4, 21)
		return finish{albedo: tone.times(shade), bumpU: du, bumpV: dv}
	}
}

// plaster is unpainted cement plaster: grey clouds, sweeps of the float, sand grains.
func plaster(u, v float64) finish {
	sweep := clouds(u*3+0.4*clouds(u*2, v*2, 3, 31), v*14, 4, 32)
	height := func(u, v float64) float64 { return clouds(u*90, v*160, 3, 33) * 0.0022 }
	du, dv := relief(height, u, v, 0.0012, 0.5)
	tone := 0.29 + 0.09*(clouds(u*1.6, v*1.6, 5, 34)-0.5) + 0.07*(sweep-0.5) + 0.045*(noise(u*900, v*900, 35)-0.5)
	return finish{albedo: vec{1.02, 1, 0.95}.times(tone), bumpU: du, bumpV: dv}
}

// wood has its grain along u.
func wood(tone vec, layer int) surface {
	return func(u, v float64) finish {
		rings := clouds(u*1.1, v*26+1.6*clouds(u*1.5, v*4, 3, layer), 4, layer+3)
		fibre := noise(u*22, v*900, layer+9)
		return finish{albedo: tone.times(0.6 + 0.66*rings + 0.12*(fibre-0.5)), gloss: 0.06}
	}
}

// planks lays boards of wood along u, each with its own tone and offset.
func planks(tone vec, length, width float64) surface {
	return func(u, v float64) finish {
		row := math.Floor(v / width)
		shifted := u + length*random(int(row), 5, 41)
		board := math.Floor(shifted / length)
		look := wood(tone.times(0.85+0.3*random(int(row), int(board), 42)), 50)(u+board*7.3, v+row*3.1)
		edge := min(v-row*width, (row+1)*width-v, shifted-board*length, (board+1)*length-shifted)
		look.albedo = look.albedo.times(0.35 + 0.65*step(0.0004, 0.0016, edge))
		look.gloss = 0.12
		return look
	}
}

// grid is a field of tiles with their joints.
type grid struct {
	width, height float64 // of a tile, m
	joint         float64 // width of the joint, m
	shift         float64 // start of the first tile in u and v, m
	grout         vec
}

// at is the tile that a point lies in, the distance to that tile's nearest edge, and the point's place on the tile.
func (g grid) at(u, v float64) (column, row int, edge, tu, tv float64) {
	cu, cv := math.Floor((u-g.shift)/g.width), math.Floor((v-g.shift)/g.height)
	tu, tv = u-g.shift-cu*g.width, v-g.shift-cv*g.height
	return int(cu), int(cv), min(tu, g.width-tu, tv, g.height-tv), tu, tv
}

// marble is a polished tile of the given tone: veins, clouds, one tile a little different from the next.
func (g grid) marble(tone vec, veins float64) surface {
	return func(u, v float64) finish {
		column, row, edge, _, _ := g.at(u, v)
		su, sv := u+float64(column)*3.7, v+float64(row)*5.3 // each tile is cut from another place
		ridge := 1 - math.Abs(2*clouds(su*2.1+0.6*clouds(su*3, sv*3, 3, 61), sv*3.3, 5, 62)-1)
		look := finish{gloss: 0.5}
		look.albedo = tone.times(0.94 + 0.1*clouds(su*5, sv*5, 4, 63) + 0.04*(random(column, row, 64)-0.5))
		look.albedo = look.albedo.times(1 - veins*math.Pow(ridge, 9))
		joint := step(g.joint/2+0.0007, g.joint/2-0.0003, edge)
		look.albedo = mix(look.albedo, g.grout.times(0.85+0.3*clouds(u*200, v*200, 2, 65)), joint)
		look.gloss *= 1 - joint
		return look
	}
}

// plain is one colour without texture.
func plain(tone vec, gloss float64) surface {
	return func(_, _ float64) finish { return finish{albedo: tone, gloss: gloss} }
}
