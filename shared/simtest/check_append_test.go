package simtest

import (
	"errors"
	"fmt"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// slack is how far off the measured offset of a clock may be: a HELLO is on its
// way while time goes by.
const slack domain.Instant = 10 * 60_000

// checkAppended looks at what the server wrote into its log at this moment.
func (c *cloud) checkAppended(tx *store.Tx, s syncproto.Scope, l syncproto.Logged) {
	if want := uint64(len(c.history.logs[s]) + 1); l.Seq != want {
		c.w.fail("the log of %s goes on with %d instead of %d", s, l.Seq, want)
	}
	if l.Op.Scope != s {
		c.w.fail("an op of %s stands in the log of %s", l.Op.Scope, s)
	}
	if l.Op.HLC > uint64(c.now()+syncproto.MaxAhead)<<16 {
		c.w.fail("op %d of %s is ordered in the future", l.Op.Seq, l.Op.Device)
	}
	if l.Op.BaseSeq >= l.Seq {
		c.w.fail("op %d of %s claims to have seen what follows it", l.Op.Seq, l.Op.Device)
	}
	if byServer(l.Op) {
		c.checkNumber(l.Op)
		return
	}
	key := authorOf(l.Op)
	made := c.w.authored[key]
	reviewed := c.history.promised[key] == syncproto.Quarantined
	if made == nil || !c.w.authoredAs(l.Op, made.op) && !(reviewed && within(l.Op, made.op)) {
		c.w.fail("nobody recorded op %d of %s as the log has it: %+v", l.Op.Seq, l.Op.Device, l.Op)
	}
	if at, twice := c.history.places[key]; twice {
		c.w.fail("op %d of %s took effect at %d and again at %d", l.Op.Seq, l.Op.Device, at, l.Seq)
	}
	c.history.places[key] = l.Seq
	c.checkClock(l.Op, made)
	if reviewed {
		return // somebody vouched for it, later
	}
	if last := c.history.last[lane{l.Op.Device, s}]; last >= l.Op.Seq {
		c.w.fail("op %d of %s stands behind its op %d", l.Op.Seq, l.Op.Device, last)
	}
	c.history.last[lane{l.Op.Device, s}] = l.Op.Seq
	c.checkRights(tx, l.Op)
}

// checkClock: a clock that has been off by the same amount since the capture is
// corrected, so the op claims no later time than it was made at. What waited in
// review counts with what was measured when it came.
func (c *cloud) checkClock(op syncproto.Op, made *authored) {
	d := made.by
	met, waited := c.history.met[authorOf(op)]
	if !waited {
		met = d.met
	}
	if d.cloned || d.ahead != made.ahead || max(met-d.ahead, d.ahead-met) > slack {
		return // the clock was changed meanwhile: only the server's time bounds it
	}
	if claimed := domain.Instant(op.HLC >> 16); claimed > made.at+syncproto.MaxAhead+slack {
		c.w.fail("op %d of %s claims to be %d s younger than it is", op.Seq, op.Device, (claimed-made.at)/1000)
	}
}

// checkRights: nobody writes without a part in the project, and no device that
// was revoked.
func (c *cloud) checkRights(tx *store.Tx, op syncproto.Op) {
	if len(c.parts.rights(op.Actor, c.now())[op.Scope.Project]) == 0 && len(c.unsure) == 0 {
		c.w.fail("op %d of %s was applied although its actor has no part in the project", op.Seq, op.Device)
	}
	d, err := tx.Device(c.w.ctx, op.Device)
	c.w.must(err, "device")
	if d.RevokedAt.Set() {
		c.w.fail("op %d of %s was applied although the device is revoked", op.Seq, op.Device)
	}
}

// checkNumber: tickets are numbered 1 to n in the order of the log.
func (c *cloud) checkNumber(op syncproto.Op) {
	if op.Entity != domain.EntityTicket {
		return
	}
	number, err := syncproto.DecodeField[string](op.Fields, ticketNumber)
	c.w.must(err, "ticket's number")
	if number == "" {
		return
	}
	series, digits, ok := cutLast(number, "-")
	n := 0
	if _, err := fmt.Sscanf(digits, "%d", &n); err != nil || !ok {
		c.w.fail("the ticket number %q is no number", number)
	}
	series = op.Scope.Project.String() + series
	if n != c.history.numbers[series]+1 {
		c.w.fail("ticket %s follows number %d", number, c.history.numbers[series])
	}
	c.history.numbers[series] = n
}

// ticketNumber is the key of domain.Ticket's Number.
const ticketNumber = 3

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// checkReceived: whatever was answered is held in full, with that answer.
func (c *cloud) checkReceived(when string) {
	err := c.store.View(c.w.ctx, func(tx *store.Tx) error {
		for key, status := range c.history.promised {
			r, err := tx.Received(c.w.ctx, key.device, key.seq)
			if errors.Is(err, store.ErrNotFound) {
				c.w.fail("%s: op %d of %s was answered and is not there", when, key.seq, key.device)
			}
			if err != nil {
				return err
			}
			var op syncproto.Op
			if err := syncproto.Unmarshal(r.Body, &op); err != nil {
				return err
			}
			if made := c.w.authored[key]; made == nil || !c.w.authoredAs(op, made.op) {
				c.w.fail("%s: op %d of %s is held with other content than was answered", when, key.seq, key.device)
			}
			held := r.Answer.Status
			if held == syncproto.Conflict {
				held = syncproto.Applied
			}
			if held != status {
				c.w.fail("%s: op %d of %s was answered %d and is held as %d", when, key.seq, key.device, status, held)
			}
		}
		return nil
	})
	c.w.must(err, "read what was received")
}

// checkKept: after a restart the log begins with all that it had.
func (c *cloud) checkKept() {
	err := c.store.View(c.w.ctx, func(tx *store.Tx) error {
		for _, s := range scopes() {
			kept, err := tx.KeptAfter(c.w.ctx, s)
			if err != nil {
				return err
			}
			log := c.read(tx, s, 0)
			for i, want := range c.history.logs[s][min(kept, uint64(len(c.history.logs[s]))):] {
				if i >= len(log) {
					c.w.fail("%s lost its log from %d on", s, want.Seq)
				}
				if log[i].Seq != want.Seq || !sameOp(log[i].Op, want.Op) {
					c.w.fail("%s changed its log at %d", s, want.Seq)
				}
			}
		}
		return nil
	})
	c.w.must(err, "read the log")
}
