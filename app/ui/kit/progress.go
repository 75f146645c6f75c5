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

// ProgressPanel shows long work: a title, counts in words, a bar and a way out.
type ProgressPanel struct {
	widget.BaseWidget

	background *canvas.Rectangle
	title      *Paragraph
	counts     *Paragraph
	bar        *widget.ProgressBar
	cancel     *Button
}

// NewProgressPanel shows title over an empty bar. onCancel may be nil, then
// there is no cancel button.
func NewProgressPanel(title, cancelText string, onCancel func()) *ProgressPanel {
	p := &ProgressPanel{
		background: canvas.NewRectangle(color.Transparent),
		title:      NewHeading(title),
		counts:     NewParagraph("").Bold(),
		bar:        widget.NewProgressBar(),
	}
	// The counts stand above the bar, where they are legible at every fill.
	p.bar.TextFormatter = func() string { return "" }
	if onCancel != nil {
		p.cancel = NewButton(cancelText, theme.CancelIcon(), Plain, onCancel)
	}
	p.ExtendBaseWidget(p)
	return p
}

// SetTitle replaces the title.
func (p *ProgressPanel) SetTitle(title string) { p.title.SetText(title) }

// SetProgress moves the bar to done of total and shows counts, such as
// "152/152". A total of 0 is work of unknown size and leaves the bar empty.
func (p *ProgressPanel) SetProgress(done, total int, counts string) {
	p.counts.SetText(counts)
	value := 0.0
	if total > 0 {
		value = min(1, max(0, float64(done)/float64(total)))
	}
	p.bar.SetValue(value)
	p.Refresh()
}

// CreateRenderer is called by Fyne.
func (p *ProgressPanel) CreateRenderer() fyne.WidgetRenderer {
	row := NewRow(p.bar, p.bar)
	if p.cancel != nil {
		row.Add(p.cancel)
	}
	lines := NewColumn(p.title, p.counts, row)
	padded := container.New(layout.NewCustomPaddedLayout(12, 12, 16, 16), lines)
	return newFramedRenderer(p, p.background, padded, func() {
		p.background.FillColor = theme.Color(theme.ColorNameBackground)
		p.background.StrokeColor = theme.Color(theme.ColorNameSeparator)
		p.background.StrokeWidth = 1
		p.background.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	})
}
