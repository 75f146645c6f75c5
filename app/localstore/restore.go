package localstore

import (
	"context"
	"errors"
	"fmt"
	"io"

	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

// ErrSnapshot says that a snapshot is not what the server announced.
var ErrSnapshot = errors.New("the snapshot is damaged")

// Restore puts a snapshot (a stream as syncproto.StreamReader reads it: the
// Snapshot header and then its records) in place of the scope's copy. Pending ops
// stay on top. A snapshot that is older than the copy changes nothing.
func (t *Tx) Restore(ctx context.Context, s *syncproto.Snapshot, content io.Reader) error {
	cursor, follows, err := t.Cursor(ctx, s.Scope)
	if err != nil || !follows || cursor.Epoch == s.Epoch && cursor.Seq > s.Seq {
		return err
	}
	stream, err := syncproto.NewStreamReader(content, syncproto.MaxSnapshotItem)
	if err != nil {
		return err
	}
	defer stream.Close()
	var header syncproto.SnapshotHeader
	if err := stream.Read(&header); err != nil || header != s.Header() {
		return errors.Join(fmt.Errorf("%w: header %+v", ErrSnapshot, header), err)
	}
	if err := t.exec(ctx, "restore", "DELETE FROM records WHERE scope = ?", s.Scope.String()); err != nil {
		return err
	}
	var rows []row
	for n := 0; ; n++ {
		var raw syncproto.Value
		if err := stream.Read(&raw); errors.Is(err, io.EOF) {
			if n != s.Records {
				return fmt.Errorf("%w: %d of %d records", ErrSnapshot, n, s.Records)
			}
			break
		} else if err != nil {
			return fmt.Errorf("%w: %w", ErrSnapshot, err)
		}
		r, err := merge.DecodeRecord(raw)
		if err != nil || r.Scope != s.Scope {
			return errors.Join(fmt.Errorf("%w: record %d", ErrSnapshot, n), err)
		}
		one, err := rowOf(held{server: r, body: r}, false)
		if err != nil {
			return err
		}
		if rows = append(rows, one); len(rows) == rowsAtOnce[0] {
			if err := t.putRows(ctx, rows); err != nil {
				return err
			}
			rows = rows[:0]
		}
	}
	if err := t.putRows(ctx, rows); err != nil {
		return err
	}
	err = t.exec(ctx, "cursor", "UPDATE scopes SET epoch = ?, seq = ?, head = max(?, head) WHERE scope = ?", s.Epoch, s.Seq, s.Head, s.Scope.String())
	if err != nil {
		return err
	}
	return t.replayScope(ctx, s)
}

// replayScope puts pending ops back on top of a scope that was replaced. Those
// that the snapshot contains are done.
func (t *Tx) replayScope(ctx context.Context, s *syncproto.Snapshot) error {
	err := t.exec(ctx, "restore", "UPDATE outbox SET state = ? WHERE scope = ? AND state = ? AND log_seq > 0 AND log_seq <= ?",
		OpDone, s.Scope.String(), OpConfirmed, s.Seq)
	if err != nil {
		return err
	}
	waiting, err := t.pendingIn(ctx, s.Scope)
	if err != nil {
		return err
	}
	for _, op := range waiting {
		h, err := t.held(ctx, op.Entity, op.ID)
		if err != nil {
			return err
		}
		if err := t.replay(ctx, op.Entity, op.ID, h.server); err != nil {
			return err
		}
	}
	return nil
}
