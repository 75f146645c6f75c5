//go:build linux

package faulttest

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// world is one server and its devices, all real processes.
type world struct {
	t    *testing.T
	dice *rand.Rand
	dir  string
	// server is the program's data directory, address where it serves, door the
	// address that devices know.
	server, address, door string
	// plan is what devices have in common, place where one keeps its data.
	plan  plan
	place func(login string) string
	// wrap is a command line that runs the server within another program.
	wrap    []string
	process *process
	devices []*device
	// link lies between devices and server, if there is one.
	link *wire
	// news is rung whenever any process said something.
	news chan struct{}

	began time.Time

	mu     sync.Mutex
	serves bool
	starts int
}

// newWorld copies the prepared server; nothing runs yet.
func newWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	return newWorldIn(t, filepath.Join(dir, "server"))
}

// newWorldIn does the same with the server's data in a directory of the caller.
func newWorldIn(t *testing.T, server string) *world {
	t.Helper()
	m := prepare()
	must(t, m.err)
	w := &world{t: t, dice: dice(t), dir: t.TempDir(), server: server, news: make(chan struct{}, 1), began: time.Now()}
	w.plan = plan{Pause: 60 * time.Millisecond, Photos: 2, Large: 12}
	w.place = func(login string) string { return filepath.Join(w.dir, login) }
	w.address = freeAddress(t, w.dice)
	w.door = w.address
	must(t, os.CopyFS(w.server, os.DirFS(m.data)))
	t.Cleanup(func() {
		w.kill()
		sound(t, w.log("server"))
		for _, d := range w.devices {
			d.kill()
			sound(t, w.log(d.plan.Name))
		}
		if t.Failed() {
			w.tails()
		}
	})
	return w
}

// log is where a process writes its stderr.
func (w *world) log(name string) string { return filepath.Join(w.dir, name+".log") }

// tails shows the end of each log of a failed test.
func (w *world) tails() {
	for _, d := range w.devices {
		d.mu.Lock()
		w.t.Logf("%s: state %+v, online %v, refusals %v", d.plan.Name, d.state, d.online, d.reasons)
		d.mu.Unlock()
	}
	logs, err := filepath.Glob(filepath.Join(w.dir, "*.log"))
	must(w.t, err)
	for _, name := range logs {
		b, err := os.ReadFile(name)
		must(w.t, err)
		w.t.Logf("%s ends with:\n%s", filepath.Base(name), b[max(0, len(b)-3000):])
	}
}

// heard wakes whoever waits for something to happen.
func (w *world) heard() {
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// until waits until a condition holds; it looks whenever a process said something.
func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-w.news:
		case <-deadline:
			w.t.Fatalf("%s: not within %s", what, patience)
		}
	}
}

// pass lets processes work for a while; something other than time is waited for
// wherever the outcome depends on it.
func (w *world) pass(d time.Duration) {
	select {
	case <-time.After(d):
	case <-w.t.Context().Done():
	}
}

// equip adds devices, one for each login, that are enrolled and at rest.
func (w *world) equip() {
	w.t.Helper()
	for i, login := range logins {
		p := w.plan
		p.Dir, p.Code, p.Name, p.Server = w.place(login), prepare().codes[i], login, "http://"+w.door
		w.devices = append(w.devices, &device{w: w, plan: p, reasons: map[string]int{}})
	}
	for _, d := range w.devices {
		d.start()
	}
	w.until("devices are enrolled", func() bool {
		for _, d := range w.devices {
			if !d.process.running() {
				w.t.Fatalf("%s ended: %v", d.plan.Name, d.process.err)
			}
			if !d.opened() {
				return false
			}
		}
		return true
	})
}

// all sends a command to every device.
func (w *world) all(command string) {
	for _, d := range w.devices {
		d.process.tell(command)
	}
}

// rise starts whatever does not run.
func (w *world) rise() {
	w.t.Helper()
	if !w.process.running() {
		w.serving()
	}
	for _, d := range w.devices {
		if !d.process.running() {
			d.start()
		}
	}
}

// saved counts what was shown as saved, on all devices.
func (w *world) saved() (saves, photos int) {
	for _, d := range w.devices {
		for _, s := range d.acknowledged() {
			saves++
			photos += len(s.photos)
		}
	}
	return saves, photos
}

// working waits until so many more saves were acknowledged.
func (w *world) working(more int) {
	w.t.Helper()
	before, _ := w.saved()
	w.until("devices save", func() bool {
		now, _ := w.saved()
		return now >= before+more
	})
}

// end closes devices and server in an orderly way.
func (w *world) end() {
	w.t.Helper()
	w.all("end")
	for _, d := range w.devices {
		if err := d.process.ends(); err != nil {
			w.t.Errorf("%s: %v", d.plan.Name, err)
		}
	}
	if w.link != nil {
		w.link.each((*joint).close) // the server lets requests finish that will never end
	}
	must(w.t, w.process.cmd.Process.Signal(os.Interrupt))
	if err := w.process.ends(); err != nil {
		w.t.Error(errors.Join(errors.New("server"), err))
	}
}
