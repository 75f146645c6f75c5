// Package camera gives the app pictures as they are taken. Every system has its
// own way; on desktops it is a watched folder into which a camera, a phone or a
// card reader drops files. It is the only importer of fsnotify.
package camera

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Camera delivers pictures until ctx ends.
type Camera interface {
	// Watch calls taken with the path of each new complete picture file, one after
	// the other. It returns when ctx ends (nil) or when it cannot go on.
	Watch(ctx context.Context, taken func(path string)) error
}

// quiet is how long a file must not change to count as complete (measured in
// the Fyne notes).
const quiet = 300 * time.Millisecond

// Folder is a camera that watches a directory. Files that lie there already are
// not delivered: they were delivered before.
type Folder struct{ Dir string }

var _ Camera = Folder{}

// Watch implements Camera.
func (f Folder) Watch(ctx context.Context, taken func(path string)) (err error) {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return fmt.Errorf("camera folder: %w", err)
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("camera folder: %w", err)
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := w.Add(f.Dir); err != nil {
		return fmt.Errorf("camera folder: %w", err)
	}
	return deliver(ctx, w.Events, w.Errors, taken)
}

// deliver waits until each written file has been quiet for a while.
func deliver(ctx context.Context, events <-chan fsnotify.Event, failed <-chan error, taken func(string)) error {
	growing := map[string]time.Time{}
	check := time.NewTicker(quiet / 3)
	defer check.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return fmt.Errorf("camera folder: %w", err)
		case e := <-events:
			switch {
			case e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename):
				delete(growing, e.Name)
			case e.Has(fsnotify.Create) || e.Has(fsnotify.Write):
				growing[e.Name] = time.Now()
			}
		case now := <-check.C:
			for path, changed := range growing {
				if now.Sub(changed) < quiet {
					continue
				}
				delete(growing, path)
				if isPicture(path) {
					taken(path)
				}
			}
		}
	}
}

// isPicture leaves out folders, hidden and empty files; what a file really is
// gets decided by its content when it is imported.
func isPicture(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0 && filepath.Base(path)[0] != '.'
}
