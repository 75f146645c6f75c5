// Package blobs keeps the bytes of photos and other attachments, named by their
// SHA-256. A blob exists only when all of it has been verified and is durable.
package blobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"keyturn/shared/domain"
)

// MaxBytes is the largest blob, as large as a photo may be.
const MaxBytes = 50 << 20

// Errors of uploads.
var (
	ErrWrongBytes = errors.New("the bytes do not match the hash")
	ErrOffset     = errors.New("the chunk does not continue what is there")
	ErrTooLarge   = errors.New("the blob is too large")
	ErrMissing    = errors.New("no such blob")
)

// Disk keeps blobs in a directory: <dir>/<first two digits>/<hash>, and parts of
// unfinished uploads in <dir>/partial.
type Disk struct {
	dir string

	mu   sync.Mutex
	busy map[domain.Hash]*sync.Mutex
}

// OpenDisk creates the directory if needed.
func OpenDisk(dir string) (*Disk, error) {
	if err := os.MkdirAll(filepath.Join(dir, "partial"), 0o700); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	return &Disk{dir: dir, busy: map[domain.Hash]*sync.Mutex{}}, nil
}

func (d *Disk) whole(sha domain.Hash) string {
	name := hex.EncodeToString(sha[:])
	return filepath.Join(d.dir, name[:2], name)
}

func (d *Disk) partial(sha domain.Hash) string {
	return filepath.Join(d.dir, "partial", hex.EncodeToString(sha[:]))
}

// lock serialises the uploads of one blob.
func (d *Disk) lock(sha domain.Hash) (unlock func()) {
	d.mu.Lock()
	m := d.busy[sha]
	if m == nil {
		m = &sync.Mutex{}
		d.busy[sha] = m
	}
	d.mu.Unlock()
	m.Lock()
	return m.Unlock
}

// Offset tells how much of a blob is here; whole is true when all of it is.
func (d *Disk) Offset(_ context.Context, sha domain.Hash) (offset int64, whole bool, err error) {
	if info, err := os.Stat(d.whole(sha)); err == nil {
		return info.Size(), true, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return 0, false, fmt.Errorf("blob offset: %w", err)
	}
	info, err := os.Stat(d.partial(sha))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("blob offset: %w", err)
	}
	return info.Size(), false, nil
}

// Append adds a chunk at its offset. When total bytes are there they are
// verified, synced and named; a mismatch is ErrWrongBytes and starts over. An
// offset that is not the end is ErrOffset; ask Offset. An empty chunk at the end
// finishes what a crash left complete but unnamed.
func (d *Disk) Append(_ context.Context, sha domain.Hash, offset, total int64, chunk []byte) (done bool, err error) {
	if total > MaxBytes || offset+int64(len(chunk)) > total {
		return false, ErrTooLarge
	}
	defer d.lock(sha)()
	if _, err := os.Stat(d.whole(sha)); err == nil {
		return true, nil
	}
	f, err := os.OpenFile(d.partial(sha), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return false, fmt.Errorf("append blob: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return false, fmt.Errorf("append blob: %w", err)
	}
	if info.Size() != offset {
		return false, ErrOffset
	}
	if _, err := f.WriteAt(chunk, offset); err != nil {
		return false, fmt.Errorf("append blob: %w", err)
	}
	if offset+int64(len(chunk)) < total {
		return false, nil
	}
	return true, d.finish(f, sha)
}

// finish verifies the bytes, makes them durable and gives them their name.
func (d *Disk) finish(f *os.File, sha domain.Hash) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("finish blob: %w", err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return fmt.Errorf("finish blob: %w", err)
	}
	if domain.Hash(h.Sum(nil)) != sha {
		if err := os.Remove(d.partial(sha)); err != nil {
			return fmt.Errorf("finish blob: %w", err)
		}
		return ErrWrongBytes
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("finish blob: %w", err)
	}
	dir := filepath.Dir(d.whole(sha))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("finish blob: %w", err)
	}
	if err := os.Rename(d.partial(sha), d.whole(sha)); err != nil {
		return fmt.Errorf("finish blob: %w", err)
	}
	return errors.Join(syncDir(dir), syncDir(d.dir))
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}

// Open reads a whole blob; ErrMissing if it is not here.
func (d *Disk) Open(_ context.Context, sha domain.Hash) (io.ReadSeekCloser, int64, error) {
	f, err := os.Open(d.whole(sha))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, ErrMissing
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open blob: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("open blob: %w", err), f.Close())
	}
	return f, info.Size(), nil
}

// Put stores bytes that the server itself has, such as imported plans.
func (d *Disk) Put(ctx context.Context, content []byte) (domain.Hash, error) {
	sha := domain.Hash(sha256.Sum256(content))
	offset, whole, err := d.Offset(ctx, sha)
	if err != nil || whole {
		return sha, err
	}
	_, err = d.Append(ctx, sha, offset, int64(len(content)), content[offset:])
	return sha, err
}
