//go:build linux

package faulttest

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
)

// freeAddress finds a port below those that the kernel gives to outgoing
// connections: there a device that dials a dead server could meet itself.
func freeAddress(t *testing.T, dice *rand.Rand) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20_000+dice.IntN(10_000))
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		must(t, l.Close())
		return address
	}
	t.Fatal("no free port")
	return ""
}

// serve starts the server without waiting for it.
func (w *world) serve() {
	w.t.Helper()
	w.mu.Lock()
	w.serves = false
	w.starts++
	w.mu.Unlock()
	command := append(w.wrap[:len(w.wrap):len(w.wrap)], prepare().program, "serve", "-data", w.server, "-listen", w.address)
	w.process = start(w.t, w.log("server"), nil, func(line string) {
		if strings.HasPrefix(line, "serving on ") {
			w.mu.Lock()
			w.serves = true
			w.mu.Unlock()
			w.heard()
		}
	}, command...)
}

// serving starts the server and waits until it serves.
func (w *world) serving() {
	w.t.Helper()
	w.serve()
	w.until("the server serves", func() bool {
		if !w.process.running() {
			w.t.Fatalf("the server ended: %v", w.process.err)
		}
		return w.up()
	})
}

// up reports whether the server has said that it serves.
func (w *world) up() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.serves
}

// kill ends the server at once, if it runs.
func (w *world) kill() {
	if w.process.running() {
		w.process.kill()
	}
}
