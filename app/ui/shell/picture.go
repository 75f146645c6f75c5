package shell

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
)

// pictureEndings narrows the file dialog; what a file is gets decided by its
// content.
var pictureEndings = []string{".jpg", ".jpeg", ".png", ".heic", ".heif"}

// PickPicture asks for a picture file; use gets its path unless the person
// cancels.
func PickPicture(w fyne.Window, use func(path string)) {
	d := dialog.NewFileOpen(func(f fyne.URIReadCloser, err error) {
		switch {
		case err != nil:
			dialog.ShowError(err, w)
		case f != nil:
			path := f.URI().Path()
			if err := f.Close(); err != nil {
				dialog.ShowError(err, w)
				return
			}
			use(path)
		}
	}, w)
	d.SetFilter(storage.NewExtensionFileFilter(pictureEndings))
	d.Resize(w.Canvas().Size().SubtractWidthHeight(dialogMargin, dialogMargin))
	d.Show()
}

// dialogMargin leaves the page visible around a dialog, in dp.
const dialogMargin = 80

// Shutter hands the next picture from the camera to whoever asked for one;
// without a waiting asker pictures are left where they are.
type Shutter struct {
	window  fyne.Window
	waiting func(path string)
}

// NewShutter serves one window. It belongs to the UI goroutine.
func NewShutter(w fyne.Window) *Shutter { return &Shutter{window: w} }

// Ask waits for the camera and opens the file dialog beside it.
func (s *Shutter) Ask(use func(path string)) {
	s.waiting = use
	PickPicture(s.window, s.Taken)
}

// Taken is a picture from the camera or the dialog.
func (s *Shutter) Taken(path string) {
	if s.waiting == nil {
		return
	}
	use := s.waiting
	s.waiting = nil
	for _, o := range s.window.Canvas().Overlays().List() {
		o.Hide()
	}
	use(path)
}
