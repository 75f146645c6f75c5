package localstore

import (
	"context"
	"math"

	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// Unanswer makes every op from a number on wait again: a server restored from a
// backup has forgotten its answers. Their effects are put back on the screen.
func (t *Tx) Unanswer(ctx context.Context, from uint64) error {
	return t.waitAgain(ctx, from, math.MaxInt64)
}

// doubt makes ops wait again that a server restored from a backup need not hold
// although it counts their numbers as received: where this device was cloned, its
// other half may have come back first. By their content the server tells which
// they are. These are the ops whose fate is open, for an answer counts only in its
// epoch, those that a person has discarded, for that may be forgotten and decided
// otherwise, and the last of the others: two halves that agree on it agree on all
// before it.
func (t *Tx) doubt(ctx context.Context) error {
	ops, err := sqltx.Collect(ctx, t.tx, "ops in doubt", scanOp,
		"SELECT op FROM outbox WHERE state IN (?, ?) OR state = ? AND code = ? OR seq = (SELECT max(seq) FROM outbox WHERE state = ?) ORDER BY seq",
		OpConfirmed, OpInReview, OpRejected, syncproto.CodeDiscarded, OpDone)
	if err != nil {
		return err
	}
	for _, op := range ops {
		if err := t.waitAgain(ctx, op.Seq, max(op.Seq, op.Group)); err != nil { // no push without a group's end
			return err
		}
	}
	return nil
}

// waitAgain takes back the answers to a run of ops.
func (t *Tx) waitAgain(ctx context.Context, from, to uint64) error {
	ops, err := sqltx.Collect(ctx, t.tx, "answered ops", scanOp,
		"SELECT op FROM outbox WHERE seq BETWEEN ? AND ? AND state > 0 ORDER BY seq", from, to)
	if err != nil || len(ops) == 0 {
		return err
	}
	err = t.exec(ctx, "answered ops", "UPDATE outbox SET state = ?, log_seq = 0, code = '', details = '[]' WHERE seq BETWEEN ? AND ?",
		OpWaiting, from, to)
	if err != nil {
		return err
	}
	return t.replayAll(ctx, ops)
}
