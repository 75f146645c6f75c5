package field

import (
	"context"
	"slices"
	"strings"

	"keyturn/app/conflict"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// DefectState is one recorded defect with its ticket.
type DefectState struct {
	Title, Unit string
	Tone        Tone
	State       string
	Facts       []Fact
	Photos      []PhotoLine
	// NoPhotos is shown instead of photos.
	NoPhotos string
	// Missing photos can be fetched from the server.
	Fetchable bool
	Plan      Picture
	PlanHere  bool
	Pin       *PinMark
	Timeline  []EventLine
	// Conflict says what several people wrote differently, empty if nothing waits.
	Conflict string
	// Lost lists values that were replaced and can be used again.
	Lost []conflict.Lost
	// Confirmable: the repair was passed and the homeowner may confirm it.
	Confirmable bool
}

// EventLine is one line of a timeline.
type EventLine struct{ At, What, Why string }

// DefectScreen shows one recorded defect.
type DefectScreen struct {
	*screen[DefectState]
	defect domain.DefectID
	ticket domain.TicketID
	choices
}

// Defect opens the screen.
func (s *Session) Defect(id domain.DefectID) *DefectScreen {
	m := &DefectScreen{defect: id}
	m.screen = newScreen(s, m.state)
	return m
}

func (m *DefectScreen) state(ctx context.Context) (st DefectState, err error) {
	err = m.device.Records.View(ctx, func(snap Snapshot) error {
		d, err := need(ctx, snap, domain.EntityDefect, m.defect)
		if err != nil {
			return err
		}
		f, err := m.flat(ctx, snap, d.UnitID)
		if err != nil {
			return err
		}
		r := m.read()
		tickets, err := ticketsByDefect(ctx, snap, d.UnitID)
		if err != nil {
			return err
		}
		t, raised := tickets[m.defect]
		m.ticket = t.ID
		st = DefectState{Title: defectName(r, f.Catalogue, d.LibraryCode, d.Description), Unit: unitName(f.Unit)}
		st.Confirmable = t.Record.Status == domain.RepairPassed
		st.Tone, st.State = TonePending, r.Text("field.defect.waiting")
		if raised {
			st.Tone, st.State = repairStatus(r, t.Record.Status)
		}
		st.Facts = defectFacts(r, f, d)
		if raised {
			more, err := ticketFacts(ctx, snap, r, f, t.Record)
			if err != nil {
				return err
			}
			st.Facts = append(st.Facts, more...)
		}
		if st.Photos, err = m.photos(ctx, snap, m.defect.Any()); err != nil {
			return err
		}
		if len(st.Photos) == 0 {
			st.NoPhotos = r.Text("field.defect.no_photos")
		}
		st.Fetchable = slices.ContainsFunc(st.Photos, func(p PhotoLine) bool { return p.State == PhotoMissing })
		if d.Pin != nil && d.Pin.PlanID == f.PlanID {
			st.Plan = Picture{Blob: f.Plan.SHA256}
			st.PlanHere = m.device.Pictures.Has(st.Plan)
			pin := mark(*d.Pin, PinMark{ID: m.defect.String(), Tone: st.Tone, Selected: true})
			st.Pin = &pin
		}
		if st.Conflict, st.Lost, err = m.contested(ctx, snap, domain.EntityDefect, m.defect.Any()); err != nil {
			return err
		}
		m.lost = st.Lost
		st.Timeline, err = timeline(ctx, snap, r, f, t)
		return err
	})
	return st, err
}

func defectFacts(r wording.Reader, f flat, d domain.Defect) []Fact {
	readings := make([]string, len(d.Readings))
	for i, v := range d.Readings {
		readings[i] = thousandths(v)
	}
	facts := []Fact{
		{r.Text("field.defect.room"), roomName(r, f.Rooms, d.Room)},
		{r.Text("field.defect.severity"), severityName(r, d.Severity)},
		{r.Text("field.defect.description"), d.Description},
		{r.Text("field.defect.readings"), strings.Join(readings, ", ")},
		{r.Text("field.defect.captured"), r.Time(d.CapturedAt)},
	}
	return slices.DeleteFunc(facts, func(f Fact) bool { return f.Value == "" })
}

func ticketFacts(ctx context.Context, snap Snapshot, r wording.Reader, f flat, t domain.Ticket) ([]Fact, error) {
	party, _, err := get(ctx, snap, domain.EntityParty, t.ContractorID)
	facts := []Fact{
		{r.Text("field.ticket.number"), t.Number},
		{r.Text("field.ticket.contractor"), join(party.Name, reason(r, f.Catalogue, t.LiabilityReason))},
		{r.Text("field.ticket.due"), join(r.Time(t.FinishDue), reason(r, f.Catalogue, t.SLAReason))},
		{r.Text("field.ticket.promised"), string(t.PromisedBy)},
		{r.Text("field.ticket.warranty"), reason(r, f.Catalogue, t.WarrantyReason)},
	}
	return slices.DeleteFunc(facts, func(f Fact) bool { return f.Value == "" }), err
}

func join(value, why string) string {
	return strings.TrimSpace(value + "\n" + why)
}

// timeline is the history of a ticket, newest first.
func timeline(ctx context.Context, snap Snapshot, r wording.Reader, f flat, ticket listed[domain.Ticket]) ([]EventLine, error) {
	if ticket.ID.IsZero() {
		return nil, nil
	}
	events, err := list[domain.Event](ctx, snap, domain.EntityEvent, Filter{Parent: ticket.ID.Any()})
	if err != nil {
		return nil, err
	}
	events = append(events, listed[domain.Event]{Record: ticket.Record.Raised()})
	slices.SortStableFunc(events, func(a, b listed[domain.Event]) int { return b.Record.Compare(a.Record) })
	lines := make([]EventLine, len(events))
	for i, e := range events {
		lines[i] = EventLine{At: r.Time(e.Record.At), What: reason(r, f.Catalogue, e.Record.What), Why: reason(r, f.Catalogue, e.Record.Why)}
	}
	return lines, nil
}

// photos lists the pictures of a record.
func (s *Session) photos(ctx context.Context, snap Snapshot, parent domain.AnyID) ([]PhotoLine, error) {
	attached, err := list[domain.Attachment](ctx, snap, domain.EntityAttachment, Filter{Parent: parent})
	lines := make([]PhotoLine, 0, len(attached))
	for _, a := range attached {
		if a.Record.State == domain.AttachmentErased {
			continue
		}
		line := PhotoLine{ID: a.ID.String(), Picture: Picture{Original: a.Record.SHA256.String(), Work: a.Record.WorkSHA256}}
		switch {
		case !s.device.Pictures.Has(line.Picture):
			line.State = PhotoMissing
		case a.Record.State == domain.AttachmentReady:
			line.State = PhotoConfirmed
		}
		lines = append(lines, line)
	}
	return lines, err
}

// Fetch downloads the photos that are not here. It waits for the network on a
// goroutine of its own; each photo shows as it comes.
func (m *DefectScreen) Fetch() {
	m.do(func(ctx context.Context) error {
		var missing []Picture
		err := m.device.Records.View(ctx, func(snap Snapshot) error {
			lines, err := m.photos(ctx, snap, m.defect.Any())
			for _, p := range lines {
				if p.State == PhotoMissing {
					missing = append(missing, p.Picture)
				}
			}
			return err
		})
		go func() {
			for _, p := range missing {
				if err := m.device.Pictures.Fetch(ctx, p); err != nil {
					m.do(func(context.Context) error { return err })
					return
				}
			}
			m.Refresh()
		}()
		return err
	})
}

// OpenPlan shows the pin among the others.
func (m *DefectScreen) OpenPlan() {
	m.do(func(ctx context.Context) error {
		return m.device.Records.View(ctx, func(snap Snapshot) error {
			d, err := need(ctx, snap, domain.EntityDefect, m.defect)
			if err == nil {
				m.goTo(Route{Place: PlacePlan, Unit: d.UnitID})
			}
			return err
		})
	})
}

// Confirm opens the homeowner's confirmation.
func (m *DefectScreen) Confirm() {
	m.do(func(context.Context) error {
		m.goTo(Route{Place: PlaceConfirm, Ticket: m.ticket})
		return nil
	})
}

// OpenConflicts shows what waits for a choice, that of the defect first.
func (m *DefectScreen) OpenConflicts() {
	m.do(func(context.Context) error {
		m.goTo(Route{Place: PlaceConflicts, Defect: m.defect})
		return nil
	})
}

// TakeAgain puts a replaced value back into force.
func (m *DefectScreen) TakeAgain(key string) { m.do(m.again(&m.choices, key)) }
