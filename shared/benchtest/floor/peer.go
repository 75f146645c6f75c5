package floor

import (
	"context"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

// peer is one connected device as the server sees it. Its stream is never ahead
// of what its socket takes, so a slow reader costs no memory.
type peer struct {
	ws      *websocket.Conn
	after   chan uint64   // where the stream begins, once
	answers chan int      // sizes of pushes that are durable
	wake    chan struct{} // there may be more to send
	gone    context.Context
}

var upgrader = websocket.Upgrader{ReadBufferSize: 32 << 10, WriteBufferSize: 32 << 10}

func (s *server) connect(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	gone, leave := context.WithCancel(ctx)
	c := &peer{ws: ws, after: make(chan uint64, 1), answers: make(chan int, 64), wake: make(chan struct{}, 1), gone: gone}
	s.mu.Lock()
	s.peers[c] = struct{}{}
	s.mu.Unlock()
	var writing sync.WaitGroup
	writing.Go(func() {
		s.writeTo(c)
		leave()
		_ = ws.Close() // ends the reader; the peer sees it whatever close says
	})
	s.readFrom(c)
	leave()
	s.mu.Lock()
	delete(s.peers, c)
	s.mu.Unlock()
	writing.Wait()
}

// readFrom takes what the device sends until it is gone.
func (s *server) readFrom(c *peer) {
	c.ws.SetReadLimit(maxFrame)
	for {
		_, b, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		f, err := s.codec.decode(b)
		if err != nil {
			return
		}
		if f.After != nil {
			select {
			case c.after <- *f.After:
			default:
				return // asked twice
			}
		}
		if len(f.Push) > 0 {
			select {
			case s.pushes <- push{records: f.Push, from: c}:
			case <-c.gone.Done():
				return
			}
		}
	}
}

// writeTo is the only writer of the socket.
func (s *server) writeTo(c *peer) {
	var at uint64
	select {
	case at = <-c.after:
	case <-c.gone.Done():
		return
	}
	for {
		e, err := s.next(c.gone, at)
		if err != nil {
			return
		}
		if e.frame != nil {
			if c.ws.WriteMessage(websocket.BinaryMessage, e.frame) != nil {
				return
			}
			at = e.last
			c.rouse()
		}
		select {
		case n := <-c.answers:
			b, err := s.codec.encode(frame{Kept: n})
			if err != nil || c.ws.WriteMessage(websocket.BinaryMessage, b) != nil {
				return
			}
		case <-c.wake:
		case <-c.gone.Done():
			return
		}
	}
}

// rouse lets the writer look whether there is more.
func (c *peer) rouse() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// answer tells the device that a push is durable.
func (c *peer) answer(n int) {
	select {
	case c.answers <- n:
	case <-c.gone.Done():
	}
}
