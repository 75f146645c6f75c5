package blobs

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"keyturn/shared/domain"
)

// Append implements Store.
func (d *Disk) Append(ctx context.Context, sha domain.Hash, offset, total int64, chunk []byte) (done bool, err error) {
	if err := fits(offset, total, chunk); err != nil {
		return false, err
	}
	release, err := d.busy.take(ctx, sha)
	if err != nil {
		return false, fmt.Errorf("append blob: %w", err)
	}
	defer release()
	_, whole, err := d.find(sha)
	switch {
	case err != nil:
		return false, fmt.Errorf("append blob: %w", err)
	case whole:
		return true, nil
	case int64(len(chunk)) == total:
		return d.keep(sha, chunk)
	}
	return d.extend(sha, offset, total, chunk)
}

// Put implements Store.
func (d *Disk) Put(ctx context.Context, content []byte) (domain.Hash, error) {
	sha := domain.Hash(sha256.Sum256(content))
	_, err := d.Append(ctx, sha, 0, int64(len(content)), content)
	return sha, err
}

// keep stores a blob that came in one piece. It has a file of its own, beside
// the part that an earlier upload may have left.
func (d *Disk) keep(sha domain.Hash, content []byte) (done bool, err error) {
	if sha256.Sum256(content) != sha {
		return false, ErrWrongBytes
	}
	f, err := os.CreateTemp(filepath.Join(d.dir, partialDir), filepath.Base(d.partial(sha))+".*")
	if err != nil {
		return false, fmt.Errorf("keep blob: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(content); err != nil {
		return false, errors.Join(fmt.Errorf("keep blob: %w", err), os.Remove(f.Name()))
	}
	if err := d.finish(f, sha); err != nil {
		return false, err
	}
	if err := remove(d.partial(sha)); err != nil {
		return false, fmt.Errorf("keep blob: %w", err)
	}
	return true, nil
}

// extend adds a chunk to the part, and with the last one finishes the blob.
func (d *Disk) extend(sha domain.Hash, offset, total int64, chunk []byte) (done bool, err error) {
	mode := os.O_RDWR
	if offset == 0 {
		mode |= os.O_CREATE // only then: it keeps others out of the folder
	}
	f, err := os.OpenFile(d.partial(sha), mode, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return false, ErrOffset
	}
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
	h := d.sums.take(sha, info)
	if _, err := f.WriteAt(chunk, offset); err != nil {
		return false, fmt.Errorf("append blob: %w", err)
	}
	last := offset+int64(len(chunk)) == total
	if h == nil && last { // another process wrote its beginning
		h = &sum{Hash: sha256.New()}
		if err := readInto(h, f, offset); err != nil {
			return false, fmt.Errorf("append blob: %w", err)
		}
	}
	if h != nil {
		h.Hash.Write(chunk)
	}
	if !last {
		return false, d.sums.keep(sha, h, f)
	}
	if domain.Hash(h.Sum(nil)) != sha {
		if err := os.Remove(f.Name()); err != nil {
			return false, fmt.Errorf("append blob: %w", err)
		}
		return false, ErrWrongBytes
	}
	if err := d.finish(f, sha); err != nil {
		return false, err
	}
	return true, nil
}

// readBytes is the piece in which a part is read back.
const readBytes = 64 << 10

// readInto hashes the beginning of a file.
func readInto(h hash.Hash, f *os.File, bytes int64) error {
	buffer := make([]byte, min(bytes, readBytes))
	for at := int64(0); at < bytes; {
		n, err := f.ReadAt(buffer[:min(bytes-at, int64(len(buffer)))], at)
		h.Write(buffer[:n])
		at += int64(n)
		if err != nil && (at < bytes || !errors.Is(err, io.EOF)) {
			return err
		}
	}
	return nil
}

// finish makes a file of verified bytes durable and gives it its name. Bytes
// that a sync failed for are thrown away: the system may have dropped them from
// its cache and would report the next sync as a success.
func (d *Disk) finish(f *os.File, sha domain.Hash) error {
	if err := f.Sync(); err != nil {
		return errors.Join(fmt.Errorf("finish blob: %w", err), os.Remove(f.Name()))
	}
	name := d.whole(sha)
	if err := os.Rename(f.Name(), name); err != nil {
		return errors.Join(fmt.Errorf("finish blob: %w", err), os.Remove(f.Name()))
	}
	if err := syncDir(filepath.Dir(name)); err != nil {
		d.unsettle(sha[0])
		return errors.Join(fmt.Errorf("finish blob: %w", err), os.Remove(name))
	}
	return nil
}
