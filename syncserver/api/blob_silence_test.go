package api

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A sender that falls silent in the middle of a piece is given up; one that is
// slow is not, however long all of it takes.
func TestSilentSender(t *testing.T) {
	const silence = 300 * time.Millisecond
	type got struct {
		bytes int
		err   error
	}
	read := make(chan got, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b bytes.Buffer
		err := readChunk(w, r, &b, silence)
		read <- got{b.Len(), err}
	}))
	t.Cleanup(server.Close)
	begin := func() net.Conn {
		t.Helper()
		c, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		if _, err := io.WriteString(c, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		return c
	}
	slow := begin()
	pace := time.NewTicker(silence / 6)
	defer pace.Stop()
	for range 8 { // together longer than the silence
		<-pace.C
		if _, err := slow.Write([]byte{1}); err != nil {
			t.Fatal(err)
		}
	}
	if g := <-read; g.bytes != 8 || g.err != nil {
		t.Errorf("the slow one: %+v", g)
	}
	silent := begin()
	if _, err := silent.Write([]byte{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	if g := <-read; g.bytes != 3 || g.err == nil {
		t.Errorf("the silent one: %+v", g)
	}
}
