package drilltest

import (
	"context"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
	"keyturn/syncserver/tickets"
)

// Devices come back in any order. Work on a record that only another device can
// bring back is not lost when it comes first: a change lands in review, from
// which it is accepted once the record is there, and a decision is refused and
// shown to who made it.
func TestWorkOnWhatTheServerForgot(t *testing.T) {
	w := newWorld(t, onSQLite(t))
	tablet, second, desk := w.enrol("inspector1"), w.enrol("inspector2"), w.enrol("coordinator1")
	for _, d := range w.devices {
		d.synced()
	}
	made := w.backupWhile(true, func(int) {})

	defect := tablet.record(w, "recorded after the backup", 1)
	ticket := tickets.TicketOf(defect)
	w.inStep()
	must(t, second.Field.AmendDefect(t.Context(), w.project, defect, func(d *domain.Defect) { d.Description = "changed by another" }))
	assign := syncproto.Command{Action: string(domain.RepairAssign)}
	must(t, desk.Field.Command(t.Context(), w.project, domain.EntityTicket, ticket.Any(), assign))
	w.inStep()
	for _, d := range w.devices {
		if list := d.attention(); len(list) > 0 {
			t.Fatalf("%s before the loss: %+v", d.login, list)
		}
		d.Disconnect()
	}
	w.lose()
	w.site = onSQLite(t)
	restored := w.restore(made.Path)
	w.serve()

	second.Connect(context.WithoutCancel(t.Context()))
	desk.Connect(context.WithoutCancel(t.Context()))
	second.needs(localstore.OpInReview, syncproto.CodeMissing)
	desk.needs(localstore.OpRejected, syncproto.CodeMissing)
	tablet.Connect(context.WithoutCancel(t.Context()))
	w.settle(restored.Epoch)
	if d, ok := defectOn(desk, defect); !ok || d.Description != "recorded after the backup" {
		t.Errorf("the desk shows %+v", d)
	}

	waiting, err := w.server.WaitingOf(t.Context(), second.id, w.project)
	must(t, err)
	if len(waiting) != 1 {
		t.Fatalf("%d groups are in review", len(waiting))
	}
	reviewer, err := w.server.PersonByLogin(t.Context(), "manager1")
	must(t, err)
	must(t, w.server.Accept(t.Context(), waiting[0], reviewer))
	must(t, desk.Field.Command(t.Context(), w.project, domain.EntityTicket, ticket.Any(), assign))
	w.inStep()
	for _, d := range w.devices {
		// The change was made on a log that is lost: that its author had seen the
		// first text cannot be known any more, so both stay for a person.
		d.until("shows both texts", func(ctx context.Context, t *localstore.Tx) (bool, error) {
			r, ok, err := t.Shown(ctx, domain.EntityDefect, defect.Any())
			return ok && r.OpenContests() == 1, err
		})
	}
	must(t, w.server.Store.View(t.Context(), func(tx *store.Tx) error {
		for _, d := range w.devices {
			w.rows(t.Context(), tx, d)
		}
		w.once(t.Context(), tx)
		w.tickets(t.Context(), tx)
		w.photos(t.Context(), tx)
		return nil
	}))
}

func (d *device) attention() (list []localstore.Attention) {
	d.t.Helper()
	must(d.t, d.Store.View(d.t.Context(), func(t *localstore.Tx) (err error) {
		list, err = t.NeedsAttention(d.t.Context())
		return err
	}))
	return list
}

// needs waits until exactly one op needs a person, and is in that state.
func (d *device) needs(state localstore.OpState, code syncproto.Code) {
	d.t.Helper()
	d.until("needs attention", func(ctx context.Context, t *localstore.Tx) (bool, error) {
		list, err := t.NeedsAttention(ctx)
		if len(list) > 1 || len(list) == 1 && (list[0].State != state || list[0].Code != code) {
			d.t.Errorf("%s: %+v", d.login, list)
		}
		return len(list) > 0, err
	})
}
