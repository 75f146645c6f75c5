package syncer

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Photos moves bytes beside the sync session: this device's photos up, plans and
// other people's photos down. A ticket never waits for it, and its failures
// never end the session.
type Photos struct {
	Store *localstore.Store
	Link  *Link
	// Open reads a rendition of one of this device's photos.
	Open func(u localstore.Upload) (io.ReadSeekCloser, error)
	// Discard deletes the files of a photo that was erased; nil where there are none.
	Discard func(sha domain.Hash) error
	// Cache holds what was downloaded, named by hash.
	Cache *Cache

	up, down bell
	pace     pace
	wants    wants
}

const retryPhotos = 5 * time.Second

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

// worked says that the store has changed: the server may have taken the record
// of a photo.
func (p *Photos) worked() { p.up.ring() }

// hear learns from a frame that the device has taken in whether there may be
// something to fetch or to delete.
func (p *Photos) hear(f syncproto.Frame) {
	page, ok := f.(*syncproto.Page)
	erased := ok && slices.ContainsFunc(page.Changes, func(l syncproto.Logged) bool { return l.Op.Kind == syncproto.Erased })
	if p.wants.hear(f) || erased {
		p.down.ring()
	}
}

// restored says that a scope's copy was replaced.
func (p *Photos) restored() {
	p.wants.forget()
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
	p.wants.forget()
	return errors.Join(p.uploadAll(ctx, id), p.downloadAll(ctx, id))
}

// local reports whether a failure concerns one photo and not the connection.
func local(err error) bool {
	var refused *Refused
	return errors.As(err, &refused) || errors.Is(err, os.ErrNotExist)
}
