package localstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
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
// identity. What was taken ends when the log brings it (settleFormer): until then
// it is shown as what it was.
func (t *Tx) decidedFormer(ctx context.Context, a syncproto.Answer) error {
	op, ok, err := t.formerOp(ctx, a.Device, a.Seq)
	if err != nil || !ok || a.Status == syncproto.Quarantined {
		return err
	}
	next := OpRejected
	if a.Status != syncproto.Rejected {
		next = OpDone
		pulled, follows, err := t.alreadyPulled(ctx, op.Scope.String(), a.LogSeq)
		if err != nil || follows && !pulled {
			return err
		}
	}
	details, err := json.Marshal(a.Details)
	if err != nil {
		return fmt.Errorf("decided: %w", err)
	}
	err = t.exec(ctx, "decided", "UPDATE former SET state = ?, log_seq = ?, code = ?, details = ? WHERE device = ? AND seq = ?",
		next, a.LogSeq, string(a.Code), string(details), a.Device[:], a.Seq)
	if err == nil && a.Code == syncproto.CodeErased {
		err = t.redactIn(ctx, "former", "device = ? AND seq = ?", a.Device[:], a.Seq)
	}
	if err != nil {
		return err
	}
	return t.replayAll(ctx, []syncproto.Op{op})
}

// undecided are the ops of a former identity that may still be decided on: those in
// review, and those that were discarded, for a server that was restored from a
// backup may have forgotten that.
const undecided = "(state = 4 OR state = 3 AND code = '" + string(syncproto.CodeDiscarded) + "')"

// formerOp reads one of them.
func (t *Tx) formerOp(ctx context.Context, device domain.DeviceID, seq uint64) (op syncproto.Op, ok bool, err error) {
	var body []byte
	ok, err = t.row(ctx, "former op", []any{&body}, "SELECT op FROM former WHERE device = ? AND seq = ? AND "+undecided, device[:], seq)
	if err != nil || !ok {
		return op, false, err
	}
	err = syncproto.Unmarshal(body, &op)
	return op, err == nil, err
}

// formers are the identities under which this device has sent what is undecided.
func (t *Tx) formers(ctx context.Context) (map[domain.DeviceID]bool, error) {
	list, err := sqltx.Collect(ctx, t.tx, "former identities", func(r *sql.Rows) (d domain.DeviceID, err error) {
		var id []byte
		if err := r.Scan(&id); err != nil {
			return d, err
		}
		err = d.UnmarshalBinary(id)
		return d, err
	}, "SELECT DISTINCT device FROM former WHERE "+undecided)
	known := make(map[domain.DeviceID]bool, len(list))
	for _, d := range list {
		known[d] = true
	}
	return known, err
}

// settleFormer ends an op of a former identity that stands in the log.
func (t *Tx) settleFormer(ctx context.Context, l syncproto.Logged) error {
	op, ok, err := t.formerOp(ctx, l.Op.Device, l.Op.Seq)
	if err != nil || !ok || !stands(op, l.Op) {
		return err
	}
	return t.exec(ctx, "former op", "UPDATE former SET state = ?, log_seq = ?, code = '', details = '[]' WHERE device = ? AND seq = ?",
		OpDone, l.Seq, l.Op.Device[:], l.Op.Seq)
}
