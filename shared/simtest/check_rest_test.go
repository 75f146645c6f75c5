package simtest

import (
	"bytes"
	"context"
	"slices"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// checkAtRest compares everybody once all is quiet.
func (w *world) checkAtRest() {
	c := w.cloud
	c.checkKept()
	c.checkReceived("at rest")
	err := c.store.View(w.ctx, func(tx *store.Tx) error {
		c.checkState(tx)
		c.checkGroups()
		c.checkNothingDropped(tx)
		c.checkErased(tx)
		c.checkTickets(tx)
		c.checkPhotos(tx)
		for _, d := range w.devices {
			d.checkAtRest(tx)
		}
		return nil
	})
	w.must(err, "read the server")
}

func (w *world) encoded(r merge.Record) []byte {
	b, err := r.Encode()
	w.must(err, "encode a record")
	return b
}

// checkState: replaying the log gives what the server holds.
func (c *cloud) checkState(tx *store.Tx) {
	for _, s := range scopes() {
		r := replica{}
		r.follow(c.history.logs[s], syncproto.Cursor{Epoch: c.history.epoch, Seq: uint64(len(c.history.logs[s]))})
		for k, want := range r.records {
			held, err := tx.Record(c.w.ctx, k.entity, k.id)
			c.w.must(err, "record")
			if !bytes.Equal(c.w.encoded(held), c.w.encoded(want)) {
				c.w.fail("the log gives another %s %s than the server holds:\n%+v\n%+v", k.entity, k.id, want, held)
			}
		}
	}
}

// checkGroups: a group is in the log wholly or not at all.
func (c *cloud) checkGroups() {
	type group struct {
		by  *device
		as  domain.DeviceID
		end uint64
	}
	in, out := map[group]uint64{}, map[group]uint64{}
	for key, a := range c.w.authored {
		if a.op.Group == 0 || a.by.cloned && c.history.before != nil {
			continue // a restored server may have met the other clone first
		}
		g := group{a.by, key.device, a.op.Group}
		if c.history.places[key] != 0 {
			in[g] = key.seq
		} else {
			out[g] = key.seq
		}
	}
	for g, seq := range in {
		if other := out[g]; other != 0 {
			c.w.fail("op %d of %s is in the log and op %d of the same group is not", seq, g.by.name, other)
		}
	}
}

// checkTickets: every defect has one ticket, and every ticket a number of its own.
func (c *cloud) checkTickets(tx *store.Tx) {
	numbers, byDefect := map[string]bool{}, map[domain.DefectID]int{}
	for _, p := range projects {
		list, err := intake.List[domain.Ticket](c.w.ctx, tx, domain.EntityTicket, store.Filter{Project: p})
		c.w.must(err, "tickets")
		for _, k := range list {
			number := p.String() + k.Record.Number
			if numbers[number] || k.Record.Number == "" {
				c.w.fail("the ticket number %q is taken twice or empty", k.Record.Number)
			}
			numbers[number] = true
			byDefect[k.Record.DefectID]++
		}
		defects, err := intake.List[domain.Defect](c.w.ctx, tx, domain.EntityDefect, store.Filter{Project: p})
		c.w.must(err, "defects")
		for _, k := range defects {
			if byDefect[k.ID] != 1 {
				c.w.fail("defect %s has %d tickets", k.ID, byDefect[k.ID])
			}
		}
	}
}

// checkAtRest: the device has nothing left to say, holds what the server holds of
// its scopes, and each of its ops has ended where a person can see it.
func (d *device) checkAtRest(tx *store.Tx) {
	d.check()
	d.checkDrafts()
	d.view(func(ctx context.Context, t *localstore.Tx) error {
		sent, err := t.Sent(ctx)
		d.w.must(err, "sent ops")
		d.checkEnded(ctx, t, sent)
		cursors := d.checkScopes(ctx, t, tx)
		want, open := d.expected(sent, cursors), reviewed(sent)
		for e := domain.EntityProject; e <= domain.EntityReview; e++ {
			rows, err := t.Records(ctx, e, localstore.Filter{})
			d.w.must(err, "records")
			d.checkShown(e, rows, want, open)
			if d.told {
				continue // what a clone cannot send lies on top
			}
			for _, got := range rows {
				if w := want[recordKey{e, got.ID}]; !open[recordKey{e, got.ID}] && !bytes.Equal(d.w.encoded(got), d.w.encoded(w)) {
					d.w.fail("%s differs from the server in %s %s:\n%+v\n%+v", d.name, e, got.ID, got, w)
				}
			}
		}
		return nil
	})
}

// checkScopes: the device follows what its user may read, to the end.
func (d *device) checkScopes(ctx context.Context, t *localstore.Tx, tx *store.Tx) []syncproto.Cursor {
	cursors, err := t.Cursors(ctx)
	d.w.must(err, "cursors")
	may := d.w.cloud.mayRead(tx, d)
	for _, c := range cursors {
		if head := uint64(len(d.w.cloud.history.logs[c.Scope])); !may[c.Scope] || head > 0 && (c.Epoch != d.w.cloud.history.epoch || c.Seq != head) {
			d.w.fail("%s is at %d of %q in %s, whose head is %d of %q; may read it: %v", d.name, c.Seq, c.Epoch, c.Scope, head, d.w.cloud.history.epoch, may[c.Scope])
		}
		delete(may, c.Scope)
	}
	for s := range may {
		d.w.fail("%s does not follow %s", d.name, s)
	}
	return cursors
}

// checkEnded: every op is applied, or visibly refused or in review.
func (d *device) checkEnded(ctx context.Context, t *localstore.Tx, sent []localstore.SentOp) {
	attention, err := t.NeedsAttention(ctx)
	d.w.must(err, "needs attention")
	visible := map[authorship]bool{}
	for _, a := range attention {
		visible[authorOf(a.Op)] = true
	}
	for _, o := range sent {
		seen := visible[authorOf(o.Op)]
		switch {
		case o.State == localstore.OpDone:
		case o.State == localstore.OpConfirmed && !d.follows(ctx, t, o.Op.Scope):
		case o.State == localstore.OpRejected && seen:
		case o.State == localstore.OpInReview && seen && d.w.cloud.open(d.w.authored[authorOf(o.Op)]):
		case o.State == localstore.OpInReview && seen && d.stray && o.Op.Device != d.identity.Device: // nobody may tell it
		case d.told:
			return // this and what follows waits behind a number that was taken; the person is told
		default:
			d.w.fail("op %d of %s ended in state %d, visible %v", o.Op.Seq, d.name, o.State, seen)
		}
	}
}

func (d *device) follows(ctx context.Context, t *localstore.Tx, s syncproto.Scope) bool {
	cursors, err := t.Cursors(ctx)
	d.w.must(err, "cursors")
	for _, c := range cursors {
		if c.Scope == s {
			return true
		}
	}
	return false
}

// checkDrafts: a form that was left is there.
func (d *device) checkDrafts() {
	d.view(func(ctx context.Context, t *localstore.Tx) error {
		for key, want := range d.drafts {
			var got string
			ok, err := t.Draft(ctx, key, &got)
			d.w.must(err, "draft")
			if saved := want[0] != unsaved; !slices.Contains(want, got) && (ok || saved) {
				d.w.fail("%s lost the draft %q: %q instead of %q", d.name, key, got, want)
			}
		}
		return nil
	})
}

// mayRead lists the scopes that a device's user may follow.
func (c *cloud) mayRead(tx *store.Tx, d *device) map[syncproto.Scope]bool {
	held, err := tx.Device(c.w.ctx, d.identity.Device)
	c.w.must(err, "device")
	if held.RevokedAt.Set() {
		return map[syncproto.Scope]bool{}
	}
	return c.parts.readable(d.identity.Person, c.now())
}
