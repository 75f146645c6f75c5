package main

// layoutB is the middle flat: three bedrooms, one of them with its own bathroom, entrance from the east.
func layoutB() Layout {
	return Layout{
		Code: "B", NameZH: "B户型 三室两厅两卫", NameEN: "Layout B: 3 bedrooms, 2 living areas, 2 bathrooms", StatedAreaM2: 118.62,
		Envelope: Polygon{{0, 0}, {11800, 0}, {11800, 9700}, {8400, 9700}, {8400, 11300}, {3800, 11300}, {3800, 9700}, {0, 9700}},
		Rooms: []Room{
			{Code: "ENT1", Type: "ENT", NameZH: "玄关", NameEN: "Entrance hall", Outline: box(9600, 200, 11600, 1900), Label: Point{10200, 1250}},
			{Code: "LIV1", Type: "LIV", NameZH: "客厅", NameEN: "Living room", Label: Point{6100, 5700}, Outline: Polygon{
				{5800, 2900}, {8400, 2900}, {8400, 5200}, {8200, 5200}, {8200, 9500}, {4000, 9500}, {4000, 4800}, {5800, 4800},
			}},
			{Code: "DIN1", Type: "DIN", NameZH: "餐厅", NameEN: "Dining room", Outline: box(8400, 1900, 11600, 5200), Label: Point{10450, 4750}, OneLine: true},
			{Code: "KIT1", Type: "KIT", NameZH: "厨房", NameEN: "Kitchen", Outline: box(5800, 200, 8200, 2800), Label: Point{7350, 1750}},
			{Code: "COR1", Type: "COR", NameZH: "走道", NameEN: "Corridor", Outline: box(2600, 3700, 5800, 4800), Label: Point{4600, 4250}, OneLine: true},
			{Code: "BED1", Type: "BED", NameZH: "主卧", NameEN: "Master bedroom", Label: Point{3000, 7600}, Outline: Polygon{
				{2600, 4900}, {3800, 4900}, {3800, 9500}, {200, 9500}, {200, 5600}, {2600, 5600},
			}},
			{Code: "BED2", Type: "BED", NameZH: "次卧一", NameEN: "Bedroom 2", Outline: box(8400, 5300, 11600, 9500), Label: Point{8980, 7300}},
			{Code: "BED3", Type: "BED", NameZH: "次卧二", NameEN: "Bedroom 3", Outline: box(200, 200, 3800, 3600), Label: Point{2700, 2150}},
			{Code: "BTH1", Type: "BTH", NameZH: "客卫", NameEN: "Bathroom", Outline: box(4000, 200, 5700, 3600), Label: Point{5200, 2050}},
			{Code: "BTH2", Type: "BTH", NameZH: "主卫", NameEN: "Master bathroom", Outline: box(200, 3700, 2500, 5500), Label: Point{650, 4950}},
			{Code: "CLK1", Type: "CLK", NameZH: "储藏间", NameEN: "Storage", Outline: box(8400, 200, 9500, 1800), Label: Point{9080, 1150}},
			{Code: "BAL1", Type: "BAL", NameZH: "阳台", NameEN: "Balcony", Outline: box(4000, 9700, 8200, 11200), Label: Point{6100, 10450}, OneLine: true},
		},
		Openings: []Opening{
			{EntranceDoor, rect(11600, 500, 11800, 1500), North, West},
			{SlidingDoor, rect(9500, 750, 9600, 1550), South, East},
			{Door, rect(2800, 3600, 3700, 3700), East, North},
			{Door, rect(1550, 5500, 2350, 5600), East, North},
			{Door, rect(2750, 4800, 3650, 4900), East, South},
			{Door, rect(4800, 3600, 5600, 3700), East, North},
			{SlidingDoor, rect(6600, 2800, 8000, 2900), West, South},
			{Door, rect(8700, 5200, 9600, 5300), West, South},
			{SlidingDoor, rect(4600, 9500, 7600, 9700), West, South},
			{Kind: Window, Gap: rect(1100, 0, 2900, 200)},
			{Kind: Window, Gap: rect(4550, 0, 5150, 200)},
			{Kind: Window, Gap: rect(6300, 0, 7500, 200)},
			{Kind: Window, Gap: rect(0, 4250, 200, 4850)},
			{Kind: Window, Gap: rect(900, 9500, 2900, 9700)},
			{Kind: Window, Gap: rect(9100, 9500, 10900, 9700)},
			{Kind: Window, Gap: rect(4000, 11200, 8200, 11300)},
		},
		Fixtures: []Fixture{
			{Kind: Cabinet, Back: Point{10100, 200}, Facing: South, Width: 900, Depth: 350},
			{Kind: Shelf, Back: Point{8400, 1000}, Facing: East, Width: 1600, Depth: 250},
			{Kind: DiningTable, Back: Point{10150, 2750}, Facing: South, Width: 1600, Depth: 850},
			{Kind: Counter, Back: Point{6650, 200}, Facing: South, Width: 1700, Depth: 600},
			{Kind: Counter, Back: Point{5800, 1750}, Facing: East, Width: 1900, Depth: 600},
			{Kind: Sink, Back: Point{6900, 200}, Facing: South, Width: 800, Depth: 600},
			{Kind: Hob, Back: Point{5800, 1850}, Facing: East, Width: 750, Depth: 600},
			{Kind: Fridge, Back: Point{7850, 200}, Facing: South, Width: 680, Depth: 700},
			{Kind: Shower, Back: Point{4850, 200}, Facing: South, Width: 1700, Depth: 1000},
			{Kind: Toilet, Back: Point{4000, 1800}, Facing: East, Width: 400, Depth: 690},
			{Kind: Basin, Back: Point{4000, 2950}, Facing: East, Width: 1000, Depth: 550},
			{Kind: FloorDrain, Back: Point{4500, 2250}, Facing: South, Width: 120, Depth: 120},
			{Kind: Shower, Back: Point{200, 4600}, Facing: East, Width: 1800, Depth: 900},
			{Kind: Toilet, Back: Point{1420, 3700}, Facing: South, Width: 400, Depth: 690},
			{Kind: Basin, Back: Point{2080, 3700}, Facing: South, Width: 760, Depth: 520},
			{Kind: FloorDrain, Back: Point{1300, 5200}, Facing: South, Width: 120, Depth: 120},
			{Kind: Wardrobe, Back: Point{800, 5600}, Facing: South, Width: 1200, Depth: 600},
			{Kind: DoubleBed, Back: Point{200, 7650}, Facing: East, Width: 1800, Depth: 2080},
			{Kind: Television, Back: Point{3800, 7650}, Facing: West, Width: 1400, Depth: 350},
			{Kind: Wardrobe, Back: Point{1300, 3600}, Facing: North, Width: 2200, Depth: 600},
			{Kind: SingleBed, Back: Point{200, 1150}, Facing: East, Width: 1350, Depth: 2050},
			{Kind: Desk, Back: Point{3800, 1100}, Facing: West, Width: 1200, Depth: 550},
			{Kind: Wardrobe, Back: Point{10750, 5300}, Facing: South, Width: 1700, Depth: 600},
			{Kind: DoubleBed, Back: Point{11600, 7550}, Facing: West, Width: 1500, Depth: 2080},
			{Kind: Desk, Back: Point{8400, 8650}, Facing: East, Width: 1200, Depth: 550},
			{Kind: Sofa, Back: Point{4000, 7350}, Facing: East, Width: 2800, Depth: 950},
			{Kind: CoffeeTable, Back: Point{5350, 7350}, Facing: East, Width: 1300, Depth: 700},
			{Kind: Television, Back: Point{8200, 7350}, Facing: West, Width: 2200, Depth: 400},
			{Kind: Washer, Back: Point{4000, 10100}, Facing: East, Width: 600, Depth: 600},
			{Kind: Basin, Back: Point{4000, 10780}, Facing: East, Width: 650, Depth: 500},
			{Kind: FloorDrain, Back: Point{4850, 10950}, Facing: South, Width: 120, Depth: 120},
		},
		Shear: []Rect{
			rect(0, 0, 800, 200), rect(0, 0, 200, 1600), rect(3300, 0, 4300, 200), rect(3800, 0, 4000, 1500), rect(5500, 0, 6000, 200),
			rect(7800, 0, 8900, 200), rect(8200, 0, 8400, 1700), rect(11000, 0, 11800, 200), rect(11600, 1700, 11800, 3300), rect(11600, 4400, 11800, 6200),
			rect(0, 3000, 200, 4100), rect(0, 5100, 200, 6400), rect(0, 8500, 200, 9700), rect(0, 9500, 700, 9700), rect(3100, 9500, 4400, 9700),
			rect(3800, 8200, 4000, 9700), rect(3800, 4800, 4000, 5900), rect(7800, 9500, 8900, 9700), rect(8200, 8200, 8400, 9700),
			rect(8200, 5200, 8400, 6400), rect(11100, 9500, 11800, 9700), rect(11600, 8500, 11800, 9700),
		},
		Axes: map[Direction][]float64{
			North: {100, 3900, 5750, 8300, 11700},
			South: {100, 3900, 8300, 11700},
			West:  {100, 3650, 5550, 9600},
			East:  {100, 1850, 5250, 9600, 11250},
		},
	}
}

// layoutC is the flat across the landing from layout B.
func layoutC() Layout {
	return layoutB().mirrored("C", "C户型 三室两厅两卫(镜像)", "Layout C: 3 bedrooms, 2 living areas, 2 bathrooms (mirrored)")
}
