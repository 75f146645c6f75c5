package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// AnswerReceived replaces the answer to an op that was received before; its body
// stays.
func (t *Tx) AnswerReceived(ctx context.Context, d domain.DeviceID, a syncproto.Answer) error {
	if err := t.written(ctx, tableReceived); err != nil {
		return err
	}
	details, err := json.Marshal(a.Details)
	if err != nil {
		return fmt.Errorf("answer received op: %w", err)
	}
	return t.exec(ctx, "answer received op", "UPDATE received SET status = ?, log_seq = ?, code = ?, details = ? WHERE device = ? AND device_seq = ?",
		a.Status, a.LogSeq, string(a.Code), string(details), d[:], a.Seq)
}

// FinalAnswers lists how a span of a device's ops was answered, except those
// that still wait for a person, at most limit.
func (t *Tx) FinalAnswers(ctx context.Context, d domain.DeviceID, s syncproto.Span, limit int) ([]syncproto.Answer, error) {
	return sqltx.Collect(ctx, t.tx, "final answers", func(r *sql.Rows) (a syncproto.Answer, err error) {
		var details string
		if err = r.Scan(&a.Seq, &a.Status, &a.LogSeq, &a.Code, &details); err == nil {
			err = json.Unmarshal([]byte(details), &a.Details)
		}
		return a, err
	}, `SELECT device_seq, status, log_seq, code, details FROM received
	    WHERE device = ? AND device_seq >= ? AND device_seq <= ? AND status <> ? ORDER BY device_seq LIMIT ?`,
		d[:], s.From, s.To, syncproto.Quarantined, limit)
}
