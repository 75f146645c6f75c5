package simtest

import (
	"math/rand/v2"
	"slices"
)

// server picks one of the server processes.
func (w *world) server(dice *rand.Rand) *process { return w.cloud.procs[dice.IntN(len(w.cloud.procs))] }

// connected picks a device that has a connection; nil when it has none.
func (w *world) connected(dice *rand.Rand) *device {
	if d := w.device(dice); d.conn != nil {
		return d
	}
	return nil
}

// talking picks a device that has frames on their way; nil when there is none.
func (w *world) talking(dice *rand.Rand) *device {
	var list []*device
	for _, d := range w.devices {
		if d.conn != nil && len(d.conn.up)+len(d.conn.down) > 0 {
			list = append(list, d)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return one(dice, list...)
}

func connect(w *world, dice *rand.Rand) { w.device(dice).connect(w.server(dice)) }

func work(w *world, dice *rand.Rand) {
	d := w.device(dice)
	d.work()
	d.fetchSnapshot(dice)
}

// framesUp lets some frames reach a server, also from devices that have left
// without its noticing.
func framesUp(w *world, dice *rand.Rand) {
	p := w.server(dice)
	if len(p.conns) == 0 {
		return
	}
	c := p.conns[dice.IntN(len(p.conns))]
	for range 1 + dice.IntN(4) {
		if !c.deliverUp() {
			return
		}
	}
}

func framesDown(w *world, dice *rand.Rand) {
	d := w.device(dice)
	for range 1 + dice.IntN(4) {
		if !d.deliverDown() {
			return
		}
	}
}

// talk lets a device and its server say all that they have to say.
func talk(w *world, dice *rand.Rand) {
	d := w.device(dice)
	d.connect(w.server(dice))
	d.work()
	for range 40 {
		if d.conn == nil || !d.conn.deliverUp() && !d.deliverDown() && !d.fetchSnapshot(dice) {
			return
		}
	}
}

// cut ends a connection. What is on its way is lost, unless the server does not
// notice and still works through what it has got.
func cut(w *world, dice *rand.Rand) {
	d := w.connected(dice)
	if d == nil {
		return
	}
	w.tell("%s is cut off", d.name)
	if dice.IntN(2) == 0 {
		d.conn.leave()
		return
	}
	d.conn.lose()
}

func halfFrame(w *world, dice *rand.Rand) {
	if d := w.connected(dice); d != nil {
		d.conn.halve(dice.IntN(1 << 20))
	}
}

// shuffle loses a frame, doubles it or lets it overtake another, as can happen to
// requests over the fallback.
func shuffle(w *world, dice *rand.Rand) {
	d := w.talking(dice)
	if d == nil {
		return
	}
	queue := &d.conn.up
	if len(*queue) == 0 || len(d.conn.down) > 0 && dice.IntN(2) == 0 {
		queue = &d.conn.down
	}
	at, other := dice.IntN(len(*queue)), dice.IntN(len(*queue))
	switch dice.IntN(3) {
	case 0:
		*queue = slices.Insert(slices.Clone(*queue), at, (*queue)[at])
		w.tell("a frame of %s is doubled", d.name)
	case 1:
		*queue = slices.Delete(slices.Clone(*queue), at, at+1)
		w.tell("a frame of %s is lost", d.name)
	default:
		(*queue)[at], (*queue)[other] = (*queue)[other], (*queue)[at]
		w.tell("frames of %s overtake each other", d.name)
	}
}

func loseLivePage(w *world, dice *rand.Rand) {
	if d := w.connected(dice); d != nil {
		d.conn.lossy = true
	}
}

func poke(w *world, dice *rand.Rand) { w.server(dice).poke() }
