package intake

import (
	"context"
	"fmt"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// Page limits: a page ends at a multiple of segment in the log, so that pages of
// devices which began at different places soon are the same and are encoded
// once; it holds at most this many bytes before compression.
const (
	segment   = 1024
	pageBytes = 2 << 20
)

// MetaEpoch names the log's incarnation; a restored backup starts a new one.
const MetaEpoch = "epoch"

// MetaRestoring is set while a restore has not come to its end: such a server
// must not serve.
const MetaRestoring = "restoring"

// Scopes lists the streams that a person may follow, with their heads.
func Scopes(ctx context.Context, tx *store.Tx, person domain.PersonID, now domain.Instant) ([]syncproto.Head, error) {
	rights, err := tx.Rights(ctx, person, now)
	if err != nil {
		return nil, err
	}
	var heads []syncproto.Head
	for project, caps := range rights {
		for _, audience := range domain.AudiencesOf(caps) {
			scope := syncproto.Scope{Project: project, Audience: audience}
			seq, err := tx.Head(ctx, scope)
			if err != nil {
				return nil, err
			}
			heads = append(heads, syncproto.Head{Scope: scope, Seq: seq})
		}
	}
	slices.SortFunc(heads, func(a, b syncproto.Head) int {
		if a.Scope.Project != b.Scope.Project {
			return slices.Compare(a.Scope.Project[:], b.Scope.Project[:])
		}
		order := domain.Audiences()
		return slices.Index(order, a.Scope.Audience) - slices.Index(order, b.Scope.Audience)
	})
	return heads, nil
}

// snapshotBehind is how far behind a device may be and still be served pages:
// some 20,000 (sync design, shape 8), and a little more, so that a handover day
// of 10,000 defects and their tickets goes as pages that all devices share.
const snapshotBehind = 25_000

// place is where a pull begins in a log, and the log's ends.
type place struct {
	epoch             string
	after, head, kept uint64
}

// locate finds a cursor in the log. One of another epoch, or beyond the log,
// starts over.
func locate(ctx context.Context, tx *store.Tx, pull *syncproto.Pull) (p place, err error) {
	if p.epoch, err = tx.Meta(ctx, MetaEpoch); err != nil {
		return p, err
	}
	if p.head, err = tx.Head(ctx, pull.Scope); err != nil {
		return p, err
	}
	if p.kept, err = tx.KeptAfter(ctx, pull.Scope); err != nil {
		return p, err
	}
	if pull.Epoch == p.epoch && pull.After <= p.head {
		p.after = pull.After
	}
	return p, nil
}

// Page answers a pull of a scope that the caller has authorised with the log
// that follows.
func (e *Engine) Page(ctx context.Context, pull *syncproto.Pull) (page syncproto.EncodedPage, err error) {
	err = e.Store.View(ctx, func(tx *store.Tx) error {
		at, err := locate(ctx, tx, pull)
		if err != nil {
			return err
		}
		page, err = e.page(ctx, tx, pull.Scope, at)
		return err
	})
	if err != nil {
		return page, fmt.Errorf("page of %s after %d: %w", pull.Scope, pull.After, err)
	}
	return page, nil
}

func (e *Engine) page(ctx context.Context, tx *store.Tx, scope syncproto.Scope, at place) (syncproto.EncodedPage, error) {
	key := pageKey{scope: scope, epoch: at.epoch, after: at.after, last: min((at.after/segment+1)*segment, at.head)}
	return e.pages.get(key, func() (syncproto.EncodedPage, error) { return readPage(ctx, tx, key, at.head) })
}

// Pull answers a pull of a scope that the caller has authorised: with a page,
// or with a snapshot to one who is far behind or whose place has been let go.
func (e *Engine) Pull(ctx context.Context, pull *syncproto.Pull, version int) (answer syncproto.Frame, err error) {
	var at place
	err = e.Store.View(ctx, func(tx *store.Tx) error {
		if at, err = locate(ctx, tx, pull); err != nil {
			return err
		}
		whole := at.after < at.kept || at.head-at.after > snapshotBehind
		if !whole && !pull.Check.IsZero() && at.after == at.head && pull.Epoch == at.epoch {
			right, err := e.digest(ctx, tx, pull.Scope, at)
			if err != nil {
				return err
			}
			if whole = right != pull.Check; whole && e.Diverged != nil {
				e.Diverged(pull.Scope)
			}
		}
		if whole && version >= snapshotVersion && e.Snapshots != nil {
			return nil
		}
		if at.after < at.kept {
			answer = &syncproto.Error{Code: syncproto.CodeVersion, Message: "this log begins later; speak version 2"}
			return nil
		}
		answer, err = e.page(ctx, tx, pull.Scope, at)
		return err
	})
	if err == nil && answer == nil {
		// One that ends where the log was let go may hold what was erased there.
		answer, err = e.Snapshots.Latest(ctx, pull.Scope, at.epoch, at.head, min(at.kept+1, at.head))
	}
	if err != nil {
		return nil, fmt.Errorf("pull of %s after %d: %w", pull.Scope, pull.After, err)
	}
	return answer, nil
}

// digest sums up a scope as it stands at a place of the log; it is kept for the
// devices that ask next.
func (e *Engine) digest(ctx context.Context, tx *store.Tx, scope syncproto.Scope, at place) (domain.Hash, error) {
	key := pageKey{scope: scope, epoch: at.epoch, last: at.head}
	if sum, ok := e.digests.Load(scope); ok && sum.(keptDigest).of == key { //nolint:errcheck,forcetypeassert // only digests are stored
		return sum.(keptDigest).sum, nil //nolint:errcheck,forcetypeassert // only digests are stored
	}
	d := merge.NewDigest()
	err := tx.EachRecord(ctx, scope, func(body []byte) error {
		d.Add(body)
		return nil
	})
	if err != nil {
		return domain.Hash{}, err
	}
	e.digests.Store(scope, keptDigest{of: key, sum: d.Sum()})
	return d.Sum(), nil
}

type keptDigest struct {
	of  pageKey
	sum domain.Hash
}

// snapshotVersion is the protocol version that brought snapshots.
const snapshotVersion = 2

// readPage encodes what lies between two places of the log. head is the newest
// place now: a reader of a kept page hears of later ones when they happen.
func readPage(ctx context.Context, tx *store.Tx, k pageKey, head uint64) (made syncproto.EncodedPage, err error) {
	page := &syncproto.StoredPage{Scope: k.scope, Epoch: k.epoch, PrevSeq: k.after, LastSeq: k.after, Head: head}
	if page.Changes, err = tx.ReadLog(ctx, k.scope, k.after, k.last, segment, pageBytes); err != nil {
		return made, err
	}
	if n := len(page.Changes); n > 0 {
		page.LastSeq = page.Changes[n-1].Seq
	}
	made.Scope, made.LastSeq = page.Scope, page.LastSeq
	made.Encoded, err = syncproto.EncodeFrame(page)
	return made, err
}

// Heads lists the newest place of every stream.
func (e *Engine) Heads(ctx context.Context) (heads []syncproto.Head, err error) {
	err = e.Store.View(ctx, func(tx *store.Tx) error {
		heads, err = tx.Heads(ctx)
		return err
	})
	return heads, err
}

// keepLog is how long log entries are kept (sync design, shape 9).
const keepLog = 180 * 24 * 60 * 60 * 1000

// trimAtOnce is how many entries one transaction lets go.
const trimAtOnce = 2_000

// Trim lets go of log entries that are older than 180 days. Records, the
// timeline and every device's own ops stay.
func (e *Engine) Trim(ctx context.Context) (n uint64, err error) {
	heads, err := e.Heads(ctx)
	if err != nil {
		return 0, err
	}
	for _, head := range heads {
		for {
			var gone uint64
			err := e.Store.Update(ctx, func(tx *store.Tx) (err error) {
				if err = tx.Lock(ctx, head.Scope.Project); err != nil {
					return err
				}
				gone, err = tx.TrimLog(ctx, head.Scope, e.Now()-keepLog, trimAtOnce)
				return err
			})
			if err != nil {
				return n, fmt.Errorf("trim the log of %s: %w", head.Scope, err)
			}
			if n += gone; gone < trimAtOnce {
				break
			}
		}
	}
	return n, nil
}
