package simtest

import (
	"errors"
	"slices"

	"keyturn/app/localstore"
	"keyturn/app/syncer"
)

// fork lets a device that shares its identity ask for one of its own, as the
// runner does. What waits on it has another author from then on.
func (d *device) fork(p *process) {
	d.told = true
	before := d.sent()
	d.weather.p, d.weather.dice = p, nil
	err := syncer.Fork(d.w.ctx, d.store, d.photos.Link)
	if errors.Is(err, localstore.ErrNotYet) {
		return
	}
	d.hangUp()
	if err != nil {
		d.w.tell("%s does not fork: %s", d.name, short(err))
		return
	}
	d.told = false
	var errID error
	d.identity, errID = d.store.Identity(d.w.ctx)
	d.w.must(errID, "identity")
	d.w.tell("%s forks", d.name)
	waiting := slices.DeleteFunc(before, func(o localstore.SentOp) bool { return o.State != localstore.OpWaiting })
	d.kept = nil
	for _, o := range d.sent() {
		key := authorOf(o.Op)
		if o.Op.Device == d.identity.Device {
			was := d.w.authored[authorOf(waiting[0].Op)]
			waiting = waiting[1:]
			d.w.authored[key] = &authored{by: d, op: o.Op, at: was.at, ahead: was.ahead, seen: was.seen}
		}
		d.kept = append(d.kept, key)
	}
}
