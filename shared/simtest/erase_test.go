package simtest

import (
	"errors"
	"math/rand/v2"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// erase overwrites the personal data of a homeowner.
func erase(w *world, dice *rand.Rand) {
	p, project := w.server(dice), projects[dice.IntN(len(projects))]
	logged, _, err := p.engine.Erase(w.ctx, project, domain.EntityHomeowner, ownerOf(project), ident.ServerPerson)
	if errors.Is(err, intake.ErrNothingPersonal) {
		return
	}
	// One that fails with the disk may have happened all the same.
	w.erased[recordKey{domain.EntityHomeowner, ownerOf(project)}] = true
	w.erased[recordKey{domain.EntityUnit, unitOf(project).Any()}] = true
	if err != nil {
		w.must(ignore(err, p.cloud.ailing()), "erase")
		w.tell("erasing a homeowner fails")
		return
	}
	p.cloud.follow()
	w.tell("a homeowner's data are erased")
	p.publish(logged)
}

// authoredAs tells whether an op is one that was recorded, perhaps without values
// that were erased since.
func (w *world) authoredAs(op, made syncproto.Op) bool {
	return sameOp(op, made) || w.erased[recordKey{made.Entity, made.ID}] && sameOp(op, made.Redacted())
}

// checkErased: after an erasure nothing is applied that was written without
// knowing of it, and neither the server nor a device keeps what was answered.
func (c *cloud) checkErased(tx *store.Tx) {
	for k := range c.w.erased {
		held, err := tx.Record(c.w.ctx, k.entity, k.id)
		c.w.must(err, "record")
		for _, l := range c.history.logs[held.Scope] {
			if l.Op.Entity != k.entity || l.Op.ID != k.id || byServer(l.Op) {
				continue
			}
			for key, at := range held.Erased {
				if value := l.Op.Fields[key]; l.Seq > at && l.Op.BaseSeq < at && !syncproto.IsNull(value) {
					c.w.fail("op %d of %s brought field %d of %s %s back after its erasure", l.Op.Seq, l.Op.Device, key, k.entity, k.id)
				}
				if l.Seq < at {
					c.checkRedacted(tx, l.Op, key)
				}
			}
		}
	}
}

// checkRedacted: what a device had sent before an erasure has no value left, on
// the server nor on the device.
func (c *cloud) checkRedacted(tx *store.Tx, op syncproto.Op, key uint64) {
	r, err := tx.Received(c.w.ctx, op.Device, op.Seq)
	c.w.must(err, "received op")
	var kept syncproto.Op
	c.w.must(syncproto.Unmarshal(r.Body, &kept), "received op")
	if !syncproto.IsNull(kept.Fields[key]) {
		c.w.fail("the server still holds field %d of op %d of %s, which was erased", key, op.Seq, op.Device)
	}
	made := c.w.authored[authorOf(op)]
	if !c.mayRead(tx, made.by)[op.Scope] {
		return // it has not heard of it, and shows nothing of it
	}
	for _, o := range made.by.sent() {
		if o.Op.Device == op.Device && o.Op.Seq == op.Seq && o.State != localstore.OpWaiting && !syncproto.IsNull(o.Op.Fields[key]) {
			c.w.fail("%s still holds field %d of op %d, which was erased", made.by.name, key, op.Seq)
		}
	}
}
