package desk

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// wheelThrough lies over photos and plans and hands the mouse wheel to the page
// around them: they would take it for themselves, and the page would stop
// wherever the mouse happens to be. Taps and drags reach what lies below,
// because the wheel is all that it listens to.
type wheelThrough struct {
	widget.BaseWidget

	page fyne.Scrollable
}

// overWheel puts content under a wheelThrough of the page that scrolls it.
func overWheel(page, content fyne.CanvasObject) fyne.CanvasObject {
	w := &wheelThrough{page: scrollIn(page)}
	w.ExtendBaseWidget(w)
	return container.NewStack(content, w)
}

// scrollIn finds the scroller of a page.
func scrollIn(o fyne.CanvasObject) fyne.Scrollable {
	if s, ok := o.(fyne.Scrollable); ok {
		return s
	}
	if c, ok := o.(*fyne.Container); ok {
		for _, child := range c.Objects {
			if s := scrollIn(child); s != nil {
				return s
			}
		}
	}
	return nil
}

// Scrolled is called by Fyne.
func (w *wheelThrough) Scrolled(e *fyne.ScrollEvent) {
	if w.page != nil {
		w.page.Scrolled(e)
	}
}

// CreateRenderer is called by Fyne.
func (w *wheelThrough) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewWithoutLayout())
}
