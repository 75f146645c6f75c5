package store

import (
	"context"
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

// ReadLog lists what follows a sequence, at most limit ops and, past the first,
// at most maxBytes.
func (t *Tx) ReadLog(ctx context.Context, s syncproto.Scope, after uint64, limit, maxBytes int) ([]syncproto.Logged, error) {
	if err := t.written(ctx, tableLog); err != nil {
		return nil, err
	}
	type raw struct {
		seq  uint64
		body []byte
	}
	rows, err := sqltx.Collect(ctx, t.tx, "read log", func(r *sql.Rows) (e raw, err error) {
		err = r.Scan(&e.seq, &e.body)
		return e, err
	}, "SELECT seq, op FROM log WHERE scope = ? AND seq > ? ORDER BY seq LIMIT ?", s.String(), after, limit)
	if err != nil {
		return nil, err
	}
	entries := make([]syncproto.Logged, 0, len(rows))
	for _, r := range rows {
		if maxBytes -= len(r.body); maxBytes < 0 && len(entries) > 0 {
			break
		}
		entry := syncproto.Logged{Seq: r.seq}
		if err := syncproto.Unmarshal(r.body, &entry.Op); err != nil {
			return nil, fmt.Errorf("read log %s %d: %w", s, r.seq, err)
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// Received is what became of one op of a device.
type Received struct {
	Body   []byte
	Answer syncproto.Answer
}

// Received finds an op by its identity, or ErrNotFound.
func (t *Tx) Received(ctx context.Context, device domain.DeviceID, seq uint64) (r Received, err error) {
	if err := t.written(ctx, tableReceived); err != nil {
		return r, err
	}
	var details string
	err = t.row(ctx, "received op", []any{&r.Body, &r.Answer.Status, &r.Answer.LogSeq, &r.Answer.Code, &details},
		"SELECT body, status, log_seq, code, details FROM received WHERE device = ? AND device_seq = ?", device[:], seq)
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
	*rows = append(*rows, slices.Clone(device[:]), r.Answer.Seq, r.Body, r.Answer.Status, r.Answer.LogSeq, string(r.Answer.Code), string(details), now)
	return nil
}
