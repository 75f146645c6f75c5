package localstore

import (
	"context"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/sqltx"
)

// Values of records.contested, as stored; NULL is none.
const (
	contestedUnknown = -1
	contestedClosed  = 1
	contestedOpen    = 2
)

// contested is what the column says of a record as it is shown, nil for none.
func contested(r merge.Record) any {
	switch {
	case r.OpenContests() > 0:
		return int64(contestedOpen)
	case len(r.Contests) > 0:
		return int64(contestedClosed)
	default:
		return nil
	}
}

// Conflicts lists the records with fields that wait for a person, as they are
// shown: what a pending op resolves is not among them.
func (t *Tx) Conflicts(ctx context.Context) ([]merge.Record, error) {
	return t.contested(ctx, "contested = 2")
}

// Contested lists the records with fields that wait for a person or with values
// that lost.
func (t *Tx) Contested(ctx context.Context) ([]merge.Record, error) {
	return t.contested(ctx, "contested IS NOT NULL")
}

func (t *Tx) contested(ctx context.Context, where string) ([]merge.Record, error) {
	all, err := sqltx.Collect(ctx, t.tx, "contested records", scanRecord, "SELECT coalesce(body, server) FROM records WHERE "+where+" ORDER BY entity, id")
	kept := all[:0]
	for _, r := range all {
		if !r.Withdrawn {
			kept = append(kept, r)
		}
	}
	return kept, err
}

// Shown is a record as it is shown, with its contests; ok is false when the
// device has none.
func (t *Tx) Shown(ctx context.Context, e domain.Entity, id domain.AnyID) (r merge.Record, ok bool, err error) {
	h, err := t.held(ctx, e, id)
	return h.body, err == nil && h.body.Exists() && !h.body.Withdrawn, err
}

// learnContested fills the column in for records that an older version stored.
func (s *Store) learnContested(ctx context.Context) error {
	return s.db.Tx(ctx, func(tx sqltx.Tx) error {
		t := &Tx{tx: tx, now: s.now()}
		old, err := sqltx.Collect(ctx, tx, "contested records", scanRecord, "SELECT coalesce(body, server) FROM records WHERE contested = ?", contestedUnknown)
		if err != nil {
			return err
		}
		for _, r := range old {
			err := t.exec(ctx, "contested "+r.Entity.String(), "UPDATE records SET contested = ? WHERE entity = ? AND id = ?", contested(r), r.Entity, r.ID[:])
			if err != nil {
				return fmt.Errorf("%s %s: %w", r.Entity, r.ID, err)
			}
		}
		return nil
	})
}
