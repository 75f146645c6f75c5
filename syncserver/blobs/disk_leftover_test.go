package blobs_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"keyturn/syncserver/blobs"
)

// A server that was killed while it stored a blob of one piece leaves a file that
// nothing goes on with: it goes after a day, long before the parts that wait for
// their rest. One that another process may be writing stays.
func TestSweepRemovesLeftovers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "blobs")
	s, err := blobs.OpenDisk(dir)
	must(t, err)
	b, sha := content(2 * chunk)
	add(t, s, sha, 0, len(b), b[:chunk], false)
	part := filepath.Join(dir, "partial", sha.String())
	old, young := part+".1", part+".2"
	for path, age := range map[string]time.Duration{part: 29 * 24 * time.Hour, old: 25 * time.Hour, young: 23 * time.Hour} {
		if path != part {
			must(t, os.WriteFile(path, b[:7], 0o600))
		}
		at := time.Now().Add(-age)
		must(t, os.Chtimes(path, at, at))
	}
	if n, err := s.Sweep(t.Context(), time.Now().Add(-30*24*time.Hour)); n != 1 || err != nil {
		t.Errorf("%d swept, %v", n, err)
	}
	for path, want := range map[string]bool{part: true, old: false, young: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s is there: %v", filepath.Base(path), err == nil)
		}
	}
	isAt(t, s, sha, chunk, false)
	add(t, s, sha, chunk, len(b), b[chunk:], true)
	has(t, s, sha, b)
}

// What was written into a part behind the server's back is noticed, although the
// server has summed up its beginning before.
func TestPartChangesUnderneath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "blobs")
	s, err := blobs.OpenDisk(dir)
	must(t, err)
	b, sha := content(2 * chunk)
	add(t, s, sha, 0, len(b), b[:chunk], false)
	part := filepath.Join(dir, "partial", sha.String())
	must(t, os.Remove(part))
	must(t, os.WriteFile(part, make([]byte, chunk), 0o600))
	if done, err := s.Append(t.Context(), sha, chunk, int64(len(b)), b[chunk:]); done || err == nil {
		t.Errorf("done %v, %v", done, err)
	}
	send(t, s, sha, b)
	has(t, s, sha, b)
}
