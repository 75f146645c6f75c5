package kit

import (
	"image/color"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// matrixCell is one unit: its number above, status glyph and count of defects
// below.
type matrixCell struct {
	widget.BaseWidget

	tapped     func(id string)
	unit       MatrixUnit
	background *canvas.Rectangle
	label      *canvas.Text
	glyph      *canvas.Image
	count      *canvas.Text
}

func newMatrixCell(tapped func(id string)) *matrixCell {
	c := &matrixCell{
		tapped:     tapped,
		background: canvas.NewRectangle(color.Transparent),
		label:      canvas.NewText("", nil),
		glyph:      &canvas.Image{FillMode: canvas.ImageFillContain},
		count:      canvas.NewText("", nil),
	}
	c.label.Alignment = fyne.TextAlignCenter
	c.label.TextStyle.Bold = true
	c.count.TextStyle.Bold = true
	c.ExtendBaseWidget(c)
	return c
}

func (c *matrixCell) set(unit MatrixUnit) {
	c.unit = unit
	c.Refresh()
}

// Tapped reports the unit.
func (c *matrixCell) Tapped(*fyne.PointEvent) { c.tapped(c.unit.ID) }

func (c *matrixCell) CreateRenderer() fyne.WidgetRenderer {
	r := &matrixCellRenderer{c}
	r.apply()
	r.Layout(c.Size())
	return r
}

type matrixCellRenderer struct{ c *matrixCell }

func (r *matrixCellRenderer) apply() {
	c := r.c
	status := c.unit.Status
	strong := theme.Color(status.Color())
	c.background.FillColor = theme.Color(status.Tint())
	c.background.StrokeColor = strong
	c.background.StrokeWidth = 1
	c.background.CornerRadius = 6
	size := theme.Size(theme.SizeNameCaptionText)
	c.label.Text, c.label.TextSize, c.label.Color = c.unit.Label, size, theme.Color(theme.ColorNameForeground)
	c.count.Text, c.count.TextSize, c.count.Color = "", size, strong
	if c.unit.Defects > 0 {
		c.count.Text = strconv.Itoa(c.unit.Defects)
	}
	if glyph := status.Glyph(); glyph != c.glyph.Resource {
		// Reading an SVG is the dear part of a cell: only when it is another one.
		c.glyph.Resource = glyph
		c.glyph.Refresh()
	}
}

func (r *matrixCellRenderer) MinSize() fyne.Size { return fyne.NewSize(56, 48) }

func (r *matrixCellRenderer) Layout(size fyne.Size) {
	c := r.c
	c.background.Resize(size)
	line := c.label.MinSize().Height
	top := (size.Height - 2*line) / 2
	c.label.Move(fyne.NewPos(0, top))
	c.label.Resize(fyne.NewSize(size.Width, line))

	glyph := line * 0.8
	count := c.count.MinSize().Width
	width := glyph
	if c.count.Text != "" {
		width += 4 + count
	}
	x := (size.Width - width) / 2
	c.glyph.Move(fyne.NewPos(x, top+line+(line-glyph)/2))
	c.glyph.Resize(fyne.NewSquareSize(glyph))
	c.count.Move(fyne.NewPos(x+glyph+4, top+line))
	c.count.Resize(fyne.NewSize(count, line))
}

func (r *matrixCellRenderer) Refresh() {
	r.apply()
	r.Layout(r.c.Size())
	canvas.Refresh(r.c)
}

func (r *matrixCellRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.c.background, r.c.label, r.c.glyph, r.c.count}
}

func (r *matrixCellRenderer) Destroy() {}
