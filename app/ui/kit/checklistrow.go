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

// Answer is what an inspector says about one item. Not inspected, not
// applicable and passed are three different things.
type Answer int

// The answers.
const (
	AnswerNone Answer = iota // not inspected
	AnswerPass
	AnswerFail
	AnswerNotApplicable
)

// Reading is a measured value of an item.
type Reading struct {
	Value   string // decimal number, or "" while there is none
	Unit    string
	Limit   string // the limits that hold, in words
	Status  Status // of the verdict
	Verdict string // in words; empty without a value
	Judge   Judge  // the verdict while typing; may be nil
}

// ChecklistItem is what a row shows.
type ChecklistItem struct {
	ID      string
	Text    string
	Room    string
	Answer  Answer
	Reading *Reading // nil for an item that is not measured
}

// ChecklistText are the texts that all rows share.
type ChecklistText struct {
	Pass, Fail, NotApplicable, NotInspected string
	AddReading                              string // on the reading button without a value
	OK, Cancel                              string // of the number pad
}

// rowWideFrom is the width, in dp, from which text and answers stand side by side.
const rowWideFrom = 820

// ChecklistRow is one item of a checklist with its three answers.
type ChecklistRow struct {
	widget.BaseWidget

	// OnAnswer is called with the chosen answer; AnswerNone when it was taken
	// back. The row shows it only when the item is set again.
	OnAnswer func(id string, answer Answer)
	// OnReading is called with the entered number, or "" when it was cleared.
	OnReading func(id string, value string)

	item    ChecklistItem
	texts   ChecklistText
	text    *Paragraph
	room    *Paragraph
	state   *StatusBadge
	buttons map[Answer]*Button
	undo    *Button
	reading *Button
	limit   *Paragraph
	verdict *StatusBadge
	edge    *canvas.Rectangle
	content *fyne.Container
	measure *fyne.Container

	// The minimum size at a width, kept because Fyne asks every row of a long
	// checklist for it in every frame. Refresh forgets it.
	minWidth float32
	minSize  fyne.Size
}

// NewChecklistRow creates a row for item.
func NewChecklistRow(texts ChecklistText, item ChecklistItem) *ChecklistRow {
	r := &ChecklistRow{
		texts:   texts,
		text:    NewParagraph("").Bold(),
		room:    NewParagraph("").Colored(ColorNeutral).Sized(theme.SizeNameCaptionText),
		state:   NewStatusBadge(StatusNeutral, ""),
		limit:   NewParagraph("").Colored(ColorNeutral),
		verdict: NewStatusBadge(StatusNeutral, ""),
		edge:    canvas.NewRectangle(color.Transparent),
	}
	r.build()
	r.ExtendBaseWidget(r)
	r.SetItem(item)
	return r
}

func (r *ChecklistRow) build() {
	r.buttons = map[Answer]*Button{
		AnswerPass:          r.answerButton(AnswerPass, r.texts.Pass, StatusOK.Glyph()),
		AnswerFail:          r.answerButton(AnswerFail, r.texts.Fail, StatusBad.Glyph()),
		AnswerNotApplicable: r.answerButton(AnswerNotApplicable, r.texts.NotApplicable, glyphDash),
	}
	r.undo = NewButton("", theme.ContentUndoIcon(), Quiet, func() { r.answer(AnswerNone) })
	r.reading = NewButton("", theme.DocumentCreateIcon(), Plain, r.enterReading)

	says := NewColumn(r.text, NewRow(nil, r.room, r.state))
	answers := container.New(layout.NewGridLayout(3),
		r.buttons[AnswerPass], r.buttons[AnswerFail], r.buttons[AnswerNotApplicable])
	r.measure = NewRow(r.limit, r.reading, r.verdict, r.limit)
	// The undo button keeps its place while it is hidden: nothing may move under
	// a finger that has just answered.
	place := canvas.NewRectangle(color.Transparent)
	place.SetMinSize(r.undo.MinSize())
	undo := container.NewStack(place, r.undo)
	r.content = container.New(layout.NewCustomPaddedLayout(8, 8, 16, 8), NewColumn(
		NewResponsive(rowWideFrom, says, NewRow(answers, answers, undo)),
		r.measure,
	))
}

func (r *ChecklistRow) answerButton(answer Answer, text string, icon fyne.Resource) *Button {
	return NewButton(text, icon, Plain, func() { r.answer(answer) })
}

// SetItem replaces the item.
func (r *ChecklistRow) SetItem(item ChecklistItem) {
	r.item = item
	r.text.SetText(item.Text)
	r.room.SetText(item.Room)
	r.state.SetStatus(r.says(item.Answer))
	setVisible(r.undo, item.Answer != AnswerNone)
	for answer, button := range r.buttons {
		button.Importance = answerImportance(answer, item.Answer)
		button.Refresh()
	}
	setVisible(r.measure, item.Reading != nil)
	if reading := item.Reading; reading != nil {
		r.reading.SetText(readingText(*reading, r.texts.AddReading))
		r.limit.SetText(reading.Limit)
		r.verdict.SetStatus(reading.Status, reading.Verdict)
		setVisible(r.verdict, reading.Value != "" && reading.Verdict != "")
	}
	r.Refresh()
}

// answerImportance fills the button of the given answer in its colour.
func answerImportance(button, given Answer) widget.Importance {
	if button != given {
		return widget.MediumImportance
	}
	switch button {
	case AnswerPass:
		return widget.SuccessImportance
	case AnswerFail:
		return widget.DangerImportance
	default:
		return widget.HighImportance
	}
}

func readingText(reading Reading, add string) string {
	if reading.Value == "" {
		return add
	}
	entry := parseNumberEntry(reading.Value)
	if reading.Unit == "" {
		return entry.display()
	}
	return entry.display() + " " + reading.Unit
}

func (r *ChecklistRow) answer(answer Answer) {
	if answer != r.item.Answer && r.OnAnswer != nil {
		r.OnAnswer(r.item.ID, answer)
	}
}

func (r *ChecklistRow) enterReading() {
	reading := r.item.Reading
	c := fyne.CurrentApp().Driver().CanvasForObject(r)
	if reading == nil || c == nil {
		return
	}
	text := NumberPadText{
		Title: r.item.Text, Unit: reading.Unit, Limit: reading.Limit,
		OK: r.texts.OK, Cancel: r.texts.Cancel,
	}
	id := r.item.ID
	ShowNumberPad(c, text, reading.Value, reading.Judge, func(value string) {
		if r.OnReading != nil {
			r.OnReading(id, value)
		}
	})
}

// MinSize is the size that the row needs at its present width.
func (r *ChecklistRow) MinSize() fyne.Size {
	if width := r.Size().Width; r.minSize.IsZero() || r.minWidth != width {
		r.minSize, r.minWidth = r.BaseWidget.MinSize(), width
	}
	return r.minSize
}

// Refresh draws and measures the row anew.
func (r *ChecklistRow) Refresh() {
	r.minSize = fyne.Size{}
	r.BaseWidget.Refresh()
}

// CreateRenderer is called by Fyne.
func (r *ChecklistRow) CreateRenderer() fyne.WidgetRenderer {
	return newFramedRenderer(r, r.edge, r.content, func() {
		r.edge.FillColor = theme.Color(theme.ColorNameBackground)
		status, _ := r.says(r.item.Answer)
		r.edge.StrokeColor = theme.Color(status.Color())
		r.edge.StrokeWidth = 2
		r.edge.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	})
}

// says is an answer in words and colour. Not applicable must not look like not
// inspected, which is still work to do.
func (r *ChecklistRow) says(answer Answer) (Status, string) {
	switch answer {
	case AnswerPass:
		return StatusOK, r.texts.Pass
	case AnswerFail:
		return StatusBad, r.texts.Fail
	case AnswerNotApplicable:
		return StatusInfo, r.texts.NotApplicable
	default:
		return StatusNeutral, r.texts.NotInspected
	}
}
