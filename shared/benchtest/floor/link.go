package floor

import (
	"context"
	"fmt"
	"strings"

	"github.com/gorilla/websocket"
)

// Link is a device's connection. One goroutine may send while another receives.
type Link struct {
	codec codec
	ws    *websocket.Conn
}

// Dial connects to a server such as "http://127.0.0.1:1234".
func Dial(ctx context.Context, server string) (*Link, error) {
	c, err := shared()
	if err != nil {
		return nil, err
	}
	dialer := websocket.Dialer{ReadBufferSize: 32 << 10, WriteBufferSize: 32 << 10}
	ws, resp, err := dialer.DialContext(ctx, "ws"+strings.TrimPrefix(server, "http")+"/sync", nil)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	_ = resp.Body.Close() // empty: the connection is a websocket now
	ws.SetReadLimit(maxFrame)
	return &Link{codec: c, ws: ws}, nil
}

// Close ends the connection.
func (l *Link) Close() error { return l.ws.Close() }

// Follow opens the stream of everything after a sequence.
func (l *Link) Follow(after uint64) error { return l.send(frame{After: &after}) }

// Push sends records without waiting for the answer.
func (l *Link) Push(records ...Record) error { return l.send(frame{Push: records}) }

// Heard waits for the next page and gives its records.
func (l *Link) Heard() ([]Record, error) {
	p, err := l.page()
	if err != nil {
		return nil, err
	}
	return p.Records, nil
}

func (l *Link) page() (*page, error) {
	for {
		_, b, err := l.ws.ReadMessage()
		if err != nil {
			return nil, fmt.Errorf("receive: %w", err)
		}
		f, err := l.codec.decode(b)
		if err != nil || f.Page != nil {
			return f.Page, err
		}
	}
}

func (l *Link) send(f frame) error {
	b, err := l.codec.encode(f)
	if err != nil {
		return err
	}
	if err := l.ws.WriteMessage(websocket.BinaryMessage, b); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}
