package desk

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"keyturn/app/screen/desk"
)

// picker chooses by id among choices that are shown by label. It has the frame
// of an entry, which Fyne's own menu lacks.
type picker struct {
	object  fyne.CanvasObject
	menu    *widget.Select
	choices []desk.Choice
	chosen  func(id string)
}

func newPicker(chosen func(id string)) *picker {
	p := &picker{chosen: chosen}
	p.menu = widget.NewSelect(nil, nil)
	frame := canvas.NewRectangle(color.Transparent)
	frame.StrokeColor, frame.StrokeWidth = theme.Color(theme.ColorNameInputBorder), theme.Size(theme.SizeNameInputBorder)
	frame.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	p.object = container.NewStack(p.menu, frame)
	return p
}

// set replaces the choices and shows which one is chosen, without an event.
func (p *picker) set(choices []desk.Choice, id string) {
	at := slices.IndexFunc(choices, func(c desk.Choice) bool { return c.ID == id })
	if slices.Equal(p.choices, choices) && p.menu.SelectedIndex() == at {
		return
	}
	p.choices = choices
	labels := make([]string, len(choices))
	for i, c := range choices {
		labels[i] = c.Label
	}
	p.menu.OnChanged = nil
	p.menu.SetOptions(labels)
	if at >= 0 {
		p.menu.SetSelectedIndex(at)
	} else {
		p.menu.ClearSelected()
	}
	p.menu.OnChanged = func(string) {
		if p.chosen != nil {
			p.chosen(p.id())
		}
	}
}

// id is what is chosen now, empty if nothing is.
func (p *picker) id() string {
	if i := p.menu.SelectedIndex(); i >= 0 && i < len(p.choices) {
		return p.choices[i].ID
	}
	return ""
}
