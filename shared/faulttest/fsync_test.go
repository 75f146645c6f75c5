//go:build linux

package faulttest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// failing is a command line that lets every seventh sync of each thread of a
// program fail with an I/O error, after the first few, and notes it in a file.
func failing(t *testing.T, noted string) []string {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skipf("no sync can be made to fail here: %v (Debian package strace)", err)
	}
	probe, err := output(strace, "-f", "-qq", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=1", "true")
	if err != nil {
		t.Skipf("no sync can be made to fail here: %v %s", err, probe)
	}
	return []string{
		strace, "-f", "-qq", "-o", noted, "--seccomp-bpf", "-e", "signal=none",
		"-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when=12+7",
	}
}

// Syncs of the server and of a device fail now and then: nothing is answered as
// applied, or shown as saved, that was not made durable.
func TestSyncsFail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serving()
	w.equip()
	w.kill()
	bad := w.devices[0]
	bad.kill()
	server, device := filepath.Join(w.dir, "server.strace"), filepath.Join(w.dir, "device.strace")
	w.wrap, bad.wrap = failing(t, server), failing(t, device)
	w.serve()
	bad.start()
	w.all("work")
	injected := func(noted string) int {
		b, err := os.ReadFile(noted)
		if errors.Is(err, os.ErrNotExist) {
			return 0 // strace is about to make it
		}
		must(t, err)
		return strings.Count(string(b), "(INJECTED)")
	}
	w.until("syncs fail on both sides", func() bool {
		if !w.process.running() {
			w.serve()
		}
		if !bad.process.running() {
			bad.start()
			bad.process.tell("work")
		}
		return injected(server) > 5 && injected(device) > 5
	})
	w.working(10)
	w.kill()
	bad.kill()
	w.wrap, bad.wrap = nil, nil
	w.reconcile()
	if n, _ := w.saved(); n == 0 || len(bad.reasons) == 0 {
		t.Errorf("%d saves; the device was told %v", n, bad.reasons)
	}
}
