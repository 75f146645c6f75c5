package syncer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"keyturn/shared/syncproto"
)

// blobServer keeps blobs as PROTOCOL.md says; a test may make it fail.
type blobServer struct {
	t    *testing.T
	mu   sync.Mutex
	held map[string][]byte
	done map[string]bool
	// puts lists the pieces that came, as "offset+length"; asks counts the questions
	// how far a blob has come.
	puts []string
	asks int
	// broken breaks the connection at the nth piece from now.
	broken int
	refuse map[string]syncproto.Code
	// cutAfter cuts the next download; ranges are what the others asked for.
	cutAfter int
	ranges   []string
	// meanwhile happens before the next piece is taken; stubborn takes none.
	meanwhile func()
	stubborn  bool
}

func newBlobServer(t *testing.T) (*blobServer, string) {
	t.Helper()
	b := &blobServer{t: t, held: map[string][]byte{}, done: map[string]bool{}, refuse: map[string]syncproto.Code{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/blobs/{sha}/offset", b.offset)
	mux.HandleFunc("PUT /v1/blobs/{sha}", b.put)
	mux.HandleFunc("GET /v1/blobs/{sha}", b.get)
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return b, s.URL
}

func (b *blobServer) fail(w http.ResponseWriter, code syncproto.Code) {
	w.WriteHeader(http.StatusNotFound)
	_ = json.NewEncoder(w).Encode(map[string]any{"code": code})
}

func (b *blobServer) offset(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sha := r.PathValue("sha")
	b.asks++
	if code := b.refuse[sha]; code != "" || r.Header.Get("Authorization") != "Bearer device" || r.Header.Get("Keyturn-Session") != "session" {
		b.fail(w, code)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"offset": len(b.held[sha]), "whole": b.done[sha]})
}

func (b *blobServer) put(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sha := r.PathValue("sha")
	if code := b.refuse[sha]; code != "" {
		b.fail(w, code)
		return
	}
	piece, err := io.ReadAll(r.Body)
	at, _ := strconv.Atoi(r.URL.Query().Get("offset"))
	total, _ := strconv.Atoi(r.URL.Query().Get("total"))
	sum, errSum := strconv.ParseUint(r.Header.Get("Keyturn-CRC32C"), 16, 32)
	if now := b.meanwhile; now != nil {
		b.meanwhile = nil // unless it happens again
		now()
	}
	if b.stubborn || at != len(b.held[sha]) {
		b.fail(w, syncproto.CodeBadOffset)
		return
	}
	if err != nil || errSum != nil || uint32(sum) != crc32.Checksum(piece, castagnoli) {
		b.t.Errorf("a piece of %d bytes at %d of %d, checksum %s: %v", len(piece), at, len(b.held[sha]), r.Header.Get("Keyturn-CRC32C"), err)
	}
	if b.broken--; b.broken == 0 {
		hijacked, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = hijacked.Close()
		}
		return
	}
	b.puts = append(b.puts, fmt.Sprintf("%d+%d", at, len(piece)))
	b.held[sha] = append(b.held[sha], piece...)
	b.done[sha] = len(b.held[sha]) == total
	_ = json.NewEncoder(w).Encode(map[string]any{"offset": len(b.held[sha]), "whole": b.done[sha]})
}

func (b *blobServer) get(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sha := r.PathValue("sha")
	if !b.done[sha] {
		b.fail(w, syncproto.CodeBlobMissing)
		return
	}
	if b.cutAfter > 0 {
		content := b.held[sha][:b.cutAfter]
		b.cutAfter = 0
		w.Header().Set("Content-Length", strconv.Itoa(len(b.held[sha])))
		_, _ = w.Write(content)
		return // the connection is closed in the midst
	}
	b.ranges = append(b.ranges, r.Header.Get("Range"))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.held[sha]))
}
