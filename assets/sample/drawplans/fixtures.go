package main

// FixtureKind is a piece of equipment or furniture.
type FixtureKind int

// The fixtures that the layouts use.
const (
	Cabinet FixtureKind = iota
	Shelf
	Wardrobe
	DoubleBed
	SingleBed
	Desk
	Sofa
	CoffeeTable
	Television
	DiningTable
	Counter
	Sink
	Hob
	Fridge
	Washer
	Toilet
	Basin
	Shower
	Bathtub
	FloorDrain
)

// stencil draws a fixture in its own coordinates: u along the wall from the middle of the back edge, v away from the wall, millimetres.
type stencil struct {
	canvas  *Canvas
	fixture Fixture
	origin  Point
}

// at takes a point from the fixture's coordinates to the sheet.
func (s stencil) at(u, v float64) Point {
	if s.fixture.flipped {
		u = -u
	}
	into := s.fixture.Facing.vector()
	along := Point{into.Y, -into.X} // a quarter turn to the left of the facing direction
	return s.fixture.Back.plus(s.origin).plus(Point{along.X*u + into.X*v, along.Y*u + into.Y*v})
}

func (s stencil) line(points ...Point) {
	for i := range points {
		points[i] = s.at(points[i].X, points[i].Y)
	}
	s.canvas.line(penHair, grey, points...)
}

// box outlines a rectangle with rounded corners of the given radius.
func (s stencil) box(u0, v0, u1, v1, radius float64) {
	path := Polygon{{u0 + radius, v0}, {u1 - radius, v0}}
	if radius > 0 {
		path = append(path, arc(Point{u1 - radius, v0 + radius}, radius, -90, 0)...)
		path = append(path, arc(Point{u1 - radius, v1 - radius}, radius, 0, 90)...)
		path = append(path, arc(Point{u0 + radius, v1 - radius}, radius, 90, 180)...)
		path = append(path, arc(Point{u0 + radius, v0 + radius}, radius, 180, 270)...)
	} else {
		path = append(path, Point{u1, v1}, Point{u0, v1}, Point{u0, v0})
	}
	s.line(path...)
}

func (s stencil) circle(u, v, radius float64) {
	s.line(arc(Point{u, v}, radius, 0, 360)...)
}

// ellipse outlines an ellipse with the given half axes.
func (s stencil) ellipse(u, v, halfU, halfV float64) {
	path := arc(Point{}, 1000, 0, 360)
	for i, p := range path {
		path[i] = Point{u + p.X/1000*halfU, v + p.Y/1000*halfV}
	}
	s.line(path...)
}

// drawFixture draws one fixture lightly, so that rooms, names and pins stay the foreground.
func (c *Canvas) drawFixture(f Fixture, origin Point) {
	s := stencil{canvas: c, fixture: f, origin: origin}
	w, d := f.Width/2, f.Depth
	switch f.Kind {
	case Counter:
		s.box(-w, 0, w, d, 0)
	case Cabinet:
		s.box(-w, 0, w, d, 0)
		s.line(Point{-w, 0}, Point{w, d})
	case Shelf:
		s.box(-w, 0, w, d, 0)
		s.line(Point{-w, d / 2}, Point{w, d / 2})
	case Wardrobe:
		drawWardrobe(s, w, d)
	case DoubleBed:
		drawBed(s, w, d, 2)
	case SingleBed:
		drawBed(s, w, d, 1)
	case Desk:
		s.box(-w, 0, w, d, 0)
		s.box(-230, d-80, 230, d+380, 80)
	case Sofa:
		drawSofa(s, w, d)
	case CoffeeTable:
		s.box(-w, 0, w, d, 60)
	case Television:
		s.box(-w, 0, w, d, 0)
		s.box(-w*0.6, d*0.25, w*0.6, d*0.5, 0)
	case DiningTable:
		drawDiningTable(s, w, d)
	default:
		drawAppliance(s, w, d)
	}
}

// drawWardrobe shows the rail with its hangers.
func drawWardrobe(s stencil, w, d float64) {
	s.box(-w, 0, w, d, 0)
	s.line(Point{-w, d / 2}, Point{w, d / 2})
	for u := -w + 120; u < w-60; u += 160 {
		s.line(Point{u, d * 0.2}, Point{u + 40, d * 0.8})
	}
}

// drawBed draws the mattress with one pillow a sleeper; a double bed stands between two bedside cabinets.
func drawBed(s stencil, w, d float64, pillows int) {
	s.box(-w, 0, w, d, 40)
	step := 2 * w / float64(pillows)
	for i := range pillows {
		u := -w + step*float64(i)
		s.box(u+step*0.12, 90, u+step*0.88, 480, 60)
	}
	s.line(Point{-w, 620}, Point{w, 620})
	s.line(Point{w * 0.2, 620}, Point{w, 1150})
	if pillows == 2 {
		for _, side := range []float64{-1, 1} {
			a, b := side*(w+30), side*(w+450)
			s.box(min(a, b), 0, max(a, b), 420, 0)
			s.circle((a+b)/2, 210, 110)
		}
	}
}

func drawSofa(s stencil, w, d float64) {
	const arm = 180.0 // mm
	s.box(-w, 0, w, d, 60)
	s.box(-w+arm, 220, w-arm, d, 40)
	s.line(Point{-w + arm, 220}, Point{-w + arm, 0})
	s.line(Point{w - arm, 220}, Point{w - arm, 0})
	third := (2*w - 2*arm) / 3
	s.line(Point{-w + arm + third, 220}, Point{-w + arm + third, d})
	s.line(Point{w - arm - third, 220}, Point{w - arm - third, d})
}

// drawDiningTable sets six chairs around the table.
func drawDiningTable(s stencil, w, d float64) {
	s.box(-w, 0, w, d, 40)
	for _, u := range []float64{-w * 0.5, w * 0.5} {
		s.box(u-210, -380, u+210, -40, 60)
		s.box(u-210, d+40, u+210, d+380, 60)
	}
	s.box(-w-380, d/2-210, -w-40, d/2+210, 60)
	s.box(w+40, d/2-210, w+380, d/2+210, 60)
}
