package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
	"time"
)

// shown is the picture as a viewer that follows the orientation shows it (Exif 2.32, table of tag 0x0112).
func shown(in image.Image, o Orientation) image.Image {
	w, h := in.Bounds().Dx(), in.Bounds().Dy() // as stored
	at := func(x, y int) color.Color {
		switch o {
		case UpsideDown:
			return in.At(w-1-x, h-1-y)
		case TurnedLeft: // the stored left column, bottom first, is the top row
			return in.At(y, h-1-x)
		case TurnedRight: // the stored right column, top first, is the top row
			return in.At(w-1-y, x)
		default:
			return in.At(x, y)
		}
	}
	size := image.Rect(0, 0, w, h)
	if o == TurnedLeft || o == TurnedRight {
		size = image.Rect(0, 0, h, w)
	}
	out := image.NewRGBA(size)
	for y := range size.Dy() {
		for x := range size.Dx() {
			out.Set(x, y, at(x, y))
		}
	}
	return out
}

func TestStoredPixelsAreShownUpright(t *testing.T) {
	upright := image.NewRGBA(image.Rect(0, 0, 3, 5))
	for i := range upright.Pix {
		upright.Pix[i] = uint8(i * 4)
	}
	for _, o := range []Orientation{Upright, UpsideDown, TurnedLeft, TurnedRight} {
		kept := stored(upright, o)
		back, ok := shown(kept, o).(*image.RGBA)
		if !ok || !bytes.Equal(back.Pix, upright.Pix) || back.Bounds() != upright.Bounds() {
			t.Errorf("orientation %d: %v is shown as %v", o, upright.Pix, back)
		}
		if o != Upright && bytes.Equal(kept.Pix, upright.Pix) {
			t.Errorf("orientation %d: stored as it is", o)
		}
	}
}

// Every scene renders, the same way twice, and its file has the stored size of its orientation.
func TestTakeGivesAPhotoWithItsOrientation(t *testing.T) {
	names, seen := map[string]bool{}, map[Orientation]bool{}
	for _, p := range photos() {
		if names[p.name] {
			t.Errorf("%s twice", p.name)
		}
		names[p.name], seen[p.orientation] = true, true
		file, err := p.take(48, 36)
		if err != nil {
			t.Fatalf("%s: %v", p.name, err)
		}
		again, err := p.take(48, 36)
		if err != nil || !bytes.Equal(file, again) {
			t.Errorf("%s: two runs differ (%v)", p.name, err)
		}
		picture, err := jpeg.Decode(bytes.NewReader(file))
		if err != nil || picture.Bounds().Size() != image.Pt(48, 36) {
			t.Fatalf("%s: %v, %v", p.name, picture, err)
		}
		darkest, brightest := uint32(0xFFFF), uint32(0)
		for y := range 36 {
			for x := range 48 {
				_, g, _, _ := picture.At(x, y).RGBA()
				darkest, brightest = min(darkest, g), max(brightest, g)
			}
		}
		if brightest-darkest < 0x2000 {
			t.Errorf("%s shows nothing: green from %d to %d", p.name, darkest, brightest)
		}
	}
	if len(names) != 8 || len(seen) != 4 {
		t.Errorf("%d photos in %d orientations", len(names), len(seen))
	}
}

// In the crack's photo the brown door casing stands on the left, under a white wall: upright, not turned.
func TestPortraitPhotoIsUprightForAViewer(t *testing.T) {
	for _, p := range photos() {
		if p.name != "wall-crack.jpg" {
			continue
		}
		file, err := p.take(96, 72)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := jpeg.Decode(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		upright := shown(picture, p.orientation)
		if size := upright.Bounds().Size(); size != image.Pt(72, 96) {
			t.Fatalf("shown as %v", size)
		}
		casing, wall := upright.At(9, 80), upright.At(50, 80)
		r, _, b, _ := casing.RGBA()
		if r < b*3/2 {
			t.Errorf("no brown casing at the lower left: %v", casing)
		}
		r, _, b, _ = wall.RGBA()
		if r > b*3/2 || r < 0x8000 {
			t.Errorf("no white wall at the lower right: %v", wall)
		}
	}
}

func TestEXIFLayout(t *testing.T) {
	takenAt := time.Date(2026, time.September, 26, 9, 12, 41, 0, time.FixedZone("", 8*3600))
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		file, err := withEXIF([]byte{0xFF, 0xD8, 0xFF, 0xD9}, metadata{TurnedRight, takenAt, 1600, 1200, order})
		if err != nil {
			t.Fatal(err)
		}
		length := int(binary.BigEndian.Uint16(file[4:]))
		if !bytes.Equal(file[:4], []byte{0xFF, 0xD8, 0xFF, 0xE1}) || !bytes.Equal(file[4+length:], []byte{0xFF, 0xD9}) {
			t.Fatalf("%s: segment of %d bytes in % x", order, length, file)
		}
		for _, value := range []string{"2026:09:26 09:12:41\x00", "+08:00\x00", "0232", "Keyturn\x00"} {
			if !bytes.Contains(file, []byte(value)) {
				t.Errorf("%s: %q is missing", order, value)
			}
		}
		// Tag 0x0112, one SHORT, value 8, left-aligned in its four bytes.
		entry := order.AppendUint16(nil, 0x0112)
		entry = order.AppendUint16(entry, 3)
		entry = order.AppendUint32(entry, 1)
		entry = order.AppendUint16(entry, 8)
		if !bytes.Contains(file, append(entry, 0, 0)) {
			t.Errorf("%s: no orientation entry % x", order, entry)
		}
	}
	if _, err := withEXIF([]byte("plain text"), metadata{order: binary.BigEndian}); err == nil {
		t.Error("a text file was accepted as a picture")
	}
}

func TestRaysHitSolids(t *testing.T) {
	grey := plain(vec{0.5, 0.5, 0.5}, 0)
	cube := box{vec{-1, -1, -1}, vec{1, 1, 1}, grey}
	rod := pipe{vec{0, 0, 0}, 0.5, 2, grey}
	tilted := leaningPlate{point{0, 0}, 45, grey}
	tests := []struct {
		name        string
		body        solid
		from, along vec
		distance    float64
		normal      vec
		hit         bool
	}{
		{"box from the front", cube, vec{0, 0, 3}, vec{0, 0, -1}, 2, vec{z: 1}, true},
		{"box from above", cube, vec{0.2, 4, 0}, vec{0, -1, 0}, 3, vec{y: 1}, true},
		{"beside the box", cube, vec{2, 0, 3}, vec{0, 0, -1}, 0, vec{}, false},
		{"away from the box", cube, vec{0, 0, 3}, vec{0, 0, 1}, 0, vec{}, false},
		{"pipe from the side", rod, vec{3, 1, 0}, vec{-1, 0, 0}, 2.5, vec{x: 1}, true},
		{"top of the pipe", rod, vec{0.1, 5, 0}, vec{0, -1, 0}, 3, vec{y: 1}, true},
		{"over the pipe", rod, vec{3, 2.5, 0}, vec{-1, 0, 0}, 0, vec{}, false},
		{"tip of the leaning plate", tilted, vec{0.055, 0, 1}, vec{0, 0, -1}, 1 - 0.0085, vec{z: 1}, true},
		{"beside the leaning plate", tilted, vec{0.04, 0.04, 1}, vec{0, 0, -1}, 0, vec{}, false},
	}
	for _, test := range tests {
		distance, normal, _, _, ok := test.body.hit(test.from, test.along)
		if ok != test.hit || ok && (distance-test.distance > 1e-9 || test.distance-distance > 1e-9 || normal.sub(test.normal).length() > 1e-9) {
			t.Errorf("%s: %v at %v, normal %v", test.name, ok, distance, normal)
		}
	}
}
