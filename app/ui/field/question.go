package field

import (
	"image/color"
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
	"keyturn/shared/domain"
)

// questionBox is one question: how it is answered, and below it what else
// belongs to it.
type questionBox struct {
	c *checklist
	// row is the kit's row of a question with three answers, head that of one
	// which is answered by words.
	row    *kit.ChecklistRow
	head   *fyne.Container
	extra  *fyne.Container
	entry  *widget.Entry
	column *fyne.Container
	// shown is what the box shows, own what can be touched in it.
	shown screen.QuestionRow
	own   Anchors
}

var answers = map[domain.Answer]kit.Answer{
	"": kit.AnswerNone, domain.AnswerPass: kit.AnswerPass, domain.AnswerFail: kit.AnswerFail, domain.AnswerNotApplicable: kit.AnswerNotApplicable,
}

func answerOf(given kit.Answer) domain.Answer {
	for answer, shown := range answers {
		if shown == given {
			return answer
		}
	}
	return ""
}

func (c *checklist) newQuestionBox(row screen.QuestionRow) *questionBox {
	b := &questionBox{c: c, extra: kit.NewColumn()}
	var first fyne.CanvasObject
	switch row.Kind {
	case screen.AskMark, screen.AskReading:
		b.row = c.newAnswerRow(row)
		first = b.row
	default:
		b.head = kit.NewColumn()
		first = framed(b.head)
	}
	b.column = kit.NewColumn(first, container.New(layout.NewCustomPaddedLayout(0, 8, 24, 8), b.extra))
	return b
}

// newAnswerRow is a row with three answers; a comparison calls them otherwise.
func (c *checklist) newAnswerRow(row screen.QuestionRow) *kit.ChecklistRow {
	pass, fail := "field.answer.pass", "field.answer.fail"
	if c.compare {
		pass, fail = "field.answer.same", "field.answer.deviation"
	}
	add := "field.answer.reading"
	if row.Reading != nil && row.Reading.Suggested > 0 {
		add = "field.answer.next_reading"
	}
	r := kit.NewChecklistRow(kit.ChecklistText{
		Pass: c.text(pass), Fail: c.text(fail), NotApplicable: c.text("field.answer.na"), NotInspected: c.text("field.answer.none"),
		AddReading: c.text(add), OK: c.text("field.ok"), Cancel: c.text("field.cancel"),
	}, itemOf(row))
	r.OnAnswer = func(id string, answer kit.Answer) { c.m.Answer(id, answerOf(answer)) }
	r.OnReading = c.m.Measure
	return r
}

// framed draws the frame of a question that has no row of the kit.
func framed(content fyne.CanvasObject) fyne.CanvasObject {
	edge := canvas.NewRectangle(color.Transparent)
	edge.StrokeColor, edge.StrokeWidth = theme.Color(kit.ColorNeutral), 2
	edge.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	return container.NewStack(edge, container.New(layout.NewCustomPaddedLayout(8, 8, 16, 8), content))
}

func itemOf(row screen.QuestionRow) kit.ChecklistItem {
	item := kit.ChecklistItem{ID: row.ID, Text: row.Text, Room: row.Room, Answer: answers[row.Answer]}
	if r := row.Reading; r != nil {
		item.Reading = &kit.Reading{
			Value: r.Value, Unit: r.Unit, Limit: r.Limit, Status: tone(r.Tone), Verdict: r.Verdict,
			Judge: func(value string) (kit.Status, string) {
				t, text := r.Judge(value)
				return tone(t), text
			},
		}
	}
	return item
}

// set shows a question and names what can be touched, unless it shows all of it
// already: drawing a whole room for one answer would be felt.
func (b *questionBox) set(row screen.QuestionRow) {
	if !reflect.DeepEqual(plain(b.shown), plain(row)) {
		page := b.c.anchors
		b.c.anchors = Anchors{}
		b.draw(row)
		b.shown, b.own, b.c.anchors = row, b.c.anchors, page
	}
	b.c.anchors.add(b.own)
}

// plain is a question without the function in it, to be compared.
func plain(row screen.QuestionRow) screen.QuestionRow {
	if row.Reading != nil {
		reading := *row.Reading
		reading.Judge = nil
		row.Reading = &reading
	}
	return row
}

// draw shows a question and names what can be touched.
func (b *questionBox) draw(row screen.QuestionRow) {
	prefix := "checklist." + row.ID
	if b.row != nil {
		b.drawAnswers(prefix, row)
	} else {
		b.drawHead(prefix, row)
	}
	b.extra.Objects = nil
	b.addReadings(prefix, row)
	b.addWords(prefix, row)
	b.addShown(prefix, row)
	b.addEvidence(prefix, row)
	if len(b.extra.Objects) == 0 {
		b.column.Objects[1].Hide()
	} else {
		b.column.Objects[1].Show()
	}
	b.extra.Refresh()
}

// drawAnswers fills the kit's row. Its parts come in the order pass, fail, not
// applicable, undo, reading.
func (b *questionBox) drawAnswers(prefix string, row screen.QuestionRow) {
	b.row.SetItem(itemOf(row))
	for i, part := range []string{"pass", "fail", "na"} {
		b.c.anchors.setPart(prefix+"."+part, b.row, tappable(i))
	}
	reading := 3
	if row.Answer != "" {
		b.c.anchors.setPart(prefix+".undo", b.row, tappable(3))
		reading = 4
	}
	if row.Reading != nil {
		b.c.anchors.setPart(prefix+".reading", b.row, tappable(reading))
	}
}

// drawHead shows a question that is answered by words, which may still be not
// applicable.
func (b *questionBox) drawHead(prefix string, row screen.QuestionRow) {
	state := kit.NewStatusBadge(kit.StatusNeutral, b.c.text("field.answer.none"))
	switch row.Answer {
	case domain.AnswerPass:
		state.SetStatus(kit.StatusOK, b.c.text("field.answer.given"))
	case domain.AnswerFail:
		state.SetStatus(kit.StatusBad, b.c.text("field.answer.fail"))
	case domain.AnswerNotApplicable:
		state.SetStatus(kit.StatusInfo, b.c.text("field.answer.na"))
	}
	says := kit.NewColumn(kit.NewParagraph(row.Text).Bold(), newFlow(kit.NewParagraph(row.Room).Colored(kit.ColorNeutral).Sized(theme.SizeNameCaptionText), state))
	button := b.c.button(prefix+".na", b.c.text("field.answer.na"), nil, kit.Plain, func() { b.c.m.Answer(row.ID, domain.AnswerNotApplicable) })
	if row.Answer != "" {
		button = b.c.button(prefix+".undo", b.c.text("field.answer.undo"), theme.ContentUndoIcon(), kit.Quiet, func() { b.c.m.Answer(row.ID, "") })
	}
	b.head.Objects = []fyne.CanvasObject{kit.NewRow(says, says, button)}
	b.head.Refresh()
}

// addReadings shows the points read so far, their verdict, and what the limit
// depends on.
func (b *questionBox) addReadings(prefix string, row screen.QuestionRow) {
	r := row.Reading
	if r == nil {
		return
	}
	pad := func(title, unit string) kit.NumberPadText { return kit.NumberPadText{Title: title, Unit: unit} }
	for _, in := range row.Inputs {
		line := newFlow(newCaption(in.Label))
		if in.Choices == nil {
			value := b.c.text("field.reading.not_given")
			if in.Value != "" {
				value = in.Value + " " + in.Unit
			}
			line.Add(b.c.button(prefix+".input."+in.Name, value, theme.DocumentCreateIcon(), kit.Plain, func() {
				b.c.app.number(pad(in.Label, in.Unit), in.Value, nil, func(v string) { b.c.m.Input(row.ID, in.Name, v) })
			}))
		}
		for _, o := range b.c.chips(prefix+".limit."+in.Name, in.Choices, func(key string) { b.c.m.Limit(row.ID, in.Name, key) }).Objects {
			line.Add(o)
		}
		b.extra.Add(line)
	}
	if len(r.Points) == 0 {
		return
	}
	points := newFlow(newCaption(b.c.text("field.reading.points", "have", decimal(len(r.Points)), "usual", decimal(r.Suggested))))
	for i, v := range r.Points {
		points.Add(b.c.button(prefix+".point."+decimal(i), decimal(i+1)+":  "+v, nil, kit.Plain, func() {
			b.c.app.number(pad(row.Text, r.Unit), v, nil, func(value string) { b.c.m.Correct(row.ID, i, value) })
		}))
	}
	b.extra.Add(points)
	if r.Verdict != "" {
		b.extra.Add(verdictLine(tone(r.Tone), r.Verdict))
	}
}

// addWords takes a choice, a text or a date.
func (b *questionBox) addWords(prefix string, row screen.QuestionRow) {
	switch row.Kind {
	case screen.AskChoice:
		b.extra.Add(b.c.chips(prefix+".option", row.Options, func(key string) { b.c.m.Pick(row.ID, key) }))
	case screen.AskText, screen.AskDate:
		if b.entry == nil {
			b.entry = widget.NewEntry()
			b.entry.SetText(row.Value)
			if row.Kind == screen.AskDate {
				b.entry.SetPlaceHolder(b.c.text("field.checklist.date_format"))
			} else {
				b.entry.SetPlaceHolder(b.c.text("field.checklist.text_here"))
			}
			b.entry.OnSubmitted = func(text string) { b.c.m.Say(row.ID, text) }
		}
		if row.Value != b.shown.Value {
			b.entry.SetText(row.Value)
		}
		if len(row.Options) > 0 {
			b.extra.Add(b.c.chips(prefix+".option", row.Options, func(date string) {
				b.entry.SetText(date)
				b.c.m.Say(row.ID, date)
			}))
		}
		b.c.anchors.set(prefix+".text", b.entry)
		keep := b.c.button(prefix+".keep", b.c.text("field.checklist.keep"), theme.ConfirmIcon(), kit.Plain, func() { b.c.m.Say(row.ID, b.entry.Text) })
		b.extra.Add(kit.NewRow(b.entry, b.entry, keep))
	}
}

// shownWidth and shownHeight are the size of a show-flat picture in the list, in
// dp; a tap opens it large.
const shownWidth, shownHeight = 260, 180

// addShown shows how the item looks in the show flat.
func (b *questionBox) addShown(prefix string, row screen.QuestionRow) {
	if row.Shown == nil {
		return
	}
	words := kit.NewColumn(kit.NewParagraph(b.c.text("field.checklist.in_show_flat")).Bold())
	if row.Shown.Text != "" {
		words.Add(kit.NewParagraph(row.Shown.Text))
	}
	missing := b.c.text("field.photo.not_here")
	if !row.Shown.Here {
		words.Add(kit.NewStatusBadge(kit.StatusWarn, missing))
		b.extra.Add(words)
		return
	}
	picture := container.NewGridWrap(fyne.NewSize(shownWidth, shownHeight), b.c.photoBox(row.Shown.Picture, shownHeight, missing))
	words.Add(container.NewHBox(b.c.button(prefix+".enlarge", b.c.text("field.photo.enlarge"), theme.ZoomInIcon(), kit.Plain, func() {
		b.c.app.enlarge(row.Text, row.Shown.Picture)
	})))
	b.extra.Add(kit.NewRow(words, picture, words))
}

// addEvidence links the defect of a failure and asks for the usual photo.
func (b *questionBox) addEvidence(prefix string, row screen.QuestionRow) {
	if d := row.Defect; d != nil {
		b.extra.Add(b.c.row(prefix+".defect", d.Title, "", d.Tone, d.State, func() { b.c.m.OpenDefect(d.ID) }))
	}
	buttons := newFlow()
	if row.MayRecord {
		buttons.Add(b.c.button(prefix+".record", b.c.text("field.checklist.record_defect"), theme.ContentAddIcon(), kit.Danger, func() { b.c.m.RecordDefect(row.ID) }))
	}
	if row.PhotoWanted && row.Answer != "" && row.Answer != domain.AnswerNotApplicable {
		caption, icon := b.c.text("field.checklist.photo_wanted"), kit.StatusWarn.Glyph()
		if row.Photos > 0 {
			caption, icon = b.c.text("field.checklist.photos", "count", decimal(row.Photos)), theme.ContentAddIcon()
		}
		buttons.Add(b.c.button(prefix+".photo", caption, icon, kit.Plain, func() {
			b.c.app.pickPhoto(func(path string) { b.c.m.AddPhoto(row.ID, path) })
		}))
	}
	if len(buttons.Objects) > 0 {
		b.extra.Add(buttons)
	}
}

// newCaption is a word before buttons, as high as they are.
func newCaption(text string) fyne.CanvasObject {
	label := widget.NewLabel(text)
	return container.New(layout.NewCustomPaddedLayout(0, 0, 0, 4), label)
}

// verdictLine is a verdict that may be longer than a badge can show.
func verdictLine(status kit.Status, text string) fyne.CanvasObject {
	words := kit.NewParagraph(text).Colored(status.Color()).Bold()
	return kit.NewRow(words, widget.NewIcon(status.Glyph()), words)
}
