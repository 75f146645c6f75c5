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

// ErrorText is what an error panel says, each part in the reader's language.
// Safe and Next may be empty.
type ErrorText struct {
	Happened string // what happened
	Safe     string // what is not lost
	Next     string // what the reader can do now
	Retry    string // label of the retry button
}

// ErrorPanel tells of a failure so that the reader knows what is safe and what
// to do next.
type ErrorPanel struct {
	widget.BaseWidget

	// OnRetry is called by the retry button; without it there is no button.
	OnRetry func()

	background *canvas.Rectangle
	text       ErrorText
}

// NewErrorPanel shows text; retry may be nil.
func NewErrorPanel(text ErrorText, retry func()) *ErrorPanel {
	p := &ErrorPanel{OnRetry: retry, background: canvas.NewRectangle(color.Transparent), text: text}
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer is called by Fyne.
func (p *ErrorPanel) CreateRenderer() fyne.WidgetRenderer {
	lines := NewColumn(glyphLine(StatusBad, NewHeading(p.text.Happened).Colored(ColorBad)))
	if p.text.Safe != "" {
		lines.Add(glyphLine(StatusOK, NewParagraph(p.text.Safe).Colored(ColorOK)))
	}
	if p.text.Next != "" {
		lines.Add(glyphLine(StatusInfo, NewParagraph(p.text.Next)))
	}
	if p.OnRetry != nil {
		retry := NewButton(p.text.Retry, theme.ViewRefreshIcon(), Primary, func() { p.OnRetry() })
		lines.Add(container.NewHBox(retry))
	}
	padded := container.New(layout.NewCustomPaddedLayout(12, 12, 16, 16), lines)
	return newFramedRenderer(p, p.background, padded, func() {
		p.background.FillColor = theme.Color(theme.ColorNameBackground)
		p.background.StrokeColor = theme.Color(ColorBad)
		p.background.StrokeWidth = 2
		p.background.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	})
}

func glyphLine(status Status, text *Paragraph) fyne.CanvasObject {
	return NewRow(text, widget.NewIcon(status.Glyph()), text)
}
