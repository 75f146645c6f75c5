package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Judge says what a reading means while it is being typed: a status and the
// words for it. value is "" or a decimal number such as "-3.5".
type Judge func(value string) (Status, string)

// NumberPadText are the texts of a number pad. Limit may be empty.
type NumberPadText struct {
	Title  string
	Unit   string
	Limit  string // the limits that hold, in words
	OK     string
	Cancel string
}

// NumberPad enters a number without a soft keyboard, which would cover half a
// tablet. A keyboard works too while the pad has the focus.
type NumberPad struct {
	widget.BaseWidget

	// OnOK is called with the number, or "" when it was cleared.
	OnOK func(value string)
	// OnCancel is called by the cancel button.
	OnCancel func()

	entry   numberEntry
	text    NumberPadText
	judge   Judge
	display *canvas.Text
	verdict *StatusBadge
	content *fyne.Container
}

var _ fyne.Focusable = (*NumberPad)(nil)

// NewNumberPad creates a pad that starts with value; judge may be nil.
func NewNumberPad(text NumberPadText, value string, judge Judge) *NumberPad {
	p := &NumberPad{
		entry:   parseNumberEntry(value),
		text:    text,
		judge:   judge,
		display: canvas.NewText("", nil),
		verdict: NewStatusBadge(StatusNeutral, ""),
	}
	p.display.Alignment = fyne.TextAlignTrailing
	p.display.TextStyle.Bold = true
	p.build()
	p.ExtendBaseWidget(p)
	p.changed()
	return p
}

func (p *NumberPad) build() {
	key := func(label string, icon fyne.Resource, press func()) fyne.CanvasObject {
		return NewButton(label, icon, Plain, func() {
			press()
			p.changed()
			p.focus()
		})
	}
	digit := func(d rune) fyne.CanvasObject {
		return key(string(d), nil, func() { p.entry.digit(d) })
	}
	keys := container.New(&keypadLayout{columns: 4},
		digit('7'), digit('8'), digit('9'), key("", glyphBackspace, p.entry.backspace),
		digit('4'), digit('5'), digit('6'), key("−", nil, p.entry.sign),
		digit('1'), digit('2'), digit('3'), key(".", nil, p.entry.point),
	)
	last := container.New(&keypadLayout{columns: 3},
		NewButton(p.text.Cancel, nil, Quiet, p.cancel),
		digit('0'),
		NewButton(p.text.OK, theme.ConfirmIcon(), Primary, p.ok),
	)
	p.content = NewColumn(NewHeading(p.text.Title))
	if p.text.Limit != "" {
		p.content.Add(NewParagraph(p.text.Limit).Colored(ColorNeutral))
	}
	for _, o := range []fyne.CanvasObject{p.display, p.verdict, keys, last} {
		p.content.Add(o)
	}
}

// Value is the number typed so far, or "".
func (p *NumberPad) Value() string { return p.entry.value() }

func (p *NumberPad) changed() {
	if p.judge != nil {
		p.verdict.SetStatus(p.judge(p.Value()))
	} else {
		p.verdict.Hide()
	}
	p.Refresh()
}

func (p *NumberPad) ok() {
	if p.OnOK != nil {
		p.OnOK(p.Value())
	}
}

func (p *NumberPad) cancel() {
	if p.OnCancel != nil {
		p.OnCancel()
	}
}

// focus lets a keyboard type into the pad. On mobile it would only call up the
// soft keyboard that the pad replaces.
func (p *NumberPad) focus() {
	c := fyne.CurrentApp().Driver().CanvasForObject(p)
	if c != nil && !fyne.CurrentDevice().IsMobile() {
		c.Focus(p)
	}
}

// FocusGained is called by Fyne.
func (p *NumberPad) FocusGained() {}

// FocusLost is called by Fyne.
func (p *NumberPad) FocusLost() {}

// TypedRune types on a real keyboard.
func (p *NumberPad) TypedRune(r rune) {
	switch r {
	case '-', '−':
		p.entry.sign()
	case '.', ',', '。':
		p.entry.point()
	default:
		p.entry.digit(r)
	}
	p.changed()
}

// TypedKey handles backspace, return and escape.
func (p *NumberPad) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyBackspace, fyne.KeyDelete:
		p.entry.backspace()
		p.changed()
	case fyne.KeyReturn, fyne.KeyEnter:
		p.ok()
	case fyne.KeyEscape:
		p.cancel()
	}
}

// CreateRenderer is called by Fyne.
func (p *NumberPad) CreateRenderer() fyne.WidgetRenderer {
	return newFramedRenderer(p, canvas.NewRectangle(color.Transparent), p.content, func() {
		p.display.Text = p.entry.display()
		if p.text.Unit != "" {
			p.display.Text += " " + p.text.Unit
		}
		p.display.TextSize = theme.Size(theme.SizeNameHeadingText)
		p.display.Color = theme.Color(theme.ColorNameForeground)
	})
}

// ShowNumberPad opens a pad over a canvas and closes it with OK or cancel; only
// OK calls done.
func ShowNumberPad(c fyne.Canvas, text NumberPadText, value string, judge Judge, done func(value string)) {
	pad := NewNumberPad(text, value, judge)
	popup := widget.NewModalPopUp(pad, c)
	pad.OnCancel = popup.Hide
	pad.OnOK = func(v string) {
		popup.Hide()
		done(v)
	}
	popup.Show()
	pad.focus()
}

// keypadLayout gives all keys the same size, larger than the touch size: pads
// are used with gloves.
type keypadLayout struct{ columns int }

func (l *keypadLayout) cell(keys []fyne.CanvasObject) fyne.Size {
	edge := theme.Size(SizeNameTouch)
	cell := fyne.NewSize(edge*1.6, edge*1.2)
	for _, key := range keys {
		cell = cell.Max(key.MinSize())
	}
	return cell
}

func (l *keypadLayout) MinSize(keys []fyne.CanvasObject) fyne.Size {
	rows := (len(keys) + l.columns - 1) / l.columns
	cell, gap := l.cell(keys), theme.Padding()
	return fyne.NewSize(
		float32(l.columns)*(cell.Width+gap)-gap,
		float32(rows)*(cell.Height+gap)-gap,
	)
}

func (l *keypadLayout) Layout(keys []fyne.CanvasObject, size fyne.Size) {
	gap := theme.Padding()
	width := (size.Width+gap)/float32(l.columns) - gap
	height := l.cell(keys).Height
	for i, key := range keys {
		column, row := i%l.columns, i/l.columns
		key.Move(fyne.NewPos(float32(column)*(width+gap), float32(row)*(height+gap)))
		key.Resize(fyne.NewSize(width, height))
	}
}
