package main

// drawOpening fills a gap that has been cut into the wall. The origin is the layout's place on the sheet.
func (c *Canvas) drawOpening(o Opening, origin Point) {
	gap := o.Gap.moved(origin)
	switch o.Kind {
	case Window:
		c.drawWindow(gap, o.alongX())
	case SlidingDoor:
		c.drawSlidingDoor(gap, o.alongX())
	case Door:
		c.drawSwingDoor(o, gap, 40)
	case EntranceDoor:
		c.drawSwingDoor(o, gap, 70)
	}
}

// drawWindow draws the sill's two faces and the two panes, as Chinese standard GB/T 50104 does.
func (c *Canvas) drawWindow(gap Rect, alongX bool) {
	for _, part := range []float64{0, 1.0 / 3, 2.0 / 3, 1} {
		a, b := gap.Min, gap.Max
		if alongX {
			a.Y = gap.Min.Y + part*gap.height()
			b.Y = a.Y
		} else {
			a.X = gap.Min.X + part*gap.width()
			b.X = a.X
		}
		c.line(penThin, black, a, b)
	}
}

// drawSlidingDoor draws two leaves that pass each other in the middle of the gap.
func (c *Canvas) drawSlidingDoor(gap Rect, alongX bool) {
	const leaf, lap = 40.0, 60.0 // mm
	middle := gap.centre()
	first, second := Rect{gap.Min, gap.Max}, Rect{gap.Min, gap.Max}
	if alongX {
		first.Min.Y, first.Max = middle.Y-leaf, Point{middle.X + lap, middle.Y}
		second.Min, second.Max.Y = Point{middle.X - lap, middle.Y}, middle.Y+leaf
	} else {
		first.Min.X, first.Max = middle.X-leaf, Point{middle.X, middle.Y + lap}
		second.Min, second.Max.X = Point{middle.X, middle.Y - lap}, middle.X+leaf
	}
	for _, r := range []Rect{first, second} {
		c.fill(white, r.polygon())
		c.outline(penThin, r.polygon())
	}
}

// drawSwingDoor draws the leaf open at a right angle and the quarter circle that its edge runs through.
func (c *Canvas) drawSwingDoor(o Opening, gap Rect, thickness float64) {
	into := o.Swing.vector()
	half := Point{gap.width() / 2, gap.height() / 2}
	hinge, hingeSide := gap.centre(), o.Hinge.vector()
	hinge = hinge.plus(Point{hingeSide.X * half.X, hingeSide.Y * half.Y}).plus(Point{into.X * half.X, into.Y * half.Y})
	width := max(gap.width(), gap.height())

	tip := hinge.plus(Point{into.X * width, into.Y * width})
	inner := Point{-hingeSide.X * thickness, -hingeSide.Y * thickness}
	leaf := Polygon{hinge, tip, tip.plus(inner), hinge.plus(inner)}
	c.fill(white, leaf)
	c.outline(penThin, leaf)

	degrees := map[Direction]float64{East: 0, South: 90, West: 180, North: 270}
	closed := degrees[(o.Hinge+2)%4] // seen from the hinge, the other jamb lies opposite
	open := degrees[o.Swing]
	switch open - closed {
	case 270:
		open -= 360
	case -270:
		open += 360
	}
	c.line(penHair, dark, arc(hinge, width, closed, open)...)
}
