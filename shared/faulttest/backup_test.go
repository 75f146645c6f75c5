//go:build linux

package faulttest

import (
	"os"
	"path/filepath"
	"testing"
)

// The server is backed up while inspectors work, dies with its disk, and comes
// back from the backup. Devices push again what it forgot, photos included, and
// all is there once.
func TestBackupRestored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.serving()
	w.equip()
	w.all("work")
	w.working(10)
	backup := w.backup()
	w.working(10)
	w.settle() // everything is confirmed, and will be forgotten
	w.kill()
	must(t, os.RemoveAll(w.server))
	w.restore(backup)
	w.serving()
	w.all("work")
	w.working(5)
	w.reconcile()
}

// backup makes a backup beside the running server.
func (w *world) backup() string {
	w.t.Helper()
	dir := filepath.Join(w.dir, "backups")
	_, err := output(prepare().program, "backup", "-data", w.server, dir)
	must(w.t, err)
	made, err := os.ReadDir(dir)
	must(w.t, err)
	if len(made) != 1 {
		w.t.Fatalf("%d backups", len(made))
	}
	return filepath.Join(dir, made[0].Name())
}

// restore puts a backup in the place of the server's data.
func (w *world) restore(backup string) {
	w.t.Helper()
	_, err := output(prepare().program, "restore", "-data", w.server, backup)
	must(w.t, err)
}
