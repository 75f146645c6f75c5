//go:build linux

package faulttest

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"
)

// weather is what a link does to its connections.
type weather struct {
	name string
	// delay is added each way.
	delay time.Duration
	// rate is bytes a second, each way and connection; 0 is as fast as can be.
	rate int
	// cutAfter resets a connection after so many bytes, in the midst of whatever
	// was under way; 0 never.
	cutAfter int
	// hole swallows: what is open neither delivers nor closes, now and for ever, as
	// behind a router that lost its table. New connections meet the same.
	hole bool
	// closed refuses new connections and breaks the open ones.
	closed bool
}

// wire is the link between devices and the server. Toxiproxy is not used for
// it: its half-open link passes a close on, its reset comes before the first
// byte, and changing its toxics while a connection ends can block for ever.
type wire struct {
	t        *testing.T
	address  string
	server   string
	listener net.Listener
	ended    context.Context
	end      context.CancelFunc
	work     sync.WaitGroup

	mu      sync.Mutex
	weather weather
	joints  map[*joint]bool
	lost    int
}

func newWire(t *testing.T, server string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	w := &wire{t: t, address: l.Addr().String(), server: server, listener: l, joints: map[*joint]bool{}}
	w.ended, w.end = context.WithCancel(context.Background())
	w.work.Go(w.accept)
	t.Cleanup(func() {
		w.end()
		must(t, l.Close())
		w.each((*joint).close)
		w.work.Wait()
	})
	return w
}

// becomes changes the weather for open and new connections.
func (w *wire) becomes(next weather) {
	w.mu.Lock()
	w.weather = next
	w.mu.Unlock()
	w.each(func(j *joint) {
		switch {
		case next.hole:
			j.lose()
		case next.closed && !j.gone():
			j.close()
		}
	})
}

func (w *wire) now() weather {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.weather
}

func (w *wire) each(do func(*joint)) {
	w.mu.Lock()
	var all []*joint
	for j := range w.joints {
		all = append(all, j)
	}
	w.mu.Unlock()
	for _, j := range all {
		do(j)
	}
}

func (w *wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return // closed at the end of the test
		}
		j := &joint{w: w, near: near.(*net.TCPConn), lost: make(chan struct{})}
		w.mu.Lock()
		w.joints[j] = true
		w.mu.Unlock()
		w.work.Go(j.carry)
	}
}
