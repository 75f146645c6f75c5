package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// StatusBadge shows a state as silhouette, words and colour together.
type StatusBadge struct {
	widget.BaseWidget

	status Status
	text   string
}

// NewStatusBadge shows text with the glyph and colours of status.
func NewStatusBadge(status Status, text string) *StatusBadge {
	b := &StatusBadge{status: status, text: text}
	b.ExtendBaseWidget(b)
	return b
}

// SetStatus replaces status and text.
func (b *StatusBadge) SetStatus(status Status, text string) {
	b.status, b.text = status, text
	b.Refresh()
}

// CreateRenderer is called by Fyne.
func (b *StatusBadge) CreateRenderer() fyne.WidgetRenderer {
	r := &badgeRenderer{
		badge:      b,
		background: canvas.NewRectangle(color.Transparent),
		glyph:      canvas.NewImageFromResource(b.status.Glyph()),
		text:       canvas.NewText(b.text, nil),
	}
	r.text.TextStyle.Bold = true
	r.glyph.FillMode = canvas.ImageFillContain
	r.apply()
	r.Layout(b.Size())
	return r
}

type badgeRenderer struct {
	badge      *StatusBadge
	background *canvas.Rectangle
	glyph      *canvas.Image
	text       *canvas.Text
}

func (r *badgeRenderer) apply() {
	status := r.badge.status
	r.background.FillColor = theme.Color(status.Tint())
	r.background.StrokeColor = theme.Color(status.Color())
	r.background.StrokeWidth = 1
	r.background.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	r.glyph.Resource = status.Glyph()
	r.text.Text = r.badge.text
	r.text.TextSize = theme.Size(theme.SizeNameCaptionText)
	r.text.Color = theme.Color(status.Color())
}

func (r *badgeRenderer) MinSize() fyne.Size {
	glyph := glyphSize()
	text := r.text.MinSize()
	pad := theme.Padding()
	width := pad + glyph + pad
	if r.badge.text != "" {
		width += text.Width + pad
	}
	return fyne.NewSize(width, max(glyph, text.Height)+pad)
}

func (r *badgeRenderer) Layout(size fyne.Size) {
	// A badge keeps its own width in a wider place and stands at its left.
	own := fyne.NewSize(min(size.Width, r.MinSize().Width), size.Height)
	glyph := glyphSize()
	pad := theme.Padding()
	text := r.text.MinSize()
	r.background.Resize(own)
	r.glyph.Resize(fyne.NewSquareSize(glyph))
	r.glyph.Move(fyne.NewPos(pad, (size.Height-glyph)/2))
	r.text.Resize(text)
	r.text.Move(fyne.NewPos(pad+glyph+pad, (size.Height-text.Height)/2))
}

func (r *badgeRenderer) Refresh() {
	r.apply()
	r.Layout(r.badge.Size())
	r.glyph.Refresh()
	canvas.Refresh(r.badge)
}

func (r *badgeRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.background, r.glyph, r.text}
}

func (r *badgeRenderer) Destroy() {}

// glyphSize is the edge of a glyph that stands beside text.
func glyphSize() float32 { return theme.Size(theme.SizeNameInlineIcon) }
