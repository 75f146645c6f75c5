package store

import (
	"context"
	"errors"

	"keyturn/shared/syncproto"
)

// Common tells up to where a scope's log is the same in every epoch: what a
// device has seen beyond it, in another epoch, is not what stands there now.
func (t *Tx) Common(ctx context.Context, s syncproto.Scope) (seq uint64, err error) {
	var common int64
	err = t.row(ctx, "common log", []any{&common}, "SELECT common FROM heads WHERE scope = ?", s.String())
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, err
	}
	return uint64(max(common, 0)), nil
}

// Diverge begins a new epoch: from the present heads on, the logs are others
// than those that devices may have followed.
func (t *Tx) Diverge(ctx context.Context) error {
	return t.exec(ctx, "diverge", "UPDATE heads SET common = seq WHERE common < 0 OR seq < common")
}
