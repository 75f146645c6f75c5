package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/websocket"

	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
)

// Connection timing: a peer is gone when no byte came from it for pongWait, or
// when it took no piece of pieceBytes within that time. How long a whole frame
// takes does not matter: at 1 KB/s a page is on its way for minutes.
const (
	pongWait   = 60 * time.Second
	pingEvery  = 25 * time.Second
	pieceBytes = 32 << 10
)

// upgrader refuses browsers of other origins; devices send no Origin.
var upgrader = websocket.Upgrader{ReadBufferSize: 32 << 10, WriteBufferSize: 32 << 10}

// Serve upgrades the request and runs the session until the peer leaves or ctx
// ends. Failures after the upgrade end the connection and are logged.
func (h *Hub) Serve(ctx context.Context, w http.ResponseWriter, r *http.Request, s *intake.Session, log *slog.Logger) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		log.Info("upgrade refused", "error", err)
		return
	}
	c := &conn{person: s.Person, device: s.Device, out: make(chan syncproto.Frame, queue), lacks: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c.leave, c.gone = cancel, ctx.Done()
	h.add(c)
	defer h.remove(c)
	written := make(chan error, 1)
	go func() {
		defer cancel()
		written <- c.write(ctx, ws) // closes the socket, which ends read
	}()
	err = h.read(ctx, c, ws, s)
	cancel()
	log.Info("device left", "reason", errors.Join(err, <-written))
}

// read hands frames to the session until the peer is gone.
func (h *Hub) read(ctx context.Context, c *conn, ws *websocket.Conn, s *intake.Session) error {
	ws.SetReadLimit(syncproto.MaxFrameBytes)
	alive := func(string) error { return ws.SetReadDeadline(time.Now().Add(pongWait)) }
	ws.SetPongHandler(alive)
	for {
		if err := alive(""); err != nil {
			return err
		}
		message, err := receive(ws, alive)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		f, err := syncproto.DecodeFrame(message)
		if err != nil {
			c.send(&syncproto.Error{Code: syncproto.CodeBadFrame, Message: err.Error()})
			return err
		}
		if _, ok := f.(*syncproto.Hello); ok {
			// What is appended from here on is heard live, what came before is in the
			// heads that WELCOME reads after this.
			if err := h.follow(ctx, c, s); err != nil {
				return err
			}
		}
		answers, err := s.Handle(ctx, f)
		if err != nil {
			c.send(&syncproto.Error{Code: syncproto.CodeStorage, RetryAfterMS: retryAfterFailure.Milliseconds()})
			return err
		}
		for _, a := range answers {
			// Who has read WELCOME hears what follows; a live page that follows an
			// answer must not overtake it.
			if _, greets := a.(*syncproto.Welcome); greets {
				h.note(c, f, a)
				c.send(a)
			} else {
				c.send(a)
				h.note(c, f, a)
			}
		}
	}
}

// receive reads a whole message; each piece of it is a sign of life.
func receive(ws *websocket.Conn, alive func(string) error) ([]byte, error) {
	_, r, err := ws.NextReader()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = b.ReadFrom(living{r, alive})
	return b.Bytes(), err
}

// living tells of every piece that arrives.
type living struct {
	io.Reader
	alive func(string) error
}

// Read implements io.Reader.
func (l living) Read(p []byte) (int, error) {
	n, err := l.Reader.Read(p)
	if n > 0 && err == nil {
		err = l.alive("")
	}
	return n, err
}

const retryAfterFailure = 5 * time.Second

// follow registers what the device may hear.
func (h *Hub) follow(ctx context.Context, c *conn, s *intake.Session) error {
	heads, err := s.Scopes(ctx)
	if err != nil || s.Revoked {
		return err
	}
	h.follows(heads)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard.Grant(heads) // WELCOME tells the device
	return nil
}

// note learns from what was asked and answered what the device has heard.
func (h *Hub) note(c *conn, asked, answer syncproto.Frame) {
	welcome, greeted := answer.(*syncproto.Welcome)
	if greeted {
		h.mu.Lock()
		h.epoch = welcome.Epoch
		h.mu.Unlock()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if hello, ok := asked.(*syncproto.Hello); ok && greeted {
		c.heard.Greet(hello, welcome)
		c.remind()
	} else {
		c.heard.Answer(answer)
	}
}

// send waits for room: answers are never dropped, only live pages are.
func (c *conn) send(f syncproto.Frame) {
	select {
	case c.out <- f:
	case <-c.gone:
	}
}

// write is the only writer of the socket.
func (c *conn) write(ctx context.Context, ws *websocket.Conn) error {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for {
		select {
		case f := <-c.out:
			if err := writeFrame(ws, f); err != nil {
				return errors.Join(err, ws.Close())
			}
		case <-c.lacks:
		case <-ping.C:
			if err := ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(pongWait)); err != nil {
				return errors.Join(fmt.Errorf("ping: %w", err), ws.Close())
			}
		case <-ctx.Done():
			return c.flush(ws)
		}
		if len(c.out) > 0 {
			continue
		}
		for _, page := range c.missed() {
			if err := writeFrame(ws, page); err != nil {
				return errors.Join(err, ws.Close())
			}
		}
	}
}

// flush sends what is queued, such as the error that ends the connection.
func (c *conn) flush(ws *websocket.Conn) error {
	for {
		select {
		case f := <-c.out:
			if err := writeFrame(ws, f); err != nil {
				return err
			}
		default:
			return ws.Close()
		}
	}
}

func writeFrame(ws *websocket.Conn, f syncproto.Frame) error {
	b, err := syncproto.EncodeFrame(f)
	if err != nil {
		return err
	}
	w, err := ws.NextWriter(websocket.BinaryMessage)
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	for piece := range slices.Chunk(b, pieceBytes) {
		if err := ws.SetWriteDeadline(time.Now().Add(pongWait)); err != nil {
			return fmt.Errorf("write: %w", err)
		}
		if _, err := w.Write(piece); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
