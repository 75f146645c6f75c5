package simtest

import (
	"bytes"
	"maps"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// authorship is what an op says of itself: two ops with the same number of two
// devices that share an identity differ in it, as no two are captured at once.
type authorship struct {
	device   domain.DeviceID
	seq      uint64
	entity   domain.Entity
	id       domain.AnyID
	captured domain.Instant
}

func authorOf(op syncproto.Op) authorship {
	return authorship{op.Device, op.Seq, op.Entity, op.ID, op.CapturedAt}
}

// sameOp compares what people put into two ops.
func sameOp(a, b syncproto.Op) bool {
	return authorOf(a) == authorOf(b) && a.Kind == b.Kind && a.Actor == b.Actor && a.Fields.Equal(b.Fields)
}

// within tells whether an op holds nothing but fields of another.
func within(part, whole syncproto.Op) bool {
	for key, value := range part.Fields {
		if !bytes.Equal(whole.Fields[key], value) {
			return false
		}
	}
	return authorOf(part) == authorOf(whole) && part.Kind == whole.Kind && part.Actor == whole.Actor
}

// authored is what the simulation knows about an op and the server does not.
type authored struct {
	by *device
	op syncproto.Op
	// at is the true time of capture; ahead how far the clock was off.
	at, ahead domain.Instant
	// seen is what the device had of the op's scope, in which epoch.
	seen syncproto.Cursor
}

// history is what one incarnation of the log holds and has promised.
type history struct {
	epoch string
	logs  map[syncproto.Scope][]syncproto.Logged
	// places are those of devices' ops in their scope's log.
	places map[authorship]uint64
	// last is the newest op of a device in a scope.
	last map[lane]uint64
	// promised is how ops were answered; a repeated answer says the same again.
	promised map[authorship]syncproto.Status
	// decided is how a person decided on ops that were answered with quarantine.
	decided map[authorship]syncproto.Status
	// met is how far the author's clock was measured to be off when an op came.
	met map[authorship]domain.Instant
	// numbers is the newest running number of each series of tickets.
	numbers map[string]int
	// forked is where this incarnation left the one before.
	forked map[syncproto.Scope]uint64
	before *history
}

type lane struct {
	device domain.DeviceID
	scope  syncproto.Scope
}

func newHistory(epoch string) *history {
	return &history{
		epoch: epoch, logs: map[syncproto.Scope][]syncproto.Logged{}, places: map[authorship]uint64{}, last: map[lane]uint64{},
		promised: map[authorship]syncproto.Status{}, decided: map[authorship]syncproto.Status{}, met: map[authorship]domain.Instant{}, numbers: map[string]int{}, forked: map[syncproto.Scope]uint64{},
	}
}

// clone is the history as a backup holds it.
func (h *history) clone() *history {
	c := *h
	c.logs = map[syncproto.Scope][]syncproto.Logged{}
	for s, log := range h.logs {
		c.logs[s] = slices.Clone(log)
	}
	c.places, c.last, c.promised = maps.Clone(h.places), maps.Clone(h.last), maps.Clone(h.promised)
	c.decided, c.met = maps.Clone(h.decided), maps.Clone(h.met)
	c.numbers, c.forked = maps.Clone(h.numbers), maps.Clone(h.forked)
	return &c
}

// common is how much of a scope's log two incarnations share, the older one
// given by its epoch; all of it for the same one.
func (h *history) common(epoch string, s syncproto.Scope, upTo uint64) uint64 {
	for at := h; at != nil; at = at.before {
		if at.epoch == epoch {
			return upTo
		}
		upTo = min(upTo, at.forked[s])
	}
	return 0
}

// named finds an incarnation by its epoch.
func (c *cloud) named(epoch string) *history {
	if c.history.epoch == epoch {
		return c.history
	}
	return c.past[epoch]
}

// promise remembers how a push was answered.
func (c *cloud) promise(d *device, push *syncproto.Push, answers *syncproto.Answers) {
	for _, a := range answers.Answers {
		for _, op := range push.Ops {
			if op.Seq != a.Seq {
				continue
			}
			status := a.Status
			if status == syncproto.Dup || status == syncproto.Conflict {
				status = syncproto.Applied
			}
			if held, ok := c.history.promised[authorOf(op)]; ok && held != status && held != syncproto.Quarantined {
				c.w.fail("op %d of %s was answered %d and now %d", op.Seq, op.Device, held, status)
			}
			if _, again := c.history.promised[authorOf(op)]; !again {
				c.history.met[authorOf(op)] = d.met
			}
			c.history.promised[authorOf(op)] = status
		}
	}
}

// follow reads what the server has appended and checks it.
func (c *cloud) follow() {
	if c.disk.Dead() {
		return // what is left is seen after the reboot
	}
	err := c.store.View(c.w.ctx, func(tx *store.Tx) error {
		heads, err := c.heads(tx)
		if err != nil {
			return err
		}
		for _, s := range scopes() {
			log, head := c.history.logs[s], heads[s]
			if head < uint64(len(log)) {
				c.w.fail("the log of %s went back from %d to %d", s, len(log), head)
			}
			if head == uint64(len(log)) {
				continue
			}
			for _, l := range c.read(tx, s, uint64(len(log))) {
				c.checkAppended(tx, s, l)
				c.history.logs[s] = append(c.history.logs[s], l)
			}
			if n := uint64(len(c.history.logs[s])); n != head {
				c.w.fail("the head of %s is %d, its log ends at %d", s, head, n)
			}
		}
		return nil
	})
	if err != nil && !c.ailing() {
		c.w.fail("read the log: %v", err)
	}
}

// heads are the ends of all logs.
func (c *cloud) heads(tx *store.Tx) (map[syncproto.Scope]uint64, error) {
	list, err := tx.Heads(c.w.ctx)
	heads := map[syncproto.Scope]uint64{}
	for _, h := range list {
		heads[h.Scope] = h.Seq
	}
	return heads, err
}

// read lists a scope's log after a place.
func (c *cloud) read(tx *store.Tx, s syncproto.Scope, after uint64) (log []syncproto.Logged) {
	stored, err := tx.ReadLog(c.w.ctx, s, after, 1<<40, 1<<20, 1<<30)
	c.w.must(ignore(err, c.ailing()), "read the log")
	for _, e := range stored {
		l := syncproto.Logged{Seq: e.Seq}
		c.w.must(syncproto.Unmarshal(e.Op, &l.Op), "decode the log")
		log = append(log, l)
	}
	return log
}

// byServer reports whether the server itself wrote an op.
func byServer(op syncproto.Op) bool { return op.Device == ident.ServerDevice }
