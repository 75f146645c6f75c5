package kit

import "fyne.io/fyne/v2"

// viewport says which part of an image a view shows. All of it is arithmetic:
// no Fyne object, no clock.
type viewport struct {
	image  fyne.Size     // the image, in image pixels
	view   fyne.Size     // the window onto it, in dp
	scale  float32       // dp per image pixel
	origin fyne.Position // the image's top left corner, in dp of the view
	fitted bool          // the image is shown whole and stays so when the view changes
}

// Limits of zooming.
const (
	maxPlanScale = 4   // dp per image pixel: beyond it there is nothing more to see
	zoomStep     = 1.5 // one tap on + or −, or one notch of the wheel pushed hard
)

func (v *viewport) ready() bool {
	return v.image.Width > 0 && v.image.Height > 0 && v.view.Width > 0 && v.view.Height > 0
}

func (v *viewport) fitScale() float32 {
	return min(v.view.Width/v.image.Width, v.view.Height/v.image.Height)
}

// fit shows the image whole and centred.
func (v *viewport) fit() {
	if !v.ready() {
		return
	}
	v.scale = v.fitScale()
	v.fitted = true
	v.clamp()
}

// resize changes the view and keeps the image point in its middle there.
func (v *viewport) resize(view fyne.Size) {
	middleX, middleY := float32(0.5), float32(0.5)
	zoomed := v.ready() && !v.fitted && v.scale > 0
	if zoomed {
		middleX, middleY, _ = v.toImage(fyne.NewPos(v.view.Width/2, v.view.Height/2))
	}
	v.view = view
	if !zoomed {
		v.fit()
		return
	}
	v.zoomTo(v.scale)
	v.center(middleX, middleY)
}

// zoom scales by factor and keeps the image point under anchor where it is.
func (v *viewport) zoom(factor float32, anchor fyne.Position) {
	if !v.ready() || factor <= 0 {
		return
	}
	before := v.scale
	v.zoomTo(v.scale * factor)
	k := v.scale / before
	v.origin.X = anchor.X - (anchor.X-v.origin.X)*k
	v.origin.Y = anchor.Y - (anchor.Y-v.origin.Y)*k
	v.clamp()
}

func (v *viewport) zoomTo(scale float32) {
	fit := v.fitScale()
	v.scale = min(max(scale, fit), max(fit, maxPlanScale))
	v.fitted = v.scale == fit
}

func (v *viewport) pan(by fyne.Delta) {
	if !v.ready() {
		return
	}
	v.origin = v.origin.AddXY(by.DX, by.DY)
	v.clamp()
}

// center brings the image point (x, y), each 0..1, to the middle as far as the
// image's edges allow.
func (v *viewport) center(x, y float32) {
	if !v.ready() {
		return
	}
	v.origin.X = v.view.Width/2 - x*v.image.Width*v.scale
	v.origin.Y = v.view.Height/2 - y*v.image.Height*v.scale
	v.clamp()
}

// clamp keeps the image over the view; where it is smaller, in its middle.
func (v *viewport) clamp() {
	v.origin.X = clampAxis(v.origin.X, v.image.Width*v.scale, v.view.Width)
	v.origin.Y = clampAxis(v.origin.Y, v.image.Height*v.scale, v.view.Height)
}

func clampAxis(origin, length, view float32) float32 {
	if length <= view {
		return (view - length) / 2
	}
	return min(0, max(view-length, origin))
}

// toImage returns the image point under a place of the view, each coordinate
// 0..1, and whether there is image at all.
func (v *viewport) toImage(at fyne.Position) (x, y float32, inside bool) {
	if !v.ready() || v.scale <= 0 {
		return 0, 0, false
	}
	x = (at.X - v.origin.X) / (v.image.Width * v.scale)
	y = (at.Y - v.origin.Y) / (v.image.Height * v.scale)
	return x, y, x >= 0 && x <= 1 && y >= 0 && y <= 1
}

// toView returns where in the view the image point (x, y), each 0..1, lies.
func (v *viewport) toView(x, y float32) fyne.Position {
	return fyne.NewPos(v.origin.X+x*v.image.Width*v.scale, v.origin.Y+y*v.image.Height*v.scale)
}
