//go:build linux

package faulttest

import (
	"encoding/json"
	"os"
	"strings"
	"sync"

	"keyturn/shared/domain"
)

// device is the test's side of a device's process.
type device struct {
	w       *world
	plan    plan
	wrap    []string
	process *process

	mu sync.Mutex
	// saves are what the device showed as saved, in all its lives.
	saves []acknowledged
	// reasons counts the codes with which saving or syncing was refused, in all
	// lives and in this one.
	reasons, lately map[string]int
	open            bool
	// online is whether the device says so; arrivals counts how often it came to be.
	online   bool
	arrivals int
	state    state
}

// acknowledged is a defect that was shown as saved, with the hashes of its photos.
type acknowledged struct {
	defect domain.DefectID
	photos []domain.Hash
}

// start gives the device another life. It rests until told to work.
func (d *device) start() {
	d.w.t.Helper()
	d.mu.Lock()
	d.open, d.online, d.state, d.lately = false, false, state{}, map[string]int{}
	d.mu.Unlock()
	d.plan.Seed = d.w.dice.Uint64()
	text, err := json.Marshal(d.plan)
	must(d.w.t, err)
	self, err := os.Executable()
	must(d.w.t, err)
	command := append(d.wrap[:len(d.wrap):len(d.wrap)], self)
	d.process = start(d.w.t, d.w.log(d.plan.Name), []string{planVariable + "=" + string(text)}, d.hear, command...)
}

// hear takes one line of what the device says.
func (d *device) hear(line string) {
	verb, rest, _ := strings.Cut(line, " ")
	d.mu.Lock()
	switch verb {
	case "open":
		d.open = true
	case "online":
		d.online = true
		d.arrivals++
	case "offline":
		d.online = false
		d.reasons[rest]++
		d.lately[rest]++
	case "refused":
		d.reasons[rest]++
		d.lately[rest]++
	case "saved":
		d.saves = append(d.saves, d.parse(rest))
	case "state":
		d.state = state{}
		if err := json.Unmarshal([]byte(rest), &d.state); err != nil {
			d.w.t.Errorf("%s said %q: %v", d.plan.Name, line, err)
		}
	default:
		d.w.t.Errorf("%s said %q", d.plan.Name, line)
	}
	d.mu.Unlock()
	d.w.heard()
}

func (d *device) parse(text string) (a acknowledged) {
	words := strings.Fields(text)
	var err error
	if a.defect, err = domain.ParseID[domain.Defect](words[0]); err != nil {
		d.w.t.Errorf("saved %q: %v", text, err)
	}
	for _, word := range words[1:] {
		sha, err := domain.ParseHash(word)
		if err != nil {
			d.w.t.Errorf("saved %q: %v", text, err)
		}
		a.photos = append(a.photos, sha)
	}
	return a
}

func (d *device) acknowledged() []acknowledged {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.saves[:len(d.saves):len(d.saves)]
}

func (d *device) opened() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open
}

// told counts how often a person was told a reason.
func (d *device) told(code string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.reasons[code]
}

// arrived counts how often the device has come online.
func (d *device) arrived() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.arrivals
}

// isOnline is what the device says of its connection.
func (d *device) isOnline() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.online
}

// kill ends the device at once, if it runs.
func (d *device) kill() {
	if d.process.running() {
		d.process.kill()
	}
}
