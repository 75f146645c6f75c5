package benchtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
)

// light is an enrolled device that speaks the protocol and stores nothing.
type light struct {
	ws *websocket.Conn
	id accounts.Enrolled
	// heads is what WELCOME said of its streams.
	heads []syncproto.Head
}

// dialLight connects; its caller says HELLO.
func dialLight(t *testing.T, url string, id accounts.Enrolled) *light {
	t.Helper()
	header := http.Header{"Authorization": {"Bearer " + id.DeviceToken}, "Keyturn-Session": {id.SessionToken}}
	dialer := websocket.Dialer{ReadBufferSize: 32 << 10, WriteBufferSize: 32 << 10}
	ws, resp, err := dialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(url, "http")+"/v1/sync", header)
	must(t, err)
	_ = resp.Body.Close()
	t.Cleanup(func() { _ = ws.Close() })
	ws.SetReadLimit(syncproto.MaxFrameBytes)
	return &light{ws: ws, id: id}
}

// connectLight connects, waits for WELCOME and takes its streams for read: from
// then on it hears what is appended.
func connectLight(t *testing.T, url string, id accounts.Enrolled) *light {
	t.Helper()
	l := dialLight(t, url, id)
	must(t, l.send(&syncproto.Hello{
		Version: syncproto.Version, AppVersion: "bench", Schema: syncproto.SchemaVersion, Device: id.Device,
		WallClock: domain.At(time.Now()), NextSeq: 1,
	}))
	for {
		f, err := l.receive()
		must(t, err)
		if welcome, ok := f.(*syncproto.Welcome); ok {
			l.heads = welcome.Scopes
			l.standAtHeads(t, welcome.Epoch)
			return l
		}
	}
}

// standAtHeads asks each stream for what follows its head.
func (l *light) standAtHeads(t *testing.T, epoch string) {
	t.Helper()
	for _, h := range l.heads {
		must(t, l.send(&syncproto.Pull{Scope: h.Scope, Epoch: epoch, After: h.Seq}))
	}
	for range l.heads {
		_, err := l.receive()
		must(t, err)
	}
}

func (l *light) send(f syncproto.Frame) error {
	b, err := syncproto.EncodeFrame(f)
	if err != nil {
		return err
	}
	return l.ws.WriteMessage(websocket.BinaryMessage, b)
}

func (l *light) receive() (syncproto.Frame, error) {
	_, b, err := l.ws.ReadMessage()
	if err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	return syncproto.DecodeFrame(b)
}

// entries is how many log entries its streams hold together.
func (l *light) entries() (n uint64) {
	for _, h := range l.heads {
		n += h.Seq
	}
	return n
}
