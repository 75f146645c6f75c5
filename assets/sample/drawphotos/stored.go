package main

import "image"

// stored turns an upright picture into the pixels that a camera held that way would store, so that the orientation sets it upright again.
func stored(upright *image.RGBA, o Orientation) *image.RGBA {
	w, h := upright.Bounds().Dx(), upright.Bounds().Dy()
	size := image.Rect(0, 0, w, h)
	if o == TurnedLeft || o == TurnedRight {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			to := image.Pt(x, y)
			switch o {
			case UpsideDown:
				to = image.Pt(w-1-x, h-1-y)
			case TurnedLeft: // a quarter counter-clockwise: the top row becomes the left column, read upwards
				to = image.Pt(y, w-1-x)
			case TurnedRight: // a quarter clockwise: the top row becomes the right column, read downwards
				to = image.Pt(h-1-y, x)
			}
			out.SetRGBA(to.X, to.Y, upright.RGBAAt(x, y))
		}
	}
	return out
}
