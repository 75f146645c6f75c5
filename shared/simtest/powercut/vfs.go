//go:build linux && cgo

package powercut

// #cgo CFLAGS: -std=gnu99 -Wall
// #include "vfs.h"
import "C"

import (
	"path/filepath"
	"sync"
	"unsafe"
)

// register puts the shim under every SQLite file opened from now on.
var register = sync.OnceValue(func() error {
	if C.powercut_register() != resultOK {
		return ErrNoSQLite
	}
	return nil
})

//export powercutOpened
func powercutOpened(name *C.char) C.uint64_t {
	path := C.GoString(name)
	d := diskOf(path)
	if d == nil {
		return 0
	}
	b := d.book(filepath.Base(path))
	world.mu.Lock()
	defer world.mu.Unlock()
	world.last++
	world.books[world.last] = b
	return C.uint64_t(world.last)
}

//export powercutClosed
func powercutClosed(handle C.uint64_t) {
	world.mu.Lock()
	defer world.mu.Unlock()
	delete(world.books, uint64(handle))
}

//export powercutWrites
func powercutWrites(handle C.uint64_t, at C.int64_t, data unsafe.Pointer, n C.int, old unsafe.Pointer, had, size C.int64_t) C.int {
	return C.int(bookOf(uint64(handle)).writes(write{
		at: int64(at), data: C.GoBytes(data, n), old: C.GoBytes(old, C.int(had)), size: int64(size),
	}))
}

//export powercutTruncates
func powercutTruncates(handle C.uint64_t, to C.int64_t, old unsafe.Pointer, had, size C.int64_t) C.int {
	return C.int(bookOf(uint64(handle)).truncates(write{
		at: int64(to), cut: true, old: C.GoBytes(old, C.int(had)), size: int64(size),
	}))
}

//export powercutSyncs
func powercutSyncs(handle C.uint64_t) C.int { return C.int(bookOf(uint64(handle)).syncs()) }

//export powercutDeletes
func powercutDeletes(name *C.char) C.int {
	path := C.GoString(name)
	d := diskOf(path)
	if d == nil {
		return resultOK
	}
	return C.int(d.deletes(filepath.Base(path)))
}
