package intake

import (
	"context"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// Page limits: a page holds at most this many ops or bytes.
const (
	pageOps   = 1000
	pageBytes = 1 << 20
)

// MetaEpoch names the log's incarnation; a restored backup starts a new one.
const MetaEpoch = "epoch"

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

// Page answers a pull of a scope that the caller has authorised. A cursor of
// another epoch starts over.
func (e *Engine) Page(ctx context.Context, pull *syncproto.Pull) (page *syncproto.Page, err error) {
	err = e.Store.View(ctx, func(tx *store.Tx) error {
		epoch, err := tx.Meta(ctx, MetaEpoch)
		if err != nil {
			return err
		}
		after := pull.After
		if pull.Epoch != epoch {
			after = 0
		}
		page = &syncproto.Page{Scope: pull.Scope, Epoch: epoch, PrevSeq: after, LastSeq: after}
		if page.Head, err = tx.Head(ctx, pull.Scope); err != nil {
			return err
		}
		if page.Changes, err = tx.ReadLog(ctx, pull.Scope, after, pageOps, pageBytes); err != nil {
			return err
		}
		if n := len(page.Changes); n > 0 {
			page.LastSeq = page.Changes[n-1].Seq
		}
		return nil
	})
	return page, err
}
