//go:build linux

package faulttest

import (
	"path/filepath"
	"testing"
	"time"
)

// The power of the server and of a device goes at a random moment: what was
// only in memory is lost, what was shown as saved is not.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	disk := newPowerDisk(t)
	w := newWorldIn(t, filepath.Join(disk.dir, "server"))
	w.place = func(login string) string {
		if login == logins[0] {
			return filepath.Join(disk.dir, login)
		}
		return filepath.Join(w.dir, login)
	}
	disk.sync() // the copy of the prepared server
	w.serving()
	w.equip()
	cuts := 2
	if _, long := kills(t); long {
		cuts = 20
	}
	for range cuts {
		w.all("work")
		w.working(5)
		w.pass(time.Duration(w.dice.IntN(500)) * time.Millisecond)
		// First the processes: while the disk shuts down, a sync that is under way may
		// report success, which with the power gone nobody would hear.
		w.kill()
		w.devices[0].kill()
		disk.cut()
		disk.restore()
		w.rise()
	}
	w.reconcile()
}
