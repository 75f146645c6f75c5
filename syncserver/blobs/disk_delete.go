package blobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"keyturn/shared/domain"
)

// Delete implements Store. The parts go first: a crash leaves the blob whole,
// or not at all, or what an upload may go on with.
func (d *Disk) Delete(ctx context.Context, sha domain.Hash) error {
	release, err := d.busy.take(ctx, sha)
	if err != nil {
		return fmt.Errorf("delete blob: %w", err)
	}
	defer release()
	if err = d.deleteParts(sha); err == nil {
		err = d.deleteWhole(sha)
	}
	if err != nil {
		return fmt.Errorf("delete blob: %w", err)
	}
	return nil
}

// deleteParts removes all files of a blob that has no name yet, also those that
// a crash left of it in one piece. Another process whose Put loses its file so
// has to try again. The sync is for what an earlier call removed, too.
func (d *Disk) deleteParts(sha domain.Hash) error {
	d.sums.drop(sha)
	dir := filepath.Join(d.dir, partialDir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), filepath.Base(d.partial(sha))) {
			continue
		}
		if err := remove(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return syncDir(dir)
}

// deleteWhole removes the name. It syncs even if there is none: a call that
// failed, or a process that crashed, may have removed it and no more.
func (d *Disk) deleteWhole(sha domain.Hash) error {
	if err := remove(d.whole(sha)); err != nil {
		return err
	}
	err := syncDir(d.folder(sha[0]))
	if err != nil {
		d.unsettle(sha[0])
	}
	return err
}

// remove deletes a file that may be gone already.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
