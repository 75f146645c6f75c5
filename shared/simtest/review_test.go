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
	p := w.server(dice)
	var waiting []store.Review
	err := p.cloud.store.View(w.ctx, func(tx *store.Tx) (err error) {
		waiting, err = tx.Reviews(w.ctx, store.ReviewFilter{Limit: 100})
		return err
	})
	w.must(err, "review inbox")
	if len(waiting) == 0 {
		return
	}
	r := waiting[dice.IntN(len(waiting))]
	reviewer := members[dice.IntN(len(members))]
	accept := dice.IntN(2) == 0
	p.decide(r, reviewer, accept)
}

func (p *process) decide(r store.Review, by member, accept bool) {
	w := p.cloud.w
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
		return
	}
	p.cloud.follow()
	for _, key := range p.cloud.inReview(r) {
		if accept {
			p.cloud.history.promised[key] = syncproto.Applied
		} else {
			p.cloud.history.promised[key] = syncproto.Rejected
			w.authored[key].discarded = true
		}
	}
	w.tell("the %s decides on ops %d-%d of %s: accepted %v", by.name, r.First, r.Last, r.Device, accept)
	p.publish(logged)
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
