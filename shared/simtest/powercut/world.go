package powercut

import (
	"errors"
	"path/filepath"
	"sync"
)

// SQLite's result codes that a disk can cause (https://sqlite.org/rescode.html).
const (
	resultOK        = 0
	resultFull      = 13
	resultIO        = 10
	resultIOWrite   = resultIO | 3<<8
	resultIOFsync   = resultIO | 4<<8
	resultIOTrunc   = resultIO | 6<<8
	resultIODelete  = resultIO | 10<<8
	sidecarOfShared = "-shm"
)

// ErrNoSQLite says that SQLite is not linked in or too old to be shimmed.
var ErrNoSQLite = errors.New("powercut: SQLite's file layer cannot be shimmed")

// world is what the shim, which knows only names and numbers, asks.
var world = struct {
	mu    sync.Mutex
	disks map[string]*Disk
	books map[uint64]*book
	last  uint64
}{disks: map[string]*Disk{}, books: map[uint64]*book{}}

// diskOf finds the disk that a file lies on; nil for one that is not simulated.
func diskOf(name string) *Disk {
	world.mu.Lock()
	defer world.mu.Unlock()
	return world.disks[filepath.Dir(name)]
}

func bookOf(handle uint64) *book {
	world.mu.Lock()
	defer world.mu.Unlock()
	return world.books[handle]
}
