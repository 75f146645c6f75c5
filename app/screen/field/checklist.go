package field

import (
	"context"
	"slices"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
)

// ChecklistState is the questions of one room of an inspection.
type ChecklistState struct {
	Title, Stage string
	// Compare: the flat is compared with the show flat, so "pass" means "same".
	Compare bool
	Rooms   []Chip
	// ShownOnly: only questions that the show flat has a picture or note of.
	ShownOnly bool
	// UnansweredOnly hides what is answered.
	UnansweredOnly bool
	Rows           []QuestionRow
	Answered       int
	Total          int
	Progress       string
	// Done: the inspection is complete and may only be read.
	Done  bool
	Empty string
	// Reveal is a question to bring into sight, once.
	Reveal string
}

// Checklist asks the questions of an inspection.
type Checklist struct {
	*screen[ChecklistState]
	unit       domain.UnitID
	task       domain.TaskID
	room       string
	reveal     string
	unanswered bool
	shownOnly  bool
	chosen     bool // the person or the task has said what to show
	started    bool
}

// Checklist opens the screen at a room, and there at a question; an empty room
// means the first with work.
func (s *Session) Checklist(unit domain.UnitID, task domain.TaskID, room, row string) *Checklist {
	m := &Checklist{unit: unit, task: task, room: room, reveal: row, chosen: room != ""}
	m.screen = newScreen(s, m.state)
	return m
}

func (m *Checklist) state(ctx context.Context) (st ChecklistState, err error) {
	err = m.device.Records.View(ctx, func(snap Snapshot) error {
		f, err := m.flat(ctx, snap, m.unit)
		if err != nil {
			return err
		}
		a, err := m.asked(ctx, snap, f, m.task)
		if err != nil {
			return err
		}
		r := m.read()
		st = ChecklistState{
			Title: unitName(f.Unit), Stage: stageName(r, a.task.Stage), Compare: a.task.Stage == domain.StageShowflatCompare,
			Total: len(a.questions), UnansweredOnly: m.unanswered, Done: a.state == domain.InspectionCompleted,
		}
		m.begin(a)
		st.ShownOnly = m.shownOnly
		m.rooms(f, a, &st)
		for _, q := range a.questions {
			if !m.shows(a, q) {
				continue
			}
			row, err := m.row(ctx, snap, f, a, q)
			if err != nil {
				return err
			}
			st.Rows = append(st.Rows, row)
		}
		st.Progress = r.Text("field.unit.progress", "answered", decimal(st.Answered), "total", decimal(st.Total))
		st.Reveal, m.reveal = m.reveal, ""
		if len(st.Rows) == 0 {
			st.Empty = r.Text("field.checklist.empty")
		}
		return nil
	})
	return st, err
}

// begin chooses what to show first: in a comparison what the show flat has, else
// the first room with an unanswered question.
func (m *Checklist) begin(a asked) {
	if m.chosen || len(a.questions) == 0 {
		return
	}
	m.chosen, m.room = true, a.questions[0].Room.Code
	if len(a.baseline.Items) > 0 {
		m.shownOnly, m.room = true, ""
		return
	}
	for _, q := range a.questions {
		if _, ok := a.result(q); !ok {
			m.room = q.Room.Code
			return
		}
	}
}

func (m *Checklist) shows(a asked, q catalog.Question) bool {
	if m.shownOnly {
		if _, ok := a.shown(q); !ok {
			return false
		}
	} else if q.Room.Code != m.room {
		return false
	}
	_, answered := a.result(q)
	return !m.unanswered || !answered
}

// rooms makes the chips, each with what is left to ask there.
func (m *Checklist) rooms(f flat, a asked, st *ChecklistState) {
	left := map[string]int{}
	var order []string
	for _, q := range a.questions {
		if _, ok := left[q.Room.Code]; !ok {
			order = append(order, q.Room.Code)
			left[q.Room.Code] = 0
		}
		if _, ok := a.result(q); ok {
			st.Answered++
		} else {
			left[q.Room.Code]++
		}
	}
	r := m.read()
	if len(a.baseline.Items) > 0 {
		st.Rooms = append(st.Rooms, Chip{ID: shownRoom, Text: r.Text("field.checklist.shown"), Chosen: m.shownOnly, Tone: ToneInfo})
	}
	for _, code := range order {
		chip := Chip{ID: code, Text: roomName(r, f.Rooms, code), Chosen: !m.shownOnly && code == m.room, Tone: ToneOK}
		if left[code] > 0 {
			chip.Tone = TonePending
			chip.Text += " " + decimal(left[code])
		}
		st.Rooms = append(st.Rooms, chip)
	}
}

// shownRoom is the chip of what the show flat has; room codes are upper case.
const shownRoom = "showflat"

// Choose shows another room.
func (m *Checklist) Choose(room string) {
	m.do(func(context.Context) error {
		m.chosen, m.shownOnly, m.room = true, room == shownRoom, room
		return nil
	})
}

// Unanswered shows only what is left to ask, or everything again.
func (m *Checklist) Unanswered(only bool) {
	m.do(func(context.Context) error { m.unanswered = only; return nil })
}

// Answer marks a question; the empty answer takes the mark back.
func (m *Checklist) Answer(id string, answer domain.Answer) {
	m.change(id, func(ctx context.Context, q *question) error {
		if kind := kindOf(q.Item); answer == "" || kind != AskMark && kind != AskReading {
			q.given = domain.Result{} // words said before do not go with another answer
		}
		q.given.Answer = answer
		return m.store(ctx, q, answer == domain.AnswerFail)
	})
}

// Say answers a question with words or a date.
func (m *Checklist) Say(id, text string) {
	m.change(id, func(ctx context.Context, q *question) error {
		if !q.Item.Rule.AcceptsText(text) && text != "" {
			return &wrongText{m.Text("field.checklist.bad_date")}
		}
		q.given.Note, q.given.Answer = text, domain.AnswerPass
		if text == "" {
			q.given.Answer = ""
		}
		return m.store(ctx, q, false)
	})
}

// Pick answers a question with one of its options.
func (m *Checklist) Pick(id, option string) {
	m.change(id, func(ctx context.Context, q *question) error {
		i := slices.IndexFunc(q.Item.Options, func(o catalog.Option) bool { return o.Key == option })
		if i < 0 {
			return nil
		}
		q.given.Note, q.given.Answer = option, q.Item.Options[i].Answer
		return m.store(ctx, q, false)
	})
}

// AddPhoto takes a picture in and ties it to the answer.
func (m *Checklist) AddPhoto(id, path string) {
	m.change(id, func(ctx context.Context, q *question) error {
		p, err := m.device.Photos.Capture(ctx, path)
		if err != nil {
			return err
		}
		return m.device.Photos.Attach(ctx, q.flat.Project, m.unit, q.result().Any(), domain.RoleEvidence, p)
	})
}

// RecordDefect opens the form of a question that failed.
func (m *Checklist) RecordDefect(id string) {
	m.change(id, func(ctx context.Context, q *question) error {
		return m.newForm(ctx, m.unit, m.task, &seed{question: q.Question, result: q.result(), inspection: q.inspection, readings: q.given.Readings})
	})
}

// wrongText is an answer that the question does not take, in words.
type wrongText struct{ text string }

func (w *wrongText) Error() string { return w.text }
