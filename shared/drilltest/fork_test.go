package drilltest

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/syncserver/store"
)

// A tablet's data are copied to another tablet, and both go on working. The one
// that comes second becomes a device of its own; what both recorded arrives, once,
// with its photos, and so does what comes later.
func TestClonedTabletForks(t *testing.T) {
	w := newWorld(t, onSQLite(t))
	ctx := t.Context()
	first := filepath.Join(t.TempDir(), "tablet")
	c := open(t, first)
	must(t, c.Enrol(ctx, "http://"+w.address, w.code("inspector1"), "tablet"))
	d := w.takes(c, "inspector1")
	d.record(w, "before", 1)
	d.Connect(context.WithoutCancel(ctx))
	d.synced()
	must(t, c.Close(context.WithoutCancel(ctx)))
	second := filepath.Join(t.TempDir(), "copy")
	must(t, os.CopyFS(second, os.DirFS(first)))

	its, clone := w.takes(open(t, first), "inspector1"), w.takes(open(t, second), "inspector1")
	for _, d := range []*device{its, clone} {
		t.Cleanup(func() { must(t, d.Close(context.WithoutCancel(ctx))) })
	}
	its.record(w, "its own", 2)
	clone.record(w, "the clone's", 1)
	clone.record(w, "and another", 0)
	for _, d := range []*device{its, clone} {
		d.Connect(context.WithoutCancel(ctx))
		d.synced()
	}
	clone.record(w, "as a device of its own", 1)
	clone.synced()
	its.synced()

	kept, err := its.Store.Identity(ctx)
	must(t, err)
	forked, err := clone.Store.Identity(ctx)
	must(t, err)
	if kept.Device != d.id || forked.Device == d.id || forked.Person != kept.Person {
		t.Errorf("%s and %s of %s", kept.Device, forked.Device, d.id)
	}
	for _, d := range []*device{its, clone} {
		d.until("all defects are here", func(ctx context.Context, tx *localstore.Tx) (bool, error) {
			list, err := localstore.List[domain.Defect](ctx, tx, domain.EntityDefect, localstore.Filter{})
			return len(list) == 5, err
		})
	}
	must(t, clone.Store.View(ctx, func(tx *localstore.Tx) error {
		sent, err := tx.Sent(ctx)
		for _, o := range sent {
			if o.State != localstore.OpDone {
				t.Errorf("op %d of %s is in state %d", o.Op.Seq, o.Op.Device, o.State)
			}
		}
		return err
	}))
	must(t, w.server.Store.View(ctx, func(tx *store.Tx) error {
		devices, err := tx.Devices(ctx)
		if len(devices) != 2 {
			t.Errorf("the server knows %d devices", len(devices))
		}
		return err
	}))
	for _, d := range []*device{its, clone} {
		for _, hashes := range d.saved {
			for _, sha := range hashes {
				w.holds(sha, true)
			}
		}
	}
}
