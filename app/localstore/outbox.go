package localstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// OpState is how far an op has come.
type OpState int

// Op states, as stored.
const (
	OpWaiting   OpState = 0
	OpConfirmed OpState = 1
	OpDone      OpState = 2
	OpRejected  OpState = 3
	OpInReview  OpState = 4
)

// ErrNotEnrolled says that the device has no identity to record under.
var ErrNotEnrolled = errors.New("the device is not enrolled")

// ErrInvalid says that a change is no valid op; its code follows.
var ErrInvalid = errors.New("invalid change")

// ErrTooLong says that a record holds more text than may travel in one op.
var ErrTooLong = errors.New("the record is too long")

// Change is what somebody did to one record.
type Change struct {
	Project domain.ProjectID
	Entity  domain.Entity
	ID      domain.AnyID
	Kind    syncproto.Kind
	Fields  syncproto.Fields
}

// Record puts changes into the outbox as one group and shows them at once. The
// group applies on the server wholly or not at all. The first op number is
// returned.
func (t *Tx) Record(ctx context.Context, changes ...Change) (first uint64, err error) {
	if !t.id.Enrolled() {
		return 0, ErrNotEnrolled
	}
	if len(changes) > syncproto.MaxBatchOps {
		return 0, fmt.Errorf("record %d changes: %w", len(changes), ErrTooLong)
	}
	if _, err := t.row(ctx, "next op", []any{&first}, "SELECT coalesce(max(seq), 0) + 1 FROM outbox"); err != nil {
		return 0, err
	}
	group := uint64(0)
	if len(changes) > 1 {
		group = first + uint64(len(changes)) - 1
	}
	epoch, err := t.epochOf(ctx, changes)
	if err != nil {
		return 0, err
	}
	clock, err := t.tick(ctx, len(changes))
	if err != nil {
		return 0, err
	}
	for i, c := range changes {
		if err := t.record(ctx, stamp{seq: first + uint64(i), group: group, hlc: clock[i], epoch: epoch}, c); err != nil {
			return 0, err
		}
	}
	return first, nil
}

// stamp is what an op is given when it is recorded.
type stamp struct {
	seq, group, hlc uint64
	epoch           string
}

// epochOf is the epoch of the copies that a group was recorded on; empty if they
// differ.
func (t *Tx) epochOf(ctx context.Context, changes []Change) (epoch string, err error) {
	var last syncproto.Scope
	for i, c := range changes {
		s := scopeOf(c)
		if i > 0 && s == last {
			continue
		}
		cursor, _, err := t.Cursor(ctx, s)
		if err != nil {
			return "", err
		}
		if i > 0 && cursor.Epoch != epoch {
			return "", nil
		}
		last, epoch = s, cursor.Epoch
	}
	return epoch, nil
}

func scopeOf(c Change) syncproto.Scope {
	info, _ := c.Entity.Info()
	return syncproto.Scope{Project: c.Project, Audience: info.Audience}
}

func (t *Tx) record(ctx context.Context, s stamp, c Change) error {
	if _, ok := c.Entity.Info(); !ok {
		return fmt.Errorf("record: unknown entity %d", c.Entity)
	}
	h, err := t.held(ctx, c.Entity, c.ID)
	if err != nil {
		return err
	}
	_, offset := t.now.Time().Local().Zone()
	op := syncproto.Op{
		Device: t.id.Device, Seq: s.seq, Group: s.group, Actor: t.id.Person, CapturedAt: t.now, UTCOffset: offset / int(time.Minute/time.Second),
		HLC: s.hlc, Scope: scopeOf(c), Entity: c.Entity, ID: c.ID,
		BaseSeq: h.server.Seq, Kind: c.Kind, Fields: c.Fields, Schema: syncproto.SchemaVersion,
	}
	if code := op.Validate(); code != "" {
		return fmt.Errorf("record %s: %w: %s", c.Entity, ErrInvalid, code)
	}
	body, err := syncproto.Marshal(op)
	if err != nil {
		return fmt.Errorf("record %s: %w", c.Entity, err)
	}
	if len(body) > syncproto.MaxOpBytes {
		return fmt.Errorf("record %s: %w", c.Entity, ErrTooLong)
	}
	err = t.exec(ctx, "record", "INSERT INTO outbox VALUES (?, ?, ?, ?, ?, ?, 0, '', '[]', ?, ?)",
		op.Seq, op.Scope.String(), c.Entity, c.ID[:], body, OpWaiting, t.now, s.epoch)
	if err != nil || c.Kind == syncproto.Commanded {
		return err
	}
	h.body = merge.Overlay(h.body, op)
	return t.put(ctx, h, true)
}

// tick moves the hybrid clock on by n events.
func (t *Tx) tick(ctx context.Context, n int) (events []uint64, err error) {
	text, err := t.meta(ctx, metaHLC)
	if err != nil {
		return nil, err
	}
	last := uint64(0)
	if text != "" {
		if last, err = strconv.ParseUint(text, 10, 64); err != nil {
			return nil, fmt.Errorf("hybrid clock: %w", err)
		}
	}
	ahead, err := t.ClockAhead(ctx)
	if err != nil {
		return nil, err
	}
	now := t.now - ahead
	for range n {
		last = syncproto.NextHLC(syncproto.ClampHLC(last, now), now)
		events = append(events, last)
	}
	return events, t.setMeta(ctx, metaHLC, strconv.FormatUint(last, 10))
}

func scanOp(r *sql.Rows) (op syncproto.Op, err error) {
	var body []byte
	if err := r.Scan(&body); err != nil {
		return op, err
	}
	err = syncproto.Unmarshal(body, &op)
	return op, err
}

// pendingOf lists a record's ops that server state does not contain yet.
func (t *Tx) pendingOf(ctx context.Context, e domain.Entity, id domain.AnyID) ([]syncproto.Op, error) {
	return sqltx.Collect(ctx, t.tx, "pending ops", scanOp,
		"SELECT op FROM outbox WHERE entity = ? AND id = ? AND state < 2 ORDER BY seq", e, id[:])
}

// Waiting is a push of unanswered ops from a number on, as many as fit and were
// recorded in the same epoch; groups are never split.
func (t *Tx) Waiting(ctx context.Context, from uint64, limit, maxBytes int) (p syncproto.Push, err error) {
	type sized struct {
		op    syncproto.Op
		bytes int
		epoch string
	}
	rows, err := sqltx.Collect(ctx, t.tx, "waiting ops", func(r *sql.Rows) (s sized, err error) {
		var body []byte
		if err := r.Scan(&body, &s.epoch); err != nil {
			return s, err
		}
		s.bytes = len(body)
		err = syncproto.Unmarshal(body, &s.op)
		return s, err
	}, "SELECT op, epoch FROM outbox WHERE state = 0 AND seq >= ? ORDER BY seq LIMIT ?", from, limit)
	if err != nil {
		return p, err
	}
	whole := 0
	for _, r := range rows {
		if maxBytes -= r.bytes; whole > 0 && (maxBytes < 0 || r.epoch != p.Epoch) {
			break
		}
		p.Ops, p.Epoch = append(p.Ops, r.op), r.epoch
		if r.op.Group == 0 || r.op.Group == r.op.Seq {
			whole = len(p.Ops)
		}
	}
	p.Ops = p.Ops[:whole]
	return p, nil
}

// NextWaiting is the lowest op number without an answer.
func (t *Tx) NextWaiting(ctx context.Context) (seq uint64, err error) {
	_, err = t.row(ctx, "next waiting", []any{&seq},
		"SELECT coalesce((SELECT min(seq) FROM outbox WHERE state = 0), (SELECT coalesce(max(seq), 0) + 1 FROM outbox))")
	return seq, err
}

// Answer notes how the server answered an op, for good once it is not in review.
// A rejected one leaves the screen but stays in the outbox for people to see.
func (t *Tx) Answer(ctx context.Context, a syncproto.Answer) error {
	var entity domain.Entity
	var id []byte
	var scope string
	var state OpState
	ok, err := t.row(ctx, "answer", []any{&entity, &id, &scope, &state}, "SELECT entity, id, scope, state FROM outbox WHERE seq = ?", a.Seq)
	if err != nil || !ok || state != OpWaiting && state != OpInReview {
		return err
	}
	next := OpConfirmed
	switch a.Status {
	case syncproto.Rejected:
		next = OpRejected
	case syncproto.Quarantined:
		next = OpInReview
	case syncproto.Applied, syncproto.Dup, syncproto.Conflict:
		pulled, _, err := t.alreadyPulled(ctx, scope, a.LogSeq)
		if err != nil {
			return err
		}
		if pulled {
			next = OpDone
		}
	}
	details, err := json.Marshal(a.Details)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	err = t.exec(ctx, "answer", "UPDATE outbox SET state = ?, log_seq = ?, code = ?, details = ? WHERE seq = ?",
		next, a.LogSeq, string(a.Code), string(details), a.Seq)
	if err == nil && a.Code == syncproto.CodeErased {
		err = t.redact(ctx, "seq = ?", a.Seq)
	}
	if err != nil || next == OpInReview || next == OpConfirmed && state == OpWaiting {
		return err // server state does not have it yet, so it stays on top
	}
	var record domain.AnyID
	if err := record.UnmarshalBinary(id); err != nil {
		return err
	}
	h, err := t.held(ctx, entity, record)
	if err != nil {
		return err
	}
	if a.LogSeq > 0 && a.LogSeq <= erasedUpTo(h.server) { // it was taken before, and only the answer is late
		if err := t.redact(ctx, "seq = ?", a.Seq); err != nil {
			return err
		}
	}
	return t.replay(ctx, entity, record, h.server)
}

// Decided notes how a person decided on an op in review. One that is not held for
// in review, or not any more, is passed over.
func (t *Tx) Decided(ctx context.Context, a syncproto.Answer) error {
	if !a.Device.IsZero() {
		return t.decidedFormer(ctx, a)
	}
	var state OpState
	ok, err := t.row(ctx, "decided", []any{&state}, "SELECT state FROM outbox WHERE seq = ?", a.Seq)
	if err != nil || !ok || state != OpInReview {
		return err
	}
	return t.Answer(ctx, a)
}

// alreadyPulled reports whether a place in a scope's log has been applied here, and
// whether the scope is followed at all; commands have no place and are done when
// answered.
func (t *Tx) alreadyPulled(ctx context.Context, scope string, logSeq uint64) (pulled, follows bool, err error) {
	if logSeq == 0 {
		return true, false, nil
	}
	epoch, err := t.meta(ctx, metaEpoch)
	if err != nil {
		return false, false, err
	}
	follows, err = t.row(ctx, "cursor", []any{&pulled}, "SELECT epoch = ? AND seq >= ? FROM scopes WHERE scope = ?", epoch, logSeq, scope)
	return pulled, follows, err
}

// Attention is an op that a person should look at.
type Attention struct {
	Op      syncproto.Op
	State   OpState
	Code    syncproto.Code
	Details []string
}

// NeedsAttention lists rejected ops and those in the server's review inbox.
func (t *Tx) NeedsAttention(ctx context.Context) ([]Attention, error) {
	return sqltx.Collect(ctx, t.tx, "needs attention", func(r *sql.Rows) (a Attention, err error) {
		var body []byte
		var details string
		if err := r.Scan(&body, &a.State, &a.Code, &details); err != nil {
			return a, err
		}
		if err := json.Unmarshal([]byte(details), &a.Details); err != nil {
			return a, err
		}
		err = syncproto.Unmarshal(body, &a.Op)
		return a, err
	}, "SELECT op, state, code, details FROM recorded WHERE state >= 3 ORDER BY generation, place")
}

// InReview lists the ops that the server keeps for review, as far as this device
// knows: its own, and those undecided that it sent under former identities. Where
// they lie too scattered the last span of a device covers others too, and other
// identities have to wait.
func (t *Tx) InReview(ctx context.Context) (spans []syncproto.Span, err error) {
	ops, err := sqltx.Collect(ctx, t.tx, "ops in review", func(r *sql.Rows) (s syncproto.Span, err error) {
		var device []byte
		if err := r.Scan(&device, &s.From); err != nil {
			return s, err
		}
		if device != nil {
			err = s.Device.UnmarshalBinary(device)
		}
		return s, err
	}, "SELECT NULL AS device, seq FROM outbox WHERE state = ? UNION ALL SELECT device, seq FROM former WHERE "+undecided+" ORDER BY device, seq", OpInReview)
	if err != nil {
		return nil, err
	}
	for _, op := range ops {
		last, full := len(spans)-1, len(spans) == syncproto.MaxSpans
		switch same := last >= 0 && spans[last].Device == op.Device; {
		case same && (full || spans[last].To == op.From-1):
			spans[last].To = op.From
		case full:
			return spans, nil
		default:
			op.To = op.From
			spans = append(spans, op)
		}
	}
	return spans, nil
}
