package syncer

import (
	"context"
	"errors"
	"slices"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
)

const (
	// uploadBatch is how many photos are begun in one commit.
	uploadBatch = 16
	// noteEvery is how long it may take, in milliseconds, until the store knows
	// that a photo has arrived: quick ones share a commit. What a crash forgets the
	// server is asked about.
	noteEvery domain.Instant = 250
)

// queue is one pass through what waits to be sent.
type queue struct {
	*Photos
	// failed is left for the next pass.
	failed map[domain.Hash]bool
	// arrived is what the server has confirmed and the store does not know yet.
	arrived []domain.Hash
	noted   domain.Instant
}

// uploadAll works through the queue; it ends early only when the network or the
// store does.
func (p *Photos) uploadAll(ctx context.Context, id localstore.Identity) (err error) {
	q := &queue{Photos: p, failed: map[domain.Hash]bool{}, noted: p.Store.Now()}
	defer func() { err = errors.Join(err, q.note(context.WithoutCancel(ctx))) }()
	for {
		next, err := q.next(ctx)
		if err != nil || len(next) == 0 {
			return err
		}
		for _, u := range next {
			if err := q.send(ctx, id, u); err != nil {
				return err
			}
		}
	}
}

// next notes what has arrived and gives what to send now, marked as begun. A
// commit rings the bell that brought us here, so there is none without a cause.
func (q *queue) next(ctx context.Context) (next []localstore.Upload, err error) {
	look := func(t *localstore.Tx) error {
		next, err = t.NextUploads(ctx, uploadBatch+len(q.failed))
		next = slices.DeleteFunc(next, func(u localstore.Upload) bool { return q.failed[u.SHA256] })
		return err
	}
	if len(q.arrived) == 0 {
		err = q.Store.View(ctx, look)
		if err != nil || !slices.ContainsFunc(next, func(u localstore.Upload) bool { return !u.Begun }) {
			return next, err
		}
	}
	err = q.Store.Update(ctx, func(t *localstore.Tx) error {
		if err := q.confirm(ctx, t); err != nil {
			return err
		}
		if err := look(t); err != nil {
			return err
		}
		return t.BeginUploads(ctx, next)
	})
	if err != nil {
		return nil, err
	}
	q.arrived, q.noted = nil, q.Store.Now()
	return next, nil
}

// send uploads one photo. An error ends the pass.
func (q *queue) send(ctx context.Context, id localstore.Identity, u localstore.Upload) error {
	err := q.upload(ctx, id, u)
	switch {
	case err == nil:
		q.arrived = append(q.arrived, u.SHA256)
	case local(err):
		q.failed[u.SHA256] = true
	default:
		return err
	}
	if since := q.Store.Now() - q.noted; since >= 0 && since < noteEvery {
		return nil
	}
	return q.note(ctx)
}

// note puts what has arrived into the store.
func (q *queue) note(ctx context.Context) error {
	if len(q.arrived) == 0 {
		return nil
	}
	err := q.Store.Update(ctx, func(t *localstore.Tx) error { return q.confirm(ctx, t) })
	if err == nil {
		q.arrived, q.noted = nil, q.Store.Now()
	}
	return err
}

func (q *queue) confirm(ctx context.Context, t *localstore.Tx) error {
	for _, sha := range q.arrived {
		if err := t.ConfirmUpload(ctx, sha); err != nil {
			return err
		}
	}
	return nil
}
