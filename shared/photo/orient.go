package photo

import "image"

// turned tells whether an EXIF orientation swaps width and height.
func turned(orientation int) bool { return orientation >= 5 && orientation <= 8 }

// orient returns src upright. The EXIF orientation says where the first row and
// the first column of the stored picture belong (CIPA DC-008, 4.6.4 A, tag 274):
// 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 left top, 6 right
// top, 7 right bottom, 8 left bottom.
func orient(src *image.RGBA, orientation int) *image.RGBA {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	const pixel = 4
	row, right, bottom := src.Stride, (w-1)*pixel, (h-1)*src.Stride

	// Walking the upright picture row by row is a walk through src from first,
	// by stepX for the next pixel and by stepY for the next row.
	var first, stepX, stepY int
	switch orientation {
	case 2:
		first, stepX, stepY = right, -pixel, row
	case 3:
		first, stepX, stepY = right+bottom, -pixel, -row
	case 4:
		first, stepX, stepY = bottom, pixel, -row
	case 5:
		first, stepX, stepY = 0, row, pixel
	case 6:
		first, stepX, stepY = bottom, -row, pixel
	case 7:
		first, stepX, stepY = right+bottom, -row, -pixel
	case 8:
		first, stepX, stepY = right, row, -pixel
	default:
		return src
	}
	if turned(orientation) {
		w, h = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		from, to := first+y*stepY, y*dst.Stride
		for range w {
			copy(dst.Pix[to:to+pixel], src.Pix[from:from+pixel])
			from, to = from+stepX, to+pixel
		}
	}
	return dst
}
