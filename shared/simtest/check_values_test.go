package simtest

import (
	"bytes"

	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// written is one value that somebody gave a field.
type written struct {
	value syncproto.Value
	op    syncproto.Op
	seq   uint64
}

type fieldKey struct {
	recordKey
	key uint64
}

// checkNothingDropped: a value that a person gave is in force, or was replaced by
// somebody who had seen it, or is kept beside the one in force. No field is lost,
// not even one that this build does not know.
func (c *cloud) checkNothingDropped(tx *store.Tx) {
	for _, s := range scopes() {
		fields := map[fieldKey][]written{}
		for _, l := range c.history.logs[s] {
			w := written{op: l.Op, seq: l.Seq}
			for key, value := range l.Op.Fields {
				w.value = value
				k := fieldKey{recordKey{l.Op.Entity, l.Op.ID}, key}
				fields[k] = append(fields[k], w)
			}
		}
		for k, list := range fields {
			held, err := tx.Record(c.w.ctx, k.entity, k.id)
			c.w.must(err, "record")
			if _, stamped := held.Stamp(k.key); !stamped {
				c.w.fail("%s %s lost field %d", k.entity, k.id, k.key)
			}
			for i, w := range list {
				if !byServer(w.op) && !c.accounted(held, k.key, list, i) {
					c.w.fail("what op %d of %s gave field %d of %s %s was dropped silently: %x; in force is %x", w.op.Seq, w.op.Device, k.key, k.entity, k.id, w.value, held.Fields[k.key])
				}
			}
		}
	}
}

// accounted tells what became of the value that the i-th writer gave.
func (c *cloud) accounted(held merge.Record, key uint64, list []written, i int) bool {
	value := list[i].value
	if held.Erased[key] > list[i].seq || syncproto.IsNull(value) && c.w.erased[recordKey{held.Entity, held.ID}] {
		return true
	}
	if now := held.Fields[key]; bytes.Equal(now, value) || syncproto.IsNull(value) && syncproto.IsNull(now) {
		return true
	}
	for _, contest := range held.Contests {
		for _, v := range contest.Versions {
			if contest.Field == key && bytes.Equal(v.Value, value) {
				return true
			}
		}
	}
	for n, same := range list {
		if !bytes.Equal(same.value, value) {
			continue
		}
		for _, later := range list[n+1:] {
			if c.saw(later.op, same) {
				return true
			}
		}
	}
	return false
}

// saw tells whether the author of an op had seen what another wrote: the server
// sees everything, a device what its cursor had passed when it recorded, in the
// log of that time, and what it wrote itself.
func (c *cloud) saw(op syncproto.Op, w written) bool {
	if byServer(op) || op.Device == w.op.Device {
		return true
	}
	seen := c.w.authored[authorOf(op)].seen
	if byServer(w.op) {
		return w.seq <= c.history.common(seen.Epoch, op.Scope, seen.Seq)
	}
	h := c.named(seen.Epoch)
	if h == nil {
		return false
	}
	place := h.places[authorOf(w.op)]
	return place != 0 && place <= seen.Seq
}
