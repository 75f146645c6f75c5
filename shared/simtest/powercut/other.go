//go:build !linux || !cgo

package powercut

// register fails: the shim was written for and tested on Linux.
func register() error { return ErrNoSQLite }
