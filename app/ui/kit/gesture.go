package kit

import "fyne.io/fyne/v2"

// gesture turns the touch, drag and tap events of one widget into panning,
// pinching and taps. It holds no Fyne object and reads no clock, so recorded
// event sequences test it.
type gesture struct {
	pointers pointerTracker
	touch    bool // the events come from fingers: TouchDown was seen
	moved    bool // a finger of the present touch has been dragged
	several  bool // the present touch had more than one finger
}

// motion is what one drag event does to the content: everything is scaled by
// zoom around anchor and then moved by pan.
type motion struct {
	pan    fyne.Delta
	zoom   float32
	anchor fyne.Position
}

// pinchMin is the smallest distance of two fingers, in dp, that is taken as
// their distance: nearer ones would make the zoom jump.
const pinchMin = 24

func (g *gesture) touchDown(at fyne.Position) {
	g.touch = true
	if g.pointers.active() == 0 {
		g.moved, g.several = false, false
	} else {
		g.several = true
	}
	g.pointers.down(at)
}

func (g *gesture) touchUp(at fyne.Position) { g.pointers.up(at) }

// drag returns the motion of one drag event, and false if the event was
// inertial and moves nothing.
func (g *gesture) drag(position fyne.Position, moved fyne.Delta) (motion, bool) {
	before, ok := g.pointers.drag(position, moved)
	if !ok {
		return motion{}, false
	}
	g.moved = true
	other, pinching := g.pointers.other(before.id)
	if !pinching {
		return motion{pan: moved, zoom: 1}, true
	}
	g.several = true
	was := max(pinchMin, distance(before.at, other.at))
	is := max(pinchMin, distance(before.at.AddXY(moved.DX, moved.DY), other.at))
	// The point between the fingers stays between them: it moves half as far
	// as the finger that moved.
	return motion{
		pan:    fyne.NewDelta(moved.DX/2, moved.DY/2),
		zoom:   is / was,
		anchor: fyne.NewPos((before.at.X+other.at.X)/2, (before.at.Y+other.at.Y)/2),
	}, true
}

func (g *gesture) dragEnd() {
	if g.touch {
		g.pointers.rest()
	} else {
		g.pointers.forget()
	}
}

// tap says whether a tap that Fyne reports is meant as one. Lifting the last
// finger of a pinch is reported as a tap too. A finger whose lifting Fyne never
// told, because another widget was being dragged, must not spoil every tap to
// come: a refused tap puts all fingers to rest.
func (g *gesture) tap() bool {
	meant := !g.touch || !g.moved && !g.several
	if !meant {
		g.pointers.rest()
	}
	return meant
}

// longPress says the same of a secondary tap. Fyne reports a press of more than
// 300 ms as one, which gloved fingers do all the time: it counts as a tap. The
// right mouse button does not.
func (g *gesture) longPress() bool { return g.touch && g.tap() }
