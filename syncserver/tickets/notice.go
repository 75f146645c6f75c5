package tickets

import (
	"context"
	"slices"
	"strings"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// letterLocale is the language of letters: contractors are Chinese companies.
const letterLocale = wording.Chinese

// noticeKey makes one notice of a kind per assignment of a ticket.
func noticeKey(id domain.TicketID, kind domain.NoticeKind, assigned domain.Instant) domain.AnyID {
	return derive("notice", id.String(), string(kind), numeral(int64(assigned)))
}

// notify issues a notice once per assignment, its text frozen in the
// recipient's language.
func (d *desk) notify(ctx context.Context, id domain.TicketID, t domain.Ticket, kind domain.NoticeKind) error {
	key := noticeKey(id, kind, t.AssignedAt)
	if held, err := d.Tx.Record(ctx, domain.EntityNotice, key); err != nil || held.Exists() {
		return err
	}
	number, err := d.number(ctx, "ZG")
	if err != nil {
		return err
	}
	due := d.Now.Add(d.config.Hours("tp.t1.second_hours"))
	unit, _, err := get[domain.Unit](ctx, d, domain.EntityUnit, t.UnitID.Any())
	if err != nil {
		return err
	}
	room, err := d.roomName(ctx, unit, t.Room)
	if err != nil {
		return err
	}
	local := func(i domain.Instant) string { return i.Time().In(d.calendar.Zone).Format("2006-01-02 15:04") }
	notice := domain.Notice{
		TicketID: id, State: domain.NoticeIssued, Kind: kind, Number: number, PartyID: t.ContractorID, IssuedAt: d.Now, DueAt: due,
		Text: d.text(letterLocale, "letter."+string(kind), map[string]string{
			"number": number, "contractor": d.parties[t.ContractorID].Name, "project": d.project.Name, "ticket": t.Number,
			"unit": unitName(unit), "room": room, "defect": d.defectText(t),
			"assigned": local(t.AssignedAt), "due": local(due), "company": d.project.CompanyName, "date": local(d.Now),
		}),
	}
	if _, err := d.Create(ctx, domain.EntityNotice, key, notice); err != nil {
		return err
	}
	return d.event(ctx, id.Any(), domain.Event{What: domain.Because("event.notice."+string(kind), "number", number)})
}

// defectText is the library's name and what the inspector added to it.
func (d *desk) defectText(t domain.Ticket) string {
	lib, _ := d.catalogue.Defect(t.LibraryCode)
	parts := slices.DeleteFunc([]string{lib.Name(letterLocale), t.Description}, func(s string) bool { return s == "" })
	return strings.Join(parts, ", ")
}

// roomName is a room as the newest revision of the unit's plan names it, or as a
// layout without a plan has it.
func (d *desk) roomName(ctx context.Context, u domain.Unit, code string) (string, error) {
	plans, err := intake.List[domain.Plan](ctx, d.Tx, domain.EntityPlan, store.Filter{Parent: u.LayoutID.Any()})
	if err != nil {
		return "", err
	}
	rooms, revision := d.catalogue.StandardRooms(u.Layout), 0
	for _, p := range plans {
		if p.Record.Revision > revision {
			rooms, revision = p.Record.Rooms, p.Record.Revision
		}
	}
	for _, r := range rooms {
		if r.Code == code {
			return r.Name(letterLocale == wording.Chinese), nil
		}
	}
	return code, nil
}

func unitName(u domain.Unit) string {
	if u.Entrance == "" {
		return u.Building + " " + u.Number
	}
	return u.Building + " " + u.Entrance + " " + u.Number
}

// notifyByHand issues the rectification notice before the timer would.
func (d *desk) notifyByHand(ctx context.Context, id domain.TicketID, t domain.Ticket) error {
	if err := d.may(domain.CanWorkTickets); err != nil {
		return err
	}
	if !t.Status.Active() {
		return refuse(syncproto.CodeBadTransition, string(t.Status), domain.ActionNotify)
	}
	return d.notify(ctx, id, t, domain.NoticeRectification)
}

// noticeCommand takes the proof of delivery, an attached document; the
// contractor's second period runs from the proven time.
func (d *desk) noticeCommand(ctx context.Context, id domain.AnyID, cmd syncproto.Command) error {
	if err := d.may(domain.CanWorkTickets); err != nil {
		return err
	}
	notice, ok, err := get[domain.Notice](ctx, d, domain.EntityNotice, id)
	switch {
	case err != nil:
		return err
	case !ok:
		return refuse(syncproto.CodeMissing, "notice")
	case cmd.Action != domain.ActionDelivered:
		return refuse(syncproto.CodeUnknownKind, cmd.Action)
	case notice.State == domain.NoticeDelivered:
		return refuse(syncproto.CodeBadTransition, string(notice.State), cmd.Action)
	}
	if err := d.proven(ctx, id, cmd.ProofID); err != nil {
		return err
	}
	at := cmd.At
	if !at.Set() {
		at = d.At
	}
	if at < notice.IssuedAt || at > d.Now.Add(time.Minute) {
		return refuse(syncproto.CodeGuard, "guard.delivery_time")
	}
	next := notice
	next.State, next.DeliveredAt, next.ProofID = domain.NoticeDelivered, at, cmd.ProofID
	if err := d.Amend(ctx, domain.EntityNotice, id, notice, next); err != nil {
		return err
	}
	return d.event(ctx, notice.TicketID.Any(), domain.Event{What: domain.Because("event.notice.delivered", "number", notice.Number)})
}

// proven refuses unless the proof is attached to the record that it proves.
func (d *desk) proven(ctx context.Context, parent domain.AnyID, proof domain.AttachmentID) error {
	a, ok, err := get[domain.Attachment](ctx, d, domain.EntityAttachment, proof.Any())
	if err != nil {
		return err
	}
	if !ok || a.ParentID != parent {
		return refuse(syncproto.CodeGuard, "guard.proof_attached")
	}
	return nil
}

func (d *desk) notices(ctx context.Context, id domain.TicketID) ([]domain.Notice, error) {
	list, err := children[domain.Notice](ctx, d, domain.EntityNotice, id.Any())
	return recordsOf(list), err
}

func recordsOf[T any](list []intake.Listed[T]) []T {
	out := make([]T, len(list))
	for i, l := range list {
		out[i] = l.Record
	}
	return out
}
