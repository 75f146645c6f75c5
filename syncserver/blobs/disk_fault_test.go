package blobs_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
)

// helper names the test that this binary is to be the helper process of.
const helper = "KEYTURN_BLOBS_HELPER"

// asHelper runs this test's own binary again, as the process that a fault is
// done to, under the command before it. It returns what the helper printed.
func asHelper(t *testing.T, dir string, attr *syscall.SysProcAttr, before ...string) (lines []string) {
	t.Helper()
	lines, out, err := runHelper(t, dir, attr, before...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(before, " "), err, out)
	}
	return lines
}

// runHelper is asHelper for a process that may be killed.
func runHelper(t *testing.T, dir string, attr *syscall.SysProcAttr, before ...string) (lines []string, out []byte, err error) {
	t.Helper()
	args := append(slices.Clone(before), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), helper+"="+dir)
	cmd.SysProcAttr = attr
	out, err = cmd.CombinedOutput()
	if errors.Is(err, os.ErrPermission) {
		t.Skipf("this machine does not let a process be put under the fault: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		if said, ok := strings.CutPrefix(strings.TrimSpace(line), "said: "); ok {
			lines = append(lines, said)
		}
	}
	return lines, out, err
}

func say(format string, args ...any) { fmt.Fprintf(os.Stdout, "\nsaid: "+format+"\n", args...) }

// attempt uploads a blob once, in up to two pieces, and says how that went.
func attempt(t *testing.T, s blobs.Store, name string, pieces ...[]byte) {
	t.Helper()
	b := bytes.Join(pieces, nil)
	sha := sum(b)
	at, whole, err := s.Offset(t.Context(), sha)
	for _, p := range pieces {
		if err != nil || whole {
			break
		}
		whole, err = s.Append(t.Context(), sha, at, int64(len(b)), p)
		at += int64(len(p))
	}
	f, _, errOpen := s.Open(t.Context(), sha)
	if errOpen == nil {
		must(t, f.Close())
	}
	_, is, errOffset := s.Offset(t.Context(), sha)
	switch {
	case err != nil && !errors.Is(err, syscall.EIO) && !errors.Is(err, syscall.ENOSPC):
		t.Fatal(err)
	case err != nil && (is || errOpen == nil):
		say("%s failed and is there", name)
	case err != nil:
		say("%s failed", name)
	case whole && is && errOpen == nil && errOffset == nil:
		say("%s is whole", name)
	default:
		say("%s is said to be whole %v, but %v, %v, %v", name, whole, is, errOpen, errOffset)
	}
}

// A photo whose sync failed is not durable, and neither is it at the next sync,
// which the system reports as a success although it has dropped the bytes: it is
// sent again.
func TestFailedSyncs(t *testing.T) {
	a, b := bytes.Repeat([]byte("a"), chunk), bytes.Repeat([]byte("b"), chunk)
	if dir := os.Getenv(helper); dir != "" {
		runtime.LockOSThread() // the injected failures are counted by thread
		s, err := blobs.OpenDisk(dir)
		if err != nil {
			say("not opened")
			return
		}
		say("opened")
		for range 2 {
			attempt(t, s, "one", a)
		}
		for range 2 {
			attempt(t, s, "two", b, b)
		}
		return
	}
	needsStrace(t)
	whole := []string{"opened", "one is whole", "one is whole", "two is whole", "two is whole"}
	one := []string{"opened", "one failed", "one is whole", "two is whole", "two is whole"}
	two := []string{"opened", "one is whole", "one is whole", "two failed", "two is whole"}
	for _, c := range []struct {
		when string // which of the process's syncs fail
		want []string
	}{
		{"1", []string{"not opened"}}, // its folders
		{"2", []string{"not opened"}}, // the folder that it lies in
		{"3", one},                    // the file
		{"4", one},                    // the folder with its name
		{"3+", []string{"opened", "one failed", "one failed", "two failed", "two failed"}},
		// The second question after one settles its folder: 5.
		{"6", two},
		{"7", two},
		{"9", whole}, // nothing is synced in vain: after 8 there is none
	} {
		dir := filepath.Join(t.TempDir(), "blobs")
		got := asHelper(t, dir, nil, "strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when="+c.when)
		if !slices.Equal(got, c.want) {
			t.Errorf("sync %s fails: %q, expected %q", c.when, got, c.want)
		}
	}
}

// A server was killed, or lost its power, after it named a blob and before the
// name was synced: the next one does not call it durable before it is.
func TestNameOfACrashedProcess(t *testing.T) {
	b, sha := content(chunk)
	if dir := os.Getenv(helper); dir != "" {
		runtime.LockOSThread()
		s, err := blobs.OpenDisk(dir)
		must(t, err)
		for range 3 {
			_, whole, err := s.Offset(t.Context(), sha)
			say("whole %v, failed %v", whole, err != nil)
		}
		return
	}
	needsStrace(t)
	dir := filepath.Join(t.TempDir(), "blobs")
	d := &onDisk{dir: dir}
	d.open(t)
	must(t, os.WriteFile(filepath.Join(dir, sha.String()[:2], sha.String()), b, 0o600))
	got := asHelper(t, dir, nil, "strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=2")
	if want := []string{"whole false, failed true", "whole true, failed false", "whole true, failed false"}; !slices.Equal(got, want) {
		t.Errorf("%q, expected %q", got, want)
	}
}

// A full disk refuses photos, keeps what it has, and takes them when there is room.
func TestFullDisk(t *testing.T) {
	const room, photo = 128 << 10, 80 << 10
	if dir := os.Getenv(helper); dir != "" {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", room)); err != nil {
			say("cannot mount: %v", err)
			return
		}
		s, err := blobs.OpenDisk(dir)
		must(t, err)
		first, second, third := bytes.Repeat([]byte{1}, photo), bytes.Repeat([]byte{2}, photo), bytes.Repeat([]byte{3}, photo)
		attempt(t, s, "first", first)
		attempt(t, s, "second", second[:photo/2], second[photo/2:])
		attempt(t, s, "third", third)
		attempt(t, s, "first", first)
		name := sum(first).String()
		must(t, os.Remove(filepath.Join(dir, name[:2], name)))
		for {
			at, whole := offset(t, s, sum(second)) // all but at most one chunk is there
			if whole {
				break
			}
			add(t, s, sum(second), int(at), photo, second[at:], true)
			say("second went on at half: %v", at >= photo/2)
		}
		has(t, s, sum(second), second)
		return
	}
	// A mount that only the helper sees and that goes with it.
	attr := &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 {
		attr.Cloneflags = syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	got := asHelper(t, t.TempDir(), attr)
	if len(got) == 1 && strings.HasPrefix(got[0], "cannot mount") {
		t.Skip("this machine lets nobody mount a small disk: " + got[0])
	}
	if want := []string{"first is whole", "second failed", "third failed", "first is whole", "second went on at half: true"}; !slices.Equal(got, want) {
		t.Errorf("%q, expected %q", got, want)
	}
}

// needsStrace skips where processes may not be traced.
func needsStrace(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatalf("no strace on this machine; run `make deps`, which installs it: %v", err)
	}
	if out, err := exec.Command("strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "true").CombinedOutput(); err != nil {
		t.Skipf("this machine does not let a process be traced, so no disk can be made to fail: %v %s", err, out)
	}
}

func sum(b []byte) domain.Hash { return sha256.Sum256(b) }
