package walktest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"keyturn/app/conflict"
	"keyturn/app/localstore"
	"keyturn/app/screen/desk"
	deskcore "keyturn/app/screen/desk/oncore"
	"keyturn/app/screen/field"
	fieldcore "keyturn/app/screen/field/oncore"
	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/wording"
)

// conflicts waits until the device lists as many questions.
func (d *device) conflicts(want int) {
	d.t.Helper()
	d.until("conflicts", func(ctx context.Context, t *localstore.Tx) (bool, error) {
		records, err := t.Conflicts(ctx)
		return conflict.Count(records) == want, err
	})
}

// describes waits until the device shows a defect so.
func (d *device) describes(id domain.DefectID, holds func(domain.Defect) bool) {
	d.t.Helper()
	d.until("the defect", func(ctx context.Context, t *localstore.Tx) (bool, error) {
		defect, ok, err := localstore.Get(ctx, t, domain.EntityDefect, id)
		return ok && holds(defect), err
	})
}

// amend changes a defect on a device.
func (d *device) amend(w *world, id domain.DefectID, change func(*domain.Defect)) {
	d.t.Helper()
	w.clock.Advance(time.Minute)
	must(d.t, d.Field.AmendDefect(d.t.Context(), w.project, id, change))
}

// page is a screen and the newest State that it has shown.
type page[S any] struct {
	t      *testing.T
	states chan S
}

// show is called by the screen, on one goroutine.
func (p *page[S]) show(s S) {
	select {
	case <-p.states: // nobody has looked at it
	default:
	}
	p.states <- s
}

// session opens the screens of a tablet.
func (d *device) session() *field.Session {
	d.t.Helper()
	ctx := context.WithoutCancel(d.t.Context())
	s, err := field.NewSession(ctx, fieldcore.Device(ctx, d.Core, d.dir), wording.English)
	must(d.t, err)
	d.t.Cleanup(s.Close)
	return s
}

// follow watches a screen of a tablet.
func follow[S any](t *testing.T, screen interface {
	Listen(func(S, *field.Problem))
},
) *page[S] {
	t.Helper()
	p := &page[S]{t: t, states: make(chan S, 1)}
	screen.Listen(func(s S, problem *field.Problem) {
		if problem != nil {
			t.Errorf("%+v", problem)
		}
		p.show(s)
	})
	return p
}

// until waits for a State.
func (p *page[S]) until(what string, holds func(S) bool) S {
	p.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case s := <-p.states:
			if holds(s) {
				return s
			}
		case <-deadline:
			p.t.Fatalf("%s: not within %s", what, patience)
		}
	}
}

// desktop opens a coordinator's desk.
func (d *device) desktop() (*desk.Desk, *page[desk.State]) {
	d.t.Helper()
	screen := desk.New(deskcore.Deps(d.Core, wording.English))
	p := &page[desk.State]{t: d.t, states: make(chan desk.State, 1)}
	ctx, cancel := context.WithCancel(context.WithoutCancel(d.t.Context()))
	done := make(chan error, 1)
	go func() { done <- screen.Run(ctx, p.show) }()
	d.t.Cleanup(func() {
		cancel()
		must(d.t, <-done)
	})
	return screen, p
}

// TestConflictIsResolvedByPeople: two inspectors, both without a network, change
// the same defect. Both see each other's words, one keeps both, a coordinator
// decides the severity, and everybody sees it decided.
func TestConflictIsResolvedByPeople(t *testing.T) {
	w := newWorld(t)
	first, second, office := w.enrol("inspector1"), w.enrol("inspector2"), w.enrol("coordinator1")
	for _, d := range []*device{first, second, office} {
		d.allConfirmed()
	}
	unit := list[domain.Unit](first, domain.EntityUnit, localstore.Filter{})[0].ID
	form, err := first.Field.NewDefectForm(w.project, unit, domain.StageHandover)
	must(t, err)
	form.Room, form.Description = "LIV1", "as found"
	form.Choose("WIN-01", "window", "window", "leak", domain.Minor)
	id, err := first.Field.RecordDefect(t.Context(), form)
	must(t, err)
	second.describes(id, func(d domain.Defect) bool { return d.Description == "as found" })

	w.network.Cut()
	first.amend(w, id, func(d *domain.Defect) {
		d.Description, d.Severity, d.Room = "Sample words of the first.", domain.Major, "BED1"
	})
	second.amend(w, id, func(d *domain.Defect) {
		d.Description, d.Severity, d.Room = "Sample words of the second", domain.Cosmetic, "KIT1"
	})
	w.network.Mend()
	for _, d := range []*device{first, second, office} {
		d.Runner.Retry()
		d.conflicts(2)
	}

	// The first inspector keeps both descriptions, without a network.
	w.network.Cut()
	session := first.session()
	home, defect := session.Home(), session.Defect(id)
	follow(t, home).until("the badge", func(s field.HomeState) bool { return strings.HasPrefix(s.Conflicts, "Waiting for your choice: 2") })
	home.Listen(nil)
	follow(t, defect).until("the notice", func(s field.DefectState) bool {
		return strings.Contains(s.Conflict, "Description") && len(s.Lost) == 1
	})
	defect.Listen(nil)
	tablet := session.Conflicts(domain.AnyID{})
	shown := follow(t, tablet)
	s := shown.until("two questions", func(s field.ConflictsState) bool { return len(s.Open) == 2 && len(s.Lost) == 1 })
	words := s.Open[slices.IndexFunc(s.Open, func(q conflict.Question) bool { return q.What == "Description" })]
	mine, theirs := words.Sides[0], words.Sides[1]
	if !mine.Mine || theirs.Mine || theirs.Value != "Sample words of the second" || theirs.Who == "" || theirs.Who == mine.Who || mine.At == theirs.At ||
		!strings.Contains(words.Where, "Living room") && !strings.Contains(words.Where, "bedroom") && !strings.Contains(words.Where, "Kitchen") {
		t.Errorf("%+v", words)
	}
	tablet.TakeBoth(words.Key)
	shown.until("one question less, at once", func(s field.ConflictsState) bool { return len(s.Open) == 1 })
	w.network.Mend()
	const both = "Sample words of the first; Sample words of the second"
	for _, d := range []*device{first, second, office} {
		d.Runner.Retry()
		d.describes(id, func(d domain.Defect) bool { return d.Description == both })
		d.conflicts(1)
	}

	// The coordinator decides the severity.
	desktop, states := office.desktop()
	desktop.Open(desk.SectionConflicts)
	page := states.until("the severity", func(s desk.State) bool { return len(s.Conflicts.Open) == 1 }).Conflicts
	severity := page.Open[0]
	if severity.What != "Severity" || page.Label != "Conflicts (1)" || severity.Ticket.IsZero() {
		t.Errorf("%+v", page)
	}
	lower := slices.IndexFunc(severity.Sides, func(s conflict.Side) bool { return !s.InForce })
	desktop.TakeSide(t.Context(), severity.Key, lower)
	for _, d := range []*device{first, second, office} {
		d.conflicts(0)
		d.describes(id, func(d domain.Defect) bool { return d.Severity == domain.Cosmetic && d.Description == both })
		d.allConfirmed()
	}

	// The room that lost to the later clock is there to be taken again.
	lost := shown.until("what lost", func(s field.ConflictsState) bool {
		return len(s.Open) == 0 && slices.ContainsFunc(s.Lost, func(l conflict.Lost) bool { return l.What == "Room" })
	}).Lost
	tablet.TakeAgain(lost[slices.IndexFunc(lost, func(l conflict.Lost) bool { return l.What == "Room" })].Key)
	second.describes(id, func(d domain.Defect) bool { return d.Room == "BED1" })
	final := second.record(id)
	for _, d := range []*device{first, office} {
		d.until("the same record", func(ctx context.Context, t *localstore.Tx) (bool, error) {
			r, ok, err := t.Shown(ctx, domain.EntityDefect, id.Any())
			return ok && r.Seq == final.Seq, err
		})
		if got := d.record(id); !got.Fields.Equal(final.Fields) || got.OpenContests() != 0 || len(got.Contests) != len(final.Contests) {
			t.Errorf("%+v, want %+v", got, final)
		}
	}
}

// record is a defect as the device shows it, with its contests.
func (d *device) record(id domain.DefectID) (r merge.Record) {
	d.t.Helper()
	must(d.t, d.Store.View(d.t.Context(), func(t *localstore.Tx) (err error) {
		r, _, err = t.Shown(d.t.Context(), domain.EntityDefect, id.Any())
		return err
	}))
	return r
}

// TestDifferentResolutionsAreAConflict: who decides without knowing of another
// decision does not undo it.
func TestDifferentResolutionsAreAConflict(t *testing.T) {
	w := newWorld(t)
	first, second := w.enrol("inspector1"), w.enrol("inspector2")
	first.allConfirmed()
	second.allConfirmed()
	unit := list[domain.Unit](first, domain.EntityUnit, localstore.Filter{})[0].ID
	form, err := first.Field.NewDefectForm(w.project, unit, domain.StageHandover)
	must(t, err)
	form.Room, form.Description = "LIV1", "as found"
	id, err := first.Field.RecordDefect(t.Context(), form)
	must(t, err)
	second.describes(id, func(d domain.Defect) bool { return d.Description == "as found" })
	for round, change := range []string{"one", "one or other"} {
		w.network.Cut()
		first.amend(w, id, func(d *domain.Defect) { d.Description = change + " first" })
		second.amend(w, id, func(d *domain.Defect) { d.Description = change + " second" })
		w.network.Mend()
		for _, d := range []*device{first, second} {
			d.Runner.Retry()
			d.allConfirmed()
			d.conflicts(1)
			if c := d.record(id).Standing(8); len(c) != 2 {
				t.Errorf("round %d: %+v", round, c)
			}
		}
	}
}
