package blobs_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
)

// litter makes a directory with a whole blob, a part of it and a file of a
// process that was killed while it stored it in one piece.
func litter(t *testing.T, sha domain.Hash, b []byte) *onDisk {
	t.Helper()
	d := &onDisk{dir: filepath.Join(t.TempDir(), "blobs")}
	send(t, d.open(t), sha, b)
	d.plant(t, sha, 0, b[:chunk])
	must(t, os.WriteFile(filepath.Join(d.dir, "partial", sha.String()+".1"), b, 0o600))
	return d
}

// strace is a command that does a fault to some calls of the process after it.
// It does without --seccomp-bpf, under which no signal is delivered.
func strace(calls, fault string) []string {
	return []string{"strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + calls, "-e", "inject=" + calls + ":" + fault}
}

// A disk that fails is no deletion, and when it is well the next one does all
// of it: it syncs also what the failed one has removed.
func TestDiskFailsToDelete(t *testing.T) {
	b, sha := content(2 * chunk)
	if dir := os.Getenv(helper); dir != "" {
		runtime.LockOSThread() // the injected failures are counted by thread
		s, err := blobs.OpenDisk(dir)
		must(t, err)
		for range 2 {
			err := s.Delete(t.Context(), sha)
			if err != nil && !errors.Is(err, syscall.EIO) {
				t.Fatal(err)
			}
			_, _, errOpen := s.Open(t.Context(), sha)
			say("failed %v, gone %v", err != nil, errors.Is(errOpen, blobs.ErrMissing))
		}
		return
	}
	needsStrace(t)
	const done, failed, gone = "failed false, gone true", "failed true, gone false", "failed true, gone true"
	for _, c := range []struct {
		calls, when string
		want        []string
	}{
		{"unlinkat", "1", []string{failed, done}}, // the part
		{"unlinkat", "2", []string{failed, done}}, // the other file
		{"unlinkat", "3", []string{failed, done}}, // the blob
		{"unlinkat", "1+", []string{failed, failed}},
		{"fsync", "2", []string{failed, done}}, // the folder of the parts; 1 is opening
		{"fsync", "3", []string{gone, done}},   // the blob's
		{"fsync", "3+", []string{gone, gone}},  // not done before it is durable
		{"fsync", "5", []string{done, gone}},
		{"fsync", "6", []string{done, done}}, // nothing is synced in vain: there is none
	} {
		d := litter(t, sha, b)
		got := asHelper(t, d.dir, nil, strace(c.calls, "error=EIO:when="+c.when)...)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s %s fails: %q, expected %q", c.calls, c.when, got, c.want)
		}
	}
}

// A blob that goes while its folder is listed is not listed, and the others are.
func TestBlobGoesWhileListed(t *testing.T) {
	b, sha := content(chunk)
	other, otherSHA := content(17)
	if dir := os.Getenv(helper); dir != "" {
		runtime.LockOSThread()
		s, err := blobs.OpenDisk(dir)
		must(t, err)
		for b, err := range s.All(t.Context()) {
			say("%s, failed %v", b.SHA256, err != nil)
		}
		return
	}
	needsStrace(t)
	d := &onDisk{dir: filepath.Join(t.TempDir(), "blobs")}
	store := d.open(t)
	send(t, store, sha, b)
	send(t, store, otherSHA, other)
	path := filepath.Join(d.dir, sha.String()[:2], sha.String())
	got := asHelper(t, d.dir, nil, append(strace("newfstatat", "error=ENOENT"), "-P", path)...)
	if want := []string{otherSHA.String() + ", failed false"}; !slices.Equal(got, want) {
		t.Errorf("%q, expected %q", got, want)
	}
}

// A server that is killed anywhere in a deletion leaves nothing that the next
// one stumbles over: the blob is whole, or it is not there.
func TestKilledWhileDeleting(t *testing.T) {
	b, sha := content(2 * chunk)
	if dir := os.Getenv(helper); dir != "" {
		runtime.LockOSThread()
		s, err := blobs.OpenDisk(dir)
		must(t, err)
		must(t, s.Delete(t.Context(), sha))
		say("deleted")
		return
	}
	needsStrace(t)
	for _, at := range []struct {
		calls string
		when  int
		whole bool
	}{
		{"unlinkat", 1, true},
		{"unlinkat", 2, true},
		{"fsync", 2, true},
		{"unlinkat", 3, true},
		{"fsync", 3, false},
	} {
		t.Run(fmt.Sprint(at.calls, at.when), func(t *testing.T) {
			d := litter(t, sha, b)
			said, out, err := runHelper(t, d.dir, nil, strace(at.calls, fmt.Sprintf("signal=KILL:when=%d", at.when))...)
			if err == nil || len(said) != 0 {
				t.Fatalf("not killed: %s", out)
			}
			store := d.open(t)
			want := 0
			if at.whole {
				want = len(b)
				has(t, store, sha, b)
			}
			isAt(t, store, sha, want, at.whole)
			_, err = store.Sweep(t.Context(), time.Now().Add(time.Hour))
			must(t, err)
			isAt(t, store, sha, want, at.whole)
			must(t, store.Delete(t.Context(), sha))
			holdsOnly(t, d)
			send(t, store, sha, b)
			has(t, store, sha, b)
		})
	}
}
