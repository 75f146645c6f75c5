package localstore

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// ErrNotYet says that a device cannot fork before it has pulled what the server
// made of its work: as another device it would not know it for its own.
var ErrNotYet = errors.New("some confirmed work has not been pulled yet")

// Evidence is the first op without an answer and the SHA-256 of its content. A
// server that holds another under that number knows that two devices share an
// identity. ok is false if nothing waits.
func (t *Tx) Evidence(ctx context.Context) (seq uint64, sha domain.Hash, ok bool, err error) {
	var open int
	if _, err := t.row(ctx, "evidence", []any{&open},
		"SELECT count(*) FROM outbox o JOIN scopes s ON s.scope = o.scope WHERE o.state = ?", OpConfirmed); err != nil {
		return 0, sha, false, err
	}
	if open > 0 {
		return 0, sha, false, ErrNotYet
	}
	var body []byte
	ok, err = t.row(ctx, "evidence", []any{&seq, &body}, "SELECT seq, op FROM outbox WHERE state = ? ORDER BY seq LIMIT 1", OpWaiting)
	return seq, sha256.Sum256(body), ok, err
}

// Fork goes on as another device than held: what waits is numbered anew under the
// new identity, from 1, and what was answered stays for people to see. The screen
// loses only confirmed work of scopes that the device may not read any more.
func (s *Store) Fork(ctx context.Context, held, id Identity) error {
	return s.becomes(ctx, id, func(t *Tx) error {
		if err := t.still(held); err != nil {
			return err
		}
		if _, _, _, err := t.Evidence(ctx); err != nil {
			return err
		}
		return t.fork(ctx, id.Device)
	})
}

func (t *Tx) fork(ctx context.Context, device domain.DeviceID) error {
	unread, err := sqltx.Collect(ctx, t.tx, "unread ops", scanOp, "UPDATE outbox SET state = ? WHERE state = ? RETURNING op", OpDone, OpConfirmed)
	if err != nil {
		return err
	}
	err = t.exec(ctx, "fork", "INSERT INTO former SELECT ?, seq, scope, entity, id, op, state, log_seq, code, details, recorded_at, epoch FROM outbox WHERE state <> ? ORDER BY seq",
		t.id.Device[:], OpWaiting)
	if err != nil {
		return err
	}
	if err := t.exec(ctx, "fork", "DELETE FROM outbox WHERE state <> ?", OpWaiting); err != nil {
		return err
	}
	waiting, err := sqltx.Collect(ctx, t.tx, "waiting ops", scanOp, "SELECT op FROM outbox ORDER BY seq")
	if err != nil {
		return err
	}
	numbers := map[uint64]uint64{}
	for i, op := range waiting {
		numbers[op.Seq] = uint64(i) + 1
	}
	for _, op := range waiting { // upwards: the new number of one is never that of another still to come
		was := op.Seq
		op.Device, op.Seq, op.Group = device, numbers[op.Seq], numbers[op.Group]
		body, err := syncproto.Marshal(op)
		if err != nil {
			return fmt.Errorf("fork: %w", err)
		}
		if err := t.exec(ctx, "fork", "UPDATE outbox SET seq = ?, op = ? WHERE seq = ?", op.Seq, body, was); err != nil {
			return err
		}
	}
	return t.replayAll(ctx, append(waiting, unread...)) // what is shown says who wrote it
}

// decidedFormer notes how a person decided on an op that was sent under a former
// identity. What was taken comes with the log.
func (t *Tx) decidedFormer(ctx context.Context, a syncproto.Answer) error {
	next := OpDone
	switch a.Status {
	case syncproto.Rejected:
		next = OpRejected
	case syncproto.Quarantined:
		return nil
	}
	details, err := json.Marshal(a.Details)
	if err != nil {
		return fmt.Errorf("decided: %w", err)
	}
	decided, err := sqltx.Collect(ctx, t.tx, "decided", scanOp, `UPDATE former SET state = ?, log_seq = ?, code = ?, details = ?
		WHERE device = ? AND seq = ? AND state = ? RETURNING op`, next, a.LogSeq, string(a.Code), string(details), a.Device[:], a.Seq, OpInReview)
	if err != nil {
		return err
	}
	if a.Code == syncproto.CodeErased {
		if err := t.redactIn(ctx, "former", "device = ? AND seq = ?", a.Device[:], a.Seq); err != nil {
			return err
		}
	}
	return t.replayAll(ctx, decided)
}
