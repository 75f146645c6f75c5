//go:build linux

package faulttest

import (
	"context"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// log: sequences run on, each op of a device stands there once and in the
// device's order, and replaying gives the records.
func (a *account) log(ctx context.Context, tx *store.Tx) {
	a.t.Helper()
	for _, scope := range a.scopes {
		last := map[domain.DeviceID]uint64{}
		replayed := map[domain.AnyID]merge.Record{}
		for i, l := range a.entries(ctx, scope) {
			if l.Seq != uint64(i+1) {
				a.t.Fatalf("entry %d of %s stands at place %d", l.Seq, scope, i+1)
			}
			if l.Op.Seq <= last[l.Op.Device] {
				a.wrong("op %d of device %s follows its op %d", l.Op.Seq, l.Op.Device, last[l.Op.Device])
			}
			last[l.Op.Device] = l.Op.Seq
			replayed[l.Op.ID], _ = merge.Apply(replayed[l.Op.ID], l.Op, l.Seq)
			if l.Op.Device == ident.ServerDevice {
				continue // which numbers its ops for each scope
			}
			if a.byDevice[l.Op.Device] == nil {
				a.byDevice[l.Op.Device] = map[uint64]int{}
			}
			a.byDevice[l.Op.Device][l.Op.Seq]++
		}
		for id, want := range replayed {
			held, err := tx.Record(ctx, want.Entity, id)
			must(a.t, err)
			if a.encoded(held) != a.encoded(want) {
				a.wrong("%s %s: the log gives another state than the server holds", want.Entity, id)
			}
		}
	}
	for id, ops := range a.byDevice {
		for seq, n := range ops {
			if n != 1 {
				a.wrong("op %d of device %s took effect %d times", seq, id, n)
			}
		}
		if len(ops) != a.sent[id] {
			a.wrong("device %s sent %d ops, %d took effect", id, a.sent[id], len(ops))
		}
	}
}

// entries reads a scope's log as a new device would.
func (a *account) entries(ctx context.Context, scope syncproto.Scope) (list []syncproto.Logged) {
	a.t.Helper()
	s := a.open(ctx)
	e := intake.Engine{Store: s, Now: func() domain.Instant { return 0 }}
	pull := &syncproto.Pull{Scope: scope}
	for {
		encoded, err := e.Page(ctx, pull)
		must(a.t, err)
		b, err := syncproto.EncodeFrame(encoded)
		must(a.t, err)
		f, err := syncproto.DecodeFrame(b)
		must(a.t, err)
		page := f.(*syncproto.Page)
		list = append(list, page.Changes...)
		if page.LastSeq >= page.Head || len(page.Changes) == 0 {
			must(a.t, s.Close())
			return list
		}
		pull.Epoch, pull.After = page.Epoch, page.LastSeq
	}
}
