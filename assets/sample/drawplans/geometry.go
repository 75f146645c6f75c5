package main

import "math"

// Point is a place on a layout or on the sheet, in millimetres of the building; x grows to the east, y to the south.
type Point struct{ X, Y float64 }

func (p Point) plus(q Point) Point { return Point{p.X + q.X, p.Y + q.Y} }

// Rect is an upright rectangle in millimetres: its north-west and south-east corners.
type Rect struct{ Min, Max Point }

func rect(x0, y0, x1, y1 float64) Rect { return Rect{Point{x0, y0}, Point{x1, y1}} }

func (r Rect) width() float64  { return r.Max.X - r.Min.X }
func (r Rect) height() float64 { return r.Max.Y - r.Min.Y }
func (r Rect) centre() Point   { return Point{(r.Min.X + r.Max.X) / 2, (r.Min.Y + r.Max.Y) / 2} }

func (r Rect) moved(by Point) Rect { return Rect{r.Min.plus(by), r.Max.plus(by)} }

func (r Rect) polygon() Polygon {
	return Polygon{r.Min, {r.Max.X, r.Min.Y}, r.Max, {r.Min.X, r.Max.Y}}
}

// Polygon is a closed outline; the last point joins the first.
type Polygon []Point

// box is shorthand for the polygon of a rectangle.
func box(x0, y0, x1, y1 float64) Polygon { return rect(x0, y0, x1, y1).polygon() }

func (p Polygon) moved(by Point) Polygon {
	moved := make(Polygon, len(p))
	for i, q := range p {
		moved[i] = q.plus(by)
	}
	return moved
}

// areaM2 is the enclosed area in square metres (shoelace formula).
func (p Polygon) areaM2() float64 {
	sum := 0.0
	for i, a := range p {
		b := p[(i+1)%len(p)]
		sum += a.X*b.Y - b.X*a.Y
	}
	return math.Abs(sum) / 2 / 1e6
}

func (p Polygon) bounds() Rect {
	r := Rect{p[0], p[0]}
	for _, q := range p[1:] {
		r.Min.X, r.Min.Y = min(r.Min.X, q.X), min(r.Min.Y, q.Y)
		r.Max.X, r.Max.Y = max(r.Max.X, q.X), max(r.Max.Y, q.Y)
	}
	return r
}

// contains says whether q lies inside, by counting crossings of a ray to the east.
func (p Polygon) contains(q Point) bool {
	inside := false
	for i, a := range p {
		b := p[(i+1)%len(p)]
		if (a.Y > q.Y) != (b.Y > q.Y) && q.X < a.X+(q.Y-a.Y)/(b.Y-a.Y)*(b.X-a.X) {
			inside = !inside
		}
	}
	return inside
}

// Direction is one of the four sides of a sheet whose top is north.
type Direction int

// The four directions.
const (
	North Direction = iota
	East
	South
	West
)

// vector is the unit step in the direction.
func (d Direction) vector() Point {
	return [...]Point{North: {0, -1}, East: {1, 0}, South: {0, 1}, West: {-1, 0}}[d]
}

// mirrored is the direction as seen in a mirror that stands north to south.
func (d Direction) mirrored() Direction {
	return [...]Direction{North: North, East: West, South: South, West: East}[d]
}
