package kit

import (
	"image"
	"math"

	"fyne.io/fyne/v2"
)

// penWidth is the width of a signature's line in dp.
const penWidth = 2.5

// Stroke is one line of a signature: places in dp from the pad's top left
// corner, in the order in which they were drawn.
type Stroke []fyne.Position

// inkCanvas is a signature at one pixel size. It draws only what was added since
// the last call, so that a long signature stays as quick as a short one.
type inkCanvas struct {
	img   *image.RGBA
	scale float32 // pixels per dp
	drawn []int   // points drawn of each stroke
}

func newInkCanvas(width, height int, scale float32) *inkCanvas {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = 0xFF
	}
	return &inkCanvas{img: img, scale: scale}
}

func (c *inkCanvas) add(strokes []Stroke) {
	for i, stroke := range strokes {
		if i == len(c.drawn) {
			c.drawn = append(c.drawn, 0)
		}
		for n := c.drawn[i]; n < len(stroke); n++ {
			c.segment(stroke[max(n-1, 0)], stroke[n])
		}
		c.drawn[i] = len(stroke)
	}
}

// segment draws a black line with round ends, smoothed by the distance of each
// pixel from it.
func (c *inkCanvas) segment(from, to fyne.Position) {
	ax, ay := float64(from.X*c.scale), float64(from.Y*c.scale)
	bx, by := float64(to.X*c.scale), float64(to.Y*c.scale)
	radius := float64(penWidth * c.scale / 2)
	area := image.Rect(
		int(math.Floor(min(ax, bx)-radius-1)), int(math.Floor(min(ay, by)-radius-1)),
		int(math.Ceil(max(ax, bx)+radius+1)), int(math.Ceil(max(ay, by)+radius+1)),
	).Intersect(c.img.Rect)
	dx, dy := bx-ax, by-ay
	length2 := dx*dx + dy*dy
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			px, py := float64(x)+0.5-ax, float64(y)+0.5-ay
			t := 0.0
			if length2 > 0 {
				t = min(1, max(0, (px*dx+py*dy)/length2))
			}
			cover := radius + 0.5 - math.Hypot(px-t*dx, py-t*dy)
			if cover <= 0 {
				continue
			}
			grey := uint8(math.Round(255 * (1 - min(1, cover))))
			at := c.img.Pix[c.img.PixOffset(x, y):]
			if grey < at[0] {
				at[0], at[1], at[2] = grey, grey, grey
			}
		}
	}
}

// inkBounds is the area that strokes and the width of the pen cover, in dp.
func inkBounds(strokes []Stroke) (left, top, right, bottom float32) {
	left, top = math.MaxFloat32, math.MaxFloat32
	right, bottom = -math.MaxFloat32, -math.MaxFloat32
	for _, stroke := range strokes {
		for _, p := range stroke {
			left, right = min(left, p.X), max(right, p.X)
			top, bottom = min(top, p.Y), max(bottom, p.Y)
		}
	}
	return left - penWidth, top - penWidth, right + penWidth, bottom + penWidth
}
