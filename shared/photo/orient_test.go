package photo

import (
	"bytes"
	"encoding/binary"
	"image"
	"testing"
)

// TestOrientation imports a picture whose stored top left corner is red and
// whose stored top right corner is blue, and looks where they are afterwards.
// The expectation is the standard's own wording: where row 0 and column 0 belong.
func TestOrientation(t *testing.T) {
	type corner struct{ bottom, right bool }
	var (
		topLeft     = corner{}
		topRight    = corner{right: true}
		bottomLeft  = corner{bottom: true}
		bottomRight = corner{bottom: true, right: true}
	)
	small, large := jpegOf(t, marked(160, 96)), jpegOf(t, marked(2240, 560))
	for o, want := range map[int]struct{ red, blue corner }{
		1: {topLeft, topRight},
		2: {topRight, topLeft},
		3: {bottomRight, bottomLeft},
		4: {bottomLeft, bottomRight},
		5: {topLeft, bottomLeft},   // row 0 is the left side, column 0 the top
		6: {topRight, bottomRight}, // row 0 is the right side, column 0 the top
		7: {bottomRight, topRight}, // row 0 is the right side, column 0 the bottom
		8: {bottomLeft, topLeft},   // row 0 is the left side, column 0 the bottom
		0: {topLeft, topRight},     // senseless values count as absent
		9: {topLeft, topRight},
	} {
		for name, c := range map[string]struct {
			plain []byte
			w, h  int
			order binary.AppendByteOrder
		}{
			"as it is, little-endian": {small, 160, 96, binary.LittleEndian},
			"as it is, big-endian":    {small, 160, 96, binary.BigEndian},
			"reduced":                 {large, 2240, 560, binary.BigEndian},
		} {
			v := openVault(t)
			p, err := v.Import(t.Context(), bytes.NewReader(withEXIF(c.plain, c.order, o, "", "")), Meta{})
			if err != nil {
				t.Fatal(err)
			}
			wantO, wantW, wantH := o, c.w, c.h
			if o < 1 || o > 8 {
				wantO = 1
			}
			if wantO >= 5 {
				wantW, wantH = c.h, c.w
			}
			if p.Orientation != wantO || p.WidthPx != wantW || p.HeightPx != wantH {
				t.Errorf("orientation %d, %s: described as %+v", o, name, p)
			}
			for _, r := range []Rendition{Work, Thumb} {
				img := loadJPEG(t, v, p.SHA256, r)
				size := img.Bounds().Size()
				if (size.X > size.Y) != (wantW > wantH) {
					t.Errorf("orientation %d, %s, %s: size %v", o, name, r, size)
				}
				at := func(c corner) (red, blue uint32) {
					x, y := size.X/20, size.Y/20
					if c.right {
						x = size.X - 1 - x
					}
					if c.bottom {
						y = size.Y - 1 - y
					}
					red, _, blue, _ = img.At(x, y).RGBA()
					return red >> 8, blue >> 8
				}
				if red, blue := at(want.red); red < 200 || blue > 60 {
					t.Errorf("orientation %d, %s, %s: the red mark is not at %+v", o, name, r, want.red)
				}
				if red, blue := at(want.blue); blue < 200 || red > 60 {
					t.Errorf("orientation %d, %s, %s: the blue mark is not at %+v", o, name, r, want.blue)
				}
			}
		}
	}
}

// TestOrientEveryPixel compares with the plain formula on a picture whose
// pixels all differ, odd sides included.
func TestOrientEveryPixel(t *testing.T) {
	const w, h = 7, 3
	src := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range src.Pix {
		src.Pix[i] = uint8(i)
	}
	for o, from := range map[int]func(x, y int) (int, int){
		1: func(x, y int) (int, int) { return x, y },
		2: func(x, y int) (int, int) { return w - 1 - x, y },
		3: func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
		4: func(x, y int) (int, int) { return x, h - 1 - y },
		5: func(x, y int) (int, int) { return y, x },
		6: func(x, y int) (int, int) { return y, h - 1 - x },
		7: func(x, y int) (int, int) { return w - 1 - y, h - 1 - x },
		8: func(x, y int) (int, int) { return w - 1 - y, x },
	} {
		dst := orient(src, o)
		if turned(o) != (dst.Bounds().Dx() == h) {
			t.Fatalf("orientation %d: bounds %v", o, dst.Bounds())
		}
		for y := range dst.Bounds().Dy() {
			for x := range dst.Bounds().Dx() {
				sx, sy := from(x, y)
				if dst.RGBAAt(x, y) != src.RGBAAt(sx, sy) {
					t.Errorf("orientation %d: pixel %d,%d is not %d,%d", o, x, y, sx, sy)
				}
			}
		}
	}
}
