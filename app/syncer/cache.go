package syncer

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// maxBlob is the largest blob the server may hold.
const maxBlob = 50 << 20

// Put stores a blob after checking its bytes against its name.
func (c *Cache) Put(sha domain.Hash, r io.Reader) (err error) {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	f, err := os.CreateTemp(c.Dir, "part-*")
	if err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(r, maxBlob+1)); err != nil {
		return errors.Join(fmt.Errorf("cache: %w", err), f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	if domain.Hash(h.Sum(nil)) != sha {
		return &Refused{Code: syncproto.CodeWrongBytes}
	}
	if err := os.Rename(f.Name(), c.Path(sha)); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	return nil
}
