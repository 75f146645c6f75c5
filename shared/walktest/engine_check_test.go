package walktest

import (
	"context"
	"fmt"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// check compares everybody, and the log with itself.
func (s *simulation) check() {
	s.t.Helper()
	ctx := s.t.Context()
	must(s.t, s.store.View(ctx, func(tx *store.Tx) error {
		s.checkLog(ctx, tx)
		s.checkTickets(ctx, tx)
		for _, d := range s.devices {
			must(s.t, d.store.View(ctx, func(t *localstore.Tx) error {
				d.checkConfirmed(ctx, t)
				d.checkState(ctx, t, tx)
				return nil
			}))
		}
		return nil
	}))
	if len(s.defects) < 10 {
		s.t.Fatalf("only %d defects were recorded: the dice prove nothing", len(s.defects))
	}
}

// checkLog: sequences run on, every op of a device stands there once and in the
// device's order, and replaying the log gives the records.
func (s *simulation) checkLog(ctx context.Context, tx *store.Tx) {
	s.t.Helper()
	scope := syncproto.Scope{Project: s.project, Audience: domain.AudienceField}
	log, err := tx.ReadLog(ctx, scope, 0, 1_000_000, 1<<30)
	must(s.t, err)
	last := map[domain.DeviceID]uint64{}
	replayed := map[domain.AnyID]merge.Record{}
	for i, l := range log {
		if l.Seq != uint64(i+1) {
			s.t.Fatalf("entry %d stands at place %d", l.Seq, i+1)
		}
		if l.Op.Seq <= last[l.Op.Device] {
			s.t.Errorf("op %d of device %s follows its op %d", l.Op.Seq, l.Op.Device, last[l.Op.Device])
		}
		if l.Op.Device != ident.ServerDevice && l.Op.HLC > syncproto.NextHLC(0, s.clock.Instant()+syncproto.MaxAhead) {
			s.t.Errorf("op %d of device %s is ordered in the future", l.Op.Seq, l.Op.Device)
		}
		last[l.Op.Device] = l.Op.Seq
		replayed[l.Op.ID], _ = merge.Apply(replayed[l.Op.ID], l.Op, l.Seq)
	}
	for id, want := range replayed {
		held, err := tx.Record(ctx, want.Entity, id)
		must(s.t, err)
		if encoded(s.t, held) != encoded(s.t, want) {
			s.t.Errorf("%s %s: the log gives another state than the server holds", want.Entity, id)
		}
	}
}

// checkTickets: every defect has its one ticket, and the numbers run on.
func (s *simulation) checkTickets(ctx context.Context, tx *store.Tx) {
	s.t.Helper()
	list, err := intake.List[domain.Ticket](ctx, tx, domain.EntityTicket, store.Filter{Project: s.project})
	must(s.t, err)
	numbers := map[string]bool{}
	byDefect := map[domain.DefectID]int{}
	for _, k := range list {
		numbers[k.Record.Number] = true
		byDefect[k.Record.DefectID]++
	}
	for i, id := range s.defects {
		if byDefect[id] != 1 {
			s.t.Errorf("defect %s has %d tickets", id, byDefect[id])
		}
		if number := fmt.Sprintf("WX-2026-%06d", i+1); !numbers[number] {
			s.t.Errorf("no ticket has the number %s", number)
		}
	}
	if len(list) != len(s.defects) {
		s.t.Errorf("%d tickets for %d defects", len(list), len(s.defects))
	}
}

// checkConfirmed: everything was answered, and what was refused is visible.
func (d *wired) checkConfirmed(ctx context.Context, t *localstore.Tx) {
	d.s.t.Helper()
	p, err := t.Progress(ctx)
	must(d.s.t, err)
	if p.RecordsConfirmed != p.Records || p.Behind != 0 {
		d.s.t.Errorf("device %s: %+v", d.id, p)
	}
	sent, err := t.Sent(ctx)
	must(d.s.t, err)
	for _, o := range sent {
		command := o.Op.Kind == syncproto.Commanded
		if o.State != localstore.OpDone && !(command && o.State == localstore.OpRejected) {
			d.s.t.Errorf("op %d of device %s ended in state %d", o.Op.Seq, d.id, o.State)
		}
	}
}

// checkState: the device holds what the server holds, byte for byte.
func (d *wired) checkState(ctx context.Context, t *localstore.Tx, tx *store.Tx) {
	d.s.t.Helper()
	for e := domain.EntityProject; e <= domain.EntityPerson; e++ {
		if info, ok := e.Info(); !ok || info.Audience != domain.AudienceField {
			continue
		}
		want, err := tx.Records(ctx, e, store.Filter{Project: d.s.project})
		must(d.s.t, err)
		got, err := t.Records(ctx, e, localstore.Filter{})
		must(d.s.t, err)
		if len(got) != len(want) {
			d.s.t.Errorf("device %s holds %d records of %s, the server %d", d.id, len(got), e, len(want))
			continue
		}
		for i := range want {
			if encoded(d.s.t, got[i]) != encoded(d.s.t, want[i]) {
				d.s.t.Errorf("device %s differs in %s %s:\n%+v\n%+v", d.id, e, want[i].ID, got[i], want[i])
			}
		}
	}
}

func encoded(t *testing.T, r merge.Record) string {
	t.Helper()
	b, err := r.Encode()
	must(t, err)
	return string(b)
}
