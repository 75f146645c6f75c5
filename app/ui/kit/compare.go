package kit

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// comparePixels bounds the longer edge of a compared image: more than a tablet
// shows (2000×1200), and a texture of at most 16 MB.
const comparePixels = 2048

// CompareSide is one half of a comparison. Image may be nil, then Missing is
// shown in its place. Caption stands above the image, Note below.
type CompareSide struct {
	Image   image.Image
	Missing string
	Caption string
	Status  Status
	Note    string
}

// Compare shows two images next to each other, each fitted whole: the original
// and the present state. They lie one under the other in portrait.
type Compare struct {
	widget.BaseWidget

	// OnTapped is called with 0 for the first image and 1 for the second, for
	// example to open it alone.
	OnTapped func(side int)

	halves [2]*compareHalf
}

// NewCompare shows before and after.
func NewCompare(before, after CompareSide) *Compare {
	c := &Compare{}
	for i := range c.halves {
		c.halves[i] = newCompareHalf(func() {
			if c.OnTapped != nil {
				c.OnTapped(i)
			}
		})
	}
	c.ExtendBaseWidget(c)
	c.Set(before, after)
	return c
}

// Set replaces both sides.
func (c *Compare) Set(before, after CompareSide) {
	c.halves[0].set(before)
	c.halves[1].set(after)
}

// CreateRenderer is called by Fyne.
func (c *Compare) CreateRenderer() fyne.WidgetRenderer {
	return newContentRenderer(c, NewByOrientation(c.halves[0], c.halves[1]))
}

type compareHalf struct {
	widget.BaseWidget

	tapped  func()
	caption *StatusBadge
	note    *Paragraph
	missing *Paragraph
	image   *canvas.Image
	surface *canvas.Rectangle
}

func newCompareHalf(tapped func()) *compareHalf {
	h := &compareHalf{
		tapped:  tapped,
		caption: NewStatusBadge(StatusNeutral, ""),
		note:    NewParagraph(""),
		missing: NewParagraph("").Aligned(fyne.TextAlignCenter),
		image:   &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest},
		surface: canvas.NewRectangle(color.Transparent),
	}
	h.surface.SetMinSize(fyne.NewSize(160, 120))
	h.ExtendBaseWidget(h)
	return h
}

func (h *compareHalf) set(side CompareSide) {
	h.caption.SetStatus(side.Status, side.Caption)
	h.note.SetText(side.Note)
	setVisible(h.note, side.Note != "")
	h.missing.SetText(side.Missing)
	setVisible(h.missing, side.Image == nil)
	setVisible(h.image, side.Image != nil)
	if side.Image != nil {
		h.image.Image = shrink(side.Image, comparePixels)
	}
	h.Refresh()
}

func (h *compareHalf) Tapped(*fyne.PointEvent) { h.tapped() }

func (h *compareHalf) CreateRenderer() fyne.WidgetRenderer {
	middle := container.NewStack(h.surface, NewRow(h.missing, h.missing), h.image)
	content := NewFillColumn(middle, h.caption, middle, h.note)
	return newFramedRenderer(h, canvas.NewRectangle(color.Transparent), content, func() {
		h.surface.FillColor = theme.Color(ColorPlan)
	})
}

func setVisible(o fyne.CanvasObject, shown bool) {
	if shown {
		o.Show()
	} else {
		o.Hide()
	}
}
