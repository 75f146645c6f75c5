package simtest

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/simtest/powercut"
	"keyturn/syncserver/backup"
	"keyturn/syncserver/store"
)

func timers(w *world, dice *rand.Rand) {
	p := w.server(dice)
	w.tell("the timers of server %d run", p.n)
	p.tick()
}

func timePasses(w *world, dice *rand.Rand) { w.pass(time.Duration(dice.IntN(72)) * time.Hour) }

// revoke ends a device's access, rarely: it does not come back.
func revoke(w *world, dice *rand.Rand) {
	d, p := w.device(dice), w.server(dice)
	if dice.IntN(3) > 0 {
		return
	}
	done := w.cloud.update(func(tx *store.Tx) error { return tx.RevokeDevice(w.ctx, d.identity.Device, w.now) })
	w.tell("%s is revoked: done %v", d.name, done)
	if done && d.conn != nil && d.conn.p == p {
		d.hangUp()
	}
}

func processDies(w *world, dice *rand.Rand) { w.server(dice).crash() }

// dieBeforeFanOut ends a process between commit and everything after it: no
// answer, no live page.
func dieBeforeFanOut(w *world, dice *rand.Rand) {
	p := w.server(dice)
	if len(p.conns) == 0 {
		return
	}
	p.silent = true
	c := p.conns[dice.IntN(len(p.conns))]
	c.deliverUp()
	c.down = nil
	p.crash()
}

// serverLosesPower cuts the power somewhere within what the server is doing.
func serverLosesPower(w *world, dice *rand.Rand) {
	c := w.cloud
	c.disk.FailAfter(dice.IntN(60))
	for range 1 + dice.IntN(6) {
		p := w.server(dice)
		if dice.IntN(8) == 0 {
			p.tick()
		} else if len(p.conns) > 0 {
			p.conns[dice.IntN(len(p.conns))].deliverUp()
		}
		if c.disk.Dead() {
			break
		}
	}
	c.reboot(powercut.Fate(dice.IntN(3)), dice)
}

// photosMeetPowerCut cuts the server's power while a photo is on its way.
func photosMeetPowerCut(w *world, dice *rand.Rand) {
	d := w.device(dice)
	w.photos.large = true
	d.alone(recordDefect, dice)
	w.photos.large = false
	d.alone(talk, dice)
	d.weather.lasts = 1 + dice.IntN(7)
	d.alone(movePhotos, dice)
	d.weather.lasts = 0
	w.cloud.reboot(one(dice, powercut.LoseAll, powercut.LoseSome), dice)
}

// serverDisk fills the disk, makes room again, or lets syncs fail.
func serverDisk(w *world, dice *rand.Rand) {
	c := w.cloud
	if dice.IntN(2) == 0 {
		c.full = !c.full
		c.disk.SetFull(c.full)
		w.tell("the server's disk is full: %v", c.full)
		return
	}
	c.disk.FailSyncs(1 + dice.IntN(2))
	w.tell("the server's disk fails to sync")
}

// saved is a backup of the server and what it had promised by then.
type saved struct {
	path    string
	history *history
	parts   parts
}

// takeBackup backs the running server up, photos included.
func takeBackup(w *world, _ *rand.Rand) {
	c := w.cloud
	source := backup.Source{Store: c.store, Photos: c.blobs, Now: func() time.Time { return w.now.Time() }, Version: "simulated"}
	w.pass(time.Second) // a backup is named by its second
	made, err := source.Create(w.ctx, filepath.Join(w.dir, "backups"), true)
	w.must(err, "backup")
	c.saved = &saved{path: made.Path, history: c.history.clone(), parts: c.parts}
	w.tell("a backup is taken")
}

// restoreBackup brings the server back as it was, in a new epoch. Its photos are
// still there, or lost too.
func restoreBackup(w *world, dice *rand.Rand) {
	c := w.cloud
	if c.saved == nil {
		return
	}
	c.shutDown()
	c.disk.Unmount()
	lost := dice.IntN(2) == 0
	if lost {
		w.must(os.RemoveAll(filepath.Join(c.dir, "blobs")), "lose the photos")
	}
	w.must(os.Remove(c.path()), "lose the database")
	c.openBlobs()
	target := backup.Target{
		Create: func(ctx context.Context, schema int64) (*store.Store, error) {
			return store.OpenToRestore(ctx, c.path(), schema)
		},
		Open:   func(ctx context.Context) (*store.Store, error) { return store.Open(ctx, c.path()) },
		Photos: c.blobs, Keys: c.dir, Now: func() time.Time { return w.now.Time() }, Random: coins{dice},
	}
	restored, err := target.Restore(w.ctx, c.saved.path)
	w.must(err, "restore")
	c.disk, err = powercut.Mount(c.dir)
	w.must(err, "server's disk")
	old := c.history
	c.history, c.parts, c.unsure, c.undecided = c.saved.history.clone(), c.saved.parts, nil, nil
	c.history.epoch, c.history.before = restored.Epoch, old
	c.past[old.epoch] = old
	for s, log := range c.history.logs {
		c.history.forked[s] = uint64(len(log))
	}
	w.tell("the backup is restored, photos lost %v, missing %d", lost, len(restored.Missing))
	c.start()
	w.forgetPhotos()
}

// loseServer lets a server be lost with what a device has sent since the backup.
// Somebody else meets the restored one first and edits the defect that the device,
// offline, edits on top of what is lost.
func loseServer(w *world, dice *rand.Rand) {
	n := dice.IntN(len(w.devices))
	away, other := w.devices[n], w.devices[(n+1+dice.IntN(len(w.devices)-1))%len(w.devices)]
	away.alone(recordDefect, dice)
	list := w.known[domain.EntityDefect]
	id, before, after := list[len(list)-1], dice.Uint64(), dice.Uint64()
	amend := func(field uint64) func(*world, *rand.Rand) {
		return func(w *world, _ *rand.Rand) { w.devices[0].amendDefect(newDice(field, diceStep), id) }
	}
	away.alone(talk, dice)
	other.alone(talk, dice)
	takeBackup(w, dice)
	for range 1 + dice.IntN(3) {
		away.alone(one(dice, recordDefect, recordDefect, movePhotos), dice)
	}
	away.alone(amend(before), dice)
	away.alone(talk, dice)
	away.alone(one(dice, talk, movePhotos), dice)
	restoreBackup(w, dice)
	other.alone(one(dice, talk, amend(after)), dice)
	other.alone(amend(after), dice)
	other.alone(talk, dice)
	away.alone(one(dice, amend(after), amend(before), draft), dice)
}

// shutDown ends every process in order.
func (c *cloud) shutDown() {
	for _, p := range c.procs {
		for len(p.conns) > 0 {
			p.conns[0].lose()
		}
	}
	c.disk.SetFull(false)
	c.disk.FailSyncs(0)
	c.full = false
	c.w.must(c.store.Close(), "close the server's store")
	c.store = nil
}

// coins are dice as a source of bytes.
type coins struct{ *rand.Rand }

func (c coins) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(c.Uint32())
	}
	return len(b), nil
}
