package simtest

import (
	"errors"
	"math/rand/v2"

	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// review lets somebody decide on work that was quarantined.
func review(w *world, dice *rand.Rand) {
	p, waiting := w.server(dice), w.waiting()
	if len(waiting) == 0 {
		return
	}
	r := waiting[dice.IntN(len(waiting))]
	reviewer := members[dice.IntN(len(members))]
	accept := dice.IntN(2) == 0
	p.decide(r, reviewer, accept)
}

// waiting lists the groups in review.
func (w *world) waiting() (list []store.Review) {
	err := w.cloud.store.View(w.ctx, func(tx *store.Tx) (err error) {
		list, err = tx.Reviews(w.ctx, store.ReviewFilter{Limit: 100})
		return err
	})
	w.must(err, "review inbox")
	return list
}

func (p *process) decide(r store.Review, by member, accept bool) {
	w := p.cloud.w
	p.cloud.admit(r)
	var logged []syncproto.Logged
	var err error
	if accept {
		logged, err = p.engine.Accept(w.ctx, r.ReviewKey, by.id)
	} else {
		logged, err = p.engine.Discard(w.ctx, r.ReviewKey, by.id, "not ours")
	}
	var refused *intake.Refusal
	switch {
	case errors.As(err, &refused):
		w.tell("the %s cannot decide on ops %d-%d of %s: %s", by.name, r.First, r.Last, r.Device, refused.Code)
		return
	case err != nil:
		w.must(ignore(err, p.cloud.ailing()), "review")
		w.tell("the %s's decision on ops %d-%d of %s fails: accepted %v", by.name, r.First, r.Last, r.Device, accept)
		p.cloud.undecided = append(p.cloud.undecided, decision{r, accept})
		return
	}
	p.cloud.follow()
	p.cloud.history.decide(p.cloud.inReview(r), accept)
	w.tell("the %s decides on ops %d-%d of %s: accepted %v", by.name, r.First, r.Last, r.Device, accept)
	p.publish(logged)
}

// admit notes the ops of a group in review that nobody was told of: their push
// failed, and is in the store nevertheless.
func (c *cloud) admit(r store.Review) {
	err := c.store.View(c.w.ctx, func(tx *store.Tx) error {
		for seq := r.First; seq <= r.Last; seq++ {
			received, err := tx.Received(c.w.ctx, r.Device, seq)
			if err != nil {
				return err
			}
			var op syncproto.Op
			if err := syncproto.Unmarshal(received.Body, &op); err != nil {
				return err
			}
			key := authorOf(op)
			if _, told := c.history.promised[key]; !told {
				c.history.promised[key], c.history.met[key] = syncproto.Quarantined, c.w.authored[key].by.met
			}
		}
		return nil
	})
	c.w.must(err, "ops in review")
}

// decision is a person's on a group in review.
type decision struct {
	store.Review
	accept bool
}

// decide notes how a person decided on ops.
func (h *history) decide(ops []authorship, accept bool) {
	status := syncproto.Rejected
	if accept {
		status = syncproto.Applied
	}
	for _, key := range ops {
		h.promised[key], h.decided[key] = status, status
	}
}

// makeDecided finds out after a restart whether decisions that failed were made:
// nobody was told that they were, so both is right.
func (c *cloud) makeDecided() {
	err := c.store.View(c.w.ctx, func(tx *store.Tx) error {
		for _, d := range c.undecided {
			held, err := tx.Review(c.w.ctx, d.ReviewKey)
			if err != nil {
				return err
			}
			want := store.ReviewDiscarded
			if d.accept {
				want = store.ReviewAccepted
			}
			if held.Outcome == want {
				c.history.decide(c.inReview(d.Review), d.accept)
			}
		}
		c.undecided = nil
		return nil
	})
	c.w.must(err, "reviews")
}

// inReview lists the ops of a group that was answered with quarantine.
func (c *cloud) inReview(r store.Review) (keys []authorship) {
	for key, status := range c.history.promised {
		if key.device == r.Device && key.seq >= r.First && key.seq <= r.Last && status == syncproto.Quarantined {
			keys = append(keys, key)
		}
	}
	return keys
}
