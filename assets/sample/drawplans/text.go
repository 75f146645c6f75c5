package main

import (
	"fmt"
	"image"
	"math"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// text is one written line and the pixels that it covers.
type text struct {
	words string
	area  image.Rectangle
}

// lettering is how a line is written: its height is that of the em square, in millimetres on paper.
type lettering struct {
	height  float64
	bold    bool
	tone    uint8
	turned  bool    // read from the east side, as on vertical dimension lines
	anchor  float64 // which part of the line lies at the point: 0 its start, 0.5 its middle, 1 its end
	cleared bool    // whiten the paper behind it, for text on furniture
}

// write puts one line of text at the point, vertically centred on it.
func (c *Canvas) write(words string, at Point, as lettering) error {
	source := c.regular
	if as.bold {
		source = c.bold
	}
	face, err := opentype.NewFace(source, &opentype.FaceOptions{Size: paper(as.height) / mmPerPX, DPI: 72})
	if err != nil {
		return fmt.Errorf("lettering %q: %w", words, err)
	}

	bounds, advance := font.BoundString(face, words)
	width := advance.Ceil()
	up, down := (-bounds.Min.Y).Ceil(), bounds.Max.Y.Ceil()
	// One height for all texts of a size keeps base lines level: that of the ideographs, whose box is 0.88 above and 0.12 below.
	em := paper(as.height) / mmPerPX
	up, down = max(up, int(math.Ceil(0.88*em))), max(down, int(math.Ceil(0.12*em)))
	cover := image.NewAlpha(image.Rect(0, 0, width, up+down))
	drawer := font.Drawer{Dst: cover, Src: image.Opaque, Face: face, Dot: fixed.P(0, up)}
	drawer.DrawString(words)

	x, y := at.X/mmPerPX-as.anchor*float64(width), at.Y/mmPerPX-float64(up+down)/2
	if as.turned {
		cover = quarterTurn(cover)
		x, y = at.X/mmPerPX-float64(up+down)/2, at.Y/mmPerPX-(1-as.anchor)*float64(width)
	}
	corner := image.Pt(int(math.Round(x)), int(math.Round(y)))
	area := cover.Bounds().Add(corner)
	if as.cleared {
		margin := int(em / 8)
		c.whiten(area.Inset(-margin))
	}
	c.blend(cover, corner, as.tone)
	c.texts = append(c.texts, text{words, area})
	return nil
}

// whiten clears a rectangle of pixels.
func (c *Canvas) whiten(area image.Rectangle) {
	area = area.Intersect(c.pixels.Bounds())
	for y := area.Min.Y; y < area.Max.Y; y++ {
		row := c.pixels.Pix[c.pixels.PixOffset(area.Min.X, y):c.pixels.PixOffset(area.Max.X, y)]
		for i := range row {
			row[i] = white
		}
	}
}

// quarterTurn turns a cover to the left, so that it reads from the bottom upwards.
func quarterTurn(in *image.Alpha) *image.Alpha {
	size := in.Bounds().Size()
	out := image.NewAlpha(image.Rect(0, 0, size.Y, size.X))
	for y := range size.Y {
		for x := range size.X {
			out.SetAlpha(y, size.X-1-x, in.AlphaAt(x, y))
		}
	}
	return out
}
