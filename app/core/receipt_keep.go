package core

import (
	"context"
	"time"

	"keyturn/app/localstore"
)

// times are how often the keeper may look and ask.
type times struct {
	// look is the least time between two looks at what is confirmed, ask between
	// two receipts that nobody asked for: each costs about 100 bytes an op. After
	// failures it doubles up to longest.
	look, ask, longest time.Duration
}

var usualTimes = times{look: 2 * time.Second, ask: 5 * time.Minute, longest: time.Hour}

// Want asks for a receipt of what is confirmed so far, without the usual pause.
func (r *Receipts) Want() {
	select {
	case r.wants <- struct{}{}:
	default:
	}
}

// keep fetches a new receipt whenever the server has confirmed everything and
// the newest receipt does not say so yet. It ends with ctx.
func (r *Receipts) keep(ctx context.Context, online func() bool) {
	rings, stop := r.store.Subscribe()
	defer stop()
	timer := time.NewTimer(r.times.look)
	defer timer.Stop()
	var next time.Time
	var last state
	wanted, pause := false, r.times.ask
	for {
		select {
		case <-ctx.Done():
			return
		case <-rings:
		case <-timer.C:
		case <-r.wants:
			next, wanted = time.Time{}, true
		}
		if wait := time.Until(next); wait > 0 {
			timer.Reset(wait)
			continue
		}
		next = time.Now().Add(r.times.look)
		now, due := r.due(ctx, last)
		if !due && (!wanted || now.records == 0) || !online() {
			continue
		}
		wanted = false
		next = time.Now().Add(pause)
		if _, err := r.Fetch(ctx); err != nil {
			pause = min(2*pause, r.times.longest)
			continue
		}
		last, pause = now, r.times.ask
	}
}

// state is what a receipt would confirm, in numbers.
type state struct{ records, photos int }

// due reports whether everything is confirmed and no receipt says so: neither
// the newest nor the one fetched for this very state.
func (r *Receipts) due(ctx context.Context, last state) (now state, due bool) {
	var p localstore.Progress
	var next uint64
	err := r.store.View(ctx, func(t *localstore.Tx) (err error) {
		if p, err = t.Progress(ctx); err != nil {
			return err
		}
		next, err = t.NextWaiting(ctx)
		return err
	})
	now = state{records: p.RecordsConfirmed, photos: p.PhotosConfirmed}
	if err != nil || p.Records == 0 || !p.AllConfirmed() || now == last {
		return now, false
	}
	held, ok, err := r.Newest(ctx)
	return now, err != nil || !ok || held.To+1 < next || held.Awaited > 0
}
