package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

func heads(l *layer) map[syncproto.Scope]known[uint64] { return l.heads }

// Head is the newest sequence of a scope; 0 for one that holds nothing.
func (t *Tx) Head(ctx context.Context, s syncproto.Scope) (seq uint64, err error) {
	if seq, ok := find(t, heads, s); ok {
		return seq, nil
	}
	err = t.row(ctx, "head", []any{&seq}, "SELECT seq FROM heads WHERE scope = ?", s.String())
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, err
	}
	t.base.heads[s] = known[uint64]{value: seq}
	return seq, nil
}

// Heads lists the newest sequence of every scope.
func (t *Tx) Heads(ctx context.Context) ([]syncproto.Head, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	return sqltx.Collect(ctx, t.tx, "heads", func(r *sql.Rows) (h syncproto.Head, err error) {
		var scope string
		if err = r.Scan(&scope, &h.Seq); err != nil {
			return h, err
		}
		h.Scope, err = syncproto.ParseScope(scope)
		return h, err
	}, "SELECT scope, seq FROM heads")
}

// TakeSeq reserves the next sequence of a scope's log. The scope's project is
// locked, so commit order is sequence order, without gaps.
func (t *Tx) TakeSeq(ctx context.Context, s syncproto.Scope) (seq uint64, err error) {
	if err := t.mayWrite(s); err != nil {
		return 0, err
	}
	if seq, err = t.Head(ctx, s); err != nil {
		return 0, err
	}
	t.top().heads[s] = known[uint64]{value: seq + 1, dirty: true}
	return seq + 1, nil
}

func numbers(l *layer) map[string]known[int64] { return l.numbers }

// NextNumber draws the next running number of a series of a project, starting
// at 1. Series are named across projects.
func (t *Tx) NextNumber(ctx context.Context, p domain.ProjectID, series string) (n int64, err error) {
	if err := t.mayWrite(syncproto.Scope{Project: p}); err != nil {
		return 0, err
	}
	n, ok := find(t, numbers, series)
	if !ok {
		err = t.row(ctx, "number", []any{&n}, "SELECT last FROM numbers WHERE series = ?", series)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return 0, err
		}
	}
	t.top().numbers[series] = known[int64]{value: n + 1, dirty: true}
	return n + 1, nil
}

// KeptAfter tells up to where a scope's log has been let go.
func (t *Tx) KeptAfter(ctx context.Context, s syncproto.Scope) (seq uint64, err error) {
	err = t.row(ctx, "kept after", []any{&seq}, "SELECT kept_after FROM heads WHERE scope = ?", s.String())
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return seq, err
}

// TrimLog lets go of a scope's oldest entries, at most limit of those appended
// before a time, and tells how many. The newest entry stays.
func (t *Tx) TrimLog(ctx context.Context, s syncproto.Scope, before domain.Instant, limit uint64) (n uint64, err error) {
	if err := t.mayWrite(s); err != nil {
		return 0, err
	}
	if err := t.flush(ctx); err != nil {
		return 0, err
	}
	kept, err := t.KeptAfter(ctx, s)
	if err != nil {
		return 0, err
	}
	var first uint64 // that stays
	err = t.row(ctx, "trim log", []any{&first},
		`SELECT coalesce(min(seq), 0) FROM log WHERE scope = ? AND seq > ? AND seq <= ? AND
		 (appended_at >= ? OR seq > ? OR seq = (SELECT max(seq) FROM log WHERE scope = ?))`,
		s.String(), kept, kept+limit+1, before, kept+limit, s.String())
	if err != nil || first <= kept+1 {
		return 0, err
	}
	return first - 1 - kept, t.LetGo(ctx, s, first-1)
}

// AppendLog writes an op at its reserved place.
func (t *Tx) AppendLog(_ context.Context, entry syncproto.Logged, now domain.Instant) error {
	body, err := syncproto.Marshal(entry.Op)
	if err != nil {
		return fmt.Errorf("append log: %w", err)
	}
	rows := &t.top().rows[tableLog]
	*rows = append(*rows, entry.Op.Scope.String(), entry.Seq, body, now)
	return nil
}

// ReadLog lists what follows a sequence, up to and including another, as it is
// stored; at most limit ops and, past the first, at most maxBytes.
func (t *Tx) ReadLog(ctx context.Context, s syncproto.Scope, after, upTo uint64, limit, maxBytes int) ([]syncproto.StoredChange, error) {
	if err := t.written(ctx, tableLog); err != nil {
		return nil, err
	}
	entries, err := sqltx.Collect(ctx, t.tx, "read log", func(r *sql.Rows) (e syncproto.StoredChange, err error) {
		err = r.Scan(&e.Seq, (*[]byte)(&e.Op))
		return e, err
	}, "SELECT seq, op FROM log WHERE scope = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?", s.String(), after, upTo, limit)
	if err != nil {
		return nil, err
	}
	for i, e := range entries {
		if maxBytes -= len(e.Op); maxBytes < 0 && i > 0 {
			return entries[:i], nil
		}
	}
	return entries, nil
}

// Received is what became of one op of a device.
type Received struct {
	Body   []byte
	Answer syncproto.Answer
	// Original is the SHA-256 of the body as it came, where values of it were
	// erased since; empty otherwise.
	Original []byte
}

// Is reports whether a body is what the device had sent, with or without values
// that were erased since.
func (r Received) Is(body []byte) bool {
	return bytes.Equal(r.Body, body) || r.HasHash(sha256.Sum256(body))
}

// HasHash is Is for who has the SHA-256 of a body.
func (r Received) HasHash(sum domain.Hash) bool {
	redacted, err := r.Redacted()
	return err == nil && (bytes.Equal(redacted.Original, sum[:]) || sha256.Sum256(redacted.Body) == sum)
}

// Redacted is what is kept of the op when the values of its record are erased.
func (r Received) Redacted() (Received, error) {
	var op syncproto.Op
	if err := syncproto.Unmarshal(r.Body, &op); err != nil {
		return r, fmt.Errorf("redact op %d: %w", r.Answer.Seq, err)
	}
	if len(r.Original) == 0 {
		sum := sha256.Sum256(r.Body)
		r.Original = sum[:]
	}
	body, err := syncproto.Marshal(op.Redacted())
	r.Body = body
	return r, err
}

// Received finds an op by its identity, or ErrNotFound.
func (t *Tx) Received(ctx context.Context, device domain.DeviceID, seq uint64) (r Received, err error) {
	if err := t.written(ctx, tableReceived); err != nil {
		return r, err
	}
	var details string
	err = t.row(ctx, "received op", []any{&r.Body, &r.Answer.Status, &r.Answer.LogSeq, &r.Answer.Code, &details, &r.Original},
		"SELECT body, status, log_seq, code, details, original FROM received WHERE device = ? AND device_seq = ?", device[:], seq)
	if err != nil {
		return r, err
	}
	r.Answer.Seq = seq
	if err := json.Unmarshal([]byte(details), &r.Answer.Details); err != nil {
		return r, fmt.Errorf("received op: %w", err)
	}
	return r, nil
}

// SaveReceived stores an op's full body and what became of it.
func (t *Tx) SaveReceived(_ context.Context, device domain.DeviceID, r Received, now domain.Instant) error {
	details, err := json.Marshal(r.Answer.Details)
	if err != nil {
		return fmt.Errorf("save received op: %w", err)
	}
	rows := &t.top().rows[tableReceived]
	*rows = append(*rows, slices.Clone(device[:]), r.Answer.Seq, r.Body, r.Answer.Status, r.Answer.LogSeq, string(r.Answer.Code), string(details), now, append([]byte{}, r.Original...))
	return nil
}
