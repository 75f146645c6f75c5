//go:build linux

package faulttest

import (
	"bufio"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// connect puts a wire between the devices and the server.
func (w *world) connect() *wire {
	w.t.Helper()
	w.link = newWire(w.t, w.address)
	w.door = w.link.address
	return w.link
}

// Inspectors work on while the link slows, breaks in the midst of frames,
// refuses and swallows connections. When it is well again all is there once.
func TestBadLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan.Silence = 3 * time.Second // with pings every 25 s a device that has nothing to say comes and goes
	link := w.connect()
	w.serving()
	w.equip()
	w.all("work")
	w.working(3)
	rounds := 1
	if _, long := kills(t); long {
		rounds = 10
	}
	for range rounds {
		all := []weather{
			{name: "slow answers", delay: 150 * time.Millisecond},
			{name: "1 KB/s", rate: 1 << 10},
			{name: "reset in the first frames", cutAfter: 200 + w.dice.IntN(2000)},
			{name: "reset in the midst of photos", cutAfter: 5000 + w.dice.IntN(30_000)},
			{name: "slow and reset", rate: 20 << 10, delay: 50 * time.Millisecond, cutAfter: 3000 + w.dice.IntN(5000)},
			{name: "refused", closed: true},
			{name: "half-open", hole: true},
		}
		w.dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, next := range all {
			w.endures(link, next)
		}
	}
	for _, d := range w.devices { // with the app's own limits from here on
		d.kill()
		d.plan.Silence = 0
		d.start()
		d.process.tell("work")
	}
	w.working(3)
	w.reconcile()
	if link.lost == 0 {
		t.Error("no connection was half-open")
	}
}

// endures lets the weather pass. What is swallowed by a half-open link is never
// closed: that devices come back means that they noticed.
func (w *world) endures(link *wire, next weather) {
	w.t.Helper()
	if next.hole { // it needs connections to swallow, and the weather before may have left none
		w.until("devices are connected", func() bool {
			for _, d := range w.devices {
				if !d.isOnline() {
					d.process.tell("retry") // instead of up to 30 s later
					return false
				}
			}
			return true
		})
	}
	before := make([]int, len(w.devices))
	for i, d := range w.devices {
		before[i] = d.arrived()
	}
	link.becomes(next)
	w.pass(1500 * time.Millisecond)
	link.becomes(weather{name: "fair"})
	if !next.hole {
		return
	}
	w.until("devices come back", func() bool {
		for i, d := range w.devices {
			d.process.tell("retry") // instead of up to 30 s later
			if d.arrived() == before[i] {
				return false
			}
		}
		return true
	})
}

// At 1 KB/s everything arrives in the end: no limit is on how long a frame or a
// photo may take.
func TestOneKilobytePerSecond(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.plan.Large = 0
	link := w.connect()
	w.serving()
	w.equip()
	w.settle()
	link.becomes(weather{rate: 1 << 10})
	w.all("work")
	w.working(4)
	w.reconcile()
}

// Behind a router that forgot the connection neither side is told. Each notices
// by itself within its own limits, which takes more than a minute: only in the
// long run. The short one has these limits in a time of their own
// (app/syncer, syncserver/live).
func TestHalfOpen(t *testing.T) {
	if _, long := kills(t); !long {
		t.Skip("takes two minutes of waiting: KEYTURN_KILLS=200 (make faults) runs it")
	}
	t.Parallel()
	w := newWorld(t)
	link := w.connect()
	w.serving()
	w.equip()
	w.settle()
	if n := w.connections(); n != len(w.devices) {
		t.Fatalf("%d connections of %d devices", n, len(w.devices))
	}
	link.becomes(weather{hole: true})
	w.until("the devices notice", func() bool {
		for _, d := range w.devices {
			if d.isOnline() {
				return false
			}
		}
		return true
	})
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for deadline := time.After(patience); w.connections() > 0; {
		select {
		case <-again.C:
		case <-deadline:
			t.Fatal("the server does not notice")
		}
	}
	link.becomes(weather{})
	w.all("work")
	w.working(3)
	w.reconcile()
}

// connections is what the server counts.
func (w *world) connections() int {
	w.t.Helper()
	resp, err := http.Get("http://" + w.address + "/metrics")
	must(w.t, err)
	defer func() { must(w.t, resp.Body.Close()) }()
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if name, value, ok := strings.Cut(lines.Text(), " "); ok && strings.HasSuffix(name, "_connections") {
			n, err := strconv.Atoi(value)
			must(w.t, err)
			return n
		}
	}
	w.t.Fatal("the server does not count connections")
	return 0
}
