//go:build linux

package faulttest

import (
	"context"
	"path/filepath"

	"keyturn/shared/syncproto"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
)

// settle lets everybody come to rest: all runs, nobody saves, every device has
// all answers and everything that the server's log holds.
func (w *world) settle() {
	w.t.Helper()
	w.rise()
	for _, d := range w.devices {
		d.mu.Lock()
		d.state = state{} // of an earlier rest
		d.mu.Unlock()
	}
	w.all("rest")
	for come, done := uint64(0), false; !done; {
		w.until("all has settled", func() bool {
			done = w.settled()
			return done || w.come() > come
		})
		come = w.come()
	}
}

// come measures how far everybody has come: much may be on its way.
func (w *world) come() (sum uint64) {
	for _, d := range w.devices {
		d.mu.Lock()
		p := d.state.Progress
		sum += p.Have + uint64(p.RecordsConfirmed+p.PhotosConfirmed)
		d.mu.Unlock()
	}
	return sum
}

func (w *world) settled() bool {
	for _, d := range w.devices {
		if !d.process.running() {
			w.t.Fatalf("%s ended: %v", d.plan.Name, d.process.err)
		}
		d.mu.Lock()
		p := d.state.Progress
		d.mu.Unlock()
		if p.Have == 0 || p.Behind != 0 || !p.AllConfirmed() {
			return false
		}
	}
	heads := w.heads()
	for _, d := range w.devices {
		d.mu.Lock()
		cursors := d.state.Cursors
		d.mu.Unlock()
		for _, c := range cursors {
			if heads[c.Scope] != c.Seq {
				return false
			}
		}
	}
	return true
}

// heads reads how far the server's log has come, beside the running server.
func (w *world) heads() map[syncproto.Scope]uint64 {
	w.t.Helper()
	heads := map[syncproto.Scope]uint64{}
	w.view(func(ctx context.Context, tx *store.Tx) {
		for _, d := range w.devices {
			d.mu.Lock()
			cursors := d.state.Cursors
			d.mu.Unlock()
			for _, c := range cursors {
				var err error
				heads[c.Scope], err = tx.Head(ctx, c.Scope)
				must(w.t, err)
			}
		}
	})
	return heads
}

// open opens the server's store, beside the running server or after its end.
func (w *world) open(ctx context.Context) *store.Store {
	w.t.Helper()
	s, err := store.Open(ctx, filepath.Join(w.server, service.DatabaseFile))
	must(w.t, err)
	return s
}

// view looks into the server's store.
func (w *world) view(look func(context.Context, *store.Tx)) {
	w.t.Helper()
	ctx := w.t.Context()
	s := w.open(ctx)
	must(w.t, s.View(ctx, func(tx *store.Tx) error {
		look(ctx, tx)
		return nil
	}))
	must(w.t, s.Close())
}
