package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// Distances of the dimension lines from the outer wall, in millimetres of the building.
const (
	firstChain   = 420.0
	chainStep    = 320.0
	bubbleGap    = 240.0
	bubbleRadius = 185.0
)

// chains are the dimension lines of one side, nearest first: piers and openings, grid lines, and on two sides the whole length.
func (l Layout) chains(side Direction) [][]float64 {
	grid := l.Axes[side]
	details := slices.Clone(grid)
	for _, o := range l.Openings {
		if o.facade(l.Envelope) != side {
			continue
		}
		from, to := o.Gap.Min.X, o.Gap.Max.X
		if !o.alongX() {
			from, to = o.Gap.Min.Y, o.Gap.Max.Y
		}
		for _, edge := range []float64{from, to} {
			// An opening that reaches to the face of a cross wall is dimensioned by that wall's grid line.
			onGrid := slices.ContainsFunc(grid, func(g float64) bool { return math.Abs(g-edge) < 250 })
			if !onGrid {
				details = append(details, edge)
			}
		}
	}
	slices.Sort(details)

	var chains [][]float64
	if len(details) > len(grid) {
		chains = append(chains, details)
	}
	chains = append(chains, grid)
	if b := l.Envelope.bounds(); side == South {
		chains = append(chains, []float64{b.Min.X, b.Max.X})
	} else if side == West {
		chains = append(chains, []float64{b.Min.Y, b.Max.Y})
	}
	return chains
}

// facade is the side of the building to which an opening in an outer wall looks, or -1 for an opening between rooms.
func (o Opening) facade(envelope Polygon) Direction {
	sides := []Direction{West, East}
	if o.alongX() {
		sides = []Direction{North, South}
	}
	centre, beyond := o.Gap.centre(), min(o.Gap.width(), o.Gap.height())
	for _, side := range sides {
		out := side.vector()
		if !envelope.contains(centre.plus(Point{out.X * beyond, out.Y * beyond})) {
			return side
		}
	}
	return -1
}

// depth is how much of the sheet the dimensions of a side take.
func (l Layout) depth(side Direction) float64 {
	return firstChain + chainStep*float64(len(l.chains(side))-1) + bubbleGap + 2*bubbleRadius
}

// drawDimensions draws the chains of one side and its grid bubbles, numbered from the west and lettered from the south.
func (c *Canvas) drawDimensions(l Layout, side Direction, origin Point) error {
	b, out := l.Envelope.bounds(), side.vector()
	// on is the sheet point at a distance from the outermost wall and a position along it.
	on := func(position, distance float64) Point {
		switch side {
		case North:
			return Point{position, b.Min.Y - distance}.plus(origin)
		case South:
			return Point{position, b.Max.Y + distance}.plus(origin)
		case West:
			return Point{b.Min.X - distance, position}.plus(origin)
		default:
			return Point{b.Max.X + distance, position}.plus(origin)
		}
	}

	chains := l.chains(side)
	for i, chain := range chains {
		distance := firstChain + chainStep*float64(i)
		if err := c.drawChain(chain, side, func(position float64) Point { return on(position, distance) }); err != nil {
			return err
		}
	}
	last := firstChain + chainStep*float64(len(chains)-1)
	for _, position := range l.Axes[side] {
		c.line(penHair, dark, on(position, firstChain-200), on(position, last+bubbleGap))
		centre := on(position, last+bubbleGap).plus(Point{out.X * bubbleRadius, out.Y * bubbleRadius})
		c.line(penThin, black, arc(centre, bubbleRadius, 0, 360)...)
		if err := c.write(l.gridName(side, position), centre, lettering{height: 3.5, tone: black, anchor: 0.5}); err != nil {
			return err
		}
	}
	return nil
}

// drawChain draws one dimension line with its ticks and figures; on turns a position along the wall into a point of the sheet.
func (c *Canvas) drawChain(chain []float64, side Direction, on func(float64) Point) error {
	const figure, tick, reach = 2.5, 70.0, 200.0 // mm on paper; mm; mm
	upright := side == West || side == East
	c.line(penThin, dark, on(chain[0]), on(chain[len(chain)-1]))
	for i, position := range chain {
		p := on(position)
		c.line(penMedium, black, p.plus(Point{-tick, tick}), p.plus(Point{tick, -tick}))
		if upright {
			c.line(penHair, dark, p.plus(Point{-reach / 2, 0}), p.plus(Point{reach / 2, 0}))
		} else {
			c.line(penHair, dark, p.plus(Point{0, -reach / 2}), p.plus(Point{0, reach / 2}))
		}
		if i == 0 {
			continue
		}
		length, middle := position-chain[i-1], on((position+chain[i-1])/2)
		offset := Point{0, -paper(figure) * 0.68}
		if upright {
			offset = Point{-paper(figure) * 0.68, 0}
		}
		as := lettering{height: figure, tone: black, anchor: 0.5, turned: upright, cleared: true}
		if err := c.write(fmt.Sprintf("%.0f", length), middle.plus(offset), as); err != nil {
			return err
		}
	}
	return nil
}

// gridName numbers north-south grid lines from the west and letters east-west ones from the south (GB/T 50001).
func (l Layout) gridName(side Direction, position float64) string {
	if side == North || side == South {
		return strconv.Itoa(slices.Index(distinct(l.Axes[North], l.Axes[South]), position) + 1)
	}
	rows := distinct(l.Axes[West], l.Axes[East])
	return string(rune('A' + len(rows) - 1 - slices.Index(rows, position)))
}

// distinct is both lists' values in order, each once.
func distinct(a, b []float64) []float64 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
