package desk

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// line is one line of text that ends in an ellipsis where it does not fit.
// Unlike widget.Label it has no padding of its own.
type line struct {
	widget.BaseWidget

	text  string
	bold  bool
	color fyne.ThemeColorName
	size  fyne.ThemeSizeName
}

func newLine(bold bool, size fyne.ThemeSizeName) *line {
	l := &line{bold: bold, size: size, color: theme.ColorNameForeground}
	l.ExtendBaseWidget(l)
	return l
}

// set replaces text and colour.
func (l *line) set(text string, color fyne.ThemeColorName) {
	if l.text == text && l.color == color {
		return
	}
	l.text, l.color = text, color
	l.Refresh()
}

// CreateRenderer is called by Fyne.
func (l *line) CreateRenderer() fyne.WidgetRenderer {
	r := &lineRenderer{line: l, drawn: canvas.NewText("", nil)}
	r.Refresh()
	return r
}

type lineRenderer struct {
	line  *line
	drawn *canvas.Text
	// fitted is the text that was last fitted, and into which width.
	fitted string
	width  float32
}

func (r *lineRenderer) style() fyne.TextStyle { return fyne.TextStyle{Bold: r.line.bold} }

func (r *lineRenderer) MinSize() fyne.Size {
	size := theme.Size(r.line.size)
	return fyne.NewSize(2*size, fyne.MeasureText("M", size, r.style()).Height)
}

func (r *lineRenderer) Layout(size fyne.Size) {
	if r.fitted != r.line.text || r.width != size.Width {
		r.fitted, r.width = r.line.text, size.Width
		r.drawn.Text = fit(r.line.text, size.Width, theme.Size(r.line.size), r.style())
	}
	r.drawn.Resize(size)
}

func (r *lineRenderer) Refresh() {
	r.drawn.TextSize, r.drawn.TextStyle, r.drawn.Color = theme.Size(r.line.size), r.style(), theme.Color(r.line.color)
	r.width = -1
	r.Layout(r.line.Size())
	r.drawn.Refresh()
}

func (r *lineRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.drawn} }

func (r *lineRenderer) Destroy() {}

// fit shortens text until it and an ellipsis take no more than width.
func fit(text string, width, size float32, style fyne.TextStyle) string {
	if width <= 0 || fyne.MeasureText(text, size, style).Width <= width {
		return text
	}
	runes := []rune(text)
	low, high := 0, len(runes)
	for low < high {
		middle := (low + high + 1) / 2
		if fyne.MeasureText(string(runes[:middle])+"…", size, style).Width <= width {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return string(runes[:low]) + "…"
}
