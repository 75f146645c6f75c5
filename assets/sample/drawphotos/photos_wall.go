package main

import "math"

// The bedroom wall beside the door: the scene of the crack and, after the repair, of the same place without it.

var (
	wallWhite  = srgb(226, 224, 216)
	casingWood = srgb(122, 84, 54)
	floorWood  = srgb(158, 116, 76)
)

// besideTheDoor is a door casing on the left and a painted wall to its right.
func besideTheDoor(wall surface, look camera) scene {
	return scene{
		solids: []solid{
			box{vec{-3, 0, -0.2}, vec{3, 3, 0}, wall},
			box{vec{-1.4, 0, -0.05}, vec{-0.62, 1.98, 0.004}, plain(srgb(48, 42, 38), 0)}, // the dark opening
			box{vec{-0.66, 0, 0}, vec{-0.58, 2.06, 0.022}, turned(wood(casingWood, 5))},
			box{vec{-1.4, 1.98, 0}, vec{-0.58, 2.06, 0.022}, wood(casingWood, 8)},
			box{vec{-3, 2.8, -0.2}, vec{3, 3, 4}, paint(wallWhite)},
		},
		lamps:   []lamp{{centre: vec{2.6, 2.1, 1.6}, size: 0.9, colour: vec{5.2, 5.3, 5.6}}, {centre: vec{0.2, 2.7, 1.8}, size: 0.3, colour: vec{1.1, 1, 0.85}}},
		ambient: vec{0.34, 0.335, 0.325},
		camera:  look,
	}
}

// turned lets the grain of a surface run upwards.
func turned(s surface) surface {
	return func(u, v float64) finish {
		look := s(v, u)
		look.bumpU, look.bumpV = look.bumpV, look.bumpU
		return look
	}
}

// wallCrack starts at the corner of the door, as cracks over openings do.
func wallCrack() scene {
	wall := newCrack(0.0034, 3, point{-0.58, 2.06}, point{-0.36, 2.19}, point{-0.2, 2.41}, point{0.12, 2.62}).on(paint(wallWhite))
	wall = newCrack(0.0019, 4, point{-0.2, 2.41}, point{-0.06, 2.43}, point{0.05, 2.38}).on(wall)
	wall = sticker(wall, point{-0.2, 2.36}, -38)
	return besideTheDoor(wall, camera{from: vec{0.05, 1.72, 1.15}, at: vec{-0.28, 2.16, 0}, roll: 1.4, angle: 52})
}

// wallRepaired is the same place after filling and painting: only the sheen of the new paint shows.
func wallRepaired() scene {
	old, fresh := paint(wallWhite), paint(wallWhite.times(1.035))
	wall := func(u, v float64) finish {
		distance := segmentDistance(u, v, point{-0.56, 2.08}, point{0.1, 2.6})
		edge := 0.13 + 0.05*clouds(u*9, v*9, 3, 95)
		if distance < edge-0.012*math.Abs(noise(u*60, v*60, 96)) {
			return fresh(u, v)
		}
		return old(u, v)
	}
	return besideTheDoor(wall, camera{from: vec{0.09, 1.7, 1.19}, at: vec{-0.26, 2.15, 0}, roll: -1.1, angle: 52})
}

// hollowPlaster is an unfitted flat: cement plaster with the chalk marks of the tapping hammer.
func hollowPlaster() scene {
	ring := make([]point, 0, 49)
	for i := range 49 {
		angle := float64(i) / 46 * 2 * math.Pi // a hand overshoots where it began
		radius := 0.17 + 0.035*noise(float64(i)*0.22, 1, 97)
		ring = append(ring, point{1.25*radius*math.Cos(angle) - 0.03, 1.22 + radius*math.Sin(angle)})
	}
	strokes := [][]point{ring}
	for i := range 5 {
		u := -0.19 + 0.075*float64(i)
		strokes = append(strokes, []point{{u + 0.01, 1.13 + 0.01*random(i, 1, 98)}, {u + 0.07, 1.28 + 0.03*random(i, 2, 98)}})
	}
	// An arrow towards it, as the sticker would not hold on bare plaster.
	strokes = append(strokes, []point{{0.44, 1.4}, {0.27, 1.31}}, []point{{0.335, 1.372}, {0.27, 1.31}, {0.35, 1.303}})

	wall := chalk(newCrack(0.0016, 6, point{-0.14, 1.35}, point{-0.02, 1.24}, point{0.1, 1.2}).on(plaster), 0.0075, strokes...)
	return scene{
		solids: []solid{
			box{vec{-3, 0, -0.2}, vec{3, 3, 0}, wall},
			box{vec{-0.7, 0.84, -0.01}, vec{-0.62, 0.92, 0.004}, plain(srgb(190, 196, 200), 0.2)}, // an empty socket box
			box{vec{-0.69, 0.85, 0}, vec{-0.63, 0.91, 0.0045}, plain(srgb(40, 40, 44), 0)},
			box{vec{-3, -0.1, 0}, vec{3, 0, 4}, plaster},
		},
		lamps:   []lamp{{centre: vec{-2.2, 2, 1.1}, size: 0.8, colour: vec{6.6, 6.7, 6.9}}},
		ambient: vec{0.42, 0.43, 0.45},
		camera:  camera{from: vec{0.14, 1.42, 1.12}, at: vec{-0.06, 1.2, 0}, roll: -1.8, angle: 58},
	}
}
