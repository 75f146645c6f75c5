//go:build linux

package faulttest

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// smallDisk mounts a disk of so many bytes in memory. Where mounting is not
// allowed the test is skipped, and says so.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("keyturn-faults", dir, "tmpfs", 0, "mode=0700,size="+size); err != nil {
		t.Skipf("a small disk cannot be mounted here (mount tmpfs: %v): it takes root and CAP_SYS_ADMIN", err)
	}
	t.Cleanup(func() { must(t, syscall.Unmount(dir, 0)) })
	return dir
}

// ballast fills a disk to its last byte; what it returns frees it again.
func ballast(t *testing.T, disk string) (free func()) {
	t.Helper()
	path := filepath.Join(disk, "ballast")
	f, err := os.Create(path)
	must(t, err)
	_, err = io.Copy(f, endless{})
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk does not fill up: %v", err)
	}
	must(t, f.Close())
	return func() { must(t, os.Remove(path)) }
}

// endless yields zeros without end.
type endless struct{}

// Read implements io.Reader.
func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// powerDisk is a file system of its own that can lose its power: what was not
// synced is gone.
type powerDisk struct {
	t          *testing.T
	image, dir string
}

// newPowerDisk mounts one. Where that is not possible the test is skipped, and
// says why.
func newPowerDisk(t *testing.T) *powerDisk {
	t.Helper()
	for _, tool := range []string{"mkfs.xfs", "xfs_io", "mount", "umount"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("no power cut can be made here: %v (Debian package xfsprogs)", err)
		}
	}
	d := &powerDisk{t: t, image: filepath.Join(t.TempDir(), "disk.xfs"), dir: t.TempDir()}
	must(t, os.WriteFile(d.image, nil, 0o600))
	must(t, os.Truncate(d.image, 320<<20)) // the smallest that mkfs.xfs makes is 300 MB; it is sparse
	if _, err := output("mkfs.xfs", "-q", d.image); err != nil {
		t.Skipf("no power cut can be made here: %v", err)
	}
	if _, err := output("mount", "-o", "loop", d.image, d.dir); err != nil {
		t.Skipf("no power cut can be made here (loop mount): %v", err)
	}
	t.Cleanup(func() { d.unmount() })
	return d
}

func (d *powerDisk) unmount() {
	d.t.Helper()
	if _, err := output("umount", d.dir); err != nil {
		d.t.Error(err)
	}
}

// sync makes durable what the test itself has written.
func (d *powerDisk) sync() {
	d.t.Helper()
	_, err := output("sync", "-f", d.dir)
	must(d.t, err)
}

// cut takes the power away: what lies in memory only, the file system's own
// journal included, never reaches the disk.
func (d *powerDisk) cut() {
	d.t.Helper()
	_, err := output("xfs_io", "-x", "-c", "shutdown", d.dir)
	must(d.t, err)
}

// restore gives the power back; nobody may have a file open.
func (d *powerDisk) restore() {
	d.t.Helper()
	d.unmount()
	_, err := output("mount", "-o", "loop", d.image, d.dir)
	must(d.t, err)
}
