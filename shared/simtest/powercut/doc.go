// Package powercut is a disk under the real SQLite that can lose power. It
// registers itself in front of SQLite's own file layer (VFS) and remembers, for
// every file in a directory that was given to it, what has been written since
// the last sync. A power cut keeps an arbitrary part of those writes, in any
// order and torn at sectors, and loses the rest; a full disk and a failing sync
// can be had as well.
//
// The files themselves may lie in memory (tmpfs): a sync costs nothing, only
// the books are kept. Directory entries are not simulated: SQLite syncs the
// directory of a new log itself, and losing an empty file equals losing what was
// written to it.
//
// Only tests import this package. It is a package of its own because cgo is not
// to be had in test files.
package powercut
