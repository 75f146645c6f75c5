package main

import "slices"

// Layout is one layout type of flat: the one model from which both the drawing and its sidecar are written.
// The walls are what the rooms leave over of the envelope, so a room's polygon cannot disagree with the drawn walls.
type Layout struct {
	Code           string
	NameZH, NameEN string
	StatedAreaM2   float64 // sold area, as in the handover list
	Envelope       Polygon // outer faces of the outer walls, balcony included
	Rooms          []Room
	Openings       []Opening
	Fixtures       []Fixture
	Shear          []Rect                  // load-bearing parts of the walls; may lap into rooms and openings, which are cut out afterwards
	Axes           map[Direction][]float64 // grid lines to be dimensioned on each side: x for North and South, y for East and West
}

// Room is one clear space between walls.
type Room struct {
	Code, Type     string
	NameZH, NameEN string
	Outline        Polygon
	Label          Point // centre of the name
	OneLine        bool  // name and area side by side, for low rooms
}

// OpeningKind is what fills a gap in a wall.
type OpeningKind int

// The kinds of opening.
const (
	Window OpeningKind = iota
	Door
	EntranceDoor
	SlidingDoor
)

// Opening is a gap through the whole thickness of a wall.
type Opening struct {
	Kind  OpeningKind
	Gap   Rect
	Hinge Direction // the jamb that carries the leaf (doors)
	Swing Direction // the side to which the leaf opens (doors)
}

// alongX says whether the wall runs east to west. Gaps are always longer than the wall is thick.
func (o Opening) alongX() bool { return o.Gap.width() > o.Gap.height() }

// Fixture is a piece of equipment or furniture that stands with its back at a wall.
type Fixture struct {
	Kind    FixtureKind
	Back    Point     // middle of its back edge
	Facing  Direction // from its back into the room
	Width   float64   // along the wall, mm
	Depth   float64   // from the wall, mm
	flipped bool      // seen in a mirror
}

// mirrored is the layout as the flat across the landing has it: east and west exchanged, codes and names kept.
func (l Layout) mirrored(code, nameZH, nameEN string) Layout {
	width := l.Envelope.bounds().Max.X
	point := func(p Point) Point { return Point{width - p.X, p.Y} }
	area := func(r Rect) Rect { return Rect{Point{width - r.Max.X, r.Min.Y}, Point{width - r.Min.X, r.Max.Y}} }
	outline := func(p Polygon) Polygon {
		turned := make(Polygon, len(p))
		for i, q := range p {
			turned[len(p)-1-i] = point(q) // reversed, so that the winding stays the same
		}
		return turned
	}

	m := Layout{Code: code, NameZH: nameZH, NameEN: nameEN, StatedAreaM2: l.StatedAreaM2, Envelope: outline(l.Envelope)}
	for _, r := range l.Rooms {
		r.Outline, r.Label = outline(r.Outline), point(r.Label)
		m.Rooms = append(m.Rooms, r)
	}
	for _, o := range l.Openings {
		m.Openings = append(m.Openings, Opening{o.Kind, area(o.Gap), o.Hinge.mirrored(), o.Swing.mirrored()})
	}
	for _, f := range l.Fixtures {
		f.Back, f.Facing, f.flipped = point(f.Back), f.Facing.mirrored(), !f.flipped
		m.Fixtures = append(m.Fixtures, f)
	}
	for _, r := range l.Shear {
		m.Shear = append(m.Shear, area(r))
	}
	m.Axes = map[Direction][]float64{East: l.Axes[West], West: l.Axes[East]}
	for _, side := range []Direction{North, South} {
		for _, x := range slices.Backward(l.Axes[side]) {
			m.Axes[side] = append(m.Axes[side], width-x)
		}
	}
	return m
}

// netAreaM2 is the clear floor area of all rooms together.
func (l Layout) netAreaM2() float64 {
	sum := 0.0
	for _, r := range l.Rooms {
		sum += r.Outline.areaM2()
	}
	return sum
}
