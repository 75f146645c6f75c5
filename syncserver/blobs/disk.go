package blobs

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"sync"
	"time"

	"keyturn/shared/domain"
)

// Disk keeps blobs in a directory: <dir>/<first two digits>/<hash>, and parts of
// unfinished uploads in <dir>/partial. One process at a time takes uploads into
// a directory and deletes from it; others may read it and Put into it.
type Disk struct {
	dir  string
	busy locks

	mu sync.Mutex
	// settled says of the folders, by their two digits, that every name in them
	// is known to be durable.
	settled [256]bool
	sums    sums
}

const partialDir = "partial"

// OpenDisk creates the directory if needed. All folders are made here, so that
// an upload syncs the one that its name goes to and no other.
func OpenDisk(dir string) (*Disk, error) {
	created := false
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		created = true
	}
	err := os.MkdirAll(filepath.Join(dir, partialDir), 0o700)
	for first := range 256 {
		if err != nil {
			break
		}
		if err = os.Mkdir(filepath.Join(dir, folder(byte(first))), 0o700); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err == nil && created {
		err = syncDir(filepath.Dir(dir))
	}
	if err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	return &Disk{dir: dir}, nil
}

// folder is the name of the folder for the blobs that begin with a byte.
func folder(first byte) string { return hex.EncodeToString([]byte{first}) }

func (d *Disk) folder(first byte) string { return filepath.Join(d.dir, folder(first)) }

func (d *Disk) whole(sha domain.Hash) string {
	return filepath.Join(d.folder(sha[0]), hex.EncodeToString(sha[:]))
}

func (d *Disk) partial(sha domain.Hash) string {
	return filepath.Join(d.dir, partialDir, hex.EncodeToString(sha[:]))
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}

// settle makes the names in a folder durable. A crash may have come between a
// blob's name and the sync of its folder, so the first time that this process
// finds a blob there, and after a sync that failed, it syncs once more.
func (d *Disk) settle(first byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.settled[first] {
		return nil
	}
	if err := syncDir(d.folder(first)); err != nil {
		return err
	}
	d.settled[first] = true
	return nil
}

func (d *Disk) unsettle(first byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.settled[first] = false
}

// size of a file; there is false if it does not exist.
func size(path string) (bytes int64, there bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	return info.Size(), true, nil
}

// find looks for a whole blob. The caller has the blob's lock: otherwise it
// might see the name of a blob that is still being made durable.
func (d *Disk) find(sha domain.Hash) (bytes int64, whole bool, err error) {
	bytes, whole, err = size(d.whole(sha))
	if whole {
		err = d.settle(sha[0])
	}
	return bytes, whole && err == nil, err
}

// Offset implements Store.
func (d *Disk) Offset(ctx context.Context, sha domain.Hash) (offset int64, whole bool, err error) {
	release, err := d.busy.take(ctx, sha)
	if err != nil {
		return 0, false, fmt.Errorf("blob offset: %w", err)
	}
	defer release()
	offset, whole, err = d.find(sha)
	if err == nil && !whole {
		offset, _, err = size(d.partial(sha))
	}
	if err != nil {
		return 0, false, fmt.Errorf("blob offset: %w", err)
	}
	return offset, whole, nil
}

// Open implements Store.
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

// All implements Store.
func (d *Disk) All(ctx context.Context) iter.Seq2[Blob, error] {
	return func(yield func(Blob, error) bool) {
		for first := range 256 {
			blobs, err := d.inFolder(ctx, byte(first))
			if err != nil {
				yield(Blob{}, fmt.Errorf("list blobs: %w", err))
				return
			}
			for _, b := range blobs {
				if !yield(b, nil) {
					return
				}
			}
		}
	}
}

// inFolder lists one folder; files that are not named by a hash are not ours.
func (d *Disk) inFolder(ctx context.Context, first byte) (blobs []Blob, err error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(d.folder(first))
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		sha, err := domain.ParseHash(e.Name())
		if err != nil || sha[0] != first {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted since the folder was read
		}
		if err != nil {
			return nil, err
		}
		blobs = append(blobs, Blob{SHA256: sha, Bytes: info.Size()})
	}
	if len(blobs) == 0 {
		return nil, nil
	}
	return blobs, d.settle(first)
}

// keepFiles is how long a file of a blob that came in one piece may lie beside
// the parts: it gets its name within one call, or never. Other processes put
// their blobs there too, and may be slow.
const keepFiles = 24 * time.Hour

// Sweep implements Store.
func (d *Disk) Sweep(ctx context.Context, before time.Time) (removed int, err error) {
	entries, err := os.ReadDir(filepath.Join(d.dir, partialDir))
	if err != nil {
		return 0, fmt.Errorf("sweep blobs: %w", err)
	}
	for _, e := range entries {
		gone, err := d.sweep(ctx, e.Name(), before)
		if err != nil {
			return removed, fmt.Errorf("sweep blobs: %w", err)
		}
		if gone {
			removed++
		}
	}
	return removed, nil
}

// sweep removes one part if it is old. Its name begins with the hash; more
// follows if nothing can go on with it.
func (d *Disk) sweep(ctx context.Context, name string, before time.Time) (removed bool, err error) {
	const digits = 2 * len(domain.Hash{})
	sha, err := domain.ParseHash(name[:min(digits, len(name))])
	if err != nil {
		return false, nil // not ours
	}
	release, err := d.busy.take(ctx, sha)
	if err != nil {
		return false, err
	}
	defer release()
	if youngest := time.Now().Add(-keepFiles); len(name) > digits && before.Before(youngest) {
		before = youngest
	}
	path := filepath.Join(d.dir, partialDir, name)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.ModTime().Before(before) {
		return false, nil
	}
	if err == nil {
		d.sums.drop(sha)
		err = os.Remove(path)
	}
	return err == nil, err
}

// Ping implements Store.
func (d *Disk) Ping(context.Context) error {
	if _, err := os.Stat(filepath.Join(d.dir, partialDir)); err != nil {
		return fmt.Errorf("blobs: %w", err)
	}
	return nil
}
