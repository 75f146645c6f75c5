package store

import (
	"context"
	"errors"

	"keyturn/shared/syncproto"
)

// metaDiverged is set once the database has been restored from a backup.
const metaDiverged = "diverged"

// Common tells up to where a scope's log is the same in every epoch: what a
// device has seen beyond it, in another epoch, is not what stands there now.
// restored is false while there has been one epoch only.
func (t *Tx) Common(ctx context.Context, s syncproto.Scope) (seq uint64, restored bool, err error) {
	diverged, err := t.Meta(ctx, metaDiverged)
	if err != nil || diverged == "" {
		return 0, false, err
	}
	var common int64
	err = t.row(ctx, "common log", []any{&common}, "SELECT common FROM heads WHERE scope = ?", s.String())
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, true, err
	}
	return uint64(max(common, 0)), true, nil
}

// Diverge begins a new epoch: from the present heads on, the logs are others
// than those that devices may have followed. A scope that was not part of the
// earlier restore may have been another one before that.
func (t *Tx) Diverge(ctx context.Context) error {
	diverged, err := t.Meta(ctx, metaDiverged)
	if err != nil {
		return err
	}
	if diverged == "" {
		if err := t.exec(ctx, "diverge", "UPDATE heads SET common = seq"); err != nil {
			return err
		}
		return t.SetMeta(ctx, metaDiverged, "1")
	}
	return t.exec(ctx, "diverge", "UPDATE heads SET common = CASE WHEN common < 0 THEN 0 WHEN seq < common THEN seq ELSE common END")
}
