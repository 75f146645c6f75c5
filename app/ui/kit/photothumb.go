package kit

import (
	"image"
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// photoThumb is one thumbnail with the state of its photo in the corner.
type photoThumb struct {
	widget.BaseWidget

	photo  Photo
	tapped func(id string)
	broken bool

	surface *canvas.Rectangle
	blank   *canvas.Image // before the picture is there, or instead of it
	picture *canvas.Image
	plate   *canvas.Rectangle
	state   *canvas.Image
}

func newPhotoThumb(photo Photo, tapped func(id string)) *photoThumb {
	t := &photoThumb{
		photo:   photo,
		tapped:  tapped,
		surface: canvas.NewRectangle(color.Transparent),
		blank:   &canvas.Image{Resource: theme.FileImageIcon(), FillMode: canvas.ImageFillContain},
		picture: &canvas.Image{ScaleMode: canvas.ImageScaleFastest},
		plate:   canvas.NewRectangle(color.Transparent),
		state:   &canvas.Image{Resource: photoGlyph(photo.State), FillMode: canvas.ImageFillContain},
	}
	t.picture.Hide()
	t.ExtendBaseWidget(t)
	return t
}

func photoGlyph(state PhotoState) fyne.Resource {
	switch state {
	case PhotoUploaded:
		return StatusOK.Glyph()
	case PhotoMissing:
		return StatusWarn.Glyph()
	default:
		return glyphUpload
	}
}

func (t *photoThumb) setState(state PhotoState) {
	t.photo.State = state
	t.state.Resource = photoGlyph(state)
	t.state.Refresh()
}

// setImage shows the picture, or the broken-image icon where there is none.
func (t *photoThumb) setImage(img image.Image, err error) {
	if err != nil || img == nil {
		t.broken = true
		t.blank.Resource = theme.BrokenImageIcon()
		t.blank.Refresh()
		return
	}
	t.picture.Image = img
	t.picture.Show()
	t.picture.Refresh()
	t.Refresh()
}

// settled says whether the loader has answered for this photo.
func (t *photoThumb) settled() bool { return t.broken || t.picture.Image != nil }

// Tapped reports the photo.
func (t *photoThumb) Tapped(*fyne.PointEvent) { t.tapped(t.photo.ID) }

func (t *photoThumb) CreateRenderer() fyne.WidgetRenderer {
	r := &photoThumbRenderer{t}
	r.apply()
	r.Layout(t.Size())
	return r
}

type photoThumbRenderer struct{ t *photoThumb }

func (r *photoThumbRenderer) apply() {
	t := r.t
	t.surface.FillColor = theme.Color(ColorPlan)
	t.plate.FillColor = theme.Color(theme.ColorNameBackground)
	t.plate.CornerRadius = 6
}

func (r *photoThumbRenderer) MinSize() fyne.Size { return fyne.NewSquareSize(thumbSize) }

func (r *photoThumbRenderer) Layout(size fyne.Size) {
	t := r.t
	edge := min(size.Width, size.Height, thumbSize)
	t.surface.Resize(fyne.NewSquareSize(edge))
	t.picture.Resize(fyne.NewSquareSize(edge))
	blank := edge / 2
	t.blank.Resize(fyne.NewSquareSize(blank))
	t.blank.Move(fyne.NewSquareOffsetPos((edge - blank) / 2))
	const plate, glyph = 30, 24
	t.plate.Resize(fyne.NewSquareSize(plate))
	t.plate.Move(fyne.NewSquareOffsetPos(edge - plate))
	t.state.Resize(fyne.NewSquareSize(glyph))
	t.state.Move(fyne.NewSquareOffsetPos(edge - plate + (plate-glyph)/2))
}

func (r *photoThumbRenderer) Refresh() {
	r.apply()
	r.Layout(r.t.Size())
	canvas.Refresh(r.t)
}

func (r *photoThumbRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.t.surface, r.t.blank, r.t.picture, r.t.plate, r.t.state}
}

func (r *photoThumbRenderer) Destroy() {}
