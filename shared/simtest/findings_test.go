package simtest

import (
	"slices"
	"testing"
	"time"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/simtest/powercut"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// scripted plays a world of which the test says what happens: one server, and
// devices that have met it, with right clocks. It gives the broken promise.
func scripted(t *testing.T, devices int, script func(*world)) (broken string) {
	t.Helper()
	s := newStage(t, 0)
	w := newWorld(s.ctx, s.dir)
	defer func() {
		if failure, ok := w.end(recover()); ok {
			broken = failure
		}
	}()
	w.cloud = w.openCloud(1)
	for n := range devices {
		w.addDevice(n, true)
	}
	script(w)
	w.comeToRest(newDice(1, diceQuiet))
	w.checkAtRest()
	return ""
}

// amend lets a device give fields of a record other values.
func (d *device) amend(e domain.Entity, id domain.AnyID, content any) {
	d.record(nil, d.w.change(projects[0], e, id, syncproto.Amended, content))
}

// defect lets a device record one, and tells everybody.
func (w *world) defect(d *device, text string) domain.AnyID {
	id := w.newID(domain.EntityDefect)
	d.record(nil, w.change(projects[0], domain.EntityDefect, id, syncproto.Recorded, domain.Defect{UnitID: unitOf(projects[0]), Description: text, Element: "door"}))
	w.known[domain.EntityDefect] = append(w.known[domain.EntityDefect], id)
	for _, other := range w.devices {
		d.sync(w.cloud.procs[0])
		other.sync(w.cloud.procs[0])
	}
	return id
}

// reviewAll lets somebody decide on everything that waits in review.
func (w *world) reviewAll(by string, accept bool) {
	n := slices.IndexFunc(members, func(m member) bool { return m.name == by })
	for _, r := range w.waiting() {
		w.cloud.procs[0].decide(r, members[n], accept)
	}
}

// Two devices with one identity number their ops alike. What one of them has not
// sent must not count as done because the log holds the other's.
func TestCloneKeepsWhatItHasNotSent(t *testing.T) {
	broken := scripted(t, 1, func(w *world) {
		d := w.devices[0]
		id := w.defect(d, "before")
		cloneDevice(w, newDice(1, diceStep))
		clone := w.devices[1]
		d.hangUp()
		clone.amend(domain.EntityDefect, id, domain.Defect{Element: "the clone's"})
		d.amend(domain.EntityDefect, id, domain.Defect{Element: "its own"})
		clone.sync(w.cloud.procs[0])
		d.sync(w.cloud.procs[0])
	})
	if broken != "" {
		t.Error(broken)
	}
}

// A clock that jumps ten years ahead on a device without a network must not let
// its edit win over one that somebody made an hour later.
func TestClockThatJumpedOfflineWinsNothing(t *testing.T) {
	var element string
	broken := scripted(t, 2, func(w *world) {
		right, wrong := w.devices[0], w.devices[1]
		id := w.defect(right, "before")
		right.hangUp()
		wrong.hangUp()
		wrong.ahead = domain.Instant((10 * 365 * 24 * time.Hour).Milliseconds())
		wrong.amend(domain.EntityDefect, id, domain.Defect{Element: "earlier"})
		w.pass(time.Hour)
		right.amend(domain.EntityDefect, id, domain.Defect{Element: "later"})
		right.sync(w.cloud.procs[0])
		wrong.sync(w.cloud.procs[0])
		err := w.cloud.store.View(w.ctx, func(tx *store.Tx) error {
			r, err := tx.Record(w.ctx, domain.EntityDefect, id)
			w.must(err, "record")
			defect, err := merge.As[domain.Defect](r)
			element = defect.Element
			return err
		})
		w.must(err, "read")
	})
	if broken != "" || element != "later" {
		t.Errorf("in force is what was recorded %q; %s", element, broken)
	}
}

// An answer of a restored server speaks of its new log. Held against a cursor in
// the old one, the op would count as pulled and leave the screen.
func TestAnswerOfANewEpochIsNotHeldAgainstTheOldCursor(t *testing.T) {
	broken := scripted(t, 1, func(w *world) {
		d := w.devices[0]
		takeBackup(w, nil)
		id := w.defect(d, "before")
		d.amend(domain.EntityDefect, id, domain.Defect{Element: "second"})
		d.sync(w.cloud.procs[0])
		restoreBackup(w, newDice(1, diceStep))
		d.amend(domain.EntityDefect, id, domain.Defect{Element: "third"})
		d.connect(w.cloud.procs[0])
		d.conn.deliverUp()
		d.deliverDown()
		for len(d.conn.up) > 0 {
			d.conn.deliverUp()
		}
		last := len(d.conn.down) - 1
		d.conn.down[0], d.conn.down[last] = d.conn.down[last], d.conn.down[0] // the answers come before the page
		d.deliverDown()
		for _, o := range d.sent() {
			if o.State == localstore.OpDone {
				w.fail("op %d is done although its place in the new log has not been read", o.Op.Seq)
			}
		}
	})
	if broken != "" {
		t.Error(broken)
	}
}

// What a process had written and not synced when it was killed is found by the
// next one. Before anybody is shown it, it must be durable.
func TestWhatAKilledAppLeftIsDurableOnceShown(t *testing.T) {
	broken := scripted(t, 1, func(w *world) {
		d := w.devices[0]
		id := w.defect(d, "before")
		d.disk.FailSyncs(1)
		d.amend(domain.EntityDefect, id, domain.Defect{Element: "not saved, the app says"})
		d.reboot(powercut.KeepAll, nil)
		d.reboot(powercut.LoseAll, nil)
	})
	if broken != "" {
		t.Error(broken)
	}
}

// What a device saw in the log of a server that is lost is not what stands at
// the same places of the restored one: an edit made on top of it must not
// replace what somebody else wrote there.
func TestBaseOfAnOldEpochIsNotTakenForTheNewOne(t *testing.T) {
	broken := scripted(t, 2, func(w *world) {
		one, other := w.devices[0], w.devices[1]
		id := w.defect(one, "before")
		takeBackup(w, nil)
		for range 8 {
			w.defect(other, "lost with the server")
		}
		one.amend(domain.EntityDefect, id, domain.Defect{Element: "seen by the other"})
		one.sync(w.cloud.procs[0])
		other.sync(w.cloud.procs[0])
		one.hangUp()
		other.hangUp()
		other.amend(domain.EntityDefect, id, domain.Defect{Description: "written on top"})
		restoreBackup(w, newDice(1, diceStep))
		one.sync(w.cloud.procs[0])
		one.amend(domain.EntityDefect, id, domain.Defect{Description: "written meanwhile"})
		one.sync(w.cloud.procs[0])
		other.sync(w.cloud.procs[0])
	})
	if broken != "" {
		t.Error(broken)
	}
}

// What waited in review is applied without the fields that its device has written
// again since. The device must know it all the same, or its old value stays on
// the screen on top of the newer one.
func TestAcceptedOpThatWasOvertakenIsDone(t *testing.T) {
	broken := scripted(t, 1, func(w *world) {
		d, server := w.devices[0], w.cloud.procs[0]
		id := w.defect(d, "before")
		inspector := part{person: d.identity.Person, project: projects[0], role: "inspector", from: w.now}
		w.cloud.carryOut(decree{part: inspector, ends: true})
		d.amend(domain.EntityDefect, id, domain.Defect{Element: "in review"})
		d.hangUp()
		d.sync(server)
		w.pass(time.Minute)
		inspector.from = w.now
		w.cloud.carryOut(decree{part: inspector})
		d.hangUp()
		d.sync(server)
		d.amend(domain.EntityDefect, id, domain.Defect{Element: "later"})
		d.sync(server)
		w.reviewAll("manager", true)
	})
	if broken != "" {
		t.Error(broken)
	}
}

// A restored server counts numbers as received that the other half of a cloned
// device has used anew. Who holds another op under such a number must be told,
// however the lost server had answered it, and becomes a device of its own.
func TestRestoredServerTellsBothHalvesOfAClone(t *testing.T) {
	for name, lost := range map[string]func(*world, *device){
		"confirmed": func(*world, *device) {},
		"in review": func(w *world, d *device) {
			w.cloud.carryOut(decree{part: part{person: d.identity.Person, project: projects[0], from: w.now}, ends: true})
		},
	} {
		broken := scripted(t, 1, func(w *world) {
			d, server := w.devices[0], w.cloud.procs[0]
			id := w.defect(d, "before")
			takeBackup(w, nil)
			cloneDevice(w, newDice(1, diceStep))
			clone := w.devices[1]
			d.amend(domain.EntityDefect, id, domain.Defect{Element: "lost with the server"})
			lost(w, d)
			d.sync(server)
			restoreBackup(w, newDice(1, diceStep))
			clone.amend(domain.EntityDefect, id, domain.Defect{Element: "the clone's"})
			clone.sync(w.cloud.procs[0])
			d.sync(w.cloud.procs[0])
			if d.identity.Device == clone.identity.Device {
				w.fail("%s was not told that the number of its op was taken", d.name)
			}
		})
		if broken != "" {
			t.Errorf("%s: %s", name, broken)
		}
	}
}
