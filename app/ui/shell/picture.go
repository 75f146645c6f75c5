package shell

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"keyturn/shared/wording"
)

// pictureEndings narrows the file dialog; what a file is gets decided by its
// content.
var pictureEndings = []string{".jpg", ".jpeg", ".png", ".heic", ".heif", ".JPG", ".JPEG", ".PNG", ".HEIC", ".HEIF"}

// Shutter hands the next picture, from the camera's folder or a file dialog, to
// whoever asked for one. It belongs to the UI goroutine.
type Shutter struct {
	window fyne.Window
	words  func() wording.Reader
	// dir is the camera's folder.
	dir     string
	dialog  *dialog.FileDialog
	waiting func(path string)
}

// NewShutter serves one window. words gives the language of the moment.
func NewShutter(w fyne.Window, words func() wording.Reader, dir string) *Shutter {
	return &Shutter{window: w, words: words, dir: dir}
}

// Ask waits for the camera and opens the file dialog beside it. use gets the
// path of the picture that comes first, unless the person cancels.
func (s *Shutter) Ask(use func(path string)) {
	r := s.words()
	s.waiting = use
	s.dialog = dialog.NewFileOpen(s.chosen, s.window)
	s.dialog.SetTitleText(r.Text("shell.photo.title", "dir", s.dir))
	s.dialog.SetConfirmText(r.Text("shell.photo.open"))
	s.dialog.SetDismissText(r.Text("shell.photo.cancel"))
	s.dialog.SetFilter(storage.NewExtensionFileFilter(pictureEndings))
	if folder, err := storage.ListerForURI(storage.NewFileURI(s.dir)); err == nil {
		s.dialog.SetLocation(folder) // otherwise it opens where the system likes
	}
	s.dialog.Resize(s.window.Canvas().Size().SubtractWidthHeight(dialogMargin, dialogMargin))
	s.dialog.Show()
}

// dialogMargin leaves the page visible around a dialog, in dp.
const dialogMargin = 80

// chosen is the dialog's answer; without a file the person has changed their
// mind.
func (s *Shutter) chosen(f fyne.URIReadCloser, err error) {
	use := s.waiting
	s.waiting, s.dialog = nil, nil
	path := ""
	if err == nil && f != nil {
		path, err = s.pathOf(f)
	}
	switch {
	case err != nil:
		Report(s.window, s.words(), err)
	case path != "" && use != nil:
		use(path)
	}
}

// pathOf is where the file lies. Phones hand out streams instead of paths; those
// are copied beside the camera's pictures.
func (s *Shutter) pathOf(f fyne.URIReadCloser) (path string, err error) {
	defer func() { err = errors.Join(err, f.Close()) }()
	if f.URI().Scheme() == "file" {
		return f.URI().Path(), nil
	}
	copied, err := os.CreateTemp(s.dir, ".picked-*"+filepath.Ext(f.URI().Name()))
	if err != nil {
		return "", fmt.Errorf("copy picture: %w", err)
	}
	defer func() { err = errors.Join(err, copied.Close()) }()
	if _, err := io.Copy(copied, f); err != nil {
		return "", fmt.Errorf("copy picture: %w", err)
	}
	return copied.Name(), nil
}

// Taken is a picture from the camera. Without somebody waiting for one it stays
// where it is, to be chosen later.
func (s *Shutter) Taken(path string) {
	if s.waiting == nil {
		return
	}
	use, open := s.waiting, s.dialog
	s.waiting, s.dialog = nil, nil
	open.Hide()
	use(path)
}
