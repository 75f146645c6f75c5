package field

import (
	"context"
	"image"
	_ "image/jpeg" // photos come as JPEG or PNG
	_ "image/png"
	"io/fs"
	"sync"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
)

// decode reads a picture; it is called off the UI goroutine.
func (a *App) decode(ctx context.Context, p screen.Picture) (img image.Image, err error) {
	f, err := a.pictures.Picture(ctx, p)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	img, _, err = image.Decode(f)
	return img, err
}

// load decodes a picture beside the UI goroutine and hands it back there, unless
// the page has gone. A picture that cannot be read is handed back as nil.
func (p *page) load(pic screen.Picture, use func(image.Image)) {
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = append(p.stop, cancel)
	go func() {
		img, err := p.app.decode(ctx, pic)
		if err != nil {
			img = nil
		}
		onUI(func() {
			if ctx.Err() == nil {
				use(img)
			}
		})
	}()
}

// strip shows photos in a row; the same strip is filled again and again, so that
// its thumbnails stay.
type strip struct {
	*kit.PhotoStrip
	// known maps the id of a photo to its screen.Picture; the strip loads on
	// goroutines of its own.
	known sync.Map
}

// newStrip makes a strip that stops with its page; add may be nil.
func (p *page) newStrip(add func(path string), tapped func(id string)) *strip {
	s := &strip{}
	s.PhotoStrip = kit.NewPhotoStrip(func(id string) (image.Image, error) {
		pic, _ := s.known.Load(id)
		known, ok := pic.(screen.Picture)
		if !ok {
			return nil, fs.ErrNotExist
		}
		return p.app.decode(context.Background(), known)
	})
	if add != nil {
		s.OnAdd = func() { p.app.pickPhoto(add) }
	}
	s.OnTapped = tapped
	p.stop = append(p.stop, s.Stop)
	return s
}

func (s *strip) fill(lines []screen.PhotoLine) {
	photos := make([]kit.Photo, len(lines))
	for i, l := range lines {
		s.known.Store(l.ID, l.Picture)
		photos[i] = kit.Photo{ID: l.ID, State: photoStates[l.State]}
	}
	s.SetPhotos(photos)
}

var photoStates = map[screen.PhotoState]kit.PhotoState{
	screen.PhotoWaiting: kit.PhotoWaiting, screen.PhotoConfirmed: kit.PhotoUploaded, screen.PhotoMissing: kit.PhotoMissing,
}

func (a *App) pickPhoto(use func(path string)) {
	if a.PickPhoto != nil {
		a.PickPhoto(use)
	}
}

// photoBox is a large picture in a place of fixed height. Drawn again, the same
// picture is not read again.
func (p *page) photoBox(pic screen.Picture, height float32, missing string) fyne.CanvasObject {
	if box, ok := p.boxes[pic]; ok {
		return box
	}
	surface := canvas.NewRectangle(theme.Color(kit.ColorPlan))
	surface.SetMinSize(fyne.NewSize(height, height))
	note := kit.NewParagraph("").Aligned(fyne.TextAlignCenter)
	img := &canvas.Image{FillMode: canvas.ImageFillContain, ScaleMode: canvas.ImageScaleFastest}
	box := container.NewStack(surface, container.New(layout.NewCustomPaddedLayout(0, 0, 8, 8), kit.NewRow(note, note)), img)
	if p.boxes == nil {
		p.boxes = map[screen.Picture]fyne.CanvasObject{}
	}
	p.boxes[pic] = box
	p.load(pic, func(decoded image.Image) {
		if decoded == nil {
			note.SetText(missing)
			delete(p.boxes, pic) // it may have come when the page is drawn again
			return
		}
		img.Image = decoded
		img.Refresh()
	})
	return box
}
