package localstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// erased follows an erasure in an epoch's log of a record as it was before.
func (t *Tx) erased(ctx context.Context, before merge.Record, by syncproto.Logged, epoch string) error {
	if by.Op.Entity == domain.EntityAttachment {
		if err := t.purge(ctx, by.Op.ID, before); err != nil {
			return err
		}
	}
	return t.redactSent(ctx, by.Op.Entity, by.Op.ID, epoch, by.Seq)
}

// redactSent takes the values that were erased at a place in an epoch's log out
// of what this device keeps of the ops about a record that it had sent before. One
// without an answer stays as it is, and so does one that the log has later: they
// hold what a person knows better.
func (t *Tx) redactSent(ctx context.Context, e domain.Entity, id domain.AnyID, epoch string, at uint64) error {
	const which = "entity = ? AND id = ? AND state <> ? AND NOT (log_seq > ? AND (state = ? OR epoch = ?))"
	args := []any{e, id[:], OpWaiting, at, OpConfirmed, epoch}
	return errors.Join(t.redact(ctx, which, args...), t.redactIn(ctx, "former", which, args...))
}

// erasedUpTo is the place of a record's newest erasure in the log, 0 if there was
// none.
func erasedUpTo(r merge.Record) (at uint64) {
	for _, seq := range r.Erased {
		at = max(at, seq)
	}
	return at
}

// redact takes the personal values out of some ops of the outbox.
func (t *Tx) redact(ctx context.Context, which string, args ...any) error {
	return t.redactIn(ctx, "outbox", which, args...)
}

// redactIn does so in a table of ops.
func (t *Tx) redactIn(ctx context.Context, table, which string, args ...any) error {
	type stored struct {
		row int64
		op  syncproto.Op
	}
	ops, err := sqltx.Collect(ctx, t.tx, "redact", func(r *sql.Rows) (s stored, err error) {
		var body []byte
		if err := r.Scan(&s.row, &body); err != nil {
			return s, err
		}
		err = syncproto.Unmarshal(body, &s.op)
		return s, err
	}, "SELECT rowid, op FROM "+table+" WHERE "+which, args...)
	if err != nil {
		return err
	}
	for _, s := range ops {
		body, err := syncproto.Marshal(s.op.Redacted())
		if err != nil {
			return fmt.Errorf("redact: %w", err)
		}
		if err := t.exec(ctx, "redact", "UPDATE "+table+" SET op = ? WHERE rowid = ?", body, s.row); err != nil {
			return err
		}
	}
	return nil
}

// erasedIn follows the erasures that a snapshot brought.
func (t *Tx) erasedIn(ctx context.Context, s *syncproto.Snapshot) error {
	records, err := sqltx.Collect(ctx, t.tx, "records with own ops", scanRecord, `SELECT r.server FROM records r WHERE r.scope = ? AND r.server IS NOT NULL
	    AND EXISTS (SELECT 1 FROM recorded o WHERE o.entity = r.entity AND o.id = r.id AND o.state <> ?)`, s.Scope.String(), OpWaiting)
	if err != nil {
		return err
	}
	for _, r := range records {
		if len(r.Erased) == 0 {
			continue
		}
		if err := t.redactSent(ctx, r.Entity, r.ID, s.Epoch, erasedUpTo(r)); err != nil {
			return err
		}
	}
	return t.purgeIn(ctx, s.Scope)
}
