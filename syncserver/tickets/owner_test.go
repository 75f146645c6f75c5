package tickets_test

import (
	"slices"
	"testing"

	"keyturn/shared/domain"
)

// passed is a ticket whose repair was passed.
func (w *world) passed(name string, unit domain.UnitID, code string) domain.TicketID {
	w.t.Helper()
	ticket := w.finished(name, unit, code)
	w.inspector.verdict(ticket, domain.AnswerPass, true)
	return ticket
}

func TestOwnerRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.passed("d", w.livedIn, stiffDoor)
	w.inspector.owner(ticket, true, "")
	if k := w.is(ticket, domain.RepairPassed); !slices.Equal(k.Review, []string{"guard.reason_given"}) {
		t.Errorf("%v", k.Review)
	}
	w.inspector.owner(ticket, true, "still stiff")
	k := w.is(ticket, domain.RepairInProgress)
	if k.Attempt != 2 || k.PassedAt.Set() || k.FinishedAt.Set() || k.FailedReinspections != 0 {
		t.Errorf("%+v", k)
	}
	w.repaired(ticket)
	if got := w.tasks(ticket); !slices.Equal(got, []string{"1 done", "2 open"}) {
		t.Errorf("tasks %v", got)
	}
}

// Where nobody owns the flat yet the system confirms at once.
func TestUndeliveredUnitIsConfirmedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.passed("d", w.empty, stiffDoor)
	if k := w.is(ticket, domain.RepairClosed); k.ClosedAt != w.now {
		t.Errorf("%+v", k)
	}
	rows := list[domain.Confirmation](w, domain.EntityConfirmation, ticket.Any())
	if len(rows) != 1 || rows[0].Record.Method != "no_owner" || rows[0].Record.Refused {
		t.Errorf("%+v", rows)
	}
}

// Seven days' silence confirms what is not critical.
func TestSilenceConfirms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.passed("d", w.livedIn, stiffDoor)
	w.pass(7 * day)
	w.is(ticket, domain.RepairPassed)
	w.now++
	w.tick()
	w.is(ticket, domain.RepairClosed)
	rows := list[domain.Confirmation](w, domain.EntityConfirmation, ticket.Any())
	if len(rows) != 1 || rows[0].Record.Method != "silence" {
		t.Errorf("%+v", rows)
	}
	if n := len(w.tick()); n != 0 {
		t.Errorf("the next tick wrote %d entries", n)
	}
}

func TestSilenceDoesNotConfirmWhatIsCritical(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create(w.project, domain.EntityScope, id[any]("pipes"), domain.ContractScope{PartyID: w.rival, Trades: []string{"给排水"}, WarrantyStart: "2026-08-01"})
	ticket := w.passed("burst", w.livedIn, pipeBurst)
	if k := w.ticket(ticket); k.Severity != domain.Critical {
		t.Fatalf("%+v", k)
	}
	w.now += 100 * day
	w.tick()
	w.is(ticket, domain.RepairPassed)
}

// The days of silence are configuration.
func TestSilenceIsConfigured(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.configure(w.project.Any(), "repair.owner_silence_close_days", "2")
	ticket := w.passed("d", w.livedIn, stiffDoor)
	w.now += 2*day + 1
	w.tick()
	w.is(ticket, domain.RepairClosed)
}

// Nobody answered within the response limit: the system accepts for the
// contractor, once.
func TestAutomaticAcceptance(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, stiffDoor)
	w.now = w.ticket(ticket).RespondDue
	w.tick()
	w.is(ticket, domain.RepairAssigned)
	w.now++
	w.tick()
	w.is(ticket, domain.RepairAccepted)
	w.tick()
	if n := w.count(ticket.Any(), "event.repair.accept"); n != 1 {
		t.Errorf("accepted %d times", n)
	}
	for _, e := range list[domain.Event](w, domain.EntityEvent, ticket.Any()) {
		if e.Record.What.Key == "event.repair.accept" && (e.Record.Why.Key != "reason.auto_accept" || e.Record.Actor == w.coordinator.id) {
			t.Errorf("%+v", e.Record)
		}
	}
	disputed := w.assigned("disputed", w.empty, stiffDoor)
	w.coordinator.move(disputed, domain.RepairDispute, "not ours")
	w.now += 2 * day
	w.tick()
	w.is(disputed, domain.RepairDisputed)
}
