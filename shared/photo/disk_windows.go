package photo

import (
	"errors"
	"syscall"
)

// Windows system error codes; package syscall does not name them and maps
// neither to ENOSPC. Source: Microsoft, "System Error Codes (0-499)".
const (
	errorHandleDiskFull syscall.Errno = 39
	errorDiskFull       syscall.Errno = 112
)

// isDiskFull tells whether err means that no space is left.
func isDiskFull(err error) bool {
	return errors.Is(err, errorDiskFull) || errors.Is(err, errorHandleDiskFull)
}

// syncDir does nothing: Windows refuses to flush a directory handle, and NTFS
// journals renames itself.
func syncDir(string) error { return nil }
