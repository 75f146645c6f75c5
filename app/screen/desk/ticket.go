package desk

import (
	"context"
	"strings"

	"keyturn/app/conflict"
	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

// Ticket is everything about one repair ticket.
type Ticket struct {
	ID                    domain.TicketID
	Number, Title, Place  string
	Status                string
	Tone                  Tone
	Severity, Description string
	SeverityTone          Tone
	// Pending lists the commands that wait for the server's answer.
	Pending []string
	// Refusals are this device's commands on the ticket that were not granted.
	Refusals []Refusal
	// Conflict says what several people wrote differently about the defect, empty
	// if nothing waits; Lost lists values that were replaced.
	Conflict string
	Lost     []conflict.Lost
	// Review lists what a coordinator is asked to look at.
	Review []string
	// Decisions are what was decided automatically, each with its reason.
	Decisions []Fact
	// Dues are the time limits.
	Dues     []Fact
	Evidence Evidence
	Timeline []Event
	Notices  []Notice
	Contacts []Contact
	// Steps move the ticket on; Side is what else can be done.
	Steps, Side []Action
	Third       ThirdParty
}

// Event is one line of the timeline.
type Event struct {
	At, Who, What, Move, Why string
}

// Notice is one letter to the contractor.
type Notice struct {
	Title, Party, Issued, Due, Delivered string
	Tone                                 Tone
	// Text is the letter, frozen in the recipient's language.
	Text    string
	Proof   []Photo
	Actions []Action
}

// Contact is one line of the contact log.
type Contact struct {
	At, Who, Channel, Outcome, Note string
	Reached                         bool
}

// file is what the device holds of one ticket.
type file struct {
	entry
	defect        domain.Defect
	defectKnown   bool
	result        domain.Result
	before, after []listed[domain.Attachment]
	work          []listed[domain.Attachment] // of the third party
	checks        []listed[domain.Attachment] // of re-inspections
	proofs        map[domain.AnyID][]listed[domain.Attachment]
	notices       []listed[domain.Notice]
	contacts      []listed[domain.Contact]
	events        []listed[domain.Event]
	costs         []listed[domain.Cost]
	charges       []listed[domain.BackCharge]
	plan          domain.Plan
	now           domain.Instant
	gate          policy.GateFacts
}

// open reads a ticket's file.
func (d *Desk) open(ctx context.Context, e entry, now domain.Instant) (f *file, err error) {
	f = &file{entry: e, now: now, proofs: map[domain.AnyID][]listed[domain.Attachment]{}}
	err = d.Store.View(ctx, func(t Snapshot) error {
		for _, step := range []func(context.Context, Snapshot) error{f.readDefect, f.readPhotos, f.readLetters, f.readJob} {
			if err := step(ctx, t); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = f.readGate()
	}
	return f, err
}

func (f *file) readDefect(ctx context.Context, t Snapshot) (err error) {
	if f.defect, f.defectKnown, err = get(ctx, t, domain.EntityDefect, f.ticket.DefectID); err != nil || !f.defectKnown {
		return err
	}
	if !f.defect.ResultID.IsZero() {
		if f.result, _, err = get(ctx, t, domain.EntityResult, f.defect.ResultID); err != nil {
			return err
		}
	}
	if f.defect.Pin != nil {
		f.plan, _, err = get(ctx, t, domain.EntityPlan, f.defect.Pin.PlanID)
	}
	return err
}

func (f *file) readPhotos(ctx context.Context, t Snapshot) (err error) {
	if f.before, err = attached(ctx, t, f.ticket.DefectID.Any(), domain.RoleEvidence); err != nil {
		return err
	}
	if f.after, err = attached(ctx, t, f.id.Any(), domain.RoleAfter); err != nil {
		return err
	}
	if !f.ticket.MaintenanceID.IsZero() {
		if f.work, err = attached(ctx, t, f.ticket.MaintenanceID.Any(), domain.RoleAfter); err != nil {
			return err
		}
	}
	verdicts, err := list[domain.Reinspection](ctx, t, domain.EntityReinspection, Filter{Parent: f.id.Any()})
	if err != nil {
		return err
	}
	for _, v := range verdicts {
		photos, err := attached(ctx, t, v.ID.Any(), domain.RoleEvidence)
		if err != nil {
			return err
		}
		f.checks = append(f.checks, photos...)
	}
	return nil
}

func attached(ctx context.Context, t Snapshot, parent domain.AnyID, role domain.AttachmentRole) ([]listed[domain.Attachment], error) {
	all, err := list[domain.Attachment](ctx, t, domain.EntityAttachment, Filter{Parent: parent})
	kept := all[:0]
	for _, a := range all {
		if a.Record.Role == role {
			kept = append(kept, a)
		}
	}
	return kept, err
}

func (f *file) readLetters(ctx context.Context, t Snapshot) (err error) {
	parent := Filter{Parent: f.id.Any()}
	if f.notices, err = list[domain.Notice](ctx, t, domain.EntityNotice, parent); err != nil {
		return err
	}
	for _, n := range f.notices {
		if f.proofs[n.ID.Any()], err = attached(ctx, t, n.ID.Any(), domain.RoleProof); err != nil {
			return err
		}
	}
	if f.contacts, err = list[domain.Contact](ctx, t, domain.EntityContact, parent); err != nil {
		return err
	}
	if f.events, err = list[domain.Event](ctx, t, domain.EntityEvent, parent); err != nil {
		return err
	}
	f.events = append(f.events, listed[domain.Event]{Record: f.ticket.Raised()})
	return nil
}

func (f *file) readJob(ctx context.Context, t Snapshot) (err error) {
	if !f.ticket.MaintenanceID.IsZero() {
		f.costs, err = list[domain.Cost](ctx, t, domain.EntityCost, Filter{Parent: f.ticket.MaintenanceID.Any()})
		if err != nil {
			return err
		}
	}
	f.charges, err = list[domain.BackCharge](ctx, t, domain.EntityBackCharge, Filter{Parent: f.id.Any()})
	return err
}

// ticket puts a ticket's file into words. The blobs are what its photos and its
// plan are made from.
func (d *Desk) ticket(ctx context.Context, n *snapshot, w writer, e entry, now domain.Instant) (*Ticket, map[string]Blob, error) {
	f, err := d.open(ctx, e, now)
	if err != nil {
		return nil, nil, err
	}
	t := e.ticket
	out := &Ticket{
		ID: e.id, Number: t.Number, Title: w.defect(t), Place: joined(" · ", unitName(e.unit), n.room(w, e.unit, t.Room)),
		Status: w.status(string(t.Status)), Tone: statusTone(t.Status), Description: t.Description,
		Pending: n.pending(w, e.id), Refusals: n.refusals(w, e.id),
	}
	if f.defectKnown && f.defect.Description != "" {
		out.Description = f.defect.Description // the ticket's is that of when it was assigned
	}
	if out.Conflict, out.Lost, err = d.contested(ctx, n, w, t.DefectID); err != nil {
		return nil, nil, err
	}
	out.Severity, out.SeverityTone = w.severity(t.Severity)
	if out.Description == out.Title {
		out.Description = ""
	}
	for _, key := range t.Review {
		out.Review = append(out.Review, w.known("", key))
	}
	p := page{desk: d, n: n, w: w, file: f}
	out.Decisions, out.Dues = p.decisions(), p.dues()
	out.Evidence = p.evidence()
	out.Timeline, out.Contacts = p.timeline(), p.contactLog()
	out.Notices = p.letters()
	out.Steps, out.Side = p.actions()
	out.Third = p.thirdParty()
	return out, p.blobs, nil
}

// page renders one file.
type page struct {
	*file
	desk  *Desk
	n     *snapshot
	w     writer
	blobs map[string]Blob
}

func (p *page) timeline() []Event {
	var list []Event
	for i := len(p.events) - 1; i >= 0; i-- { // newest first
		e := p.events[i].Record
		line := Event{At: p.w.Time(e.At), Who: p.n.person(p.w, e.Actor), What: p.w.because(e.What), Why: p.w.because(e.Why)}
		if e.To != "" && e.To != e.From {
			line.Move = strings.TrimSpace(joined(" → ", p.w.status(e.From), p.w.status(e.To)))
		}
		list = append(list, line)
	}
	return list
}

func (p *page) contactLog() []Contact {
	var list []Contact
	for i := len(p.contacts) - 1; i >= 0; i-- {
		c := p.contacts[i].Record
		outcome := "desk.contact.not_reached"
		if c.Reached {
			outcome = "desk.contact.reached"
		}
		list = append(list, Contact{
			At: p.w.Time(c.At), Who: p.n.person(p.w, c.By), Channel: p.w.known("desk.channel.", c.Channel),
			Outcome: p.w.Text(outcome), Note: c.Note, Reached: c.Reached,
		})
	}
	return list
}

func (p *page) letters() []Notice {
	var list []Notice
	for i := len(p.notices) - 1; i >= 0; i-- {
		n := p.notices[i]
		line := Notice{
			Title: p.w.Text("desk.notice."+string(n.Record.Kind), "number", n.Record.Number), Party: p.n.parties[n.Record.PartyID].Name,
			Issued: p.w.Time(n.Record.IssuedAt), Due: p.w.Time(n.Record.DueAt), Text: n.Record.Text,
			Tone: TonePending, Delivered: p.w.Text("desk.notice.not_delivered"), Proof: p.photos(p.proofs[n.ID.Any()]),
		}
		if n.Record.State == domain.NoticeDelivered {
			line.Tone, line.Delivered = ToneOK, p.w.Text("desk.notice.delivered", "at", p.w.Time(n.Record.DeliveredAt))
		} else {
			line.Actions = []Action{p.noticeAction(n)}
		}
		list = append(list, line)
	}
	return list
}
