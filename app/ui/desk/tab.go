package desk

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"keyturn/app/ui/kit"
)

// tabButton turns to a page; a bar at its foot says which page is open, so that it
// does not look like something to do.
type tabButton struct {
	object fyne.CanvasObject
	bar    *canvas.Rectangle
}

func newTabButton(a *App, id, text string, tapped func()) *tabButton {
	t := &tabButton{bar: canvas.NewRectangle(color.Transparent)}
	t.bar.SetMinSize(fyne.NewSize(0, 3))
	t.object = container.NewStack(a.button(id, text, nil, kit.Quiet, tapped), container.NewBorder(nil, t.bar, nil, nil))
	return t
}

func (t *tabButton) show(open bool) {
	t.bar.FillColor = color.Transparent
	if open {
		t.bar.FillColor = theme.Color(theme.ColorNamePrimary)
	}
	t.bar.Refresh()
}
