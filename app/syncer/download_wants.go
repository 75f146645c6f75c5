package syncer

import (
	"context"
	"slices"
	"sync"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// wants remembers which blobs the device should hold, as localstore's WantedBlobs
// lists them. Listing reads plans, baselines and all open tasks; so it is done
// again only for what a frame from the server has changed. The device's own work
// comes back in such frames.
type wants struct {
	mu   sync.Mutex
	held wanted
	// fresh says which parts of it are still right.
	fresh parts
	// reading is set while the store is read: what changes then may be in it or not.
	reading bool
}

// wanted is what names the blobs that the device should hold.
type wanted struct {
	pictures []domain.Hash
	tasks    []localstore.Reinspection
	photos   []localstore.Listed[domain.Attachment]
}

// parts of what is wanted.
type parts struct{ pictures, tasks, photos bool }

var allParts = parts{pictures: true, tasks: true, photos: true}

// forget makes all of it be read again.
func (w *wants) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fresh = parts{}
}

// hear learns from a frame and reports whether other blobs may be wanted now.
func (w *wants) hear(f syncproto.Frame) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch f := f.(type) {
	case *syncproto.Welcome, *syncproto.ScopeAdd, *syncproto.ScopeDrop:
		w.fresh = parts{} // copies come and go
	case *syncproto.Page:
		if f.PrevSeq == 0 {
			w.fresh = parts{} // it may take the place of another copy
		}
		for _, l := range f.Changes {
			w.changed(l.Op)
		}
	}
	return w.fresh != allParts
}

// changed notes what an op makes stale.
func (w *wants) changed(op syncproto.Op) {
	switch op.Entity {
	case domain.EntityPlan, domain.EntityBaseline:
		w.fresh.pictures = false
	case domain.EntityTask:
		task, err := syncproto.Decode[domain.Task](op.Fields)
		if w.reading || err != nil || task.Stage == domain.StageReinspect || w.anyTask(func(r localstore.Reinspection) bool { return r.Task.Any() == op.ID }) {
			w.fresh.tasks = false
		}
	case domain.EntityTicket:
		// It may be the one that a task waits for.
		if w.reading || w.anyTask(func(r localstore.Reinspection) bool { return r.Defect.IsZero() }) {
			w.fresh.tasks = false
		}
	case domain.EntityAttachment:
		parent := op.Fields.Parent()
		known := slices.ContainsFunc(w.held.photos, func(a localstore.Listed[domain.Attachment]) bool { return a.ID.Any() == op.ID })
		if w.reading || known || w.anyTask(func(r localstore.Reinspection) bool { return !parent.IsZero() && r.Defect.Any() == parent }) {
			w.fresh.photos = false
		}
	}
}

func (w *wants) anyTask(is func(localstore.Reinspection) bool) bool {
	return slices.ContainsFunc(w.held.tasks, is)
}

// list gives what is wanted now. One goroutine at a time may ask.
func (w *wants) list(ctx context.Context, s *localstore.Store) ([]domain.Hash, error) {
	w.mu.Lock()
	next, fresh := w.held, w.fresh
	if fresh != allParts {
		w.reading, w.fresh = true, allParts // what becomes stale from here on is read the next time
	}
	w.mu.Unlock()
	if fresh != allParts {
		err := s.View(ctx, func(t *localstore.Tx) error { return next.read(ctx, t, fresh) })
		w.mu.Lock()
		w.reading = false
		if err == nil {
			w.held = next
		} else {
			w.fresh = parts{}
		}
		w.mu.Unlock()
		if err != nil {
			return nil, err
		}
	}
	return append(slices.Clone(next.pictures), localstore.Evidence(next.photos)...), nil
}

// read lists again what is not fresh.
func (w *wanted) read(ctx context.Context, t *localstore.Tx, fresh parts) (err error) {
	if !fresh.pictures {
		if w.pictures, err = t.WantedPictures(ctx); err != nil {
			return err
		}
	}
	if !fresh.tasks {
		if w.tasks, err = t.Reinspections(ctx); err != nil {
			return err
		}
	}
	if !fresh.tasks || !fresh.photos {
		w.photos, err = t.PhotosOf(ctx, w.tasks)
	}
	return err
}
