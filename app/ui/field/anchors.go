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
	pick func(inside []fyne.CanvasObject) fyne.CanvasObject
}

// reset forgets all names; a page does it before it draws anew.
func (a *Anchors) reset() { a.places = nil }

// set names an object.
func (a *Anchors) set(id string, o fyne.CanvasObject) { a.setPart(id, o, nil) }

// setPart names a part of a widget that only its renderer knows. pick gets all
// that is drawn in it, outer objects first.
func (a *Anchors) setPart(id string, o fyne.CanvasObject, pick func([]fyne.CanvasObject) fyne.CanvasObject) {
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
		return found.pick(inside(found.object, look))
	}
}

// inside lists an object and what is shown below it; what lies below something
// that can be tapped is that thing's own business.
func inside(o fyne.CanvasObject, look func(fyne.Widget) fyne.WidgetRenderer) []fyne.CanvasObject {
	if !o.Visible() {
		return nil
	}
	all := []fyne.CanvasObject{o}
	var below []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		below = o.Objects
	case fyne.Widget:
		below = look(o).Objects()
	}
	for _, child := range below {
		if _, ok := child.(fyne.Tappable); ok && child.Visible() {
			all = append(all, child)
			continue
		}
		all = append(all, inside(child, look)...)
	}
	return all
}

// tappable picks the n-th thing that can be tapped inside a widget, from 0.
func tappable(n int) func([]fyne.CanvasObject) fyne.CanvasObject {
	return func(inside []fyne.CanvasObject) fyne.CanvasObject {
		seen := 0
		for _, o := range inside[1:] {
			if _, ok := o.(fyne.Tappable); !ok {
				continue
			}
			if seen == n {
				return o
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
