package main

import "math"

// windowLeak is the wall below a window after rain: a tide line, yellow water stains and paint that comes off.
func windowLeak() scene {
	const sill = 0.9 // m above the floor
	white := paint(wallWhite)
	wall := func(u, v float64) finish {
		look := white(u, v)
		below := sill - v
		if below < 0 {
			return look
		}
		// Water runs down from the sill's corner; how far it came varies along the wall.
		wander := 0.16*(clouds(u*5, v*3, 4, 121)-0.5) + 0.05*(clouds(u*22, v*22, 3, 122)-0.5)
		front := 0.34*math.Exp(-math.Pow((u-0.12)/0.3, 2)) + 0.05 + wander - below
		wet := step(-0.01, 0.05, front)
		tide := math.Exp(-math.Pow(front/0.008, 2)) + 0.6*math.Exp(-math.Pow((front-0.07)/0.01, 2)) + 0.4*math.Exp(-math.Pow((front-0.15)/0.014, 2))
		streaks := clouds(u*38, v*2.5, 3, 123)
		look.albedo = mix(look.albedo, look.albedo.mul(vec{0.86, 0.76, 0.55}), wet*(0.35+0.55*streaks))
		look.albedo = look.albedo.mul(mix(vec{1, 1, 1}, vec{0.7, 0.53, 0.32}, min(1, 0.62*tide)))

		// Flakes of paint have come off where it is wettest.
		flake := clouds(u*17, v*17, 4, 124)*0.75 + 0.35*step(0.1, 0.24, front)
		bare := step(0.705, 0.715, flake)
		rim := step(0.67, 0.705, flake) * (1 - bare)
		look.albedo = mix(look.albedo, srgb(176, 168, 152).times(0.8+0.4*clouds(u*120, v*120, 3, 125)), bare)
		look.albedo = look.albedo.times(1 + 0.1*rim)
		look.bumpV += 0.5*rim - 0.15*bare
		return look
	}
	aluminium := plain(srgb(70, 74, 80), 0.5)
	sky := func(u, v float64) finish {
		// Out of focus behind the glass: sky, and the neighbouring block.
		light := mix(vec{0.95, 1.05, 1.2}, vec{0.62, 0.64, 0.66}, step(1.34, 1.26, v+0.05*math.Sin(u*5)))
		block := step(0.3, 0.34, u) * step(1.62, 1.6, v)
		light = mix(light, vec{0.5, 0.48, 0.46}.times(0.8+0.3*step(0.4, 0.6, math.Mod(v*9+3, 1))), block)
		return finish{glow: light}
	}
	stone := grid{width: 5, height: 5, joint: 0, shift: -2.5, grout: vec{}}
	return scene{
		solids: []solid{
			box{vec{-3, 0, -0.2}, vec{3, sill - 0.02, 0}, sticker(wall, point{0.26, 0.63}, -28)},
			box{vec{-3, sill - 0.02, -0.2}, vec{-0.45, 3, 0}, white}, // the wall to the left of the window
			box{vec{-0.52, sill - 0.02, -0.22}, vec{3, sill, 0.035}, stone.marble(srgb(214, 208, 196), 0.25)},
			box{vec{-0.45, sill, -0.16}, vec{-0.39, 2.4, -0.1}, aluminium},
			box{vec{-0.45, sill, -0.16}, vec{2, sill + 0.065, -0.1}, aluminium},
			box{vec{0.2, sill, -0.15}, vec{0.27, 2.4, -0.09}, aluminium},
			box{vec{-0.41, sill + 0.055, -0.14}, vec{2, 2.4, -0.13}, sky},
			box{vec{-3, -0.1, 0}, vec{3, 0, 4}, planks(floorWood, 1.2, 0.12)},
			box{vec{-3, 0, 0}, vec{3, 0.08, 0.014}, plain(srgb(226, 224, 218), 0.1)},
		},
		lamps: []lamp{
			{centre: vec{-1.5, 2.1, 1.7}, size: 0.8, colour: vec{3.6, 3.5, 3.3}},
			{centre: vec{0.6, 2.3, 0.6}, size: 0.5, colour: vec{0.8, 0.85, 0.95}},
		},
		ambient: vec{0.34, 0.345, 0.35},
		camera:  camera{from: vec{0.02, 1.22, 1.3}, at: vec{0.06, 0.79, 0}, roll: -1.6, angle: 56},
	}
}

// socketPlate is a plate of 86 mm with a two-pin and a three-pin outlet (GB/T 1002), its middle at the given place, leaning by some degrees.
func socketPlate(centre point, lean float64) surface {
	sin, cos := math.Sincos(lean * math.Pi / 180)
	slot := func(u, v, angle float64) float64 {
		s, c := math.Sincos(angle * math.Pi / 180)
		along, across := math.Abs(u*c+v*s), math.Abs(v*c-u*s)
		return step(0.0005, -0.0003, max(along-0.0042, across-0.0011))
	}
	return func(u, v float64) finish {
		du, dv := u-centre.u, v-centre.v
		du, dv = du*cos+dv*sin, dv*cos-du*sin
		look := finish{albedo: srgb(236, 236, 232), gloss: 0.18}
		frame := max(math.Abs(du), math.Abs(dv))
		look.albedo = look.albedo.times(1 - 0.28*math.Exp(-math.Pow((frame-0.034)/0.0006, 2)))
		holes := 0.0
		for _, h := range []struct{ u, v, angle float64 }{
			{-0.0075, 0.015, 90}, {0.0075, 0.015, 90}, {0, -0.006, 90}, {-0.0085, -0.0185, 60}, {0.0085, -0.0185, 120},
		} {
			holes = max(holes, slot(du-h.u, dv-h.v, h.angle))
		}
		look.albedo = mix(look.albedo, vec{0.02, 0.02, 0.02}, holes)
		look.gloss *= 1 - holes
		return look
	}
}

// socketUneven is a row of three plates of which one hangs lower and leans; the inspector's laser shows the level.
func socketUneven() scene {
	const level = 0.3 // m above the floor
	wallTone := srgb(198, 196, 186)
	centres := []point{{-0.1, level}, {-0.005, level - 0.006}, {0.092, level}}
	leans := []float64{0, 2.6, 0}
	base := paint(wallTone)
	laser := func(under surface) surface {
		return func(u, v float64) finish {
			look := under(u, v)
			line := math.Exp(-math.Pow((v-level-0.043)/0.0009, 2)) + 0.12*math.Exp(-math.Pow((v-level-0.043)/0.006, 2))
			look.glow = vec{1.9, 0.06, 0.05}.times(line * (0.8 + 0.3*noise(u*700, 1, 131)))
			return look
		}
	}
	wall := laser(sticker(base, point{0.005, level - 0.056}, -68))
	bodies := []solid{
		box{vec{-3, 0, -0.2}, vec{3, 3, 0}, wall},
		box{vec{-3, 0, 0}, vec{3, 0.1, 0.014}, laser(plain(srgb(230, 228, 222), 0.12))},
		box{vec{-3, -0.1, 0}, vec{3, 0, 4}, planks(floorWood, 1.2, 0.12)},
	}
	for i, c := range centres {
		bodies = append(bodies, leaningPlate{c, leans[i], laser(socketPlate(c, leans[i]))})
	}
	return scene{
		solids:  bodies,
		lamps:   []lamp{{centre: vec{-1, 1.5, 1.1}, size: 0.5, colour: vec{2.5, 2.45, 2.35}}, {centre: vec{0.3, 0.6, 0.9}, size: 0.05, colour: vec{0.16, 0.16, 0.16}}},
		ambient: vec{0.33, 0.33, 0.325},
		camera:  camera{from: vec{0.05, 0.46, 0.52}, at: vec{-0.002, 0.272, 0}, roll: 0.8, angle: 56},
	}
}

// leaningPlate is a square body of 86 mm on the wall, turned about its middle.
type leaningPlate struct {
	centre  point
	lean    float64 // degrees
	surface surface
}

func (p leaningPlate) look(u, v float64) finish { return p.surface(u, v) }

// hit turns the ray instead of the plate.
func (p leaningPlate) hit(from, along vec) (distance float64, normal vec, u, v float64, ok bool) {
	sin, cos := math.Sincos(p.lean * math.Pi / 180)
	turn := func(a vec, s float64) vec { return vec{a.x*cos + a.y*s, a.y*cos - a.x*s, a.z} }
	middle := vec{p.centre.u, p.centre.v, 0}
	const half, thickness = 0.043, 0.0085
	body := box{vec{-half, -half, 0}, vec{half, half, thickness}, p.surface}
	distance, normal, u, v, ok = body.hit(turn(from.sub(middle), sin), turn(along, sin))
	if !ok {
		return 0, vec{}, 0, 0, false
	}
	switch { // the narrow sides look like the front's edge
	case normal.x != 0:
		u = math.Copysign(half, normal.x)
	case normal.y != 0:
		v = math.Copysign(half, normal.y)
	}
	back := turn(vec{u, v, 0}, -sin)
	return distance, turn(normal, -sin), back.x + middle.x, back.y + middle.y, true
}
