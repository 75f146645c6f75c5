package main

import "math"

// tileChip is a chipped corner in a floor of polished tiles, seen from standing height.
func tileChip() scene {
	floor := grid{width: 0.8, height: 0.8, joint: 0.0018, shift: 0.04, grout: srgb(150, 142, 130)}
	tiles := floor.marble(srgb(206, 196, 178), 0.22)
	// The corner of four tiles lies at u = v = 0.04; the chip is in the tile to the lower left.
	chipped := func(u, v float64) finish {
		du, dv := floor.shift-u, v-floor.shift
		look := tiles(u, v)
		if du < 0.0006 || dv < 0.0006 {
			return look
		}
		angle := math.Atan2(dv, du)
		radius := 0.052 + 0.02*noise(angle*3.2, 3, 101) + 0.006*noise(angle*17, 5, 102)
		distance := math.Hypot(du*1.15, dv*0.85)
		if distance > radius {
			return look
		}
		rough := func(u, v float64) float64 { return clouds(u*260, v*260, 3, 103) * 0.004 }
		look.bumpU, look.bumpV = relief(rough, u, v, 0.0015, 0.6)
		body := srgb(176, 146, 116).times(0.75 + 0.5*clouds(u*300, v*300, 3, 104))
		depth := step(radius, radius-0.006, distance)
		look.albedo = mix(srgb(236, 230, 220), body, depth) // the fresh edge of the glaze is white
		look.albedo = look.albedo.times(0.5 + 0.5*step(0.0006, 0.01, min(du, dv)))
		look.gloss = 0
		return look
	}
	hairline := newCrack(0.0011, 9, point{0.005, 0.078}, point{-0.07, 0.17}, point{-0.15, 0.31}).on(chipped)
	return scene{
		solids: []solid{
			box{vec{-4, -0.1, -4}, vec{4, 0, 4}, sticker(hairline, point{0.05, 0.07}, 38)},
			box{vec{-4, 0, -1.2}, vec{4, 0.08, -1}, plain(srgb(228, 226, 220), 0.1)}, // skirting
			box{vec{-4, 0.08, -1.2}, vec{4, 3, -1.012}, paint(wallWhite)},
		},
		lamps: []lamp{
			{centre: vec{-1.6, 2.2, -0.2}, size: 0.7, colour: vec{4, 4.1, 4.4}},
			{centre: vec{1.1, 2.6, 0.9}, size: 0.25, colour: vec{1.5, 1.35, 1.1}},
		},
		ambient: vec{0.36, 0.355, 0.35},
		camera:  camera{from: vec{0.12, 0.86, 0.66}, at: vec{0, 0, 0.06}, roll: 2.2, angle: 50},
	}
}

// bathroomCorner is a tiled corner with pipe, shut-off valve and floor drain; the joint to the floor is left open.
func bathroomCorner() scene {
	const corner = -0.7 // x of the side wall
	walls := grid{width: 0.6, height: 0.3, joint: 0.002, shift: -0.1, grout: srgb(196, 194, 188)}
	tiles := walls.marble(srgb(216, 218, 216), 0.12)
	backWall := func(u, v float64) finish {
		look := tiles(u, v)
		// Where the sealant is missing the gap at the floor is dark and the tiles above it are soiled.
		missing := step(-0.42, -0.36, u) * step(0.02, -0.04, u)
		look.albedo = look.albedo.times(1 - missing*(0.85*step(0.006, 0.003, v)+0.22*math.Exp(-v/0.03)*clouds(u*40, v*40, 3, 111)))
		return look
	}
	mosaic := grid{width: 0.3, height: 0.3, joint: 0.0036, shift: 0.05, grout: srgb(120, 118, 114)}
	stone := mosaic.marble(srgb(128, 126, 122), 0.1)
	drainAt := point{-0.38, 0.34}
	floor := func(u, v float64) finish {
		look := stone(u, v)
		look.gloss = 0.12
		du, dv := math.Abs(u-drainAt.u), math.Abs(v-drainAt.v)
		if reach := max(du, dv); reach < 0.052 {
			look = finish{albedo: srgb(150, 152, 156), gloss: 0.9}
			if reach < 0.042 && math.Mod(u+1, 0.012) < 0.0045 {
				look = finish{albedo: vec{0.02, 0.02, 0.02}}
			}
			if reach > 0.05 {
				look.albedo = look.albedo.times(0.35)
			}
		}
		return look
	}
	steel := plain(srgb(186, 190, 196), 1.6)
	return scene{
		solids: []solid{
			box{vec{-3, 0, -0.2}, vec{3, 3, 0}, sticker(backWall, point{-0.16, 0.02}, 62)},
			box{vec{corner - 0.2, 0, -0.2}, vec{corner, 3, 3}, tiles},
			box{vec{-3, -0.1, -0.2}, vec{3, 0, 4}, floor},
			pipe{vec{-0.56, 0, 0.12}, 0.055, 3, plain(srgb(222, 222, 218), 0.25)},
			pipe{vec{-0.56, 0.3, 0.12}, 0.064, 0.09, plain(srgb(206, 206, 202), 0.25)},
			box{vec{0.06, 0.49, 0}, vec{0.12, 0.55, 0.006}, steel},
			box{vec{0.078, 0.508, 0}, vec{0.102, 0.532, 0.07}, steel},
			pipe{vec{0.09, 0.47, 0.06}, 0.014, 0.12, steel},
			box{vec{0.066, 0.512, 0.07}, vec{0.114, 0.528, 0.086}, steel},
		},
		lamps: []lamp{
			{centre: vec{0.9, 2.3, 1}, size: 0.35, colour: vec{4, 3.9, 3.6}},
			{centre: vec{0.4, 1.4, 1.9}, size: 0.1, colour: vec{0.9, 0.9, 0.95}},
		},
		ambient: vec{0.33, 0.335, 0.34},
		camera:  camera{from: vec{0.28, 1.16, 1.34}, at: vec{-0.24, 0.33, 0.1}, roll: 1.2, angle: 56},
	}
}
