package syncer

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// maxBlob is the largest blob the server may hold.
const maxBlob = 50 << 20

// Cache is a directory of downloaded blobs. A blob has its name only once its
// bytes were checked against it.
type Cache struct {
	Dir string

	mu   sync.Mutex
	busy map[domain.Hash]*sync.Mutex
}

// Path is where a blob lies, if it is here.
func (c *Cache) Path(sha domain.Hash) string { return filepath.Join(c.Dir, sha.String()) }

// Has reports whether a blob is here.
func (c *Cache) Has(sha domain.Hash) bool {
	_, err := os.Stat(c.Path(sha))
	return err == nil
}

// lock serialises the downloads of one blob.
func (c *Cache) lock(sha domain.Hash) (unlock func()) {
	c.mu.Lock()
	if c.busy == nil {
		c.busy = map[domain.Hash]*sync.Mutex{}
	}
	m := c.busy[sha]
	if m == nil {
		m = &sync.Mutex{}
		c.busy[sha] = m
	}
	c.mu.Unlock()
	m.Lock()
	return m.Unlock
}

// Remove deletes a blob and what has come of it. One that is not here is no error.
func (c *Cache) Remove(sha domain.Hash) error {
	defer c.lock(sha)()
	for _, path := range []string{c.Path(sha), c.part(sha)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cache: %w", err)
		}
	}
	return nil
}

// Clear deletes all blobs.
func (c *Cache) Clear() error {
	entries, err := os.ReadDir(c.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cache: %w", err)
	}
	for _, e := range entries {
		sha, err := domain.ParseHash(strings.TrimSuffix(e.Name(), ".part"))
		if err != nil {
			continue // not the cache's
		}
		if err := c.Remove(sha); err != nil {
			return err
		}
	}
	return nil
}

// part is where the beginning of a blob lies until the rest has come.
func (c *Cache) part(sha domain.Hash) string { return c.Path(sha) + ".part" }

// begun is how much of a blob is here that has not come wholly.
func (c *Cache) begun(sha domain.Hash) int64 {
	info, err := os.Stat(c.part(sha))
	if err != nil {
		return 0 // it comes from its beginning
	}
	return info.Size()
}

// fill writes the rest of a blob behind its first bytes, checks all of it and
// gives it its name. What came stays when the rest does not; what is wrong goes.
func (c *Cache) fill(sha domain.Hash, from int64, rest io.Reader) error {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	f, err := os.OpenFile(c.part(sha), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	sum, err := write(f, from, rest)
	if err = errors.Join(err, f.Close()); err != nil { // closed first: Windows renames no open file
		return fmt.Errorf("cache: %w", err)
	}
	if sum != sha {
		return errors.Join(&Refused{Code: syncproto.CodeWrongBytes}, os.Remove(c.part(sha)))
	}
	if err := os.Rename(c.part(sha), c.Path(sha)); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	return nil
}

// write makes rest durable behind the first bytes of a file and gives the hash
// of all of it.
func write(f *os.File, from int64, rest io.Reader) (sum domain.Hash, err error) {
	if err := f.Truncate(from); err != nil {
		return sum, err
	}
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return sum, err
	}
	if _, err := io.Copy(f, io.LimitReader(rest, maxBlob+1-from)); err != nil {
		return sum, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return sum, err
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	return domain.Hash(h.Sum(nil)), f.Sync()
}

// Put stores a blob after checking its bytes against its name.
func (c *Cache) Put(sha domain.Hash, r io.Reader) error {
	defer c.lock(sha)()
	return c.fill(sha, 0, r)
}
