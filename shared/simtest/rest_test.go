package simtest

import (
	"math/rand/v2"
	"time"
)

// begin makes the world: how many servers and devices, whose clocks are off and
// whose app is newer.
func (w *world) begin(dice *rand.Rand) {
	w.cloud = w.openCloud(1 + dice.IntN(3))
	for n := range 2 + dice.IntN(maxDevices-1) {
		met := dice.IntN(4) > 0
		d := w.addDevice(n, met)
		d.ahead, d.newer = wrongClock(dice), dice.IntN(3) == 0
		if met && dice.IntN(2) == 0 {
			d.ahead = 0 // the clock went wrong only later, or never
		}
		w.tell("%s: has met the server %v, clock off by %s, newer app %v, used by %s",
			d.name, met, time.Duration(d.ahead)*time.Millisecond, d.newer, d.identity.PersonName)
	}
}

// sync connects a device and lets both say all that they have to say.
func (d *device) sync(p *process) {
	d.quick = true
	defer func() { d.quick = false; d.check() }()
	d.connect(p)
	for n := 0; ; n++ {
		d.work()
		if d.conn == nil || !d.fetchSnapshot(nil) && !d.conn.deliverUp() && !d.deliverDown() {
			return
		}
		if n > 5000 {
			d.w.fail("%s and the server talk without end", d.name)
		}
	}
}

// comeToRest ends every fault and lets everything arrive: first what the devices
// have to say, then what they missed of each other, then the photos.
func (w *world) comeToRest(dice *rand.Rand) {
	w.tell("all faults end")
	c := w.cloud
	c.full = false
	c.disk.SetFull(false)
	c.disk.FailSyncs(0)
	c.makeSure()
	c.makeDecided()
	for _, p := range c.procs {
		for len(p.conns) > 0 {
			if conn := p.conns[0]; !conn.gone || !conn.deliverUp() {
				conn.lose()
			}
		}
	}
	for _, d := range w.devices {
		d.full = false
		d.disk.SetFull(false)
		d.disk.FailSyncs(0)
	}
	for round, before := 0, -1; round < 2 || c.size() != before; round++ {
		before = c.size()
		for _, d := range w.devices {
			d.hangUp()
			d.sync(w.server(dice))
			d.movePhotos(w.server(dice), nil)
		}
		if round > 10 {
			w.fail("the server's log grows without end")
		}
	}
}

// size is how long the server's logs are together.
func (c *cloud) size() (n int) {
	for _, log := range c.history.logs {
		n += len(log)
	}
	return n
}
