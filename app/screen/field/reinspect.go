package field

import (
	"context"
	"slices"

	"keyturn/shared/domain"
)

// ReinspectState is the guided re-inspection of one repair.
type ReinspectState struct {
	Title, Unit string
	Facts       []Fact
	// Before are the pictures of the defect, After those taken now; the first of
	// Before is compared with the last of After.
	Before, After []PhotoLine
	// Repair are the pictures that the repairer took.
	Repair []PhotoLine
	// Leak: the water test is required to pass.
	Leak, WaterTested bool
	Note              string
	// AskNote: failing needs to be explained.
	AskNote bool
	// Warning never blocks: no picture was taken.
	Warning string
	// Done: a verdict was given on this device.
	Done bool
}

// trial is a verdict while it is being made; it survives the app.
type trial struct {
	Photos      []Captured `json:"photos,omitempty"`
	WaterTested bool       `json:"water_tested,omitempty"`
	Note        string     `json:"note,omitempty"`
}

// Reinspect judges one repair.
type Reinspect struct {
	*screen[ReinspectState]
	task    domain.TaskID
	askNote bool
}

// Reinspect opens a re-inspection task.
func (s *Session) Reinspect(task domain.TaskID) *Reinspect {
	m := &Reinspect{task: task}
	m.screen = newScreen(s, m.state)
	return m
}

func (m *Reinspect) key() string { return "reinspect/" + m.task.String() }

func (m *Reinspect) state(ctx context.Context) (st ReinspectState, err error) {
	var t trial
	if _, err := m.device.Notebook.Kept(ctx, m.key(), &t); err != nil {
		return st, err
	}
	st = ReinspectState{WaterTested: t.WaterTested, Note: t.Note, AskNote: m.askNote}
	for _, p := range t.Photos {
		st.After = append(st.After, PhotoLine{ID: p.ID.String(), Picture: Picture{Original: p.Photo}})
	}
	err = m.device.Records.View(ctx, func(snap Snapshot) error {
		task, err := need(ctx, snap, domain.EntityTask, m.task)
		if err != nil {
			return err
		}
		ticket, err := need(ctx, snap, domain.EntityTicket, task.TicketID)
		if err != nil {
			return err
		}
		f, err := m.flat(ctx, snap, ticket.UnitID)
		if err != nil {
			return err
		}
		r := m.read()
		st.Title, st.Unit = defectName(r, f.Catalogue, ticket.LibraryCode, ticket.Description), unitName(f.Unit)
		lib, _ := f.Catalogue.Defect(ticket.LibraryCode)
		st.Leak = lib.Leak
		st.Facts = []Fact{
			{r.Text("field.ticket.number"), ticket.Number},
			{r.Text("field.defect.room"), roomName(r, f.Rooms, ticket.Room)},
			{r.Text("field.defect.description"), ticket.Description},
			{r.Text("field.reinspect.attempt"), decimal(task.Attempt)},
		}
		st.Facts = slices.DeleteFunc(st.Facts, func(f Fact) bool { return f.Value == "" })
		if st.Before, err = m.photos(ctx, snap, ticket.DefectID.Any()); err != nil {
			return err
		}
		for _, parent := range []domain.AnyID{task.TicketID.Any(), ticket.MaintenanceID.Any()} {
			if parent.IsZero() {
				continue
			}
			photos, err := m.photos(ctx, snap, parent)
			if err != nil {
				return err
			}
			st.Repair = append(st.Repair, photos...)
		}
		if len(st.After) == 0 {
			st.Warning = r.Text("field.reinspect.no_photo")
		}
		st.Done, err = m.judgedBefore(ctx, snap, task)
		return err
	})
	return st, err
}

func (m *Reinspect) judgedBefore(ctx context.Context, snap Snapshot, task domain.Task) (bool, error) {
	verdicts, err := list[domain.Reinspection](ctx, snap, domain.EntityReinspection, Filter{Parent: task.TicketID.Any()})
	return task.State == domain.TaskDone || slices.ContainsFunc(verdicts, func(v listed[domain.Reinspection]) bool { return v.Record.TaskID == m.task }), err
}

func (m *Reinspect) change(act func(context.Context, *trial) error) {
	m.do(func(ctx context.Context) error {
		var t trial
		if _, err := m.device.Notebook.Kept(ctx, m.key(), &t); err != nil {
			return err
		}
		if err := act(ctx, &t); err != nil {
			return err
		}
		return m.device.Notebook.Keep(ctx, m.key(), t)
	})
}

// AddPhoto takes a picture of the repair in.
func (m *Reinspect) AddPhoto(path string) {
	m.change(func(ctx context.Context, t *trial) error {
		p, err := m.device.Photos.Capture(ctx, path)
		if err == nil {
			t.Photos = append(t.Photos, p)
		}
		return err
	})
}

// WaterTest says whether the water test was repeated.
func (m *Reinspect) WaterTest(done bool) {
	m.change(func(_ context.Context, t *trial) error { t.WaterTested = done; return nil })
}

// Explain keeps the note.
func (m *Reinspect) Explain(note string) {
	m.change(func(_ context.Context, t *trial) error { t.Note = note; return nil })
}

// AskFail asks for the reason of a failure; Cancel takes that back.
func (m *Reinspect) AskFail() {
	m.do(func(context.Context) error { m.askNote = true; return nil })
}

// Cancel goes back to judging.
func (m *Reinspect) Cancel() {
	m.do(func(context.Context) error { m.askNote = false; return nil })
}

// Pass accepts the repair: one tap.
func (m *Reinspect) Pass() { m.judge(true) }

// Fail sends the repair back; it needs a note.
func (m *Reinspect) Fail() { m.judge(false) }

func (m *Reinspect) judge(pass bool) {
	m.do(func(ctx context.Context) error {
		var t trial
		if _, err := m.device.Notebook.Kept(ctx, m.key(), &t); err != nil {
			return err
		}
		if !pass && t.Note == "" {
			m.askNote = true
			return &wrongText{m.Text("field.reinspect.note_needed")}
		}
		v := Verdict{Task: m.task, Pass: pass, WaterTested: t.WaterTested, Note: t.Note, Photos: t.Photos}
		done := false
		var ticket domain.TicketID
		err := m.device.Records.View(ctx, func(snap Snapshot) error {
			task, err := need(ctx, snap, domain.EntityTask, m.task)
			if err != nil {
				return err
			}
			ticket = task.TicketID
			f, err := m.flat(ctx, snap, task.UnitID)
			if err != nil {
				return err
			}
			v.Project = f.Project
			known, err := need(ctx, snap, domain.EntityTicket, task.TicketID)
			if err != nil {
				return err
			}
			if lib, _ := f.Catalogue.Defect(known.LibraryCode); pass && lib.Leak && !t.WaterTested {
				return &wrongText{m.Text("field.reinspect.water_needed")}
			}
			done, err = m.judgedBefore(ctx, snap, task)
			return err
		})
		if err != nil || done {
			return err
		}
		if err := m.device.Repairs.Reinspect(ctx, v); err != nil {
			return err
		}
		if err := m.device.Notebook.Forget(ctx, m.key()); err != nil {
			return err
		}
		if pass {
			m.goTo(Route{Place: PlaceConfirm, Ticket: ticket, Instead: true})
		} else {
			m.goBack()
		}
		return nil
	})
}
