package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/sqlitedb"
	"keyturn/shared/syncproto"
)

// Head is the newest sequence of a scope; 0 for one that holds nothing.
func (t *Tx) Head(ctx context.Context, s syncproto.Scope) (seq uint64, err error) {
	err = t.row(ctx, "head", []any{&seq}, "SELECT seq FROM heads WHERE scope = ?", s.String())
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return seq, err
}

// TakeSeq reserves the next sequence of a scope's log.
func (t *Tx) TakeSeq(ctx context.Context, s syncproto.Scope) (seq uint64, err error) {
	err = t.row(ctx, "take seq", []any{&seq},
		"INSERT INTO heads VALUES (?, 1) ON CONFLICT (scope) DO UPDATE SET seq = seq + 1 RETURNING seq", s.String())
	return seq, err
}

// AppendLog writes an op at its reserved place.
func (t *Tx) AppendLog(ctx context.Context, entry syncproto.Logged) error {
	body, err := syncproto.Marshal(entry.Op)
	if err != nil {
		return fmt.Errorf("append log: %w", err)
	}
	return t.exec(ctx, "append log", "INSERT INTO log VALUES (?, ?, ?)", entry.Op.Scope.String(), entry.Seq, body)
}

// ReadLog lists what follows a sequence, at most limit ops and, past the first,
// at most maxBytes.
func (t *Tx) ReadLog(ctx context.Context, s syncproto.Scope, after uint64, limit, maxBytes int) ([]syncproto.Logged, error) {
	type raw struct {
		seq  uint64
		body []byte
	}
	rows, err := sqlitedb.Collect(ctx, t.tx, "read log", func(r *sql.Rows) (e raw, err error) {
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
func (t *Tx) SaveReceived(ctx context.Context, device domain.DeviceID, r Received, now domain.Instant) error {
	details, err := json.Marshal(r.Answer.Details)
	if err != nil {
		return fmt.Errorf("save received op: %w", err)
	}
	return t.exec(ctx, "save received op", "INSERT INTO received VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		device[:], r.Answer.Seq, r.Body, r.Answer.Status, r.Answer.LogSeq, string(r.Answer.Code), string(details), now)
}
