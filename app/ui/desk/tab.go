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
	button *kit.Button
	bar    *canvas.Rectangle
}

func newTabButton(a *App, id, text string, tapped func()) *tabButton {
	t := &tabButton{bar: canvas.NewRectangle(color.Transparent)}
	t.bar.SetMinSize(fyne.NewSize(0, 3))
	t.button = a.button(id, text, nil, kit.Quiet, tapped)
	t.object = container.NewStack(t.button, container.NewBorder(nil, t.bar, nil, nil))
	return t
}

func (t *tabButton) show(open bool) {
	t.bar.FillColor = color.Transparent
	if open {
		t.bar.FillColor = theme.Color(theme.ColorNamePrimary)
	}
	t.bar.Refresh()
}

// say changes the text, with a sign of warning where something waits.
func (t *tabButton) say(text string, waits bool) (changed bool) {
	if t.button.Text == text && (t.button.Icon != nil) == waits {
		return false
	}
	t.button.Text, t.button.Icon = text, nil
	if waits {
		t.button.Icon = kit.StatusWarn.Glyph()
	}
	t.button.Refresh()
	return true
}
