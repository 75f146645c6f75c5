package kit

import (
	"image"
	"image/color"
	"image/draw"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// newApp installs the kit's theme with Fyne's own font, which is quick to load
// and enough where no Chinese is looked at.
func newApp(t testing.TB, density Density) fyne.App {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(Theme(nil, nil, density))
	return app
}

// showIn shows content in a test window of exactly this size.
func showIn(t testing.TB, content fyne.CanvasObject, width, height float32) fyne.Window {
	t.Helper()
	w := test.NewTempWindow(t, content)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(width, height))
	return w
}

// samplePhoto is a picture with a visible up and left.
func samplePhoto(width, height int, c color.Color) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Rect, image.NewUniform(c), image.Point{}, draw.Src)
	draw.Draw(img, image.Rect(0, 0, width/2, height/2), image.White, image.Point{}, draw.Src)
	return img
}

// shownObjects returns o and everything drawn below it, without what is hidden.
func shownObjects(o fyne.CanvasObject) []fyne.CanvasObject {
	if !o.Visible() {
		return nil
	}
	all := []fyne.CanvasObject{o}
	var below []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		below = o.Objects
	case fyne.Widget:
		below = test.WidgetRenderer(o).Objects()
	}
	for _, child := range below {
		all = append(all, shownObjects(child)...)
	}
	return all
}
