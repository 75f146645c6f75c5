package main

import (
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/font/opentype"
	"golang.org/x/image/vector"

	"keyturn/assets/fonts"
)

const (
	scale             = 50   // 1:50
	mmPerPX           = 5.25 // one pixel of the picture in millimetres of the building
	widthPX, heightPX = 4000, 3000
)

// paper turns millimetres on the printed sheet into millimetres of the building.
func paper(mm float64) float64 { return mm * scale }

// Pen widths and greys of the drawing, in the steps of drafting pens.
var (
	penHair   = paper(0.13)
	penThin   = paper(0.18)
	penMedium = paper(0.35)
	penThick  = paper(0.7)
)

const (
	black = uint8(0x10)
	dark  = uint8(0x44)
	grey  = uint8(0x77)
	light = uint8(0xAA)
	faint = uint8(0xDD)
	white = uint8(0xFF)
)

// Canvas is the sheet. All coordinates and widths are millimetres of the building, measured from the sheet's north-west corner.
type Canvas struct {
	pixels        *image.Gray
	regular, bold *opentype.Font
	texts         []text // everything written, so that a test can look for overlaps
}

func newCanvas() (*Canvas, error) {
	regular, err := opentype.Parse(fonts.Regular)
	if err != nil {
		return nil, err
	}
	bold, err := opentype.Parse(fonts.Bold)
	if err != nil {
		return nil, err
	}
	c := &Canvas{pixels: image.NewGray(image.Rect(0, 0, widthPX, heightPX)), regular: regular, bold: bold}
	draw.Draw(c.pixels, c.pixels.Bounds(), image.White, image.Point{}, draw.Src)
	return c, nil
}

// fill paints the polygons, which must have the same winding where they overlap, as one shape.
func (c *Canvas) fill(tone uint8, shapes ...Polygon) {
	var all Polygon
	for _, s := range shapes {
		all = append(all, s...)
	}
	b := all.bounds()
	area := image.Rect(
		int(math.Floor(b.Min.X/mmPerPX)), int(math.Floor(b.Min.Y/mmPerPX)),
		int(math.Ceil(b.Max.X/mmPerPX))+1, int(math.Ceil(b.Max.Y/mmPerPX))+1)
	raster := vector.NewRasterizer(area.Dx(), area.Dy())
	for _, s := range shapes {
		for i, p := range s {
			x, y := float32(p.X/mmPerPX-float64(area.Min.X)), float32(p.Y/mmPerPX-float64(area.Min.Y))
			if i == 0 {
				raster.MoveTo(x, y)
			} else {
				raster.LineTo(x, y)
			}
		}
		raster.ClosePath()
	}
	cover := image.NewAlpha(image.Rect(0, 0, area.Dx(), area.Dy()))
	raster.Draw(cover, cover.Bounds(), image.Opaque, image.Point{})
	c.blend(cover, area.Min, tone)
}

// blend paints the tone through a cover whose corner lies at the given pixel.
func (c *Canvas) blend(cover *image.Alpha, at image.Point, tone uint8) {
	area := cover.Bounds().Add(at).Intersect(c.pixels.Bounds())
	for y := area.Min.Y; y < area.Max.Y; y++ {
		alpha := cover.Pix[cover.PixOffset(area.Min.X-at.X, y-at.Y):]
		row := c.pixels.Pix[c.pixels.PixOffset(area.Min.X, y):c.pixels.PixOffset(area.Max.X, y)]
		for i, under := range row {
			if a := int(alpha[i]); a > 0 {
				row[i] = uint8((int(under)*(255-a) + int(tone)*a + 127) / 255)
			}
		}
	}
}

// line strokes an open line through the points, with square ends.
func (c *Canvas) line(pen float64, tone uint8, points ...Point) {
	var quads []Polygon
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		length := math.Hypot(b.X-a.X, b.Y-a.Y)
		if length == 0 {
			continue
		}
		along := Point{(b.X - a.X) / length * pen / 2, (b.Y - a.Y) / length * pen / 2}
		quads = append(quads, Polygon{
			{a.X - along.X - along.Y, a.Y - along.Y + along.X},
			{b.X + along.X - along.Y, b.Y + along.Y + along.X},
			{b.X + along.X + along.Y, b.Y + along.Y - along.X},
			{a.X - along.X + along.Y, a.Y - along.Y - along.X},
		})
	}
	if len(quads) > 0 {
		c.fill(tone, quads...)
	}
}

// outline strokes a closed black line.
func (c *Canvas) outline(pen float64, p Polygon) {
	c.line(pen, black, append(append(Polygon{}, p...), p[0])...)
}

// arc is the points of a circular arc, angles in degrees clockwise from east.
func arc(centre Point, radius, from, to float64) Polygon {
	steps := max(12, int(math.Abs(to-from)/360*2*math.Pi*radius/40))
	points := make(Polygon, 0, steps+1)
	for i := range steps + 1 {
		angle := (from + (to-from)*float64(i)/float64(steps)) * math.Pi / 180
		points = append(points, Point{centre.X + radius*math.Cos(angle), centre.Y + radius*math.Sin(angle)})
	}
	return points
}

// encode writes the sheet as a PNG of 16 greys, which is enough for smooth edges and half the size of 256.
func (c *Canvas) encode(w io.Writer) error {
	const tones = 16
	palette := make(color.Palette, tones)
	for i := range palette {
		palette[i] = color.Gray{Y: uint8(i * 255 / (tones - 1))}
	}
	reduced := image.NewPaletted(c.pixels.Bounds(), palette)
	for i, tone := range c.pixels.Pix {
		reduced.Pix[i] = uint8((int(tone)*(tones-1) + 127) / 255)
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	return encoder.Encode(w, reduced)
}
