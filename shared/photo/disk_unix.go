//go:build !windows

package photo

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// isDiskFull tells whether err means that no space, or none of the user's quota, is left.
func isDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// syncDir makes the names in dir durable: a rename alone may be lost with the
// power. File systems that cannot sync a directory (FUSE on Android) say EINVAL
// or ENOTSUP; there is nothing better to be had from them.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open directory to sync: %w", err)
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
