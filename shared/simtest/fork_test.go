package simtest

import (
	"errors"
	"slices"
	"time"

	"keyturn/app/localstore"
	"keyturn/app/syncer"
	"keyturn/shared/domain"
	"keyturn/syncserver/accounts"
)

// forked reports whether the device has an identity that it was not enrolled with.
func (d *device) forked() bool { return d.identity.Device != identityOf(d.n, usersOf(d.n)[0]).Device }

// errNotKept says that a device could not keep what it was given.
var errNotKept = errors.New("the device cannot save")

// enrolAgain lets a device in that a restored server does not know: its person
// enters a new code. The session lasts for ever, as those of the template do.
func (p *process) enrolAgain(d *device) error {
	w, desk := p.cloud.w, *p.accounts
	desk.Now = func() domain.Instant { return w.now.Add(100 * 365 * 24 * time.Hour) }
	code, err := desk.NewCode(w.ctx, d.identity.Person, time.Hour)
	if err != nil {
		return err
	}
	e, err := desk.Enrol(w.ctx, code, accounts.Newcomer{Name: d.name, Held: d.identity.Device, Token: d.identity.DeviceToken})
	if err != nil {
		return err
	}
	id := d.identity
	id.SessionToken = e.SessionToken
	if err := d.store.SetIdentity(w.ctx, id); d.failed(err, "enrolling again") {
		return errNotKept
	}
	d.identity, d.stray = id, true
	w.tell("%s is enrolled again", d.name)
	return nil
}

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
