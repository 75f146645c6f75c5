package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Paragraph is text that wraps, Chinese included. Unlike widget.Label it breaks
// Chinese between characters and adds no padding of its own, and its height
// always answers for the width it was last given; [NewColumn] and [NewPage] use
// that to give it the room it needs.
type Paragraph struct {
	widget.BaseWidget

	text  string
	style fyne.TextStyle
	color fyne.ThemeColorName
	size  fyne.ThemeSizeName
	align fyne.TextAlign
}

// NewParagraph shows text in the normal text size and colour.
func NewParagraph(text string) *Paragraph {
	p := &Paragraph{text: text, color: theme.ColorNameForeground, size: theme.SizeNameText}
	p.ExtendBaseWidget(p)
	return p
}

// NewHeading shows text bold and in the sub-heading size.
func NewHeading(text string) *Paragraph {
	p := NewParagraph(text)
	p.size = theme.SizeNameSubHeadingText
	p.style.Bold = true
	return p
}

// SetText replaces the text.
func (p *Paragraph) SetText(text string) {
	if text == p.text {
		return
	}
	p.text = text
	p.Refresh()
}

// Text returns the text as it was set, without the line breaks of the display.
func (p *Paragraph) Text() string { return p.text }

// Bold makes the text bold and returns p.
func (p *Paragraph) Bold() *Paragraph {
	p.style.Bold = true
	p.Refresh()
	return p
}

// Colored draws the text in a colour of the theme and returns p.
func (p *Paragraph) Colored(name fyne.ThemeColorName) *Paragraph {
	p.color = name
	p.Refresh()
	return p
}

// Sized draws the text in a text size of the theme and returns p.
func (p *Paragraph) Sized(name fyne.ThemeSizeName) *Paragraph {
	p.size = name
	p.Refresh()
	return p
}

// Aligned aligns the lines and returns p.
func (p *Paragraph) Aligned(align fyne.TextAlign) *Paragraph {
	p.align = align
	p.Refresh()
	return p
}

// CreateRenderer is called by Fyne.
func (p *Paragraph) CreateRenderer() fyne.WidgetRenderer {
	r := &paragraphRenderer{p: p}
	r.Layout(p.Size())
	return r
}

// paragraphMinEm bounds the width that a paragraph asks for, in multiples of the
// text size: about eight Chinese characters, so that a long text never forces
// its page wide.
const paragraphMinEm = 8

type paragraphRenderer struct {
	p     *Paragraph
	lines []*canvas.Text
	memo  paragraphMemo
}

// paragraphMemo keeps the broken lines, because Fyne asks every object for its
// minimum size in every frame.
type paragraphMemo struct {
	text   string
	style  fyne.TextStyle
	size   float32 // text size
	width  float32 // width the lines were broken at
	lines  []string
	wanted fyne.Size // minimum size
	height float32   // of one line
}

func (r *paragraphRenderer) broken() *paragraphMemo {
	p, m := r.p, &r.memo
	size, width := theme.Size(p.size), p.Size().Width
	if m.lines != nil && m.text == p.text && m.style == p.style && m.size == size && m.width == width {
		return m
	}
	measure := func(s string) float32 { return fyne.MeasureText(s, size, p.style).Width }
	*m = paragraphMemo{text: p.text, style: p.style, size: size, width: width}
	m.height = fyne.MeasureText("M", size, p.style).Height
	natural := float32(0)
	for _, line := range breakLines(p.text, size*paragraphMinEm, measure) {
		natural = max(natural, measure(line))
	}
	natural = min(natural, size*paragraphMinEm)
	if width <= 0 {
		width = natural
	}
	m.lines = breakLines(p.text, width, measure)
	m.wanted = fyne.NewSize(natural, float32(len(m.lines))*m.height)
	return m
}

func (r *paragraphRenderer) MinSize() fyne.Size { return r.broken().wanted }

func (r *paragraphRenderer) Layout(size fyne.Size) {
	m := r.broken()
	for len(r.lines) < len(m.lines) {
		r.lines = append(r.lines, canvas.NewText("", nil))
	}
	r.lines = r.lines[:len(m.lines)]
	for i, line := range r.lines {
		line.Text = m.lines[i]
		line.TextSize = m.size
		line.TextStyle = m.style
		line.Alignment = r.p.align
		line.Color = theme.Color(r.p.color)
		line.Move(fyne.NewPos(0, float32(i)*m.height))
		line.Resize(fyne.NewSize(size.Width, m.height))
	}
}

func (r *paragraphRenderer) Refresh() {
	r.memo.lines = nil // the theme's font may be another one
	r.Layout(r.p.Size())
	canvas.Refresh(r.p)
}

func (r *paragraphRenderer) Objects() []fyne.CanvasObject {
	objects := make([]fyne.CanvasObject, len(r.lines))
	for i, line := range r.lines {
		objects[i] = line
	}
	return objects
}

func (r *paragraphRenderer) Destroy() {}
