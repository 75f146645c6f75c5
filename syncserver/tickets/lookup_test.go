package tickets_test

import (
	"context"
	"fmt"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
	"keyturn/syncserver/tickets"
)

// defect records a library defect with one photo in a unit; raised gives its
// ticket.
func (w *world) defect(name string, unit domain.UnitID, code string) domain.DefectID {
	w.t.Helper()
	lib, ok := w.desk.Catalogue.Defect(code)
	if !ok {
		w.t.Fatalf("no library defect %s", code)
	}
	defect := id[domain.Defect](name)
	w.inspector.record(domain.EntityDefect, defect.Any(), syncproto.Recorded, domain.Defect{
		UnitID: unit, State: domain.DefectOpen, Room: "ENT1", Element: lib.Element, Trade: lib.Trade, Type: lib.Type, LibraryCode: code,
		Description: name, Severity: lib.Severity, CapturedAt: w.now, Stage: domain.StageHandover,
	})
	w.inspector.attach(defect.Any(), domain.RoleEvidence)
	return defect
}

func (w *world) raised(name string, unit domain.UnitID, code string) domain.TicketID {
	w.t.Helper()
	return tickets.TicketOf(w.defect(name, unit, code))
}

// assigned is a ticket with its liable contractor.
func (w *world) assigned(name string, unit domain.UnitID, code string) domain.TicketID {
	w.t.Helper()
	ticket := w.raised(name, unit, code)
	w.coordinator.move(ticket, domain.RepairAssign, "")
	return ticket
}

// finished is a ticket whose repair the coordinator reported done.
func (w *world) finished(name string, unit domain.UnitID, code string) domain.TicketID {
	w.t.Helper()
	ticket := w.assigned(name, unit, code)
	w.coordinator.move(ticket, domain.RepairAccept, "")
	w.coordinator.move(ticket, domain.RepairSurvey, "")
	w.repaired(ticket)
	return ticket
}

// repaired goes from the survey to the report with a photo.
func (w *world) repaired(ticket domain.TicketID) {
	w.t.Helper()
	if w.ticket(ticket).Status == domain.RepairSurveyed {
		w.coordinator.move(ticket, domain.RepairStart, "plan")
	}
	w.coordinator.attach(ticket.Any(), domain.RoleAfter)
	w.coordinator.move(ticket, domain.RepairFinish, "replaced")
}

// verdict is a re-inspection of the present attempt.
func (p *person) verdict(ticket domain.TicketID, answer domain.Answer, waterTested bool) {
	p.w.t.Helper()
	attempt := p.w.ticket(ticket).Attempt
	p.record(domain.EntityReinspection, id[any](fmt.Sprint(ticket, p.id, p.seq)), syncproto.Recorded, domain.Reinspection{
		TicketID: ticket, Answer: answer, Attempt: attempt, At: p.w.now, By: p.id, WaterTested: waterTested,
	})
}

// owner records the homeowner's word.
func (p *person) owner(ticket domain.TicketID, refused bool, note string) {
	p.w.t.Helper()
	p.record(domain.EntityConfirmation, id[any](fmt.Sprint(ticket, p.id, p.seq)), syncproto.Recorded, domain.Confirmation{
		TicketID: ticket, Method: "signature", Refused: refused, Note: note, At: p.w.now, By: p.id,
	})
}

func get[T any](w *world, e domain.Entity, id domain.AnyID) (record T) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *store.Tx) error {
		r, ok, err := intake.Get[T](ctx, tx, e, id)
		if err == nil && !ok {
			w.t.Fatalf("no %s %s", e, id)
		}
		record = r
		return err
	})
	return record
}

func list[T any](w *world, e domain.Entity, parent domain.AnyID) (rows []intake.Listed[T]) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *store.Tx) (err error) {
		rows, err = intake.List[T](ctx, tx, e, store.Filter{Parent: parent})
		return err
	})
	return rows
}

func (w *world) ticket(id domain.TicketID) domain.Ticket {
	w.t.Helper()
	return get[domain.Ticket](w, domain.EntityTicket, id.Any())
}

func (w *world) is(ticket domain.TicketID, want domain.RepairStatus) domain.Ticket {
	w.t.Helper()
	k := w.ticket(ticket)
	if k.Status != want {
		w.t.Fatalf("ticket %s is %s, want %s", k.Number, k.Status, want)
	}
	return k
}

// timeline is what happened to a record, in order.
func (w *world) timeline(subject domain.AnyID) (keys []string) {
	w.t.Helper()
	events := list[domain.Event](w, domain.EntityEvent, subject)
	for _, k := range list[domain.Ticket](w, domain.EntityTicket, domain.AnyID{}) {
		if k.ID.Any() == subject {
			events = append(events, intake.Listed[domain.Event]{Record: k.Record.Raised()})
		}
	}
	slices.SortStableFunc(events, func(a, b intake.Listed[domain.Event]) int { return a.Record.Compare(b.Record) })
	for _, e := range events {
		keys = append(keys, e.Record.What.Key)
	}
	return keys
}

// count counts how often something happened.
func (w *world) count(subject domain.AnyID, key string) (n int) {
	w.t.Helper()
	for _, k := range w.timeline(subject) {
		if k == key {
			n++
		}
	}
	return n
}

// tasks lists the re-inspection tasks of a ticket as attempt and state.
func (w *world) tasks(ticket domain.TicketID) (found []string) {
	w.t.Helper()
	for _, k := range list[domain.Task](w, domain.EntityTask, w.ticket(ticket).UnitID.Any()) {
		if k.Record.TicketID == ticket {
			found = append(found, fmt.Sprint(k.Record.Attempt, " ", k.Record.State))
		}
	}
	slices.Sort(found)
	return found
}

// notices counts a ticket's notices by kind.
func (w *world) notices(ticket domain.TicketID) map[domain.NoticeKind]int {
	w.t.Helper()
	n := map[domain.NoticeKind]int{}
	for _, l := range list[domain.Notice](w, domain.EntityNotice, ticket.Any()) {
		n[l.Record.Kind]++
	}
	return n
}
