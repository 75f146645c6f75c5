// Package intake is the server's sync engine: it takes what devices push,
// authorises, dedupes, merges and appends it in one transaction, and answers.
// It does no network I/O.
package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// Decider draws the consequences of what people recorded and decides commands.
// It runs within the op's transaction.
type Decider interface {
	// Reads lists records that it will look at because of an op, as far as the op
	// tells; they are read together. The op has not been checked.
	Reads(op syncproto.Op) []store.Key
	// Fact follows an applied fact that made r of before; a *Refusal, for settings
	// that are none, rejects it and leaves nothing behind.
	Fact(ctx context.Context, w *Writer, op syncproto.Op, before, r merge.Record) error
	// Command decides; a *Refusal rejects the op and leaves nothing behind.
	Command(ctx context.Context, w *Writer, op syncproto.Op, cmd syncproto.Command) error
}

// Snapshots makes the state of a scope into a file.
type Snapshots interface {
	// Latest describes one that is fresh enough for a log that ends at head and
	// begins after kept.
	Latest(ctx context.Context, scope syncproto.Scope, epoch string, head, kept uint64) (*syncproto.Snapshot, error)
}

// Refusal says why a command was rejected.
type Refusal struct {
	Code    syncproto.Code
	Details []string
}

// Error implements error.
func (r *Refusal) Error() string { return fmt.Sprintf("refused: %s %v", r.Code, r.Details) }

// Engine takes pushes. Now is the server's clock.
type Engine struct {
	Store   *store.Store
	Decider Decider
	Now     func() domain.Instant
	// Snapshots serves devices that are far behind; nil serves pages only.
	Snapshots Snapshots
	// Diverged hears of a device's copy that was not what the log gives; nil hears
	// nothing. It must not block.
	Diverged func(syncproto.Scope)

	pages    pageCache
	digests  sync.Map // scope → keptDigest
	arrivals arrivals
}

// Push takes a batch. The answers are durable when it returns; logged is what
// connected devices should hear of. An error means that nothing was taken.
func (e *Engine) Push(ctx context.Context, device domain.DeviceID, push *syncproto.Push) (answers *syncproto.Answers, logged []syncproto.Logged, err error) {
	var waiting []domain.Hash
	err = e.Store.Update(ctx, func(tx *store.Tx) error {
		answers, logged, waiting = &syncproto.Answers{Batch: push.Batch}, nil, nil
		if err := tx.Lock(ctx, projectsOf(push.Ops)...); err != nil {
			return err
		}
		b, err := e.begin(ctx, tx, device, &logged)
		if err != nil {
			return err
		}
		b.waiting, b.counted = &waiting, push.Epoch
		if len(push.Epoch) > syncproto.MaxEpochBytes {
			answers.Code, answers.NextSeq = syncproto.CodeBadFields, b.device.NextSeq
			return nil
		}
		if err := b.readAhead(ctx, push.Ops); err != nil {
			return err
		}
		if answers.Code, err = b.take(ctx, push.Ops, answers); err != nil {
			return err
		}
		if answers.Code == syncproto.CodeCloned {
			if err := tx.NoteCloned(ctx, device, b.now); err != nil {
				return err
			}
		}
		if err := b.announce(ctx); err != nil {
			return err
		}
		answers.NextSeq = b.device.NextSeq
		return tx.SetNextSeq(ctx, device, b.device.NextSeq)
	})
	if err == nil {
		var late []syncproto.Logged
		late, err = e.lookAgain(ctx, waiting)
		logged = append(logged, late...)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("push of device %s: %w", device, err)
	}
	return answers, logged, nil
}

// projectsOf lists the projects that ops may write to.
func projectsOf(ops []syncproto.Op) []domain.ProjectID {
	var list []domain.ProjectID
	for _, op := range ops {
		if !slices.Contains(list, op.Scope.Project) {
			list = append(list, op.Scope.Project)
		}
	}
	return list
}

type batch struct {
	engine *Engine
	tx     *store.Tx
	device store.Device
	now    domain.Instant
	people people
	logged *[]syncproto.Logged
	// waiting collects the originals that the batch names and that are not here.
	waiting *[]domain.Hash
	inbox   inbox
	// review is set while a person's decision on quarantined ops is carried out.
	review *reviewing
	// counted is the epoch in which the ops' base sequences count, epoch that of
	// the log.
	counted, epoch string
}

func (e *Engine) begin(ctx context.Context, tx *store.Tx, device domain.DeviceID, logged *[]syncproto.Logged) (*batch, error) {
	d, err := tx.TakeDevice(ctx, device)
	if err != nil {
		return nil, err
	}
	epoch, err := tx.Meta(ctx, MetaEpoch)
	if err != nil {
		return nil, err
	}
	now := e.Now()
	return &batch{
		engine: e, tx: tx, device: d, now: now, logged: logged, epoch: epoch,
		people: people{tx: tx, now: now, device: device, rights: map[domain.PersonID]map[domain.ProjectID]map[domain.Capability]bool{}},
	}, nil
}

// readAhead reads what the ops that are new will be held against.
func (b *batch) readAhead(ctx context.Context, ops []syncproto.Op) error {
	var keys []store.Key
	for _, op := range ops {
		if op.Seq >= b.device.NextSeq {
			keys = append(append(keys, store.Key{Entity: op.Entity, ID: op.ID}), b.engine.Decider.Reads(op)...)
		}
	}
	return b.tx.ReadAhead(ctx, keys)
}

// take works through the ops in order. A code means that the rest was not taken.
func (b *batch) take(ctx context.Context, ops []syncproto.Op, out *syncproto.Answers) (syncproto.Code, error) {
	for len(ops) > 0 {
		switch {
		case ops[0].Device != b.device.ID || ops[0].Seq == 0:
			return syncproto.CodeBadFields, nil
		case ops[0].Seq < b.device.NextSeq:
			answer, code, err := b.repeated(ctx, ops[0])
			if err != nil || code != "" {
				return code, err
			}
			out.Answers, ops = append(out.Answers, answer), ops[1:]
			continue
		}
		group := groupOf(ops)
		if group == nil {
			return syncproto.CodeGroup, nil
		}
		for i, op := range group {
			if op.Device != b.device.ID {
				return syncproto.CodeBadFields, nil
			}
			if op.Seq != b.device.NextSeq+uint64(i) {
				return syncproto.CodeGap, nil
			}
		}
		answers, code, err := b.group(ctx, group)
		if err != nil || code != "" {
			return code, err
		}
		b.device.NextSeq += uint64(len(group))
		out.Answers, ops = append(out.Answers, answers...), ops[len(group):]
	}
	return "", nil
}

// groupOf is the leading run of ops that belong together; nil when its end is
// missing.
func groupOf(ops []syncproto.Op) []syncproto.Op {
	end := ops[0].Group
	if end == 0 {
		return ops[:1]
	}
	for i, op := range ops {
		if op.Group != end {
			return nil
		}
		if op.Seq == end {
			return ops[:i+1]
		}
	}
	return nil
}

// repeated answers an op that was answered before. The same number with other
// content means that two devices share an identity.
func (b *batch) repeated(ctx context.Context, op syncproto.Op) (syncproto.Answer, syncproto.Code, error) {
	body, err := syncproto.Marshal(op)
	if err != nil {
		return syncproto.Answer{}, "", err
	}
	before, err := b.tx.Received(ctx, op.Device, op.Seq)
	if err != nil {
		return syncproto.Answer{}, "", err
	}
	if !before.Is(body) {
		return syncproto.Answer{}, syncproto.CodeCloned, nil
	}
	return again(before.Answer), "", nil
}

// again is an answer that was given before.
func again(a syncproto.Answer) syncproto.Answer {
	if a.Status == syncproto.Applied || a.Status == syncproto.Conflict {
		a.Status = syncproto.Dup
	}
	return a
}

// group applies ops wholly or not at all and stores each body with its answer.
// A code means that they were not taken.
func (b *batch) group(ctx context.Context, ops []syncproto.Op) ([]syncproto.Answer, syncproto.Code, error) {
	answers := make([]syncproto.Answer, len(ops))
	bodies := make([][]byte, len(ops))
	for i, op := range ops {
		var err error
		if bodies[i], err = syncproto.Marshal(op); err != nil {
			return nil, "", err
		}
	}
	var refused *syncproto.Answer
	kept := len(*b.logged)
	err := b.tx.Attempt(ctx, func() error {
		for i, op := range ops {
			answer, err := b.one(ctx, op, len(bodies[i]))
			if err != nil {
				return err
			}
			answers[i] = answer
			if answer.Status == syncproto.Rejected || answer.Status == syncproto.Quarantined {
				refused = &answer
				return errRefused
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errRefused) {
		return nil, "", err
	}
	if refused != nil {
		*b.logged = (*b.logged)[:kept]
		if refused.Status == syncproto.Quarantined {
			if full, err := b.quarantine(ctx, ops, bodies, refused.Code); err != nil || full {
				return nil, syncproto.CodeOverloaded, err
			}
		}
	}
	for i, op := range ops {
		if refused != nil {
			answers[i] = *refused
			answers[i].Seq, answers[i].LogSeq = op.Seq, 0
		}
		received := store.Received{Body: bodies[i], Answer: answers[i]}
		if answers[i].Code == syncproto.CodeErased {
			if received, err = received.Redacted(); err != nil {
				return nil, "", err
			}
		}
		if err := b.tx.SaveReceived(ctx, b.device.ID, received, b.now); err != nil {
			return nil, "", err
		}
	}
	return answers, "", nil
}

var errRefused = errors.New("group refused")

// one applies a single op and draws its consequences.
func (b *batch) one(ctx context.Context, op syncproto.Op, bytes int) (syncproto.Answer, error) {
	if bytes > syncproto.MaxOpBytes {
		return syncproto.Answer{Seq: op.Seq, Status: syncproto.Rejected, Code: syncproto.CodeTooLarge}, nil
	}
	if code := op.Validate(); code != "" {
		return syncproto.Answer{Seq: op.Seq, Status: syncproto.Rejected, Code: code}, nil
	}
	if b.device.RevokedAt.Set() && b.review == nil {
		return syncproto.Answer{Seq: op.Seq, Status: syncproto.Quarantined, Code: syncproto.CodeRevoked}, nil
	}
	caps, signedIn, err := b.rights(ctx, op)
	if err != nil {
		return syncproto.Answer{}, err
	}
	held, err := b.tx.Record(ctx, op.Entity, op.ID)
	if err != nil {
		return syncproto.Answer{}, err
	}
	if refusal := judge(op, caps, signedIn, held); refusal != nil {
		return *refusal, nil
	}
	if op, err = b.corrected(ctx, op, held); err != nil {
		return syncproto.Answer{}, err
	}
	if op.Kind != syncproto.Commanded && held.Revives(op) {
		return syncproto.Answer{Seq: op.Seq, Status: syncproto.Rejected, Code: syncproto.CodeErased}, nil
	}
	w := &Writer{Tx: b.tx, Now: b.now, Project: op.Scope.Project, Actor: op.Actor, Rights: caps, At: op.At, logged: b.logged, waiting: b.waiting}
	if op.Kind == syncproto.Commanded {
		return b.command(ctx, w, op)
	}
	next, conflict, err := w.apply(ctx, held, op)
	if err != nil {
		return syncproto.Answer{}, err
	}
	if err := b.engine.Decider.Fact(ctx, w, op, held, next); err != nil {
		return refusal(op, err)
	}
	answer := syncproto.Answer{Seq: op.Seq, Status: syncproto.Applied, LogSeq: next.Seq}
	if conflict {
		answer.Status = syncproto.Conflict
	}
	return answer, nil
}

// corrected is an op with the server's corrections of what the device could not
// know.
func (b *batch) corrected(ctx context.Context, op syncproto.Op, held merge.Record) (syncproto.Op, error) {
	ahead, receivedAt := b.device.ClockAhead, b.now
	if b.review != nil {
		ahead, receivedAt = b.review.ClockAhead, b.review.ReceivedAt
	}
	op.At = syncproto.ClampTime(op.CapturedAt-ahead, receivedAt)
	op.HLC = syncproto.ClampHLC(op.HLC, min(receivedAt, op.At))
	op.BaseSeq = min(op.BaseSeq, held.Seq)
	if op.BaseSeq > 0 && b.counted != b.epoch {
		common, restored, err := b.tx.Common(ctx, op.Scope)
		if err != nil {
			return op, err
		}
		if restored {
			op.BaseSeq = min(op.BaseSeq, common)
		}
	}
	if b.review != nil {
		op.Fields = notOvertaken(op, held)
	}
	return op, nil
}

func (b *batch) command(ctx context.Context, w *Writer, op syncproto.Op) (syncproto.Answer, error) {
	cmd, err := syncproto.Decode[syncproto.Command](op.Fields) // its types are valid already
	if err != nil {
		return syncproto.Answer{}, err
	}
	if err := b.engine.Decider.Command(ctx, w, op, cmd); err != nil {
		return refusal(op, err)
	}
	return syncproto.Answer{Seq: op.Seq, Status: syncproto.Applied}, nil
}

// refusal answers an op that the decider refused; another error stays one.
func refusal(op syncproto.Op, err error) (syncproto.Answer, error) {
	var refused *Refusal
	if !errors.As(err, &refused) {
		return syncproto.Answer{}, err
	}
	return syncproto.Answer{Seq: op.Seq, Status: syncproto.Rejected, Code: refused.Code, Details: refused.Details}, nil
}
