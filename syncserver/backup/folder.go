package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/store"
)

// Files and folders of a backup.
const (
	dumpFile     = "keyturn.ktb"
	manifestFile = "photos.manifest"
	sumsFile     = "SHA256SUMS"
	photosDir    = "photos"
	keysDir      = "keys"
)

// nameLayout is a backup's name: its time in UTC, so that names sort by age.
const nameLayout = "20060102T150405Z"

// partial is added to the name until all of a backup is durable.
const partial = ".partial"

// Source is the server that a backup is made of.
type Source struct {
	Store  *store.Store
	Photos blobs.Store
	// Keys are the files of signed receipts' keys; those that do not exist yet are
	// left out.
	Keys []string
	Now  func() time.Time
	// Version is the program's, for people.
	Version string
}

// Made is a backup that was written.
type Made struct {
	// Path is its folder.
	Path string
	*Contents
	// Linked and Copied count the photos that came into the folder, and the bytes
	// that were copied.
	Linked, Copied int
	CopiedBytes    int64
	// Absent are photos that the database has and the photo store does not, or
	// not as they were: they are in no backup.
	Absent []blobs.Blob
}

// Create writes a backup into a new folder in dir, with the photos' bytes if
// asked. The server may run meanwhile. What fails half-way leaves nothing behind.
func (s Source) Create(ctx context.Context, dir string, photos bool) (made *Made, err error) {
	now := s.Now()
	final := filepath.Join(dir, now.UTC().Format(nameLayout))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	if _, err := os.Lstat(final); !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(fmt.Errorf("backup: %s: %w", final, fs.ErrExist), err)
	}
	w := &folder{dir: final + partial, sums: &bytes.Buffer{}}
	if err := os.Mkdir(w.dir, 0o700); err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	made, err = s.fill(ctx, w, dir, photos, domain.At(now))
	if err == nil {
		err = w.seal(final)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("backup: %w", err), os.RemoveAll(w.dir))
	}
	made.Path = final
	return made, syncDir(dir)
}

func (s Source) fill(ctx context.Context, w *folder, dir string, photos bool, now domain.Instant) (*Made, error) {
	made := &Made{}
	err := w.write(dumpFile, func(to io.Writer) (err error) {
		made.Contents, err = WriteDump(ctx, to, s.Store, now, s.Version)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := w.write(manifestFile, made.writeManifest); err != nil {
		return nil, err
	}
	if err := w.copyKeys(s.Keys); err != nil {
		return nil, err
	}
	if !photos {
		return made, nil
	}
	return made, w.copyPhotos(ctx, s.Photos, made, dir)
}

// writeManifest lists the photos that the database knows.
func (c *Contents) writeManifest(to io.Writer) error {
	for _, b := range c.Blobs {
		if _, err := fmt.Fprintf(to, "%s %d\n", b.SHA256, b.Bytes); err != nil {
			return err
		}
	}
	return nil
}

// folder is a backup that is being written.
type folder struct {
	dir  string
	sums *bytes.Buffer
	dirs []string // made within dir
}

// mkdir makes a folder within the backup.
func (w *folder) mkdir(name string) error {
	path := filepath.Join(w.dir, name)
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	w.dirs = append(w.dirs, path)
	return nil
}

// write makes a file durable and notes its hash.
func (w *folder) write(name string, fill func(io.Writer) error) error {
	sum, err := writeFile(filepath.Join(w.dir, name), fill)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	fmt.Fprintf(w.sums, "%s  %s\n", sum, name)
	return nil
}

// copyKeys copies the files that exist. A key that is made or rotated meanwhile
// is in the next backup.
func (w *folder) copyKeys(keys []string) error {
	made := false
	for _, path := range keys {
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && !made {
			err, made = w.mkdir(keysDir), true
		}
		if err == nil {
			err = w.write(keysDir+"/"+filepath.Base(path), func(to io.Writer) error {
				_, err := to.Write(content)
				return err
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// seal makes the folder durable and gives it its name.
func (w *folder) seal(final string) error {
	sums := w.sums.Bytes()
	err := w.write(sumsFile, func(to io.Writer) error {
		_, err := to.Write(sums)
		return err
	})
	for _, dir := range append(w.dirs, w.dir) {
		err = errors.Join(err, syncDir(dir))
	}
	if err != nil {
		return err
	}
	return os.Rename(w.dir, final)
}

// writeFile writes a new file that only its owner may read, makes it durable
// and gives its hash.
func writeFile(path string, fill func(io.Writer) error) (sum domain.Hash, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return sum, err
	}
	h := sha256.New()
	out := bufio.NewWriterSize(io.MultiWriter(f, h), 256<<10)
	err = fill(out)
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	return domain.Hash(h.Sum(nil)), errors.Join(err, f.Close())
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}
