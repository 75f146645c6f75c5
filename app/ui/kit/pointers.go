package kit

import (
	"math"

	"fyne.io/fyne/v2"
)

// Limits of the pointer tracker, in dp.
const (
	pointerReach   = 96 // farther than this from every known finger is another finger
	restingPenalty = 24 // a lifted finger must fit this much better than a lying one
	maxPointers    = 4  // two fingers down and two whose late events may still come
)

// pointerTracker gives Fyne's touch events the identity they lack. Fyne 2.7 on
// mobile sends the drags of all fingers interleaved and without an id, sends no
// TouchUp after a drag but up to some twenty inertial drags that nobody made,
// and then a DragEnd, up to 350 ms late, when new fingers may already be down.
//
// Three facts untangle this. A finger's drag starts where that finger last was
// (Position − Dragged). An inertial drag repeats the position of the event
// before, which a real drag never does. And a DragEnd does not tell which finger
// went, so it only puts all to rest; one that is still down wakes up with its
// next drag.
type pointerTracker struct {
	pointers []pointer
	lastID   int
}

type pointer struct {
	id     int
	at     fyne.Position // where the finger is
	event  fyne.Position // position of its latest event, offset by Fyne's drag threshold
	active bool
}

// down registers a new finger and returns its id.
func (t *pointerTracker) down(at fyne.Position) int {
	for i := 0; len(t.pointers) >= maxPointers && i < len(t.pointers); {
		if t.pointers[i].active {
			i++
			continue
		}
		t.pointers = append(t.pointers[:i], t.pointers[i+1:]...)
	}
	if len(t.pointers) >= maxPointers {
		t.pointers = t.pointers[1:]
	}
	t.lastID++
	t.pointers = append(t.pointers, pointer{id: t.lastID, at: at, event: at, active: true})
	return t.lastID
}

// up forgets the finger that is nearest to at: it was lifted without a drag.
func (t *pointerTracker) up(at fyne.Position) {
	if i := t.nearest(at); i >= 0 {
		t.pointers = append(t.pointers[:i], t.pointers[i+1:]...)
	}
}

// drag returns the pointer that moved, as it was before the move. ok is false
// for an inertial event.
func (t *pointerTracker) drag(position fyne.Position, moved fyne.Delta) (before pointer, ok bool) {
	for i := range t.pointers {
		if t.pointers[i].event == position {
			t.pointers[i].active = false
			return t.pointers[i], false
		}
	}
	from := position.SubtractXY(moved.DX, moved.DY)
	i := t.nearest(from)
	if i < 0 {
		// A mouse, or a finger that Fyne did not announce: it replaces all.
		t.rest()
		t.down(from)
		i = len(t.pointers) - 1
	}
	p := &t.pointers[i]
	p.active = true
	before = *p
	p.at = p.at.AddXY(moved.DX, moved.DY)
	p.event = position
	return before, true
}

// rest is Fyne's DragEnd: some finger went, it is not known which.
func (t *pointerTracker) rest() {
	for i := range t.pointers {
		t.pointers[i].active = false
	}
}

// forget is the end of a mouse drag, after which nothing is down.
func (t *pointerTracker) forget() { t.pointers = nil }

// active returns the number of fingers known to be down.
func (t *pointerTracker) active() int {
	n := 0
	for _, p := range t.pointers {
		if p.active {
			n++
		}
	}
	return n
}

// other returns an active pointer that is not the one with this id.
func (t *pointerTracker) other(id int) (pointer, bool) {
	for _, p := range t.pointers {
		if p.active && p.id != id {
			return p, true
		}
	}
	return pointer{}, false
}

// nearest returns the index of the pointer that an event at this place belongs
// to, or -1 when none is in reach.
func (t *pointerTracker) nearest(at fyne.Position) int {
	best, cost := -1, float32(pointerReach)
	for i, p := range t.pointers {
		c := distance(p.at, at)
		if !p.active {
			c += restingPenalty
		}
		if c < cost {
			best, cost = i, c
		}
	}
	return best
}

func distance(a, b fyne.Position) float32 {
	return float32(math.Hypot(float64(a.X-b.X), float64(a.Y-b.Y)))
}
