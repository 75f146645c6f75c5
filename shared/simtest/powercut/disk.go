package powercut

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Disk is one directory whose SQLite files lose what was not synced when the
// power is cut. It serves the connections of one process.
type Disk struct {
	dir string

	mu    sync.Mutex
	files map[string]*book
	// steps counts what changed the disk or would have; off is the step at which
	// the power fails, 0 for never.
	steps, off int
	dead       bool
	full       bool
	// badSyncs is how many syncs will still fail.
	badSyncs int
	// struck is set when a fault has hit somebody.
	struck bool
}

// Mount simulates the disk that dir lies on, for every SQLite file opened in it
// from now on. What is there already is durable.
func Mount(dir string) (*Disk, error) {
	if err := register(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("mount: %w", err)
	}
	d := &Disk{dir: dir, files: map[string]*book{}}
	world.mu.Lock()
	defer world.mu.Unlock()
	world.disks[dir] = d
	return d, nil
}

// Unmount ends the simulation; the directory's files must be closed.
func (d *Disk) Unmount() {
	world.mu.Lock()
	defer world.mu.Unlock()
	delete(world.disks, d.dir)
}

// FailAfter cuts the power when n more writes, truncations, syncs or deletions
// have been done: the next one and all that follow fail. The database must then
// be closed, and Reboot tells what is left of it.
func (d *Disk) FailAfter(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.off = d.steps + n + 1
}

// Dead reports whether the power has failed.
func (d *Disk) Dead() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.dead
}

// Steps counts the writes, truncations, syncs and deletions so far.
func (d *Disk) Steps() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.steps
}

// SetFull makes every write fail that needs more room, or ends that.
func (d *Disk) SetFull(full bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full = full
}

// FailSyncs makes the next n syncs fail with an I/O error. As with a real
// disk's, what such a sync should have written is lost at the next power cut,
// even if a later sync succeeds. A process that is killed meanwhile is forgiven:
// what it finds in the kernel's cache can be synced again. (A kernel that shows
// the next process what it knows to be lost leaves no database a chance.)
func (d *Disk) FailSyncs(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.badSyncs = n
}

// Fate decides what becomes of what was written and not synced.
type Fate int

// Fates. After a mere crash of the process the kernel still writes everything.
const (
	// KeepAll is a killed process: the disk was not hurt.
	KeepAll Fate = iota
	// LoseAll is the slowest disk: nothing that was not synced arrived.
	LoseAll
	// LoseSome lets a random part arrive, in any order, some of it torn.
	LoseSome
)

// Reboot brings the disk back as a power cut left it; all of its files must be
// closed. An armed FailAfter is over.
func (d *Disk) Reboot(fate Fate, dice *rand.Rand) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead, d.off, d.full, d.badSyncs = false, 0, false, 0
	if fate == KeepAll {
		for _, b := range d.files {
			b.forgive()
		}
		return nil // still in the kernel's hands, and still not synced
	}
	names := make([]string, 0, len(d.files))
	for name := range d.files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		b := d.files[name]
		if len(b.pending) == 0 {
			continue
		}
		path := filepath.Join(d.dir, name)
		content, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("reboot: %w", err)
		}
		if err := os.WriteFile(path, b.survivors(content, fate, dice), 0o600); err != nil {
			return fmt.Errorf("reboot: %w", err)
		}
		// What lives in shared memory does not survive.
		if err := os.Remove(path + sidecarOfShared); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("reboot: %w", err)
		}
	}
	d.files = map[string]*book{}
	return nil
}

func (d *Disk) book(name string) *book {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := d.files[name]
	if b == nil {
		b = &book{disk: d}
		d.files[name] = b
	}
	return b
}

// step counts one change of the disk; ok is false when the power is off.
func (d *Disk) step() (ok bool) {
	d.steps++
	if d.off != 0 && d.steps >= d.off {
		d.dead = true
	}
	d.struck = d.struck || d.dead
	return !d.dead
}

func (d *Disk) deletes(name string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.step() {
		return resultIODelete
	}
	delete(d.files, name)
	return resultOK
}

// Excuse reports whether a fault lasts or has hit somebody since the last call:
// then an error is the disk's.
func (d *Disk) Excuse() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	excuse := d.dead || d.full || d.struck
	d.struck = false
	return excuse
}
