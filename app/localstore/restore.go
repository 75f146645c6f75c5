package localstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

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
	if err := t.restoreRows(ctx, s, stream); err != nil {
		return err
	}
	err = t.exec(ctx, "cursor", "UPDATE scopes SET epoch = ?, seq = ?, head = max(?, head) WHERE scope = ?", s.Epoch, s.Seq, s.Head, s.Scope.String())
	if err != nil {
		return err
	}
	if err := t.erasedIn(ctx, s); err != nil {
		return err
	}
	return t.replayScope(ctx, s)
}

// restoreRows writes the records while the next ones are decoded.
func (t *Tx) restoreRows(ctx context.Context, s *syncproto.Snapshot, stream *syncproto.StreamReader) error {
	batches := make(chan []row, 4)
	reading, cancel := context.WithCancel(ctx)
	var reader sync.WaitGroup
	var failed error
	reader.Go(func() {
		defer close(batches)
		failed = readRows(reading, s, stream, batches)
	})
	var err error
	for rows := range batches {
		if err = t.putRows(ctx, rows); err != nil {
			break
		}
	}
	cancel()
	reader.Wait()
	if err != nil {
		return err
	}
	return failed
}

// readRows decodes the snapshot's records into rows, as many at a time as one
// statement takes.
func readRows(ctx context.Context, s *syncproto.Snapshot, stream *syncproto.StreamReader, to chan<- []row) error {
	var rows []row
	hand := func() error {
		select {
		case to <- rows:
			rows = nil
			return nil
		case <-ctx.Done():
			return fmt.Errorf("restore: %w", context.Cause(ctx))
		}
	}
	for n := 0; ; n++ {
		var raw syncproto.Value
		if err := stream.Read(&raw); errors.Is(err, io.EOF) {
			if n != s.Records {
				return fmt.Errorf("%w: %d of %d records", ErrSnapshot, n, s.Records)
			}
			return hand()
		} else if err != nil {
			return fmt.Errorf("%w: %w", ErrSnapshot, err)
		}
		r, err := merge.DecodeRecord(raw)
		if err != nil || r.Scope != s.Scope {
			return errors.Join(fmt.Errorf("%w: record %d", ErrSnapshot, n), err)
		}
		one, err := rowOf(held{server: r, body: r, encoded: raw}, false)
		if err != nil {
			return err
		}
		if rows = append(rows, one); len(rows) == rowsAtOnce[0] {
			if err := hand(); err != nil {
				return err
			}
		}
	}
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
	return t.replayAll(ctx, waiting)
}
