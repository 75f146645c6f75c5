package syncer

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// snapshotServer serves one file; cut, if not 0, is how many bytes go out before
// the connection breaks.
type snapshotServer struct {
	content []byte
	cut     int
	gone    bool
	ranges  []string
}

func (s *snapshotServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.ranges = append(s.ranges, r.Header.Get("Range"))
	switch {
	case s.gone:
		w.WriteHeader(http.StatusNotFound)
	case s.cut > 0:
		w.Header().Set("Content-Length", "1000000")
		_, _ = w.Write(s.content[:s.cut])
		panic(http.ErrAbortHandler)
	default:
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.content))
	}
}

func TestSnapshotFetch(t *testing.T) {
	content := []byte(noise(200_000))
	server := &snapshotServer{content: content, cut: 50_000}
	listening := httptest.NewServer(server)
	t.Cleanup(listening.Close)
	id := localstore.Identity{Server: listening.URL, Device: tablet, Person: person}
	s := &Snapshots{Link: NewLink(nil), Dir: t.TempDir()}
	wanted := &syncproto.Snapshot{Scope: field, Epoch: "e1", Seq: 9, Bytes: int64(len(content)), SHA256: domain.Hash(sha256.Sum256(content))}
	leftover := filepath.Join(s.Dir, "of an older snapshot")
	must(t, os.WriteFile(leftover, []byte("x"), 0o600))
	seen := int64(0)
	progress := func(have, bytes int64) {
		if have < seen || bytes != wanted.Bytes {
			t.Errorf("%d of %d after %d", have, bytes, seen)
		}
		seen = have
	}

	if _, err := s.fetch(t.Context(), id, wanted, progress); err == nil {
		t.Fatal("half a file was taken")
	}
	server.cut = 0
	path, err := s.fetch(t.Context(), id, wanted, progress)
	must(t, err)
	if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if len(server.ranges) != 2 || server.ranges[1] != "bytes=50000-" || seen != wanted.Bytes {
		t.Errorf("asked for %q, saw %d bytes", server.ranges, seen)
	}
	if _, err := os.Stat(leftover); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what is not offered any more stayed: %v", err)
	}

	other := *wanted
	other.SHA256[0]++
	var refused *Refused
	if _, err := s.fetch(t.Context(), id, &other, func(int64, int64) {}); !errors.As(err, &refused) || refused.Code != syncproto.CodeWrongBytes {
		t.Errorf("wrong bytes: %v", err)
	}
	server.gone = true
	if path, err := s.fetch(t.Context(), id, &other, progress); err != nil || path != "" {
		t.Errorf("what is gone: %q, %v", path, err)
	}
	entries, err := os.ReadDir(s.Dir)
	must(t, err)
	if len(entries) != 0 {
		t.Errorf("%v stayed", entries)
	}
}
