package syncer

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
)

// Photos moves bytes beside the sync session: this device's photos up, plans and
// other people's photos down. A ticket never waits for it, and its failures
// never end the session.
type Photos struct {
	Store *localstore.Store
	Link  *Link
	// Open reads a rendition of one of this device's photos.
	Open func(u localstore.Upload) (io.ReadSeekCloser, error)
	// Cache holds what was downloaded, named by hash.
	Cache *Cache

	up, down bell
	pace     pace
}

const (
	uploadBatch = 16
	retryPhotos = 5 * time.Second
)

// bell remembers that it was rung until somebody looks.
type bell struct {
	once  sync.Once
	rings chan struct{}
}

func (b *bell) rung() chan struct{} {
	b.once.Do(func() { b.rings = make(chan struct{}, 1) })
	return b.rings
}

func (b *bell) ring() {
	select {
	case b.rung() <- struct{}{}:
	default:
	}
}

// Poke says that there may be something to move.
func (p *Photos) Poke() {
	p.up.ring()
	p.down.ring()
}

// run moves photos while a connection lasts. Neither direction waits for the
// other: a plan may take minutes to come over a slow link.
func (p *Photos) run(ctx context.Context, id localstore.Identity) {
	var both sync.WaitGroup
	both.Go(func() { repeat(ctx, &p.up, func() error { return p.uploadAll(ctx, id) }) })
	both.Go(func() { repeat(ctx, &p.down, func() error { return p.downloadAll(ctx, id) }) })
	both.Wait()
}

// repeat works whenever the bell is rung. What cannot be moved is tried again
// some seconds later, however often it is rung meanwhile.
func repeat(ctx context.Context, b *bell, work func() error) {
	retry := time.NewTicker(retryPhotos)
	defer retry.Stop()
	rung := b.rung()
	for {
		select {
		case <-ctx.Done():
			return
		case <-rung:
		case <-retry.C:
		}
		rung = b.rung()
		if work() != nil {
			rung = nil // the queue in the store remembers what is left
		}
	}
}

// Move carries, once and one after the other, what there is to carry: this
// device's photos up and what it needs down. What fails is left for the next
// time. It is for who steps the device by hand; a Runner does the same by itself.
func (p *Photos) Move(ctx context.Context, id localstore.Identity) error {
	return errors.Join(p.uploadAll(ctx, id), p.downloadAll(ctx, id))
}

// uploadAll works through the queue; it ends early only when the network or the
// store does.
func (p *Photos) uploadAll(ctx context.Context, id localstore.Identity) error {
	failed := map[domain.Hash]bool{}
	for {
		var queue []localstore.Upload
		err := p.Store.View(ctx, func(t *localstore.Tx) (err error) {
			queue, err = t.NextUploads(ctx, uploadBatch+len(failed))
			return err
		})
		if err != nil {
			return err
		}
		moved := false
		for _, u := range queue {
			if failed[u.SHA256] {
				continue
			}
			moved = true
			if err := p.upload(ctx, id, u); err != nil {
				if !local(err) {
					return err
				}
				failed[u.SHA256] = true
			}
		}
		if !moved {
			return nil
		}
	}
}

// local reports whether a failure concerns one photo and not the connection.
func local(err error) bool {
	var refused *Refused
	return errors.As(err, &refused) || errors.Is(err, os.ErrNotExist)
}

// downloadAll fetches what the device needs offline: plans, show-flat photos and
// the photos of open re-inspections.
func (p *Photos) downloadAll(ctx context.Context, id localstore.Identity) error {
	var wanted []domain.Hash
	err := p.Store.View(ctx, func(t *localstore.Tx) (err error) {
		wanted, err = t.WantedBlobs(ctx)
		return err
	})
	if err != nil {
		return err
	}
	for _, sha := range wanted {
		if err := p.Fetch(ctx, id, sha); err != nil && !local(err) {
			return err
		}
	}
	return nil
}
