package syncer

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"keyturn/shared/syncproto"
)

// socket carries frames. Its limits are on silence, never on how long a frame
// takes: at 1 KB/s a page is on its way for minutes and must arrive.
type socket struct {
	ws      *websocket.Conn
	silence time.Duration
	hang    func() error
	// pings are what the server wants back as pongs; only the newest counts.
	pings chan string
}

const (
	longSilence = 75 * time.Second
	// heartbeat is how often the device shows itself without being asked: the
	// server's ping may wait behind a long page, and the server gives up after 60 s
	// without a sign.
	heartbeat = 20 * time.Second
	// pieceBytes leave within the silence on the slowest link.
	pieceBytes = 4 << 10
)

func newSocket(ws *websocket.Conn, silence time.Duration) *socket {
	s := &socket{ws: ws, silence: cmp.Or(silence, longSilence), hang: sync.OnceValue(ws.Close), pings: make(chan string, 1)}
	ws.SetReadLimit(syncproto.MaxFrameBytes)
	ws.SetPingHandler(func(data string) error {
		select {
		case s.pings <- data:
		default:
		}
		return s.heard()
	})
	return s
}

// hangUp breaks the connection, whoever waits on it; close gives the result.
func (s *socket) hangUp() { _ = s.hang() }

func (s *socket) close() error {
	if err := s.hang(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

func (s *socket) heard() error { return s.ws.SetReadDeadline(time.Now().Add(s.silence)) }

// write sends frames, the server's pongs and a sign of life until ctx ends or
// the socket breaks.
func (s *socket) write(ctx context.Context, frames <-chan syncproto.Frame) error {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case f := <-frames:
			err = s.frame(f)
		case data := <-s.pings:
			err = s.pong(data)
		case <-beat.C:
			err = s.pong("")
		case <-ctx.Done():
			return nil
		}
		if err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
}

// frame sends one frame in pieces with a sign of life between them, so that a
// server that counts whole messages sees the device through a long one.
func (s *socket) frame(f syncproto.Frame) error {
	b, err := syncproto.EncodeFrame(f)
	if err != nil {
		return err
	}
	w, err := s.ws.NextWriter(websocket.BinaryMessage)
	if err != nil {
		return err
	}
	first := true
	for piece := range slices.Chunk(b, pieceBytes) {
		if !first {
			if err := s.pong(""); err != nil {
				return err
			}
		}
		first = false
		if err := s.ws.SetWriteDeadline(time.Now().Add(s.silence)); err != nil {
			return err
		}
		if _, err := w.Write(piece); err != nil {
			return err
		}
	}
	return w.Close()
}

func (s *socket) pong(data string) error {
	return s.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(s.silence))
}

// read hands on frames until the socket breaks or stays silent for too long.
func (s *socket) read(ctx context.Context, frames chan<- syncproto.Frame) error {
	for {
		message, err := s.message()
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		f, err := syncproto.DecodeFrame(message)
		if err != nil {
			return err
		}
		select {
		case frames <- f:
		case <-ctx.Done():
			return nil
		}
	}
}

// message reads a whole message; each piece of it shows that the server is there.
func (s *socket) message() ([]byte, error) {
	if err := s.heard(); err != nil {
		return nil, err
	}
	_, r, err := s.ws.NextReader()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = b.ReadFrom(living{r, s.heard})
	return b.Bytes(), err
}

// living tells of every piece that arrives.
type living struct {
	io.Reader
	heard func() error
}

// Read implements io.Reader.
func (l living) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	if n > 0 && err == nil {
		err = l.heard()
	}
	return n, err
}
