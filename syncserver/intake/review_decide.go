package intake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// Errors of deciding, besides a *Refusal.
var (
	// ErrDecided says that somebody has decided before.
	ErrDecided = errors.New("this has been decided on already")
	// ErrReason says that work was to be discarded without a usable reason.
	ErrReason = fmt.Errorf("a reason of at most %d bytes is needed", maxReason)
)

// maxReason bounds the reviewer's words, which travel to the device.
const maxReason = 500

// reviewing is a decision that is carried out.
type reviewing struct {
	store.Review
	reviewer domain.PersonID
}

// Accept applies a group of quarantined ops now, as if the reviewer vouched for
// them: each op needs what the reviewer may write, and everything but the
// sender's own entitlement is judged as ever. A *Refusal says what still stands
// against it and leaves it waiting. The ops keep their actor and capture time.
func (e *Engine) Accept(ctx context.Context, k store.ReviewKey, reviewer domain.PersonID) ([]syncproto.Logged, error) {
	return e.decide(ctx, k, reviewer, store.ReviewAccepted, "", func(b *batch, op syncproto.Op, bytes int) (syncproto.Answer, error) {
		answer, err := b.one(ctx, op, bytes)
		if err == nil && (answer.Status == syncproto.Rejected || answer.Status == syncproto.Quarantined) {
			err = fmt.Errorf("op %d: %w", op.Seq, &Refusal{Code: answer.Code, Details: answer.Details})
		}
		return answer, err
	})
}

// Discard decides that a group of quarantined ops is never applied. Its bodies
// stay; its device is told the reason.
func (e *Engine) Discard(ctx context.Context, k store.ReviewKey, reviewer domain.PersonID, reason string) ([]syncproto.Logged, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > maxReason || !utf8.ValidString(reason) || strings.ContainsRune(reason, 0) {
		return nil, ErrReason
	}
	return e.decide(ctx, k, reviewer, store.ReviewDiscarded, reason, func(_ *batch, op syncproto.Op, _ int) (syncproto.Answer, error) {
		return syncproto.Answer{Seq: op.Seq, Status: syncproto.Rejected, Code: syncproto.CodeDiscarded, Details: []string{reason}}, nil
	})
}

// decide carries a decision out on each op of a group, in one transaction with
// the answers that the device will get.
func (e *Engine) decide(ctx context.Context, k store.ReviewKey, reviewer domain.PersonID, o store.ReviewOutcome, reason string, one func(*batch, syncproto.Op, int) (syncproto.Answer, error)) (logged []syncproto.Logged, err error) {
	err = e.Store.Update(ctx, func(tx *store.Tx) error {
		logged = nil
		ops, sizes, err := reviewOps(ctx, tx, k)
		if err != nil {
			return err
		}
		if err := tx.Lock(ctx, projectsOf(ops)...); err != nil {
			return err
		}
		b, err := e.begin(ctx, tx, k.Device, &logged)
		if err != nil {
			return err
		}
		b.review = &reviewing{reviewer: reviewer}
		if b.review.Review, err = tx.Review(ctx, k); err != nil {
			return err
		}
		b.counted = b.review.Epoch
		if b.review.Outcome != store.ReviewWaiting {
			return ErrDecided
		}
		if err := b.mayReview(ctx, ops); err != nil {
			return err
		}
		for i, op := range ops {
			answer, err := one(b, op, sizes[i])
			if err != nil {
				return err
			}
			if err := tx.AnswerReceived(ctx, k.Device, answer); err != nil {
				return err
			}
		}
		if err := tx.DecideReview(ctx, k, o, b.now, reviewer, reason); err != nil {
			return err
		}
		b.changed(ops)
		return b.announce(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("review %s: %w", k, err)
	}
	return logged, nil
}

// reviewOps reads a group's ops and how long each is.
func reviewOps(ctx context.Context, tx *store.Tx, k store.ReviewKey) (ops []syncproto.Op, sizes []int, err error) {
	r, err := tx.Review(ctx, k)
	if err != nil {
		return nil, nil, err
	}
	for seq := r.First; seq <= r.Last; seq++ {
		held, err := tx.Received(ctx, r.Device, seq)
		if err != nil {
			return nil, nil, err
		}
		var op syncproto.Op
		if err := syncproto.Unmarshal(held.Body, &op); err != nil {
			return nil, nil, fmt.Errorf("op %d: %w", seq, err)
		}
		ops, sizes = append(ops, op), append(sizes, len(held.Body))
	}
	return ops, sizes, nil
}

// mayReview refuses a reviewer who does not work on tickets in every project
// that the ops belong to.
func (b *batch) mayReview(ctx context.Context, ops []syncproto.Op) error {
	for _, project := range projectsOf(ops) {
		caps, err := b.people.of(ctx, b.review.reviewer, project)
		if err != nil {
			return err
		}
		if !caps[domain.CanWorkTickets] {
			return &Refusal{Code: syncproto.CodeForbidden, Details: []string{string(domain.CanWorkTickets)}}
		}
	}
	return nil
}

// rights lists the capabilities by which an op is judged: its actor's, or in
// review those of the reviewer. A command, which is a decision and no fact,
// needs both, so that review is no way around the rule that two people decide.
func (b *batch) rights(ctx context.Context, op syncproto.Op) (caps map[domain.Capability]bool, signedIn bool, err error) {
	if b.review == nil {
		return b.people.may(ctx, op)
	}
	caps, err = b.people.of(ctx, b.review.reviewer, op.Scope.Project)
	if err != nil || op.Kind != syncproto.Commanded {
		return caps, true, err
	}
	theirs, err := b.people.of(ctx, op.Actor, op.Scope.Project)
	both := map[domain.Capability]bool{}
	for c := range caps {
		if theirs[c] {
			both[c] = true
		}
	}
	return both, true, err
}

// notOvertaken lists the fields of an op from review that its device has not
// written again since: what it wrote later was applied earlier and stays.
func notOvertaken(op syncproto.Op, held merge.Record) syncproto.Fields {
	later := func(s merge.Stamp) bool { return s.Device == op.Device && s.HLC > op.HLC }
	fields := op.Fields.Clone()
	for key := range op.Fields {
		stamp, _ := held.Stamp(key)
		overtaken := later(stamp)
		for _, c := range held.Contests {
			for _, v := range c.Versions {
				overtaken = overtaken || c.Field == key && later(v.Stamp)
			}
		}
		if overtaken {
			delete(fields, key)
		}
	}
	return fields
}

// maxDecided bounds the answers in one WELCOME; the next one gives more.
const maxDecided = maxReviewOps

// decided lists the final answers to those of a device's ops that it believes in
// review, be it that it sent them as a device that it was the clone of. What that
// one has sent since is none of its business.
func decided(ctx context.Context, tx *store.Tx, d store.Device, spans []syncproto.Span) (all []syncproto.Answer, err error) {
	upTo := map[domain.DeviceID]uint64{{}: d.NextSeq}
	for _, s := range spans[:min(len(spans), syncproto.MaxSpans)] {
		next, known := upTo[s.Device]
		if !known {
			if next, err = tx.SharedBefore(ctx, d.ID, s.Device); err != nil {
				return nil, err
			}
			upTo[s.Device] = next
		}
		if s.To = min(s.To, max(next, 1)-1); s.From > s.To {
			continue
		}
		author := s.Device
		if author.IsZero() {
			author = d.ID
		}
		answers, err := tx.FinalAnswers(ctx, author, s, maxDecided-len(all))
		if err != nil {
			return nil, err
		}
		for _, a := range answers {
			a.Device = s.Device
			all = append(all, again(a))
		}
	}
	return all, nil
}
