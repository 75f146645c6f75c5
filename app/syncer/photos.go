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

	once sync.Once
	poke chan struct{}
	pace pace
}

const (
	uploadBatch = 16
	retryPhotos = 5 * time.Second
)

func (p *Photos) signal() chan struct{} {
	p.once.Do(func() { p.poke = make(chan struct{}, 1) })
	return p.poke
}

// Poke says that there may be something to move.
func (p *Photos) Poke() {
	select {
	case p.signal() <- struct{}{}:
	default:
	}
}

// run moves photos while a connection lasts. What cannot be moved is tried again
// some seconds later, however often it is poked meanwhile.
func (p *Photos) run(ctx context.Context, id localstore.Identity) {
	retry := time.NewTicker(retryPhotos)
	defer retry.Stop()
	poke := p.signal()
	for {
		select {
		case <-ctx.Done():
			return
		case <-poke:
		case <-retry.C:
		}
		poke = p.signal()
		if p.Move(ctx, id) != nil {
			poke = nil // the queue in the store remembers what is left
		}
	}
}

// Move carries, once, what there is to carry: this device's photos up and what
// it needs down. What fails is left for the next time.
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
