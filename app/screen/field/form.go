package field

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// FormState is a defect while it is filled in.
type FormState struct {
	Unit string
	// From says which failed question the form came from.
	From     string
	Rooms    []Chip
	Severity []Chip
	// Kind is the chosen defect of the library, empty for none.
	Kind        string
	Query       string
	Picks       []PickLine
	Recent      []PickLine
	Description string
	Phrases     []string
	Readings    string
	HasPlan     bool
	// Pin says where the pin stands, empty without one.
	Pin    string
	Photos []PhotoLine
	// PhotosMissing warns; it never blocks.
	PhotosMissing string
	Duplicate     *DuplicateHint
	// Saving is possible once Missing is empty.
	Missing string
}

// PickLine is a defect of the library to pick.
type PickLine struct {
	Code, Name, Detail string
	Chosen             bool
}

// PhotoLine is one photo of a record.
type PhotoLine struct {
	ID      string
	Picture Picture
	State   PhotoState
}

// PhotoState says where the bytes of a photo are.
type PhotoState int

// The states of a photo.
const (
	PhotoWaiting PhotoState = iota
	PhotoConfirmed
	PhotoMissing
)

// DuplicateHint names an open defect of the same spot.
type DuplicateHint struct {
	ID, Text string
	Linked   bool
}

const picksShown = 8

// seed is the failed question that a form begins with.
type seed struct {
	question   catalog.Question
	result     domain.ResultID
	inspection domain.InspectionID
	readings   []int64
}

// newForm begins a form, prefilled from a failed question where there is one,
// and opens it.
func (s *Session) newForm(ctx context.Context, unit domain.UnitID, task domain.TaskID, from *seed) error {
	form, err := s.blankForm(ctx, unit, task)
	if err != nil {
		return err
	}
	if from != nil {
		form.Room, form.Result, form.Inspection, form.Readings = from.question.Room.Code, from.result, from.inspection, from.readings
		if likely := s.device.Catalogue.DefectsIn(from.question.Item.Code, from.question.Room.Type); len(likely) > 0 {
			choose(&form, likely[0])
		}
		form.Severity = cmp.Or(from.question.Item.FailSeverity, form.Severity)
	}
	return s.openForm(ctx, form)
}

func (s *Session) openForm(ctx context.Context, form Form) error {
	if err := s.device.Drafts.Save(ctx, form); err != nil {
		return err
	}
	s.goTo(Route{Place: PlaceForm, Unit: form.Unit, Draft: form.Draft})
	return nil
}

// blankForm is a form of a unit for the stage of a task.
func (s *Session) blankForm(ctx context.Context, unit domain.UnitID, task domain.TaskID) (form Form, err error) {
	err = s.device.Records.View(ctx, func(snap Snapshot) error {
		f, err := s.flat(ctx, snap, unit)
		if err != nil {
			return err
		}
		t, _, err := get(ctx, snap, domain.EntityTask, task)
		if err != nil {
			return err
		}
		// A defect outside any task is found while the flat is handed over.
		form, err = s.device.Drafts.New(f.Project, unit, cmp.Or(t.Stage, domain.StageHandover))
		return err
	})
	form.Severity = domain.Minor
	return form, err
}

func choose(form *Form, d catalog.LibraryDefect) {
	form.LibraryCode, form.Element, form.Trade, form.Type, form.Severity = d.Code, d.Element, d.Trade, d.Type, d.Severity
}

// FormScreen fills in a defect. Every change is stored before it is shown.
type FormScreen struct {
	*screen[FormState]
	draft string
	query string
}

// Form opens the form of a draft.
func (s *Session) Form(draft string) *FormScreen {
	m := &FormScreen{draft: draft}
	m.screen = newScreen(s, m.state)
	return m
}

func (m *FormScreen) state(ctx context.Context) (st FormState, err error) {
	form, ok, err := m.device.Drafts.Get(ctx, m.draft)
	if err != nil || !ok {
		return st, cmp.Or(err, ErrGone)
	}
	same, err := m.device.Defects.Similar(ctx, form)
	if err != nil {
		return st, err
	}
	err = m.device.Records.View(ctx, func(snap Snapshot) error {
		f, err := m.flat(ctx, snap, form.Unit)
		if err != nil {
			return err
		}
		r := m.read()
		st = FormState{Unit: unitName(f.Unit), Query: m.query, Description: form.Description, HasPlan: f.HasPlan}
		if form.LibraryCode != "" {
			st.Kind = defectName(r, f.Catalogue, form.LibraryCode, "")
		}
		m.chips(&st, r, f, form)
		item, err := m.from(ctx, snap, r, f, form, &st)
		if err != nil {
			return err
		}
		if err := m.picks(ctx, snap, &st, r, f, form, item); err != nil {
			return err
		}
		m.evidence(&st, r, f, form)
		st.Duplicate, err = duplicate(ctx, snap, r, same, form)
		return err
	})
	st.Missing = m.missing(form)
	return st, err
}

// missing is what a defect cannot do without: a room and what it is.
func (m *FormScreen) missing(form Form) string {
	switch {
	case form.LibraryCode == "" && strings.TrimSpace(form.Description) == "":
		return m.Text("field.form.missing_kind")
	case form.Room == "":
		return m.Text("field.form.missing_room")
	default:
		return ""
	}
}

func (m *FormScreen) chips(st *FormState, r wording.Reader, f flat, form Form) {
	rooms := f.Rooms
	if _, ok := f.room(form.Room); !ok && form.Room != "" {
		rooms = append(slices.Clone(rooms), domain.Room{Code: form.Room, NameZH: roomName(r, nil, form.Room)})
	}
	for _, room := range rooms {
		st.Rooms = append(st.Rooms, Chip{ID: room.Code, Text: room.Name(r.Chinese()), Chosen: room.Code == form.Room})
	}
	for _, s := range []domain.Severity{domain.Cosmetic, domain.Minor, domain.Major, domain.Critical} {
		st.Severity = append(st.Severity, Chip{ID: s.String(), Text: severityName(r, s), Chosen: s == form.Severity, Tone: severityTone(s)})
	}
}

// from names the failed question and its readings.
func (m *FormScreen) from(ctx context.Context, snap Snapshot, r wording.Reader, f flat, form Form, st *FormState) (item string, err error) {
	result, ok, err := get(ctx, snap, domain.EntityResult, form.Result)
	if err != nil || !ok {
		return "", err
	}
	if known, ok := f.Catalogue.Item(result.Item); ok {
		st.From = r.Text("field.form.from", "item", known.Name(r.Locale))
		if result.Verdict.Key != "" {
			st.Readings = r.Reason(result.Verdict)
		}
	}
	return result.Item, nil
}

// picks offers what fits: the query's hits, else what the failed question may
// mean, else what is usual in the room.
func (m *FormScreen) picks(ctx context.Context, snap Snapshot, st *FormState, r wording.Reader, f flat, form Form, item string) error {
	room, _ := f.room(form.Room)
	known := f.Catalogue.DefectsIn(item, room.Type)
	if m.query != "" || len(known) == 0 {
		known = f.Catalogue.Search(m.query, room.Type, picksShown)
	}
	line := func(d catalog.LibraryDefect) PickLine {
		return PickLine{Code: d.Code, Name: d.Name(r.Locale), Detail: f.Catalogue.TradeName(d.Trade, r.Locale) + " · " + severityName(r, d.Severity), Chosen: d.Code == form.LibraryCode}
	}
	for _, d := range known[:min(len(known), picksShown)] {
		st.Picks = append(st.Picks, line(d))
	}
	recent, err := m.recents(ctx, snap)
	if err != nil {
		return err
	}
	st.Phrases = recent.phrases
	for _, code := range recent.codes {
		if d, ok := f.Catalogue.Defect(code); ok && m.query == "" {
			st.Recent = append(st.Recent, line(d))
		}
	}
	return nil
}

// evidence shows pin and photos, and what is missing of them.
func (m *FormScreen) evidence(st *FormState, r wording.Reader, f flat, form Form) {
	if form.Pin != nil {
		where := roomName(r, f.Rooms, form.Room)
		st.Pin = r.Text("field.form.pinned", "room", where)
	}
	for _, p := range form.Photos {
		st.Photos = append(st.Photos, PhotoLine{ID: p.ID.String(), Picture: Picture{Original: p.Photo}})
	}
	if want := form.Severity.PhotosWanted(); len(form.Photos) < want {
		st.PhotosMissing = r.Text("field.form.photos_missing", "have", decimal(len(form.Photos)), "want", decimal(want))
	}
}

// duplicate tells of the oldest open defect of the same spot.
func duplicate(ctx context.Context, snap Snapshot, r wording.Reader, same []domain.DefectID, form Form) (*DuplicateHint, error) {
	for _, id := range same {
		d, ok, err := get(ctx, snap, domain.EntityDefect, id)
		if err != nil {
			return nil, err
		}
		tickets, err := ticketsByDefect(ctx, snap, form.Unit)
		if err != nil {
			return nil, err
		}
		if t, raised := tickets[id]; !ok || raised && settled(t.Record.Status) {
			continue
		}
		since, _, _ := strings.Cut(r.Time(d.CapturedAt), " ")
		return &DuplicateHint{ID: id.String(), Text: r.Text("field.form.duplicate", "since", since, "description", d.Description), Linked: form.DuplicateOf == id}, nil
	}
	return nil, nil
}
