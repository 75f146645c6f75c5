//go:build linux

package faulttest

import (
	"path/filepath"
	"testing"

	"keyturn/shared/photo"
	"keyturn/shared/syncproto"
)

// The server's disk fills up while inspectors work: they are told with a code
// and work on; when there is space again everything goes on by itself, although
// the server was killed meanwhile.
func TestServerDiskFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "96m")
	w := newWorldIn(t, filepath.Join(disk, "server"))
	w.serving()
	w.equip()
	w.all("work")
	w.working(5)
	free := ballast(t, disk)
	w.until("people are told that the server cannot store", func() bool {
		for _, d := range w.devices {
			if d.told(string(syncproto.CodeStorage)) == 0 {
				return false
			}
		}
		return true
	})
	w.working(5)
	w.kill()
	w.serve()
	w.working(5)
	w.until("the server serves or says why not", func() bool { return w.up() || !w.process.running() })
	free()
	if !w.process.running() {
		w.serve()
	}
	w.reconcile()
}

// A device's disk fills up: the inspector is told with a code, nothing that was
// shown as saved is lost, and with space again saving and syncing go on by
// themselves, although the app was killed meanwhile.
func TestDeviceDiskFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "48m")
	w := newWorld(t)
	w.place = func(login string) string {
		if login == logins[0] {
			return filepath.Join(disk, login)
		}
		return filepath.Join(w.dir, login)
	}
	w.serving()
	w.equip()
	w.all("work")
	w.working(5)
	full := w.devices[0]
	free := ballast(t, disk)
	told := full.told(string(photo.CodeDiskFull))
	w.until("the inspector is told", func() bool { return full.told(string(photo.CodeDiskFull)) > told+3 })
	w.working(5) // the others
	full.kill()
	full.start()
	full.process.tell("work")
	w.until("the app starts or says why not", func() bool { return full.opened() || !full.process.running() })
	free()
	if !full.process.running() {
		full.start()
		full.process.tell("work")
	}
	before := len(full.acknowledged())
	w.until("saving goes on", func() bool { return len(full.acknowledged()) > before+3 })
	w.reconcile()
}
