//go:build linux

package faulttest

import (
	"testing"
	"time"
)

// Server and devices are killed at random moments while inspectors work, and
// started again. Whatever was shown as saved before a kill is kept, once.
func TestKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serving()
	w.equip()
	w.all("work")
	w.working(3)
	n, long := kills(t)
	of := map[string]int{}
	for range n {
		w.pass(time.Duration(w.dice.IntN(700)) * time.Millisecond)
		victim := w.dice.IntN(2 * len(w.devices))
		if victim >= len(w.devices) { // half of them hit the server
			of["server"]++
			w.kill()
			w.pass(time.Duration(w.dice.IntN(200)) * time.Millisecond)
			w.serve()
			continue
		}
		d := w.devices[victim]
		of[d.plan.Name]++
		if w.dice.IntN(2) == 0 { // in the moment after the person saw "saved"
			before := len(d.acknowledged())
			w.until("the next save", func() bool { return len(d.acknowledged()) > before || !d.process.running() })
		}
		d.kill()
		d.start()
		d.process.tell("work")
	}
	w.all("retry") // instead of up to 30 s later
	w.working(3)
	w.reconcile()
	t.Logf("%d kills: %v", n, of)
	if of["server"] == 0 || len(of) < 2 {
		t.Errorf("the dice killed only %v", of)
	}
	if saves, _ := w.saved(); long && saves < n {
		t.Errorf("%d saves for %d kills: nobody worked between them", saves, n)
	}
}
