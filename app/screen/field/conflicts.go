package field

import (
	"context"
	"errors"
	"slices"
	"strings"

	"keyturn/app/conflict"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// Contests reads and decides where people have written different things about
// the same record.
type Contests interface {
	// Waiting lists the records with fields that wait for a person.
	Waiting(ctx context.Context) ([]conflict.Record, error)
	// All lists those and the records with values that lost.
	All(ctx context.Context) ([]conflict.Record, error)
	// Of is one record with its contests; ok is false when the device has none.
	Of(ctx context.Context, e domain.Entity, id domain.AnyID) (r conflict.Record, ok bool, err error)
	// Decide writes a choice. It is a conflict.ErrChanged when the values have
	// changed since the person saw them.
	Decide(ctx context.Context, d conflict.Decision) error
}

// ConflictsState is what waits for a choice, and what was replaced.
type ConflictsState struct {
	Open            []conflict.Question
	Lost            []conflict.Lost
	OpenTitle       string
	LostTitle, More string
	// Empty is shown instead of Open when nothing waits.
	Empty string
}

// lostShown bounds the replaced values of the list; each record shows its own.
const lostShown = 30

// Conflicts is the list of what waits for a choice.
type Conflicts struct {
	*screen[ConflictsState]
	choices choices
	// first is the record whose questions stand at the top, if any.
	first domain.AnyID
}

// Conflicts opens the screen with the questions of a record at the top; the zero
// id has no say.
func (s *Session) Conflicts(first domain.AnyID) *Conflicts {
	m := &Conflicts{first: first}
	m.screen = newScreen(s, m.state)
	return m
}

// choices are the questions and values on the screen, which a tap refers to.
type choices struct {
	questions []conflict.Question
	lost      []conflict.Lost
}

func (c choices) question(key string) (conflict.Question, bool) {
	i := slices.IndexFunc(c.questions, func(q conflict.Question) bool { return q.Key == key })
	if i < 0 {
		return conflict.Question{}, false
	}
	return c.questions[i], true
}

func (m *Conflicts) state(ctx context.Context) (st ConflictsState, err error) {
	records, err := m.device.Contests.All(ctx)
	if err != nil {
		return st, err
	}
	err = m.device.Records.View(ctx, func(snap Snapshot) error {
		w, err := m.conflictWords(ctx, snap)
		if err != nil {
			return err
		}
		if st.Open, err = w.Questions(ctx, snap, records); err != nil {
			return err
		}
		st.Lost, err = w.Lost(ctx, snap, records)
		return err
	})
	if err != nil {
		return st, err
	}
	slices.SortStableFunc(st.Open, func(a, b conflict.Question) int { return m.rank(a) - m.rank(b) })
	r := m.read()
	st.OpenTitle = r.Text("conflict.open_title", "count", decimal(len(st.Open)))
	st.LostTitle = r.Text("conflict.lost_title", "count", decimal(len(st.Lost)))
	if len(st.Lost) > lostShown {
		st.More = r.Text("conflict.more", "count", decimal(len(st.Lost)-lostShown))
		st.Lost = st.Lost[:lostShown]
	}
	if len(st.Open) == 0 {
		st.Empty = r.Text("conflict.none")
	}
	m.choices = choices{st.Open, st.Lost}
	return st, nil
}

func (m *Conflicts) rank(q conflict.Question) int {
	if q.ID == m.first {
		return 0
	}
	return 1
}

// Take chooses one side of a question.
func (m *Conflicts) Take(key string, side int) {
	m.do(func(ctx context.Context) error {
		q, known := m.choices.question(key)
		d, ok := q.Take(side)
		if !known || !ok {
			return conflict.ErrChanged
		}
		return m.device.Contests.Decide(ctx, d)
	})
}

// TakeBoth chooses all sides of a question together.
func (m *Conflicts) TakeBoth(key string) {
	m.do(func(ctx context.Context) error {
		q, known := m.choices.question(key)
		d, ok := q.TakeBoth()
		if !known || !ok {
			return conflict.ErrChanged
		}
		return m.device.Contests.Decide(ctx, d)
	})
}

// TakeAgain puts a replaced value back into force.
func (m *Conflicts) TakeAgain(key string) { m.do(m.again(&m.choices, key)) }

// again is what a tap on a replaced value means.
func (s *Session) again(c *choices, key string) func(context.Context) error {
	return func(ctx context.Context) error {
		i := slices.IndexFunc(c.lost, func(l conflict.Lost) bool { return l.Key == key })
		if i < 0 {
			return conflict.ErrChanged
		}
		return s.device.Contests.Decide(ctx, c.lost[i].TakeAgain())
	}
}

// OpenDefect shows the defect that a question is about.
func (m *Conflicts) OpenDefect(key string) {
	m.do(func(context.Context) error {
		if q, ok := m.choices.question(key); ok && q.Entity == domain.EntityDefect {
			m.goTo(Route{Place: PlaceDefect, Defect: domain.DefectID(q.ID)})
		}
		return nil
	})
}

// conflictCount says how many choices wait, empty if none do.
func (s *Session) conflictCount(ctx context.Context) (string, error) {
	waiting, err := s.device.Contests.Waiting(ctx)
	if n := conflict.Count(waiting); n > 0 {
		return s.Text("conflict.home", "count", decimal(n)), err
	}
	return "", err
}

// contested says of one record what several people wrote differently, and lists
// what was replaced.
func (s *Session) contested(ctx context.Context, snap Snapshot, e domain.Entity, id domain.AnyID) (notice string, lost []conflict.Lost, err error) {
	record, ok, err := s.device.Contests.Of(ctx, e, id)
	if err != nil || !ok || len(record.Contests) == 0 {
		return "", nil, err
	}
	w, err := s.conflictWords(ctx, snap)
	if err != nil {
		return "", nil, err
	}
	questions, err := w.Questions(ctx, snap, []conflict.Record{record})
	if err != nil {
		return "", nil, err
	}
	var names []string
	for _, q := range questions {
		names = append(names, q.What)
	}
	if len(names) > 0 {
		notice = w.Text("conflict.on_record", "what", strings.Join(names, w.Text("conflict.and")))
	}
	lost, err = w.Lost(ctx, snap, []conflict.Record{record})
	return notice, lost, err
}

// conflictWords are how contested values read on this tablet.
func (s *Session) conflictWords(ctx context.Context, snap Snapshot) (w conflict.Words, err error) {
	who, err := s.device.Settings.Identity(ctx)
	if err != nil {
		return w, err
	}
	names, err := peopleNames(ctx, snap)
	if err != nil {
		return w, err
	}
	names[who.Person] = who.PersonName
	projects, err := list[domain.Project](ctx, snap, domain.EntityProject, Filter{})
	if err != nil {
		return w, err
	}
	for _, p := range projects {
		s.useZone(p.Record)
	}
	r := s.read()
	flats := map[domain.UnitID]flat{}
	return conflict.Words{
		Reader: r, Catalogue: s.device.Catalogue, Me: who.Person,
		Person:   func(id domain.PersonID) string { return personName(r, names, id) },
		Severity: func(v domain.Severity) string { return severityName(r, v) },
		Answer:   func(a domain.Answer) string { return r.Text("field.answer." + string(a)) },
		Place: func(ctx context.Context, unit domain.UnitID, room string) (string, string, error) {
			f, known := flats[unit]
			if !known {
				read, err := s.flat(ctx, snap, unit)
				if err != nil && !errors.Is(err, ErrGone) {
					return "", "", err
				}
				f, flats[unit] = read, read
			}
			if room == "" {
				return unitName(f.Unit), "", nil
			}
			return unitName(f.Unit), roomName(r, f.Rooms, room), nil
		},
	}, nil
}

// peopleNames are the names of those who work in the projects.
func peopleNames(ctx context.Context, snap Snapshot) (map[domain.PersonID]string, error) {
	people, err := list[domain.Person](ctx, snap, domain.EntityPerson, Filter{})
	names := make(map[domain.PersonID]string, len(people)+1)
	for _, p := range people {
		names[p.Record.PersonID] = p.Record.Name
	}
	return names, err
}

func personName(r wording.Reader, names map[domain.PersonID]string, id domain.PersonID) string {
	if name := names[id]; name != "" {
		return name
	}
	return r.Text("conflict.somebody")
}
