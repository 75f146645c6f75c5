package photo

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// tempFile is what writing a file durably needs of *os.File. Tests put one
// in its place that runs out of space or dies half-way.
type tempFile interface {
	io.WriteCloser
	Name() string
	Sync() error
}

func createTemp(dir, pattern string) (tempFile, error) { return os.CreateTemp(dir, pattern) }

// batch puts the files of one photo, which share a folder, in place together:
// all are written and synced under temporary names first, so that a full disk
// stores none of them.
type batch struct {
	dir    string
	create func(dir, pattern string) (tempFile, error)
	staged []stagedFile
}

type stagedFile struct{ temp, path string }

// stage writes data durably into the folder, for commit to rename it to path.
func (b *batch) stage(path string, data []byte) error {
	if err := ensureDir(b.dir); err != nil {
		return diskError(err)
	}
	f, err := b.create(b.dir, tempPrefix+"*")
	if err != nil {
		return diskError(fmt.Errorf("stage photo: %w", err))
	}
	b.staged = append(b.staged, stagedFile{temp: f.Name(), path: path})
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return diskError(fmt.Errorf("stage photo: %w", err))
	}
	return nil
}

// commit gives the staged files their names, in the order of staging, and makes
// the names durable. It syncs even if nothing was staged: the import that named
// the files may have failed at this very step.
func (b *batch) commit() error {
	for len(b.staged) > 0 {
		s := b.staged[0]
		if err := os.Rename(s.temp, s.path); err != nil {
			return diskError(fmt.Errorf("name photo: %w", err))
		}
		b.staged = b.staged[1:]
	}
	if err := syncDir(b.dir); err != nil {
		return diskError(fmt.Errorf("sync photo folder: %w", err))
	}
	return nil
}

// discard deletes what was staged and not committed, and adds to *err what
// could not be deleted; Sweep will find that at the next start.
func (b *batch) discard(err *error) {
	for _, s := range b.staged {
		if rm := os.Remove(s.temp); rm != nil {
			*err = errors.Join(*err, diskError(fmt.Errorf("discard staged photo: %w", rm)))
		}
	}
}

// ensureDir creates dir and the folders above it where they are missing, each
// durably.
func ensureDir(dir string) error {
	err := os.Mkdir(dir, dirMode)
	parent := filepath.Dir(dir)
	if errors.Is(err, fs.ErrNotExist) && parent != dir {
		if err := ensureDir(parent); err != nil {
			return err
		}
		err = os.Mkdir(dir, dirMode)
	}
	switch {
	case err == nil:
		return syncDir(parent)
	case errors.Is(err, fs.ErrExist):
		return nil
	default:
		return fmt.Errorf("create photo folder: %w", err)
	}
}
