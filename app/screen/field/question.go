package field

import (
	"context"
	"slices"
	"strings"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
)

// question is one question about to be answered.
type question struct {
	catalog.Question
	flat       flat
	inspection domain.InspectionID
	session    *Session
	given      domain.Result
	shown      domain.BaselineItem
	inputs     inputs
}

func (q *question) result() domain.ResultID {
	return q.session.device.Inspect.ResultOf(q.inspection, q.Item.Code, q.Room.Code)
}

// rowID names a question on the screen: "HO-010.ENT1".
func rowID(q catalog.Question) string { return q.Item.Code + "." + q.Room.Code }

// change reads a question, lets act work on it, and shows the outcome. A
// completed inspection is not changed any more.
func (m *Checklist) change(id string, act func(context.Context, *question) error) {
	m.do(func(ctx context.Context) error {
		var found *question
		err := m.device.Records.View(ctx, func(snap Snapshot) error {
			f, err := m.flat(ctx, snap, m.unit)
			if err != nil {
				return err
			}
			a, err := m.asked(ctx, snap, f, m.task)
			if err != nil || a.state == domain.InspectionCompleted {
				return err
			}
			i := slices.IndexFunc(a.questions, func(q catalog.Question) bool { return rowID(q) == id })
			if i < 0 {
				return nil
			}
			q := a.questions[i]
			found = &question{Question: q, flat: f, inspection: a.inspection, session: m.Session}
			found.given, _ = a.result(q)
			found.shown, _ = a.shown(q)
			return nil
		})
		if err != nil || found == nil {
			return err
		}
		if found.inputs, err = m.inputs(ctx, found.inspection, id); err != nil {
			return err
		}
		return act(ctx, found)
	})
}

// store makes an answer durable. A failure that means a defect opens its form,
// unless the defect is recorded already.
func (m *Checklist) store(ctx context.Context, q *question, opensForm bool) error {
	if !m.started {
		if _, err := m.device.Inspect.Start(ctx, q.flat.Project, m.task); err != nil {
			return err
		}
		m.started = true
	}
	id, err := m.device.Inspect.Answer(ctx, Answered{
		Project: q.flat.Project, Inspection: q.inspection, Unit: m.unit, Item: q.Item.Code, Room: q.Room.Code,
		Answer: q.given.Answer, Readings: q.given.Readings, Verdict: q.given.Verdict, Note: q.given.Note,
	})
	if err != nil || !opensForm || len(q.flat.Catalogue.DefectsFor(q.Item.Code)) == 0 {
		return err
	}
	recorded, err := m.hasDefect(ctx, id)
	if err != nil || recorded {
		return err
	}
	return m.newForm(ctx, m.unit, m.task, &seed{question: q.Question, result: id, inspection: q.inspection, readings: q.given.Readings})
}

// hasDefect tells whether a result has its defect, recorded or half-filled.
func (m *Checklist) hasDefect(ctx context.Context, id domain.ResultID) (has bool, err error) {
	drafts, err := m.device.Drafts.List(ctx)
	if err != nil {
		return false, err
	}
	for _, d := range drafts {
		if d.Result == id {
			m.goTo(Route{Place: PlaceForm, Unit: d.Unit, Draft: d.Draft})
			return true, nil
		}
	}
	err = m.device.Records.View(ctx, func(snap Snapshot) error {
		defects, err := list[domain.Defect](ctx, snap, domain.EntityDefect, Filter{Parent: m.unit.Any()})
		has = slices.ContainsFunc(defects, func(d listed[domain.Defect]) bool { return d.Record.ResultID == id })
		return err
	})
	return has, err
}

// QuestionKind is how a question is answered.
type QuestionKind string

// Kinds of question.
const (
	AskMark    QuestionKind = "mark"    // pass, fail, not applicable
	AskReading QuestionKind = "reading" // a number or several, judged at once
	AskChoice  QuestionKind = "choice"  // one of several options
	AskText    QuestionKind = "text"
	AskDate    QuestionKind = "date"
)

func kindOf(item catalog.Item) QuestionKind {
	switch {
	case len(item.Options) > 0:
		return AskChoice
	case item.Kind == catalog.KindPassFail:
		return AskMark
	case item.Rule.Measured():
		return AskReading
	case strings.HasPrefix(item.Rule.String(), "date"):
		return AskDate
	default:
		return AskText
	}
}

// usualDays are the promises that people make most, so that a date needs no
// typing; the longest is the usual limit of a promised completion.
var usualDays = []int{7, 15, 30}

// QuestionRow is one question as the checklist shows it.
type QuestionRow struct {
	ID, Text, Room string
	Kind           QuestionKind
	// Answer is empty while the item is not inspected.
	Answer  domain.Answer
	Reading *ReadingLine
	Options []Chip
	// Value is the text or date given.
	Value string
	// Inputs are the values that the limit depends on.
	Inputs []InputLine
	Shown  *ShownCard
	// Defect is the one recorded for a failure.
	Defect *DefectLine
	// MayRecord: a failure whose defect is not recorded yet.
	MayRecord bool
	// Photos counts the pictures of the answer; PhotoWanted asks for one.
	Photos      int
	PhotoWanted bool
}

// ShownCard is how the item looks in the show flat.
type ShownCard struct {
	Text    string
	Picture Picture
	Here    bool
}

func (m *Checklist) row(ctx context.Context, snap Snapshot, f flat, a asked, q catalog.Question) (QuestionRow, error) {
	r := m.read()
	given, answered := a.result(q)
	row := QuestionRow{ID: rowID(q), Text: q.Item.Name(r.Locale), Room: roomName(r, f.Rooms, q.Room.Code), Kind: kindOf(q.Item), Answer: given.Answer, Value: given.Note}
	shown, isShown := a.shown(q)
	if isShown {
		row.Shown = m.shownCard(q, shown)
	}
	switch row.Kind {
	case AskReading:
		in, err := m.inputs(ctx, a.inspection, row.ID)
		if err != nil {
			return row, err
		}
		j := judgement{Question: q, flat: f, shown: shown, inputs: in}
		row.Reading = j.line(r, given)
		row.Inputs = j.lines(r)
	case AskChoice:
		for _, o := range q.Item.Options {
			row.Options = append(row.Options, Chip{ID: o.Key, Text: o.Name(r.Locale), Chosen: answered && given.Note == o.Key})
		}
	}
	if row.Kind == AskDate {
		for _, days := range usualDays {
			date := string(m.today().AddDays(days))
			row.Options = append(row.Options, Chip{ID: date, Text: r.Text("field.checklist.in_days", "days", decimal(days), "date", date), Chosen: answered && given.Note == date})
		}
	}
	if q.Item.PhotoAlways {
		n, err := photosOf(ctx, snap, m.device.Inspect.ResultOf(a.inspection, q.Item.Code, q.Room.Code).Any())
		if err != nil {
			return row, err
		}
		row.Photos, row.PhotoWanted = n, true
	}
	if given.Answer == domain.AnswerFail {
		if err := m.linkDefect(ctx, snap, f, a, q, &row); err != nil {
			return row, err
		}
	}
	return row, nil
}

func (m *Checklist) shownCard(q catalog.Question, b domain.BaselineItem) *ShownCard {
	card := &ShownCard{Text: b.Note, Picture: Picture{Blob: b.Photo, Upright: true}}
	if len(b.Readings) > 0 {
		values := make([]string, len(b.Readings))
		for i, v := range b.Readings {
			values[i] = thousandths(v)
		}
		reading := m.Text("field.checklist.shown_reading", "readings", strings.Join(values, ", "), "unit", measure(m.read(), q.Item.Unit))
		card.Text = strings.TrimSpace(card.Text + "\n" + reading)
	}
	card.Here = !b.Photo.IsZero() && m.device.Pictures.Has(card.Picture)
	return card
}

func (m *Checklist) linkDefect(ctx context.Context, snap Snapshot, f flat, a asked, q catalog.Question, row *QuestionRow) error {
	r := m.read()
	id := m.device.Inspect.ResultOf(a.inspection, q.Item.Code, q.Room.Code)
	defects, err := list[domain.Defect](ctx, snap, domain.EntityDefect, Filter{Parent: m.unit.Any()})
	if err != nil {
		return err
	}
	tickets, err := ticketsByDefect(ctx, snap, m.unit)
	if err != nil {
		return err
	}
	for _, d := range defects {
		if d.Record.ResultID == id {
			row.Defect = &DefectLine{ID: d.ID.String(), Title: defectName(r, f.Catalogue, d.Record.LibraryCode, d.Record.Description)}
			row.Defect.Tone, row.Defect.State = defectState(r, d, tickets)
			return nil
		}
	}
	row.MayRecord = len(f.Catalogue.DefectsFor(q.Item.Code)) > 0
	return nil
}

// OpenDefect shows the defect of a failed question.
func (m *Checklist) OpenDefect(id string) {
	m.do(func(context.Context) error {
		defect, err := domain.ParseID[domain.Defect](id)
		if err == nil {
			m.goTo(Route{Place: PlaceDefect, Defect: defect})
		}
		return err
	})
}
