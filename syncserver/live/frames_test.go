package live_test

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/gorilla/websocket"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Whatever is no frame is answered with bad_frame and ends the connection; the
// server goes on serving others.
func TestBadFramesOverTheSocket(t *testing.T) {
	w := newWorld(t)
	w.join("a", "inspector")
	good, err := syncproto.EncodeFrame(&syncproto.Hello{Version: 1, Device: device("a"), WallClock: now, AppVersion: string(bytes.Repeat([]byte("long "), 200))})
	must(t, err)
	for name, b := range map[string][]byte{
		"nothing":          {},
		"one byte":         good[:1],
		"half a frame":     good[:len(good)/2],
		"a byte too few":   good[:len(good)-1],
		"an unknown type":  append([]byte{77}, good[1:]...),
		"unknown flags":    append([]byte{good[0], 0xff}, good[2:]...),
		"garbage":          bytes.Repeat([]byte{0xa5}, 300),
		"a bomb":           bomb(),
		"one byte too big": bytes.Repeat([]byte{1}, syncproto.MaxFrameBytes+1),
	} {
		p := w.dial("a")
		p.raw(b)
		f, err := p.next()
		if name == "one byte too big" && websocket.IsCloseError(err, websocket.CloseMessageTooBig) {
			continue // the library says so itself
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if e, ok := f.(*syncproto.Error); !ok || e.Code != syncproto.CodeBadFrame {
			t.Errorf("%s: %+v", name, f)
		}
		p.closed()
	}
	p := w.dial("a")
	if welcome := p.hello("a"); len(welcome.Scopes) != 1 {
		t.Errorf("%+v", welcome)
	}
	p.raw(good[:5])
	if e := expect[*syncproto.Error](p); e.Code != syncproto.CodeBadFrame {
		t.Errorf("after a good start: %+v", e)
	}
	p.closed()
}

// bomb is a small frame that inflates beyond every limit: a zstd frame of many
// blocks that each repeat one byte (RFC 8878, sections 3.1.1.1 and 3.1.1.2).
func bomb() []byte {
	const block, runLength = 128 << 10, 1
	b := []byte{byte(syncproto.TypePush), 1, 0x28, 0xb5, 0x2f, 0xfd, 0x00, 7 << 3}
	for inflated := 0; inflated <= syncproto.MaxInflatedBytes; inflated += block {
		header := uint32(block<<3 | runLength<<1)
		b = append(b, byte(header), byte(header>>8), byte(header>>16), 0)
	}
	b[len(b)-4] |= 1 // the last block
	return b
}

// Frames that are well formed and out of place are refused one by one.
func TestFramesThatAreNotForServers(t *testing.T) {
	w := newWorld(t)
	p := w.connect("a", "inspector")
	p.send(&syncproto.Welcome{})
	if e := expect[*syncproto.Error](p); e.Code != syncproto.CodeBadFrame {
		t.Errorf("%+v", e)
	}
	p.send(&syncproto.Pull{Scope: w.scope(domain.AudienceField), Epoch: "epoch-1"})
	expect[*syncproto.Page](p)
}

// A store that fails ends the connection with a time to come back, and answers
// nothing that it did not keep.
func TestStorageFailure(t *testing.T) {
	w := newWorld(t)
	p := w.connect("a", "inspector")
	must(t, w.store.Close())
	p.send(&syncproto.Pull{Scope: w.scope(domain.AudienceField)})
	if e := expect[*syncproto.Error](p); e.Code != syncproto.CodeStorage || e.RetryAfterMS <= 0 || e.Message != "" {
		t.Errorf("%+v", e)
	}
	p.closed()
}

// A web page of another origin may not open the socket with a visitor's address.
func TestForeignOriginIsRefused(t *testing.T) {
	w := newWorld(t)
	w.join("a", "inspector")
	_, resp, err := websocket.DefaultDialer.DialContext(t.Context(), w.url+"a", http.Header{"Origin": {"https://elsewhere.example"}})
	if err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("%+v, %v", resp, err)
	}
	if resp != nil {
		must(t, resp.Body.Close())
	}
}
