package simtest

import (
	"keyturn/app/localstore"
	"keyturn/shared/syncproto"
)

// checkFates: what the device says of an op is what the server has done.
func (d *device) checkFates(sent []localstore.SentOp, cursors []syncproto.Cursor) {
	for _, o := range sent {
		key := authorOf(o.Op)
		if o.State == d.fates[key] {
			continue
		}
		d.fates[key] = o.State
		if o.State == localstore.OpWaiting {
			continue
		}
		if !d.w.cloud.fated(d.w.authored[authorOf(o.Op)], o.State, cursors) {
			d.w.fail("%s takes op %d for ended in state %d, which the server never said", d.name, o.Op.Seq, o.State)
		}
	}
}

// fated tells whether the server, in some incarnation, has let an op end in this
// state.
func (c *cloud) fated(a *authored, state localstore.OpState, cursors []syncproto.Cursor) bool {
	key, commanded := authorOf(a.op), a.op.Kind == syncproto.Commanded
	for h := c.history; h != nil; h = h.before {
		answer, decided := h.promised[key], h.decided[key]
		switch state {
		case localstore.OpConfirmed:
			if answer == syncproto.Applied {
				return true
			}
		case localstore.OpDone:
			if commanded && answer == syncproto.Applied {
				return true
			}
		case localstore.OpRejected:
			info, _ := key.entity.Info()
			if answer == syncproto.Rejected && (!info.Captured || commanded || decided == syncproto.Rejected) {
				return true // captured work only when a person has decided against it
			}
		case localstore.OpInReview:
			if answer == syncproto.Quarantined || decided != 0 {
				return true // the answer may come after the decision
			}
		}
	}
	return state == localstore.OpDone && !commanded && c.applied(a, cursors)
}

// applied tells whether an op stands in the log before a device's cursor.
func (c *cloud) applied(a *authored, cursors []syncproto.Cursor) bool {
	for _, cur := range cursors {
		if cur.Scope != a.op.Scope || cur.Epoch == "" {
			continue
		}
		if place := c.named(cur.Epoch).places[authorOf(a.op)]; place == 0 || place > cur.Seq {
			return false
		}
	}
	return true
}

// open tells whether an op waits in review for a decision.
func (c *cloud) open(a *authored) bool {
	return c.history.promised[authorOf(a.op)] == syncproto.Quarantined
}
