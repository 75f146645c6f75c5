package main

import (
	"math"
	"reflect"
	"slices"
	"testing"
)

// thinnest is the least wall that may stand between two rooms or around them, in millimetres.
const thinnest = 95.0

// cells are the centres of the 50 mm squares of a rectangle; all rooms are drawn on that grid.
func cells(r Rect) []Point {
	var centres []Point
	for y := r.Min.Y + 25; y < r.Max.Y; y += 50 {
		for x := r.Min.X + 25; x < r.Max.X; x += 50 {
			centres = append(centres, Point{x, y})
		}
	}
	return centres
}

// roomAt is the index of the room that contains the point, or -1.
func (l Layout) roomAt(p Point) int {
	return slices.IndexFunc(l.Rooms, func(r Room) bool { return r.Outline.contains(p) })
}

func TestRoomsStandInsideTheEnvelopeWithoutOverlap(t *testing.T) {
	for _, l := range layouts() {
		for _, cell := range cells(l.Envelope.bounds()) {
			in := 0
			for _, r := range l.Rooms {
				if !r.Outline.contains(cell) {
					continue
				}
				in++
				for _, d := range []Direction{North, East, South, West} {
					v := d.vector()
					if !l.Envelope.contains(cell.plus(Point{v.X * (thinnest - 25), v.Y * (thinnest - 25)})) {
						t.Fatalf("%s: %s has no outer wall at %v", l.Code, r.Code, cell)
					}
				}
			}
			if in > 1 {
				t.Fatalf("%s: %d rooms at %v", l.Code, in, cell)
			}
		}
		for _, r := range l.Rooms {
			for _, p := range r.Outline {
				if math.Mod(p.X, 50) != 0 || math.Mod(p.Y, 50) != 0 {
					t.Errorf("%s: %s has a corner off the 50 mm grid: %v", l.Code, r.Code, p)
				}
			}
			if !r.Outline.contains(r.Label) {
				t.Errorf("%s: the name of %s lies outside it", l.Code, r.Code)
			}
		}
	}
}

func TestNetAreaIsNearTheStatedArea(t *testing.T) {
	for _, l := range layouts() {
		if share := l.netAreaM2() / l.StatedAreaM2; share < 0.87 || share > 0.95 {
			t.Errorf("%s: %.2f of %.2f m² (%.0f %%)", l.Code, l.netAreaM2(), l.StatedAreaM2, share*100)
		}
	}
}

// Every room can be walked to from the entrance door, through doors and where two rooms meet without a wall.
func TestEveryRoomIsReachable(t *testing.T) {
	for _, l := range layouts() {
		neighbours := map[int][]int{}
		connect := func(a, b int) {
			if a >= 0 && b >= 0 && a != b {
				neighbours[a], neighbours[b] = append(neighbours[a], b), append(neighbours[b], a)
			}
		}
		start := -1
		for _, o := range l.Openings {
			centre, beyond := o.Gap.centre(), min(o.Gap.width(), o.Gap.height())
			across := Point{beyond, 0}
			if o.alongX() {
				across = Point{0, beyond}
			}
			a, b := l.roomAt(centre.plus(across)), l.roomAt(centre.plus(Point{-across.X, -across.Y}))
			switch o.Kind {
			case EntranceDoor:
				start = max(a, b)
			case Door, SlidingDoor:
				if a < 0 || b < 0 {
					t.Errorf("%s: the door at %v does not join two rooms", l.Code, centre)
				}
				connect(a, b)
			case Window:
				if (a < 0) == (b < 0) {
					t.Errorf("%s: the window at %v is not in an outer wall", l.Code, centre)
				}
			}
		}
		for _, cell := range cells(l.Envelope.bounds()) {
			connect(l.roomAt(cell), l.roomAt(cell.plus(Point{50, 0})))
			connect(l.roomAt(cell), l.roomAt(cell.plus(Point{0, 50})))
		}
		if start < 0 || l.Rooms[start].Type != "ENT" {
			t.Fatalf("%s: the entrance door does not open into an entrance hall", l.Code)
		}
		reached, queue := map[int]bool{start: true}, []int{start}
		for len(queue) > 0 {
			for _, next := range neighbours[queue[0]] {
				if !reached[next] {
					reached[next] = true
					queue = append(queue, next)
				}
			}
			queue = queue[1:]
		}
		for i, r := range l.Rooms {
			if !reached[i] {
				t.Errorf("%s: nobody gets into %s", l.Code, r.Code)
			}
		}
	}
}

// footprint is the floor that a fixture takes.
func (f Fixture) footprint() Rect {
	half := f.Width / 2
	if f.Kind == DoubleBed {
		half += 450 // bedside cabinets
	}
	s := stencil{fixture: f}
	if f.Kind == FloorDrain {
		return Polygon{s.at(-half, -half), s.at(half, half)}.bounds()
	}
	return Polygon{s.at(-half, 0), s.at(half, f.Depth)}.bounds()
}

func (r Rect) overlaps(q Rect) bool {
	const touch = 1.0 // mm
	return r.Min.X+touch < q.Max.X && q.Min.X+touch < r.Max.X && r.Min.Y+touch < q.Max.Y && q.Min.Y+touch < r.Max.Y
}

// swept is the square in which a door's leaf moves.
func (o Opening) swept() Rect {
	side, into := max(o.Gap.width(), o.Gap.height()), o.Swing.vector()
	return o.Gap.moved(Point{into.X * side / 2, into.Y * side / 2})
}

func TestFixturesStandInOneRoomAndFree(t *testing.T) {
	onCounter := []FixtureKind{Sink, Hob, FloorDrain}
	for _, l := range layouts() {
		for i, f := range l.Fixtures {
			area := f.footprint()
			room := l.roomAt(area.centre())
			for _, cell := range cells(area) {
				if l.roomAt(cell) != room || room < 0 {
					t.Fatalf("%s: fixture %d (kind %d) reaches out of its room at %v", l.Code, i, f.Kind, cell)
				}
			}
			for _, o := range l.Openings {
				if (o.Kind == Door || o.Kind == EntranceDoor) && o.swept().overlaps(area) {
					t.Errorf("%s: the door at %v hits fixture %d (kind %d)", l.Code, o.Gap.centre(), i, f.Kind)
				}
			}
			for _, g := range l.Fixtures[i+1:] {
				if area.overlaps(g.footprint()) && !slices.Contains(onCounter, f.Kind) && !slices.Contains(onCounter, g.Kind) && !(f.Kind == Counter && g.Kind == Counter) {
					t.Errorf("%s: fixtures of kinds %d and %d overlap at %v", l.Code, f.Kind, g.Kind, area)
				}
			}
		}
	}
}

func TestMirroringTwiceGivesTheSameLayout(t *testing.T) {
	b := layoutB()
	once := b.mirrored(b.Code, b.NameZH, b.NameEN)
	if reflect.DeepEqual(once, b) {
		t.Error("the mirror changes nothing")
	}
	if twice := once.mirrored(b.Code, b.NameZH, b.NameEN); !reflect.DeepEqual(twice, b) {
		t.Errorf("mirrored twice: %+v", twice)
	}
	if math.Abs(once.netAreaM2()-b.netAreaM2()) > 1e-9 {
		t.Error("the mirror changes areas")
	}
}
