//go:build linux

package faulttest

import (
	"context"
	"slices"
	"strings"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// device holds a device against the server: its outbox is answered, its rows
// are the server's, and whatever any device showed as saved is here.
func (a *account) device(ctx context.Context, tx *store.Tx, d *device) {
	a.t.Helper()
	for said := range d.lately {
		if strings.Contains(said, "malformed") {
			a.wrong("%s lives on with a broken store: %s", d.plan.Name, said)
		}
	}
	s, err := localstore.Open(ctx, d.plan.Dir, func() domain.Instant { return 0 })
	must(a.t, err)
	id, err := s.Identity(ctx)
	must(a.t, err)
	must(a.t, s.View(ctx, func(t *localstore.Tx) error {
		a.outbox(ctx, t, tx, d, id.Device)
		cursors, err := t.Cursors(ctx)
		must(a.t, err)
		for _, c := range cursors {
			if head, err := tx.Head(ctx, c.Scope); err != nil || head != c.Seq {
				a.wrong("%s stands at %d of %d in %s: %v", d.plan.Name, c.Seq, head, c.Scope, err)
			}
			a.rows(ctx, t, tx, d, c.Scope)
			if !slices.Contains(a.scopes, c.Scope) {
				a.scopes = append(a.scopes, c.Scope)
			}
		}
		for _, other := range a.devices {
			for _, saved := range other.acknowledged() {
				if _, ok, err := localstore.Get(ctx, t, domain.EntityDefect, saved.defect); err != nil || !ok {
					a.wrong("%s showed defect %s as saved; %s does not have it: %v", other.plan.Name, saved.defect, d.plan.Name, err)
				}
			}
		}
		return nil
	}))
	must(a.t, s.Close())
}

// outbox: every op was answered, and the server has received exactly these.
func (a *account) outbox(ctx context.Context, t *localstore.Tx, tx *store.Tx, d *device, id domain.DeviceID) {
	a.t.Helper()
	sent, err := t.Sent(ctx)
	must(a.t, err)
	a.sent[id] = len(sent)
	for i, o := range sent {
		if o.State != localstore.OpDone || o.Op.Seq != uint64(i+1) {
			a.wrong("%s: op %d at place %d ended in state %d", d.plan.Name, o.Op.Seq, i+1, o.State)
		}
		received, err := tx.Received(ctx, id, o.Op.Seq)
		if err != nil || received.Answer.Status != syncproto.Applied {
			a.wrong("%s: op %d: the server noted %+v, %v", d.plan.Name, o.Op.Seq, received.Answer, err)
		}
	}
	held, err := tx.Device(ctx, id)
	if err != nil || held.NextSeq != uint64(len(sent)+1) {
		a.wrong("%s recorded %d ops, the server expects number %d next: %v", d.plan.Name, len(sent), held.NextSeq, err)
	}
	queue, err := t.NextUploads(ctx, 10)
	if err != nil || len(queue) > 0 {
		a.wrong("%s still has photos to send: %+v, %v", d.plan.Name, queue, err)
	}
}

// rows: a scope's records are byte for byte the server's.
func (a *account) rows(ctx context.Context, t *localstore.Tx, tx *store.Tx, d *device, scope syncproto.Scope) {
	a.t.Helper()
	for e := domain.EntityProject; ; e++ {
		info, ok := e.Info()
		if !ok {
			return
		}
		if info.Audience != scope.Audience {
			continue
		}
		want, err := tx.Records(ctx, e, store.Filter{Project: scope.Project})
		must(a.t, err)
		got, err := t.Records(ctx, e, localstore.Filter{Project: scope.Project})
		must(a.t, err)
		if len(got) != len(want) {
			a.wrong("%s holds %d records of %s, the server %d", d.plan.Name, len(got), e, len(want))
			continue
		}
		for i := range want {
			if a.encoded(got[i]) != a.encoded(want[i]) {
				a.wrong("%s differs in %s %s:\n%+v\n%+v", d.plan.Name, e, want[i].ID, got[i], want[i])
			}
		}
	}
}

func (a *account) encoded(r merge.Record) string {
	a.t.Helper()
	b, err := r.Encode()
	must(a.t, err)
	return string(b)
}
