package field

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// HomeState is the inspector's day.
type HomeState struct {
	Person, Project, Date string
	// Restored says what survived a crash; empty after an orderly end.
	Restored string
	Drafts   []DraftLine
	Groups   []TaskGroup
	Query    string
	Found    []UnitLine
	// Conflicts says how many choices wait, empty if none do.
	Conflicts string
	Sync      SyncBadge
	Link      LinkLine
	// Empty is shown instead of groups when there is nothing to do.
	Empty string
}

// DraftLine is a defect form that was left half-filled.
type DraftLine struct{ Key, Title, Detail string }

// TaskGroup is the tasks of one kind.
type TaskGroup struct {
	ID, Title string
	Tasks     []TaskLine
	// More counts the tasks that are not in Tasks.
	More int
}

// TaskLine is one task.
type TaskLine struct {
	ID, Title, Detail string
	Tone              Tone
	State             string
}

// UnitLine is one unit found.
type UnitLine struct {
	ID, Title, Detail string
	Tone              Tone
	State             string
}

// SyncBadge is how much the server has confirmed: "152/152".
type SyncBadge struct {
	Text string
	Tone Tone
	// Refused: nothing more will be confirmed until the device is enrolled again.
	Refused bool
}

const (
	tasksShown = 4
	unitsFound = 8
)

// Home is the inspector's day.
type Home struct {
	*screen[HomeState]
	query string
	open  map[string]bool
}

// Home opens the screen.
func (s *Session) Home() *Home {
	m := &Home{open: map[string]bool{}}
	m.screen = newScreen(s, m.state)
	return m
}

func (m *Home) state(ctx context.Context) (HomeState, error) {
	st := HomeState{Query: m.query, Link: m.linkLine()}
	who, err := m.device.Settings.Identity(ctx)
	if err != nil {
		return st, err
	}
	st.Person = who.PersonName
	if st.Sync, err = m.syncBadge(ctx); err != nil {
		return st, err
	}
	if st.Conflicts, err = m.conflictCount(ctx); err != nil {
		return st, err
	}
	err = m.device.Records.View(ctx, func(snap Snapshot) error {
		projects, err := list[domain.Project](ctx, snap, domain.EntityProject, Filter{})
		if err != nil {
			return err
		}
		var names []string
		for _, p := range projects {
			m.useZone(p.Record)
			names = append(names, p.Record.Name)
		}
		st.Project = strings.Join(names, " · ")
		r := m.read()
		if st.Found, err = find(ctx, snap, r, m.query); err != nil {
			return err
		}
		st.Date = string(m.today())
		units := &unitsAsked{snap: snap, known: map[domain.UnitID]askedUnit{}}
		if st.Groups, err = m.groups(ctx, snap, r, units, who.PersonName); err != nil {
			return err
		}
		return m.left(ctx, r, units, &st)
	})
	if len(st.Groups) == 0 {
		st.Empty = m.Text("field.home.no_tasks")
	}
	return st, err
}

func (s *Session) today() domain.Date {
	return domain.DateOf(s.device.Records.Now().Time(), s.read().Zone)
}

// left lists what waits to be finished and says what a crash has not taken.
func (m *Home) left(ctx context.Context, r wording.Reader, units *unitsAsked, st *HomeState) error {
	drafts, err := m.device.Drafts.List(ctx)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		u, err := units.ask(ctx, d.Unit)
		if err != nil {
			return err
		}
		place := u.name
		if d.Room != "" {
			place += " · " + m.anyRoom(r, d.Room)
		}
		st.Drafts = append(st.Drafts, DraftLine{
			Key: d.Draft, Title: defectName(r, m.device.Catalogue, d.LibraryCode, d.Description),
			Detail: r.Text("field.draft.detail", "place", place, "photos", strconv.Itoa(len(d.Photos))),
		})
	}
	if !m.restored {
		return nil
	}
	sent, err := m.device.Outbox.Sent(ctx)
	if err != nil {
		return err
	}
	waiting := 0
	records := map[domain.Entity]map[domain.AnyID]bool{}
	for _, op := range sent {
		if op.State == OpWaiting {
			waiting++
		}
		if records[op.Op.Entity] == nil {
			records[op.Op.Entity] = map[domain.AnyID]bool{}
		}
		records[op.Op.Entity][op.Op.ID] = true
	}
	st.Restored = r.Text("field.home.restored",
		"answers", strconv.Itoa(len(records[domain.EntityResult])), "defects", strconv.Itoa(len(records[domain.EntityDefect])),
		"drafts", strconv.Itoa(len(drafts)), "waiting", strconv.Itoa(waiting))
	return nil
}

// anyRoom names a room whose unit's plan is not read.
func (s *Session) anyRoom(r wording.Reader, code string) string {
	letters := strings.TrimRight(code, "0123456789")
	name := s.device.Catalogue.RoomTypeName(domain.RoomType(letters), r.Locale)
	if name == "" {
		return code
	}
	return strings.TrimSpace(name + " " + strings.TrimPrefix(code, letters))
}

// find searches units by any part of their name: "1-101", "1# 101".
func find(ctx context.Context, snap Snapshot, r wording.Reader, query string) ([]UnitLine, error) {
	words := strings.Fields(strings.ToLower(strings.NewReplacer("-", " ", "/", " ").Replace(query)))
	if len(words) == 0 {
		return nil, nil
	}
	units, err := list[domain.Unit](ctx, snap, domain.EntityUnit, Filter{})
	var found []UnitLine
	for _, u := range units {
		name := strings.ToLower(unitName(u.Record))
		if slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(name, w) }) {
			continue
		}
		line := UnitLine{ID: u.ID.String(), Title: unitName(u.Record), Detail: u.Record.Layout}
		line.Tone, line.State = unitState(r, u.Record.State)
		found = append(found, line)
	}
	slices.SortStableFunc(found, func(a, b UnitLine) int {
		return cmp.Or(cmp.Compare(len(a.Title), len(b.Title)), cmp.Compare(a.Title, b.Title))
	})
	return found[:min(len(found), unitsFound)], err
}

func (s *Session) syncBadge(ctx context.Context) (SyncBadge, error) {
	p, err := s.device.Outbox.Progress(ctx)
	if err != nil {
		return SyncBadge{}, err
	}
	confirmed, all := p.RecordsConfirmed+p.PhotosConfirmed, p.Records+p.Photos
	b := SyncBadge{Text: strconv.Itoa(confirmed) + "/" + strconv.Itoa(all), Tone: ToneOK, Refused: s.device.Line.Status().shutOut()}
	switch {
	case b.Refused:
		b.Tone = ToneBad
	case p.Attention > 0:
		b.Tone = ToneWarn
	case confirmed < all:
		b.Tone = TonePending
	}
	return b, nil
}

// Search finds units by a part of their name.
func (m *Home) Search(query string) {
	m.do(func(context.Context) error { m.query = query; return nil })
}

// ShowAll shows every task of a group.
func (m *Home) ShowAll(group string) {
	m.do(func(context.Context) error { m.open[group] = true; return nil })
}

// OpenTask begins or continues a task.
func (m *Home) OpenTask(id string) {
	m.do(func(ctx context.Context) error {
		task, err := domain.ParseID[domain.Task](id)
		if err != nil {
			return err
		}
		var t domain.Task
		err = m.device.Records.View(ctx, func(snap Snapshot) error {
			t, err = need(ctx, snap, domain.EntityTask, task)
			return err
		})
		if err != nil {
			return err
		}
		if t.Stage == domain.StageReinspect {
			m.goTo(Route{Place: PlaceReinspect, Task: task})
		} else {
			m.goTo(Route{Place: PlaceUnit, Unit: t.UnitID, Task: task})
		}
		return nil
	})
}

// OpenUnit opens a unit that was found.
func (m *Home) OpenUnit(id string) {
	m.do(func(context.Context) error {
		unit, err := domain.ParseID[domain.Unit](id)
		if err == nil {
			m.goTo(Route{Place: PlaceUnit, Unit: unit})
		}
		return err
	})
}

// ContinueDraft opens a form that was left.
func (m *Home) ContinueDraft(key string) {
	m.do(func(ctx context.Context) error {
		form, ok, err := m.device.Drafts.Get(ctx, key)
		if err == nil && ok {
			m.goTo(Route{Place: PlaceForm, Unit: form.Unit, Draft: key})
		}
		return err
	})
}

// DiscardDraft throws a form away.
func (m *Home) DiscardDraft(key string) {
	m.do(func(ctx context.Context) error {
		form, ok, err := m.device.Drafts.Get(ctx, key)
		if err != nil || !ok {
			return err
		}
		return m.device.Drafts.Drop(ctx, form)
	})
}

// Understood takes the restored banner off.
func (m *Home) Understood() {
	m.do(func(context.Context) error { m.restored = false; return nil })
}
