package main

import "fmt"

// The parts of the sheet, in millimetres of the building.
const (
	sheetWidth, sheetHeight = widthPX * mmPerPX, heightPX * mmPerPX
	frameMargin             = 250.0
	stripWidth              = 2650.0 // the title strip along the east edge
	captionHeight           = 620.0  // the drawing's name below the plan
)

// place is where on the sheet the layout's origin lies: the plan with its dimensions stands in the middle of the free area.
func (l Layout) place() Point {
	b := l.Envelope.bounds()
	free := rect(frameMargin, frameMargin, sheetWidth-frameMargin-stripWidth, sheetHeight-frameMargin-captionHeight)
	needX := l.depth(West) + b.width() + l.depth(East)
	needY := l.depth(North) + b.height() + l.depth(South)
	corner := Point{
		free.Min.X + (free.width()-needX)/2 + l.depth(West),
		free.Min.Y + (free.height()-needY)/2 + l.depth(North),
	}
	// Whole pixels keep the sidecar's polygons exactly on the drawn walls.
	return Point{float64(int(corner.X/mmPerPX)) * mmPerPX, float64(int(corner.Y/mmPerPX)) * mmPerPX}
}

// drawSheet draws everything on a new sheet.
func drawSheet(l Layout) (*Canvas, error) {
	c, err := newCanvas()
	if err != nil {
		return nil, err
	}
	origin := l.place()
	c.drawWalls(l, origin)
	for _, f := range l.Fixtures {
		c.drawFixture(f, origin)
	}
	for _, o := range l.Openings {
		c.drawOpening(o, origin)
		if o.Kind == EntranceDoor {
			if err := c.drawEntranceMark(o, l.Envelope, origin); err != nil {
				return nil, err
			}
		}
	}
	for _, side := range []Direction{North, East, South, West} {
		if err := c.drawDimensions(l, side, origin); err != nil {
			return nil, err
		}
	}
	for _, r := range l.Rooms {
		if err := c.drawRoomName(r, origin); err != nil {
			return nil, err
		}
	}
	if err := c.drawTitleStrip(l); err != nil {
		return nil, err
	}
	return c, nil
}

// drawWalls fills the envelope, darker where it bears loads, and cuts rooms and openings out of it.
func (c *Canvas) drawWalls(l Layout, origin Point) {
	c.fill(grey, l.Envelope.moved(origin))
	for _, r := range l.Shear {
		c.fill(black, r.polygon().moved(origin))
	}
	var hollow []Polygon // cut out in one go, because two soft edges that meet would leave a grey seam
	for _, r := range l.Rooms {
		hollow = append(hollow, r.Outline.moved(origin))
	}
	for _, o := range l.Openings {
		hollow = append(hollow, o.Gap.polygon().moved(origin))
	}
	c.fill(white, hollow...)
	for _, r := range l.Rooms {
		if r.Type == "BTH" || r.Type == "KIT" || r.Type == "BAL" {
			c.drawTiles(r.Outline.moved(origin).bounds())
		}
	}
}

// drawTiles draws the joints of 300 mm floor tiles; wet rooms are rectangles.
func (c *Canvas) drawTiles(floor Rect) {
	const tile = 300.0
	for x := floor.Min.X + tile; x < floor.Max.X; x += tile {
		c.line(penHair, faint, Point{x, floor.Min.Y}, Point{x, floor.Max.Y})
	}
	for y := floor.Min.Y + tile; y < floor.Max.Y; y += tile {
		c.line(penHair, faint, Point{floor.Min.X, y}, Point{floor.Max.X, y})
	}
}

// drawRoomName writes name and clear area.
func (c *Canvas) drawRoomName(r Room, origin Point) error {
	name := lettering{height: 5, bold: true, tone: black, anchor: 0.5, cleared: true}
	size := lettering{height: 3.5, tone: black, anchor: 0.5, cleared: true}
	at, area := r.Label.plus(origin), fmt.Sprintf("%.2f㎡", r.Outline.areaM2())
	nameAt, sizeAt := at.plus(Point{0, -115}), at.plus(Point{0, 135})
	if r.OneLine {
		name.anchor, size.anchor = 1, 0
		nameAt, sizeAt = at.plus(Point{-30, 0}), at.plus(Point{60, 20})
	}
	if err := c.write(r.NameZH, nameAt, name); err != nil {
		return err
	}
	return c.write(area, sizeAt, size)
}

// drawEntranceMark points into the flat from outside its door.
func (c *Canvas) drawEntranceMark(o Opening, envelope Polygon, origin Point) error {
	out := o.facade(envelope).vector()
	along := Point{-out.Y, out.X}
	half := min(o.Gap.width(), o.Gap.height()) / 2
	at := func(outwards, sideways float64) Point {
		return o.Gap.centre().plus(origin).plus(Point{
			out.X*(half+outwards) + along.X*sideways, out.Y*(half+outwards) + along.Y*sideways,
		})
	}
	c.fill(black, Polygon{at(60, 0), at(260, -120), at(260, 120)})
	return c.write("入户", at(165, 300), lettering{height: 2.5, tone: black, anchor: 0.5})
}
