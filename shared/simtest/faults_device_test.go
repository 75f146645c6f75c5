package simtest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/simtest/powercut"
)

// deviceLosesPower cuts the power somewhere within what a device is doing.
func deviceLosesPower(w *world, dice *rand.Rand) {
	d := w.device(dice)
	d.disk.FailAfter(dice.IntN(25))
	for range 1 + dice.IntN(3) {
		d.alone(one(dice, recordDefect, amendDefect, answerItem, framesDown, framesDown, talk, movePhotos, draft), dice)
		if d.disk.Dead() {
			break
		}
	}
	d.reboot(powercut.Fate(dice.IntN(3)), dice)
}

// alone lets a step happen to this device, whatever it would have happened to.
func (d *device) alone(step func(*world, *rand.Rand), dice *rand.Rand) {
	all := d.w.devices
	defer func() { d.w.devices = all }()
	d.w.devices = []*device{d}
	step(d.w, dice)
}

// deviceDisk fills the disk, makes room again, or lets syncs fail.
func deviceDisk(w *world, dice *rand.Rand) {
	d := w.device(dice)
	if dice.IntN(2) == 0 {
		d.full = !d.full
		d.disk.SetFull(d.full)
		w.tell("the disk of %s is full: %v", d.name, d.full)
		return
	}
	d.disk.FailSyncs(1 + dice.IntN(2))
	w.tell("the disk of %s fails to sync", d.name)
}

// wrongClock is how far off a clock may be: up to ten years either way.
func wrongClock(dice *rand.Rand) domain.Instant {
	const year = 365 * 24 * time.Hour
	switch dice.IntN(4) {
	case 0:
		return domain.Instant((10 * year).Milliseconds())
	case 1:
		return -domain.Instant((10 * year).Milliseconds())
	case 2:
		return domain.Instant((time.Duration(dice.IntN(7200)-3600) * time.Second).Milliseconds())
	default:
		return 0
	}
}

func clockJumps(w *world, dice *rand.Rand) {
	d := w.device(dice)
	d.ahead = wrongClock(dice)
	w.tell("the clock of %s is now off by %s", d.name, time.Duration(d.ahead)*time.Millisecond)
}

// cloneDevice copies a device's data to another, as a restored tablet image
// does. From then on two devices speak as one.
func cloneDevice(w *world, dice *rand.Rand) { w.device(dice).clone() }

// clone gives the copy, nil where there may be none.
func (d *device) clone() *device {
	w := d.w
	if d.cloned || d.full || len(w.devices) > maxDevices {
		return nil
	}
	d.hangUp()
	d.disk.FailSyncs(0)
	w.must(d.store.Close(), "close "+d.name)
	content, err := os.ReadFile(filepath.Join(d.dir, localstore.FileName))
	w.must(err, "copy "+d.name)
	d.start()
	c := w.newDevice(d.n, fmt.Sprint("clone of ", d.name))
	w.must(os.WriteFile(filepath.Join(c.dir, localstore.FileName), content, 0o600), "clone "+d.name)
	c.ahead, c.met, c.newer, c.kept = d.ahead, d.met, d.newer, append([]authorship(nil), d.kept...)
	for key, fate := range d.fates {
		c.fates[key] = fate
	}
	for sha := range d.vault {
		c.vault[sha] = true
	}
	for key, texts := range d.drafts {
		c.drafts[key] = texts
	}
	c.cloned, d.cloned = true, true
	c.start()
	c.identity = d.identity
	w.tell("%s is cloned", d.name)
	return c
}

// forkInReview clones a device whose person's part in a project ends: what both
// have is put in review, and the one that comes second forks and must hear of it.
func forkInReview(w *world, dice *rand.Rand) {
	d := w.device(dice)
	d.alone(recordDefect, dice)
	c := d.clone()
	if c == nil {
		return
	}
	d.alone(recordDefect, dice)
	c.alone(recordDefect, dice)
	for _, project := range projects {
		w.cloud.carryOut(decree{part: part{person: d.identity.Person, project: project, from: w.now}, ends: true})
	}
	c.alone(talk, dice)
	d.alone(talk, dice)
	review(w, dice)
	if dice.IntN(2) == 0 {
		d.alone(talk, dice)
	}
}
