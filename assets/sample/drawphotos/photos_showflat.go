package main

import "math"

// showFlatWall is the sealed reference: the living room's feature wall with panel, picture, skirting and socket as they are to be delivered.
func showFlatWall() scene {
	wall := paint(srgb(206, 200, 188))
	slats := func(u, v float64) finish {
		look := turned(wood(srgb(146, 104, 68), 20))(u, v)
		place := math.Mod(u+10, 0.05)
		look.albedo = look.albedo.times(0.3 + 0.7*step(0, 0.004, place)*step(0.05, 0.046, place))
		return look
	}
	picture := func(u, v float64) finish {
		// Hills in mist.
		tone := srgb(226, 222, 210)
		for i := range 4 {
			ridge := 1.3 + 0.12*float64(3-i) + 0.16*(clouds(u*2.4+float64(i)*9, 1, 3, 140+i)-0.5)
			tone = mix(tone, mix(srgb(168, 186, 188), srgb(52, 84, 92), float64(i)/3), step(ridge+0.004, ridge-0.004, v))
		}
		return finish{albedo: tone}
	}
	const left, right, low, high = 0.12, 1.12, 1.22, 1.86
	frame := plain(srgb(38, 34, 32), 0.2)
	socket := point{-0.2, 0.3}
	return scene{
		solids: []solid{
			box{vec{-4, 0, -0.2}, vec{4, 2.75, 0}, wall},
			box{vec{-2.4, 0, 0}, vec{-0.42, 2.75, 0.03}, slats},
			box{vec{-0.42, 0, 0}, vec{4, 0.08, 0.014}, plain(srgb(232, 230, 224), 0.12)},
			box{vec{-4, -0.1, -0.2}, vec{4, 0, 5}, planks(srgb(176, 138, 96), 1.4, 0.16)},
			box{vec{-4, 2.75, -0.2}, vec{4, 2.9, 5}, paint(srgb(238, 238, 234))},
			box{vec{left - 0.025, low - 0.025, 0}, vec{right + 0.025, high + 0.025, 0.022}, frame},
			box{vec{left, low, 0}, vec{right, high, 0.024}, picture},
			leaningPlate{socket, 0, socketPlate(socket, 0)},
			// A low cabinet below the picture.
			box{vec{-0.02, 0.1, 0.02}, vec{1.7, 0.5, 0.42}, wood(srgb(166, 124, 84), 30)},
			box{vec{0.06, 0, 0.06}, vec{0.1, 0.1, 0.38}, frame},
			box{vec{1.58, 0, 0.06}, vec{1.62, 0.1, 0.38}, frame},
			box{vec{0.835, 0.12, 0.42}, vec{0.845, 0.48, 0.421}, frame},
			pipe{vec{1.36, 0.5, 0.22}, 0.07, 0.24, plain(srgb(66, 92, 98), 0.5)},
			pipe{vec{0.2, 0.5, 0.22}, 0.05, 0.1, plain(srgb(222, 214, 200), 0.3)},
		},
		lamps: []lamp{
			{centre: vec{-2.2, 1.9, 3.2}, size: 1.2, colour: vec{10.5, 10.6, 11}},
			{centre: vec{0.6, 2.6, 0.55}, size: 0.12, colour: vec{0.75, 0.66, 0.5}},
			{centre: vec{1.8, 2.6, 1.6}, size: 0.3, colour: vec{1.8, 1.6, 1.3}},
		},
		ambient: vec{0.3, 0.295, 0.285},
		camera:  camera{from: vec{0.62, 1.34, 2.75}, at: vec{0.22, 1.12, 0}, roll: 0.4, angle: 56},
	}
}
