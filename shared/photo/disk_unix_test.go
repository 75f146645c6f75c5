//go:build !windows

package photo

import (
	"bytes"
	"os"
	"syscall"
	"testing"
)

const diskFullErrno = syscall.ENOSPC

// TestModes: photos show people's homes, so nobody else on the machine reads them.
func TestModes(t *testing.T) {
	v := openVault(t)
	p, err := v.Import(t.Context(), bytes.NewReader(jpegOf(t, marked(64, 48))), Meta{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []Rendition{Original, Work, Thumb} {
		info, err := os.Stat(v.Path(p.SHA256, r))
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v %v", r, info, err)
		}
	}
	if info, err := os.Stat(v.root); err != nil || info.Mode().Perm() != dirMode {
		t.Errorf("root: %v %v", info, err)
	}
}

// TestPipeIsRefused: opening it would wait for a writer for ever.
func TestPipeIsRefused(t *testing.T) {
	path := t.TempDir() + "/pipe.jpg"
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := openVault(t).ImportFile(t.Context(), path, Meta{})
	wantCode(t, err, CodeUnreadable)
}
