package intake

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// arrivals records many blobs in one transaction: those that arrive while one is
// being committed wait for it and share the next.
type arrivals struct {
	// turn is the right to commit.
	turn sync.Mutex

	mu   sync.Mutex
	next *arrivalGroup // nil: nobody waits
}

// arrivalGroup is recorded together.
type arrivalGroup struct {
	blobs map[domain.Hash]int64
	// done is closed when results are there.
	done    chan struct{}
	results map[domain.Hash]error
}

// errNotRecorded: whoever was to record a group did not come to its end.
var errNotRecorded = errors.New("the blob was not recorded")

func (g *arrivalGroup) result(sha domain.Hash) error {
	if err, recorded := g.results[sha]; recorded {
		return err
	}
	return errNotRecorded
}

// join puts a blob into the group that is recorded next. Who comes first leads it.
func (a *arrivals) join(sha domain.Hash, size int64) (g *arrivalGroup, leads bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if leads = a.next == nil; leads {
		a.next = &arrivalGroup{blobs: map[domain.Hash]int64{}, done: make(chan struct{}), results: map[domain.Hash]error{}}
	}
	a.next.blobs[sha] = size
	return a.next, leads
}

// seal keeps others from joining from here on.
func (a *arrivals) seal() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.next = nil
}

// BlobArrived records durable bytes and marks the attachments that waited for
// them. What was appended is told to one of those whose blobs were recorded
// together, for all of them.
func (e *Engine) BlobArrived(ctx context.Context, sha domain.Hash, size int64) ([]syncproto.Logged, error) {
	g, leads := e.arrivals.join(sha, size)
	if !leads {
		select {
		case <-g.done:
			return nil, g.result(sha)
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	logged := e.record(context.WithoutCancel(ctx), g) // others depend on it
	return logged, g.result(sha)
}

// record commits a group when its turn has come.
func (e *Engine) record(ctx context.Context, g *arrivalGroup) []syncproto.Logged {
	e.arrivals.turn.Lock()
	defer e.arrivals.turn.Unlock()
	e.arrivals.seal()
	defer close(g.done)
	logged, err := e.arriveTwice(ctx, g.blobs)
	if err == nil || len(g.blobs) == 1 {
		for sha := range g.blobs {
			g.results[sha] = err
		}
		return logged
	}
	for sha, size := range g.blobs { // one that cannot be recorded keeps no other from it
		more, err := e.arriveTwice(ctx, map[domain.Hash]int64{sha: size})
		logged, g.results[sha] = append(logged, more...), err
	}
	return logged
}

// arriveTwice looks a second time where others may write at the same moment: a
// push that names a blob may have been committed beside the first, and who
// commits last looks again.
func (e *Engine) arriveTwice(ctx context.Context, blobs map[domain.Hash]int64) ([]syncproto.Logged, error) {
	logged, err := e.arrive(ctx, blobs)
	if err == nil && e.Store.Shared() {
		var late []syncproto.Logged
		late, err = e.arrive(ctx, blobs)
		logged = append(logged, late...)
	}
	return logged, err
}

// lookAgain marks attachments of a push whose bytes arrived while the push was
// being committed.
func (e *Engine) lookAgain(ctx context.Context, waiting []domain.Hash) (logged []syncproto.Logged, err error) {
	if len(waiting) == 0 || !e.Store.Shared() {
		return nil, nil
	}
	here := map[domain.Hash]int64{}
	err = e.Store.View(ctx, func(tx *store.Tx) (err error) {
		here, err = tx.BlobSizes(ctx, waiting)
		return err
	})
	if err != nil {
		return nil, err
	}
	return e.arrive(ctx, here)
}

// arrive records blobs and marks the attachments that waited for them in one
// transaction.
func (e *Engine) arrive(ctx context.Context, blobs map[domain.Hash]int64) ([]syncproto.Logged, error) {
	if len(blobs) == 0 {
		return nil, nil
	}
	// Two servers that record the same blobs must not wait for each other.
	order := slices.SortedFunc(maps.Keys(blobs), func(a, b domain.Hash) int { return bytes.Compare(a[:], b[:]) })
	var logged []syncproto.Logged
	err := e.Store.Update(ctx, func(tx *store.Tx) error {
		logged = nil
		now := e.Now()
		var projects []domain.ProjectID
		for _, sha := range order {
			if err := tx.PutBlob(ctx, sha, blobs[sha], now); err != nil {
				return err
			}
			// Work in review that names it may have been accepted this very moment.
			reviewed, err := tx.ReviewedBlobProjects(ctx, sha)
			if err != nil {
				return err
			}
			refs, err := tx.BlobRefs(ctx, sha)
			if err != nil {
				return err
			}
			projects = append(projects, reviewed...)
			for _, ref := range refs {
				projects = append(projects, ref.Scope.Project)
			}
		}
		if err := tx.Lock(ctx, projects...); err != nil {
			return err
		}
		var waiting []store.BlobRef
		for _, sha := range order {
			refs, err := tx.BlobRefs(ctx, sha)
			if err != nil {
				return err
			}
			for _, ref := range refs {
				if ref.Entity == domain.EntityAttachment && slices.Contains(projects, ref.Scope.Project) {
					waiting = append(waiting, ref)
				}
			}
		}
		for _, ref := range waiting {
			r, err := tx.Record(ctx, ref.Entity, ref.ID)
			if err != nil {
				return err
			}
			if err := NewWriter(tx, ref.Scope.Project, now, &logged).markReady(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return logged, nil
}
