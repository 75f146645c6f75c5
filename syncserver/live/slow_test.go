package live

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"keyturn/shared/syncproto"
)

// line is a listener of one connection.
type line chan net.Conn

func (l line) Accept() (net.Conn, error) {
	c, ok := <-l
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (l line) Close() error   { return nil }
func (l line) Addr() net.Addr { return &net.TCPAddr{} }

// crawling reads 1 KB/s.
type crawling struct{ net.Conn }

func (c crawling) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p[:min(len(p), 1<<10)])
	<-time.After(time.Second * time.Duration(n) / (1 << 10))
	return n, err
}

// Frames that take ten minutes arrive, in both directions.
func TestSlowFramesArrive(t *testing.T) {
	noise := make([]byte, 600<<10)
	_, _ = rand.Read(noise)
	long := &syncproto.Error{Message: string(printable(noise))}
	b, err := syncproto.EncodeFrame(long) // the codec's pools are made outside of the bubble
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		l, accepted := make(line, 1), make(chan *websocket.Conn, 1)
		server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ws, err := upgrader.Upgrade(w, r, nil)
			if err != nil {
				t.Error(err)
			}
			accepted <- ws
		})}
		go func() { _ = server.Serve(l) }()
		l <- crawling{far}
		dialer := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) { return crawling{near}, nil }}
		device, _, err := dialer.DialContext(t.Context(), "ws://server/v1/sync", nil)
		if err != nil {
			t.Fatal(err)
		}
		ws := <-accepted
		defer func() {
			_ = device.Close()
			_ = ws.Close()
			close(l)
			_ = server.Close()
		}()
		go func() {
			if err := writeFrame(ws, long); err != nil {
				t.Error(err)
			}
		}()
		if _, got, err := device.ReadMessage(); err != nil || len(got) != len(b) {
			t.Errorf("down: %d of %d bytes, %v", len(got), len(b), err)
		}
		go func() {
			if err := device.WriteMessage(websocket.BinaryMessage, b); err != nil {
				t.Error(err)
			}
		}()
		alive := func(string) error { return ws.SetReadDeadline(time.Now().Add(pongWait)) }
		if err := alive(""); err != nil {
			t.Fatal(err)
		}
		if got, err := receive(ws, alive); err != nil || len(got) != len(b) {
			t.Errorf("up: %d of %d bytes, %v", len(got), len(b), err)
		}
	})
}

func printable(b []byte) []byte {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
	out := make([]byte, len(b))
	for i, v := range b {
		out[i] = digits[v&63]
	}
	return out
}
