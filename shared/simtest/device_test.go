package simtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"keyturn/app/localstore"
	"keyturn/app/syncer"
	"keyturn/shared/domain"
	"keyturn/shared/simtest/powercut"
	"keyturn/shared/syncproto"
)

// device is a tablet or desktop: the app's store and engines on a disk that can
// lose power.
type device struct {
	w        *world
	name     string
	n        int // of its enrolment; a clone shares it
	dir      string
	disk     *powercut.Disk
	store    *localstore.Store
	engine   *syncer.Engine
	photos   *syncer.Photos
	identity localstore.Identity
	conn     *conn

	// ahead is how far the clock is off; met how far it was at the last HELLO.
	ahead, met domain.Instant
	// newer apps write fields that this build does not know, in a later schema.
	newer bool
	// cloned devices share their identity with another.
	cloned bool
	full   bool
	// quick is set while frames come that are not looked at one by one.
	quick bool
	// told is set while the server says that the identity is cloned and the device
	// has none of its own.
	told bool
	// stray devices have forked and were enrolled again: a server that was restored
	// from a backup from before does not know of which device.
	stray bool

	// kept are the ops that were shown as saved; drafts what may stand in a form:
	// what was saved last, or was not known to be.
	kept   []authorship
	drafts map[string][]string
	// fates are the answers that the device knows, by op.
	fates map[authorship]localstore.OpState
	// replicas are the server's side of what the device holds.
	replicas map[syncproto.Scope]*replica
	vault    map[domain.Hash]bool
	weather  weather
}

// addDevice starts an enrolled device, which has met the server at the opening or
// not at all.
func (w *world) addDevice(n int, met bool) *device {
	d := w.newDevice(n, fmt.Sprint("device ", n))
	t, err := begun()
	w.must(err, "template")
	database := t.devices[n]
	if met {
		database = t.synced[n]
	}
	w.must(os.WriteFile(filepath.Join(d.dir, localstore.FileName), database, 0o600), "device's database")
	d.start()
	d.identity = identityOf(n, usersOf(n)[0])
	return d
}

func (w *world) newDevice(n int, name string) *device {
	d := &device{
		w: w, n: n, name: name, dir: filepath.Join(w.dir, name), drafts: map[string][]string{}, fates: map[authorship]localstore.OpState{},
		replicas: map[syncproto.Scope]*replica{}, vault: map[domain.Hash]bool{}, weather: weather{taken: map[string]int64{}},
	}
	w.must(os.MkdirAll(d.dir, 0o700), "device's directory")
	var err error
	d.disk, err = powercut.Mount(d.dir)
	w.must(err, "device's disk")
	w.devices = append(w.devices, d)
	return d
}

// now is the device's own idea of the time.
func (d *device) now() domain.Instant { return d.w.now + d.ahead }

// start is the app's.
func (d *device) start() {
	var err error
	d.store, err = localstore.Open(d.w.ctx, d.dir, d.now)
	d.w.must(err, "open the device's store")
	_, err = d.store.MarkRunning(d.w.ctx) // as the app does; what it finds is durable from here on
	d.w.must(err, "start "+d.name)
	d.engine = &syncer.Engine{Store: d.store, AppVersion: "simulated"}
	d.photos = d.newPhotos()
}

// stop ends it without ceremony.
func (d *device) stop() {
	if d.store != nil {
		_ = d.store.Close() // the disk may be dead, and nobody needs it any more
	}
	d.disk.Unmount()
}

// signIn makes another of the device's people its user.
func (d *device) signIn(person int) {
	id := identityOf(d.n, person)
	if d.forked() {
		return // nobody else has signed in on it since
	}
	if err := d.store.SetIdentity(d.w.ctx, id); d.failed(err, "sign in") {
		return
	}
	d.identity = id
	d.hangUp()
}

// ailing reports whether the device may have failed for its disk.
func (d *device) ailing() bool { return d.disk.Excuse() }

// failed reports whether something failed with the disk; without that excuse it
// is a broken promise.
func (d *device) failed(err error, what string) bool {
	if err != nil && !d.ailing() {
		d.w.fail("%s on %s fails on a sound disk: %v", what, d.name, err)
	}
	return err != nil
}

// hangUp ends the connection on both ends.
func (d *device) hangUp() {
	if d.conn != nil {
		d.conn.lose()
	}
}

// reboot brings the device back after a power cut, as its disk was left.
func (d *device) reboot(fate powercut.Fate, dice *rand.Rand) {
	if d.conn != nil {
		d.conn.leave() // the server does not notice
	}
	d.disk.FailAfter(0)
	_ = d.store.Close() // nothing reaches the disk any more
	d.store = nil
	d.w.must(d.disk.Reboot(fate, dice), "reboot "+d.name)
	d.full = false
	d.w.tell("%s loses power (%s) and starts again", d.name, fateName(fate))
	d.start()
	d.recollect()
	d.check()
}

// recollect looks at what the device still knows. What was not shown as saved
// may have been saved nevertheless.
func (d *device) recollect() {
	var err error
	d.identity, err = d.store.Identity(d.w.ctx)
	d.w.must(err, "identity")
	sent := d.sent()
	for _, o := range sent[min(len(d.kept), len(sent)):] {
		d.author(o.Op)
	}
	for _, o := range sent {
		if key := authorOf(o.Op); d.fates[key] != o.State {
			delete(d.fates, key)
		}
	}
	d.replicas = map[syncproto.Scope]*replica{}
}

func (d *device) sent() (sent []localstore.SentOp) {
	d.view(func(ctx context.Context, t *localstore.Tx) (err error) {
		sent, err = t.Sent(ctx)
		return err
	})
	return sent
}

// view reads; a full disk or a failing sync is no excuse.
func (d *device) view(work func(context.Context, *localstore.Tx) error) {
	err := d.store.View(d.w.ctx, func(t *localstore.Tx) error { return work(d.w.ctx, t) })
	d.w.must(err, "read "+d.name)
}

// record saves changes as one group, as fieldwork does: when it returns true the
// person was told that they are saved.
func (d *device) record(with func(context.Context, *localstore.Tx) error, changes ...localstore.Change) bool {
	d.w.pass(time.Millisecond) // no two ops are captured at once
	before := len(d.kept)
	err := d.store.Update(d.w.ctx, func(t *localstore.Tx) error {
		if with != nil {
			if err := with(d.w.ctx, t); err != nil {
				return err
			}
		}
		_, err := t.Record(d.w.ctx, changes...)
		return err
	})
	if d.failed(err, "saving") {
		d.w.tell("%s cannot save: %v", d.name, short(err))
		return false
	}
	for _, o := range d.sent()[before:] {
		d.author(o.Op)
	}
	if len(d.kept) != before+len(changes) {
		d.w.fail("%s saved %d changes as %d ops", d.name, len(changes), len(d.kept)-before)
	}
	d.check()
	if d.w.made%2 == 0 {
		d.work() // the runner hears the bell of the commit, sooner or later
	}
	return true
}

// author notes an op that the device has recorded.
func (d *device) author(op syncproto.Op) {
	key := authorOf(op)
	a := &authored{by: d, op: op, at: d.w.now, ahead: d.ahead, seen: d.cursor(op.Scope)}
	d.w.authored[key] = a
	d.kept = append(d.kept, key)
}

// cursor is how much of a scope the device has.
func (d *device) cursor(s syncproto.Scope) syncproto.Cursor {
	for _, c := range d.cursors() {
		if c.Scope == s {
			return c
		}
	}
	return syncproto.Cursor{Scope: s}
}

func (d *device) cursors() (cursors []syncproto.Cursor) {
	d.view(func(ctx context.Context, t *localstore.Tx) (err error) {
		cursors, err = t.Cursors(ctx)
		return err
	})
	return cursors
}

func short(err error) string {
	text := err.Error()
	return text[:min(len(text), 80)]
}
