//go:build linux

package faulttest

import (
	"context"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// reconcile settles everybody, ends all processes and counts.
func (w *world) reconcile() {
	w.t.Helper()
	w.settle()
	w.end()
	a := &account{
		world: w, byDevice: map[domain.DeviceID]map[uint64]int{}, sent: map[domain.DeviceID]int{},
		defects: map[domain.DefectID]bool{}, found: map[string]int{},
	}
	w.view(func(ctx context.Context, tx *store.Tx) {
		for _, d := range w.devices {
			a.device(ctx, tx, d)
		}
		a.log(ctx, tx)
		a.tickets(ctx, tx)
	})
	a.photos()
	saves, photos := w.saved()
	if saves == 0 || a.checked == 0 && w.plan.Photos > 0 {
		w.t.Errorf("%d saves, %d photo files: nothing was proven", saves, a.checked)
	}
	w.t.Logf("reconciled: %d saves with %d photos were shown as saved, %d defects and %d photo files are everywhere; the server started %d times; %.0f s",
		saves, photos, len(a.defects), a.checked, w.starts, time.Since(w.began).Seconds())
}

// account is the closing of the books.
type account struct {
	*world
	scopes   []syncproto.Scope
	byDevice map[domain.DeviceID]map[uint64]int
	// sent counts the ops of each device's outbox.
	sent    map[domain.DeviceID]int
	defects map[domain.DefectID]bool
	checked int
	found   map[string]int
}

// complaints is how many of a kind are shown.
const complaints = 5

// wrong reports what does not add up; a loss often shows in a thousand places.
func (a *account) wrong(format string, args ...any) {
	a.t.Helper()
	a.found[format]++
	switch n := a.found[format]; {
	case n <= complaints:
		a.t.Errorf(format, args...)
	case n == complaints+1:
		a.t.Errorf("… and more of that kind")
	}
}
