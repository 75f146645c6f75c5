package kit

import (
	"image"

	"golang.org/x/image/draw"
)

// shrink returns src with its longer edge at most edge pixels. An image that
// already fits is returned as it is. ApproxBiLinear, because a smoother filter
// costs a hundred times as much and the screen shows no difference.
func shrink(src image.Image, edge int) image.Image {
	b := src.Bounds()
	longer := max(b.Dx(), b.Dy())
	if longer <= edge {
		return src
	}
	w, h := max(1, b.Dx()*edge/longer), max(1, b.Dy()*edge/longer)
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.ApproxBiLinear.Scale(dst, dst.Bounds(), src, b, draw.Src, nil)
	return dst
}

// squareThumb returns the middle square of src at edge × edge pixels.
func squareThumb(src image.Image, edge int) image.Image {
	b := src.Bounds()
	side := min(b.Dx(), b.Dy())
	x, y := b.Min.X+(b.Dx()-side)/2, b.Min.Y+(b.Dy()-side)/2
	dst := image.NewRGBA(image.Rect(0, 0, edge, edge))
	draw.ApproxBiLinear.Scale(dst, dst.Bounds(), src, image.Rect(x, y, x+side, y+side), draw.Src, nil)
	return dst
}
