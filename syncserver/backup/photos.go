package backup

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
)

// photoFile is where a backup has a photo.
func photoFile(backup string, sha domain.Hash) string {
	name := sha.String()
	return filepath.Join(backup, photosDir, name[:2], name)
}

// copyPhotos brings the bytes of every photo of the manifest into the folder. A
// photo that cannot be had is reported and does not stop the others.
func (w *folder) copyPhotos(ctx context.Context, from blobs.Store, made *Made, dir string) error {
	before, err := newestWithPhotos(dir)
	if err != nil {
		return err
	}
	if err := w.mkdir(photosDir); err != nil {
		return err
	}
	last := ""
	for _, b := range made.Blobs {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if sub := photosDir + "/" + b.SHA256.String()[:2]; sub != last {
			if err := w.mkdir(sub); err != nil {
				return err
			}
			last = sub
		}
		if before != "" && linked(photoFile(before, b.SHA256), photoFile(w.dir, b.SHA256), b.Bytes) {
			made.Linked++
			continue
		}
		copied, err := w.copyPhoto(ctx, from, b)
		switch {
		case errors.Is(err, errAbsent):
			made.Absent = append(made.Absent, b)
		case err != nil:
			return fmt.Errorf("photo %s: %w", b.SHA256, err)
		case copied:
			made.Copied++
			made.CopiedBytes += b.Bytes
		default:
			made.Linked++
		}
	}
	return nil
}

// newestWithPhotos finds the newest whole backup in dir that has photos; "" if
// there is none.
func newestWithPhotos(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, e := range slices.Backward(entries) { // sorted by name, which is the time
		if _, err := time.Parse(nameLayout, e.Name()); err != nil {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if _, err := os.Stat(filepath.Join(path, photosDir)); err == nil {
			return path, nil
		}
	}
	return "", nil
}

// linked links a file that never changes again; it is false where that is
// impossible, such as between file systems.
func linked(from, to string, bytes int64) bool {
	info, err := os.Stat(from)
	return err == nil && info.Size() == bytes && os.Link(from, to) == nil
}

var errAbsent = errors.New("the photo store does not have it")

// copyPhoto copies a photo, or links it where it lies on the same file system:
// a photo store never changes a file that has its name.
func (w *folder) copyPhoto(ctx context.Context, from blobs.Store, b blobs.Blob) (copied bool, err error) {
	in, size, err := from.Open(ctx, b.SHA256)
	if errors.Is(err, blobs.ErrMissing) || err == nil && size != b.Bytes {
		if err == nil {
			err = in.Close()
		}
		return false, errors.Join(errAbsent, err)
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	to := photoFile(w.dir, b.SHA256)
	if f, onDisk := in.(*os.File); onDisk && linked(f.Name(), to, b.Bytes) {
		return false, nil
	}
	sum, err := writeFile(to, func(out io.Writer) error {
		_, err := io.Copy(out, in)
		return err
	})
	if err == nil && sum != b.SHA256 {
		return false, errors.Join(errAbsent, os.Remove(to))
	}
	return true, err
}

// readPhoto reads a photo of a backup; content is nil if it is not there, ok is
// whether it is what its name says.
func readPhoto(backup string, b blobs.Blob) (content []byte, ok bool, err error) {
	f, err := os.Open(photoFile(backup, b.SHA256))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	content, err = io.ReadAll(io.LimitReader(f, b.Bytes+1))
	return content, domain.Hash(sha256.Sum256(content)) == b.SHA256, errors.Join(err, f.Close())
}
