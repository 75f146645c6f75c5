package syncer

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// once is a listener of one connection.
type once struct {
	conns chan net.Conn
	done  chan struct{}
}

func (o once) Accept() (net.Conn, error) {
	select {
	case c := <-o.conns:
		return c, nil
	case <-o.done:
		return nil, net.ErrClosed
	}
}
func (o once) Close() error   { return nil }
func (o once) Addr() net.Addr { return &net.TCPAddr{} }

// crawling is a link of so many bytes a second towards its reader; 0 stops it.
type crawling struct {
	net.Conn
	rate *int
}

func (c crawling) Read(p []byte) (int, error) {
	if *c.rate == 0 {
		return c.Conn.Read(p)
	}
	n, err := c.Conn.Read(p[:min(len(p), *c.rate)])
	<-time.After(time.Second * time.Duration(n) / time.Duration(*c.rate))
	return n, err
}

// wired gives a device's socket and the server's end of it. There is no buffer
// between them, and the time is that of the bubble. rate slows what the server
// reads.
func wired(t *testing.T, silence time.Duration, rate *int) (*socket, *websocket.Conn) {
	t.Helper()
	near, far := net.Pipe()
	l := once{conns: make(chan net.Conn, 1), done: make(chan struct{})}
	accepted := make(chan *websocket.Conn, 1)
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
		}
		accepted <- ws
	})}
	go func() { _ = server.Serve(l) }()
	l.conns <- crawling{far, rate}
	dialer := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) { return near, nil }}
	ws, _, err := dialer.DialContext(t.Context(), "ws://server/v1/sync", nil)
	must(t, err)
	s, end := newSocket(ws, silence), <-accepted
	t.Cleanup(func() {
		s.hangUp()
		_ = end.Close()
		close(l.done)
		_ = server.Close()
	})
	return s, end
}

// reading runs the socket's reader; the frames and its end can be waited for.
func reading(t *testing.T, s *socket) (<-chan syncproto.Frame, <-chan error) {
	frames, ended := make(chan syncproto.Frame, 8), make(chan error, 1)
	go func() { ended <- s.read(t.Context(), frames) }()
	return frames, ended
}

func writing(t *testing.T, s *socket) (chan<- syncproto.Frame, <-chan error) {
	frames, ended := make(chan syncproto.Frame), make(chan error, 1)
	go func() { ended <- s.write(t.Context(), frames) }()
	return frames, ended
}

// noise is text that hardly shrinks in compression.
func noise(bytes int) string {
	source := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, bytes)
	for i := range b {
		b[i] = byte(' ' + source.IntN(95))
	}
	return string(b)
}

// heavy is a page of noise.
func heavy(bytes int) *syncproto.Page {
	value, _ := syncproto.Marshal(noise(bytes))
	return &syncproto.Page{Scope: field, Epoch: "e1", LastSeq: 1, Head: 1, Changes: []syncproto.Logged{{Seq: 1, Op: syncproto.Op{
		Device: other, Seq: 1, Scope: field, Entity: domain.EntityUnit, Kind: syncproto.Recorded, Fields: syncproto.Fields{6: value},
	}}}}
}

func timedOut(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// inBubble runs a test in a time of its own. The codec's pools are made before,
// for all bubbles.
func inBubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	for _, size := range []int{1_000, 100_000} { // pages that are compressed for one and for many
		b, err := syncproto.EncodeFrame(heavy(size))
		must(t, err)
		_, err = syncproto.DecodeFrame(b)
		must(t, err)
	}
	synctest.Test(t, test)
}

// A server that is silent for 75 s is gone, though nothing was closed; one that
// pings stays.
func TestSilence(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		rate := 0
		s, server := wired(t, 0, &rate)
		_, ended := reading(t, s)
		_, _ = writing(t, s)
		go func() { _, _ = io.Copy(io.Discard, server.NetConn()) }()
		for range 10 {
			<-time.After(70 * time.Second)
			must(t, server.WriteControl(websocket.PingMessage, nil, time.Time{}))
		}
		began := time.Now()
		if err := <-ended; !timedOut(err) || time.Since(began) != 75*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
	})
}

// A page that takes ten minutes arrives: every piece of it is a sign of life.
func TestSlowPageArrives(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		rate := 0
		s, server := wired(t, 0, &rate)
		frames, ended := reading(t, s)
		b, err := syncproto.EncodeFrame(heavy(600 << 10))
		must(t, err)
		header := append([]byte{0x80 | websocket.BinaryMessage, 127}, binary.BigEndian.AppendUint64(nil, uint64(len(b)))...)
		_, err = server.NetConn().Write(header)
		must(t, err)
		for piece := range slices.Chunk(b, 30<<10) {
			<-time.After(30 * time.Second)
			_, err := server.NetConn().Write(piece)
			must(t, err)
		}
		select {
		case f := <-frames:
			if page, ok := f.(*syncproto.Page); !ok || len(page.Changes) != 1 {
				t.Errorf("%T", f)
			}
		case err := <-ended:
			t.Fatal(err)
		}
	})
}

// A push that takes ten minutes arrives at a server that counts only whole
// messages and pongs as signs of life and waits 60 s for them.
func TestSlowPushArrives(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		rate := 0
		s, server := wired(t, 0, &rate)
		out, ended := writing(t, s)
		alive := func(string) error { return server.SetReadDeadline(time.Now().Add(60 * time.Second)) }
		server.SetPongHandler(alive)
		must(t, alive(""))
		rate = 1 << 10
		want := heavy(600 << 10)
		out <- want
		_, message, err := server.ReadMessage()
		must(t, err)
		if f, err := syncproto.DecodeFrame(message); err != nil || len(f.(*syncproto.Page).Changes) != 1 {
			t.Errorf("%v", err)
		}
		select {
		case err := <-ended:
			t.Error(err)
		default:
		}
	})
}

// The device answers pings and shows itself in time without them.
func TestHeartbeat(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		rate := 0
		s, server := wired(t, 0, &rate)
		_, _ = reading(t, s)
		_, _ = writing(t, s)
		type sign struct {
			data string
			at   time.Duration
		}
		began := time.Now()
		var signs []sign
		server.SetPongHandler(func(data string) error {
			signs = append(signs, sign{data, time.Since(began)})
			if len(signs) == 4 {
				return io.EOF
			}
			return nil
		})
		go func() {
			<-time.After(30 * time.Second)
			_ = server.WriteControl(websocket.PingMessage, []byte("are you there"), time.Time{})
		}()
		if _, _, err := server.ReadMessage(); !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		want := []sign{{"", 20 * time.Second}, {"are you there", 30 * time.Second}, {"", 40 * time.Second}, {"", 60 * time.Second}}
		if !slices.Equal(signs, want) {
			t.Errorf("%v", signs)
		}
	})
}

// A server that takes no byte for 75 s is gone too; hanging up ends a write at
// once.
func TestStuckWrite(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		rate := 0
		s, _ := wired(t, 0, &rate)
		out, ended := writing(t, s)
		began := time.Now()
		out <- heavy(1000)
		if err := <-ended; !timedOut(err) || time.Since(began) != 75*time.Second {
			t.Errorf("after %s: %v", time.Since(began), err)
		}

		s, _ = wired(t, time.Hour, &rate)
		out, ended = writing(t, s)
		out <- heavy(1000)
		began = time.Now()
		s.hangUp()
		if err := <-ended; err == nil || time.Since(began) != 0 {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
}
