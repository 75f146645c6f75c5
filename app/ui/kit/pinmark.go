package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// Edges of a pin's glyph in dp.
const (
	pinSize         = 26
	pinSizeSelected = 38
)

// pinMark is the drawing of one pin: the glyph of its status on a white disc,
// so that it stands out from any plan, and its label on white beside it.
type pinMark struct {
	pin       Pin
	halo      *canvas.Circle
	glyph     *canvas.Image
	plate     *canvas.Rectangle
	label     *canvas.Text
	labelSize fyne.Size
}

func newPinMark(pin Pin) *pinMark {
	m := &pinMark{
		pin:   pin,
		halo:  canvas.NewCircle(nil),
		glyph: canvas.NewImageFromResource(pin.Status.Glyph()),
		plate: canvas.NewRectangle(color.Transparent),
		label: canvas.NewText(pin.Label, nil),
	}
	m.glyph.FillMode = canvas.ImageFillContain
	m.label.TextStyle.Bold = true
	m.apply()
	return m
}

// apply takes over the colours and sizes of the theme.
func (m *pinMark) apply() {
	strong := theme.Color(m.pin.Status.Color())
	m.halo.FillColor = theme.Color(theme.ColorNameBackground)
	if m.pin.Selected {
		m.halo.StrokeColor = strong
		m.halo.StrokeWidth = 3
	}
	m.plate.FillColor = theme.Color(theme.ColorNameBackground)
	m.plate.StrokeColor = strong
	m.plate.StrokeWidth = 1
	m.plate.CornerRadius = 4
	m.label.Color = strong
	m.label.TextSize = theme.Size(theme.SizeNameCaptionText)
	m.labelSize = m.label.MinSize()
}

func (m *pinMark) edge() float32 {
	if m.pin.Selected {
		return pinSizeSelected
	}
	return pinSize
}

// place puts the middle of the glyph at a place of the view.
func (m *pinMark) place(at fyne.Position) {
	edge := m.edge()
	halo := edge + 6
	m.halo.Resize(fyne.NewSquareSize(halo))
	m.halo.Move(at.SubtractXY(halo/2, halo/2))
	m.glyph.Resize(fyne.NewSquareSize(edge))
	m.glyph.Move(at.SubtractXY(edge/2, edge/2))
	if m.pin.Label == "" {
		return
	}
	const pad = 4
	corner := fyne.NewPos(at.X+(halo+m.halo.StrokeWidth)/2, at.Y-m.labelSize.Height/2)
	m.plate.Move(corner)
	m.plate.Resize(m.labelSize.AddWidthHeight(2*pad, 0))
	m.label.Move(corner.AddXY(pad, 0))
	m.label.Resize(m.labelSize)
}

func (m *pinMark) appendTo(objects []fyne.CanvasObject, labelled bool) []fyne.CanvasObject {
	if labelled && m.pin.Label != "" {
		objects = append(objects, m.plate, m.label)
	}
	return append(objects, m.halo, m.glyph)
}
