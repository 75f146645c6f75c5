package field

import (
	"maps"
	"slices"

	"fyne.io/fyne/v2"
)

// Anchors names what a person can touch, so that a test can find it on the
// screen and click there with a real mouse: "unit.complete",
// "checklist.HO-010.ENT1.fail".
type Anchors struct{ places map[string]anchor }

type anchor struct {
	object fyne.CanvasObject
	// pick finds the part of a widget that is meant; nil means the whole.
	pick func(inside []part) fyne.CanvasObject
}

// reset forgets all names; a page does it before it draws anew.
func (a *Anchors) reset() { a.places = nil }

// set names an object.
func (a *Anchors) set(id string, o fyne.CanvasObject) { a.setPart(id, o, nil) }

// setPart names a part of a widget that only its renderer knows. pick gets all
// that is drawn in it, outer objects first.
func (a *Anchors) setPart(id string, o fyne.CanvasObject, pick func([]part) fyne.CanvasObject) {
	if a.places == nil {
		a.places = map[string]anchor{}
	}
	a.places[id] = anchor{object: o, pick: pick}
}

// IDs lists all names, sorted.
func (a *Anchors) IDs() []string { return slices.Sorted(maps.Keys(a.places)) }

// Find gives the named object, nil for a name that is not on the screen. look
// gives a widget's renderer (test.WidgetRenderer); without it, what lies inside
// a widget is not found.
func (a *Anchors) Find(id string, look func(fyne.Widget) fyne.WidgetRenderer) fyne.CanvasObject {
	found, ok := a.places[id]
	switch {
	case !ok:
		return nil
	case found.pick == nil:
		return found.object
	case look == nil:
		return nil
	default:
		return found.pick(inside(found.object, false, look))
	}
}

// part is an object inside a widget. One below something that can be tapped is
// that thing's own business.
type part struct {
	fyne.CanvasObject
	below bool
}

// inside lists an object and all that is shown below it.
func inside(o fyne.CanvasObject, below bool, look func(fyne.Widget) fyne.WidgetRenderer) []part {
	if !o.Visible() {
		return nil
	}
	all := []part{{o, below}}
	var children []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		children = o.Objects
	case fyne.Widget:
		children = look(o).Objects()
	}
	_, tapped := o.(fyne.Tappable)
	for _, child := range children {
		all = append(all, inside(child, below || tapped, look)...)
	}
	return all
}

// tappable picks the n-th thing that can be tapped inside a widget, from 0.
func tappable(n int) func([]part) fyne.CanvasObject {
	return func(inside []part) fyne.CanvasObject {
		seen := 0
		for _, o := range inside[1:] {
			if _, ok := o.CanvasObject.(fyne.Tappable); !ok || o.below {
				continue
			}
			if seen == n {
				return o.CanvasObject
			}
			seen++
		}
		return nil
	}
}

// add takes the names of a part of the page over.
func (a *Anchors) add(part Anchors) {
	for id, place := range part.places {
		a.setPart(id, place.object, place.pick)
	}
}

// forget takes names off.
func (a *Anchors) forget(ids ...string) {
	for _, id := range ids {
		delete(a.places, id)
	}
}
