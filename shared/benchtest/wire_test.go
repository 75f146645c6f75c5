package benchtest

import (
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// wire is a loopback proxy that counts what devices and server say to each
// other. The kernel moves the bytes from socket to socket (splice), so it costs
// the floor and Keyturn alike and little.
type wire struct {
	url   string
	bytes atomic.Int64

	listener net.Listener
	server   string
	mu       sync.Mutex
	conns    []net.Conn
	work     sync.WaitGroup
}

func newWire(t *testing.T, server string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	w := &wire{url: "http://" + l.Addr().String(), listener: l, server: strings.TrimPrefix(server, "http://")}
	w.work.Go(w.accept)
	t.Cleanup(func() {
		_ = l.Close()
		w.mu.Lock()
		for _, c := range w.conns {
			_ = c.Close()
		}
		w.mu.Unlock()
		w.work.Wait()
	})
	return w
}

func (w *wire) accept() {
	for {
		near, err := w.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", w.server)
		if err != nil {
			_ = near.Close()
			continue
		}
		w.mu.Lock()
		w.conns = append(w.conns, near, far)
		w.mu.Unlock()
		w.work.Go(func() { w.carry(near, far) })
		w.work.Go(func() { w.carry(far, near) })
	}
}

// carry copies one way; when either side ends, so does the connection.
func (w *wire) carry(to, from net.Conn) {
	for {
		// In pieces, so that the count keeps up with a connection that stays.
		n, err := io.CopyN(to, from, 16<<10)
		w.bytes.Add(n)
		if err != nil {
			_, _ = to.Close(), from.Close()
			return
		}
	}
}
