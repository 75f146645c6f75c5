package kit

import (
	"image"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// thumbSize is the edge of a thumbnail in dp, thumbPixels the pixels kept for
// it, enough for a screen of two pixels per dp.
const (
	thumbSize   = 96
	thumbPixels = 2 * thumbSize
)

// PhotoState says where the bytes of a photo are.
type PhotoState int

// The states of a photo.
const (
	PhotoWaiting  PhotoState = iota // on this device, not yet confirmed by the server
	PhotoUploaded                   // confirmed by the server
	PhotoMissing                    // known, but its bytes are not on this device
)

// Photo is one entry of a strip.
type Photo struct {
	ID    string
	State PhotoState
}

// PhotoStrip is a row of thumbnails that scrolls sideways, with a button to add
// a photo at its start, where it is always in reach.
type PhotoStrip struct {
	widget.BaseWidget

	// OnTapped is called with the id of the tapped photo.
	OnTapped func(id string)
	// OnAdd is called by the add button; while it is nil there is none.
	OnAdd func()

	loader thumbLoader
	thumbs []*photoThumb
	add    *Button
	row    *fyne.Container
	scroll *container.Scroll
}

// NewPhotoStrip creates an empty strip. load returns the picture of a photo, the
// smaller the better and turned upright already; it is called on a goroutine of
// its own, on at most two at a time.
func NewPhotoStrip(load func(id string) (image.Image, error)) *PhotoStrip {
	return newPhotoStrip(load, fyne.Do)
}

// newPhotoStrip takes do, which runs a function on the UI goroutine.
func newPhotoStrip(load func(id string) (image.Image, error), do func(func())) *PhotoStrip {
	s := &PhotoStrip{row: container.NewHBox()}
	s.loader.load = func(id string) (image.Image, error) {
		img, err := load(id)
		if err != nil || img == nil || img.Bounds().Empty() {
			return nil, err
		}
		return squareThumb(img, thumbPixels), nil
	}
	s.loader.deliver = func(id string, img image.Image, err error) {
		do(func() { s.show(id, img, err) })
	}
	s.add = NewButton("", theme.ContentAddIcon(), Plain, func() {
		if s.OnAdd != nil {
			s.OnAdd()
		}
	})
	s.scroll = container.NewHScroll(s.row)
	s.ExtendBaseWidget(s)
	return s
}

// SetPhotos replaces the photos. Thumbnails already loaded stay; one that could
// not be loaded is tried again when its photo's state has changed.
func (s *PhotoStrip) SetPhotos(photos []Photo) {
	known := make(map[string]*photoThumb, len(s.thumbs))
	for _, t := range s.thumbs {
		known[t.photo.ID] = t
	}
	s.thumbs = s.thumbs[:0:0]
	var missing []string
	for _, photo := range photos {
		t, ok := known[photo.ID]
		if !ok || t.broken && t.photo.State != photo.State {
			t = newPhotoThumb(photo, s.tapped)
			missing = append(missing, photo.ID)
		}
		t.setState(photo.State)
		s.thumbs = append(s.thumbs, t)
	}
	s.arrange()
	s.loader.request(missing...)
}

// Stop ends loading. A page calls it when it goes; SetPhotos starts anew.
func (s *PhotoStrip) Stop() {
	s.loader.stop()
	// What has no picture yet must be asked for again by the next SetPhotos.
	s.thumbs = slices.DeleteFunc(s.thumbs, func(t *photoThumb) bool { return !t.settled() })
}

// Refresh redraws the strip and shows or hides the add button.
func (s *PhotoStrip) Refresh() {
	s.arrange()
	s.BaseWidget.Refresh()
}

func (s *PhotoStrip) arrange() {
	objects := make([]fyne.CanvasObject, 0, len(s.thumbs)+1)
	if s.OnAdd != nil {
		objects = append(objects, container.NewGridWrap(fyne.NewSquareSize(thumbSize), s.add))
	}
	for _, t := range s.thumbs {
		objects = append(objects, t)
	}
	s.row.Objects = objects
	s.row.Refresh()
	s.scroll.Refresh()
}

func (s *PhotoStrip) show(id string, img image.Image, err error) {
	for _, t := range s.thumbs {
		if t.photo.ID == id {
			t.setImage(img, err)
		}
	}
}

func (s *PhotoStrip) tapped(id string) {
	if s.OnTapped != nil {
		s.OnTapped(id)
	}
}

// CreateRenderer is called by Fyne.
func (s *PhotoStrip) CreateRenderer() fyne.WidgetRenderer {
	return newContentRenderer(s, container.New(&stripLayout{}, s.scroll))
}

// stripLayout leaves room for the scroll bar below the thumbnails.
type stripLayout struct{}

func (stripLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(2*thumbSize, thumbSize+theme.Size(theme.SizeNameScrollBar))
}

func (stripLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(size)
}
