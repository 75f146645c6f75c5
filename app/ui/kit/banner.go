package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Banner is one message across the page, such as what was restored after a
// crash, with an optional action and an optional way to dismiss it.
type Banner struct {
	widget.BaseWidget

	background *canvas.Rectangle
	glyph      *widget.Icon
	text       *Paragraph
	actions    *fyne.Container
	status     Status
}

// NewBanner shows text with the glyph and colours of status.
func NewBanner(status Status, text string) *Banner {
	b := &Banner{
		background: canvas.NewRectangle(color.Transparent),
		glyph:      widget.NewIcon(nil),
		text:       NewParagraph(""),
		actions:    container.NewHBox(),
	}
	b.actions.Hide()
	b.ExtendBaseWidget(b)
	b.SetMessage(status, text)
	return b
}

// SetMessage replaces the message and keeps the actions.
func (b *Banner) SetMessage(status Status, text string) {
	b.status = status
	b.glyph.SetResource(status.Glyph())
	b.text.Colored(status.Color()).SetText(text)
	b.Refresh()
}

// AddAction adds a button behind the text and returns b.
func (b *Banner) AddAction(text string, tapped func()) *Banner {
	b.add(NewButton(text, nil, Plain, tapped))
	return b
}

// AddDismiss adds a cross that hides the banner and then calls dismissed, which
// may be nil. It returns b.
func (b *Banner) AddDismiss(dismissed func()) *Banner {
	b.add(NewButton("", theme.CancelIcon(), Quiet, func() {
		b.Hide()
		if dismissed != nil {
			dismissed()
		}
	}))
	return b
}

func (b *Banner) add(button *Button) {
	b.actions.Add(button)
	b.actions.Show()
	b.Refresh()
}

// CreateRenderer is called by Fyne.
func (b *Banner) CreateRenderer() fyne.WidgetRenderer {
	row := NewRow(b.text, b.glyph, b.text, b.actions)
	padded := container.New(layout.NewCustomPaddedLayout(8, 8, 12, 8), row)
	return newFramedRenderer(b, b.background, padded, func() {
		b.background.FillColor = theme.Color(b.status.Tint())
		b.background.StrokeColor = theme.Color(b.status.Color())
		b.background.StrokeWidth = 2
		b.background.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	})
}
