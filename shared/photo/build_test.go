package photo

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"
)

// Inputs are built here, in memory, so that each test shows what is in its file.

var (
	red  = color.RGBA{R: 0xFF, A: 0xFF}
	blue = color.RGBA{B: 0xFF, A: 0xFF}
)

// marked is a grey picture whose top left quarter-corner is red and whose top
// right one is blue: two marks tell every turn and mirroring apart.
func marked(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	grey := image.NewUniform(color.Gray{Y: 0x80})
	draw.Draw(img, img.Bounds(), grey, image.Point{}, draw.Src)
	draw.Draw(img, image.Rect(0, 0, w/4, h/4), image.NewUniform(red), image.Point{}, draw.Src)
	draw.Draw(img, image.Rect(w-w/4, 0, w, h/4), image.NewUniform(blue), image.Point{}, draw.Src)
	return img
}

// noisy is a picture with detail at every scale, as heavy to code as a photograph.
func noisy(w, h int) *image.RGBA {
	rnd := rand.New(rand.NewPCG(1, 2))
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		row := img.Pix[y*img.Stride:]
		for x := range w {
			n := rnd.IntN(24)
			row[4*x] = uint8(x*200/w + n)
			row[4*x+1] = uint8(y*200/h + n)
			row[4*x+2] = uint8((x/64+y/64)%2*128 + n)
			row[4*x+3] = 0xFF
		}
	}
	return img
}

func jpegOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 92}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withSegment puts a segment right behind the start of a JPEG.
func withSegment(jpeg []byte, marker byte, body []byte) []byte {
	out := []byte{0xFF, 0xD8, 0xFF, marker}
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
	out = append(out, body...)
	return append(out, jpeg[2:]...)
}

// withEXIF adds the EXIF segment of a camera.
func withEXIF(jpeg []byte, order binary.AppendByteOrder, orientation int, original, offset string) []byte {
	return withSegment(jpeg, 0xE1, append([]byte("Exif\x00\x00"), exifData(order, orientation, original, offset)...))
}

// exifData lays out: header 8, IFD0 with two entries at 8, the EXIF directory at
// 38 with two entries, then the two texts.
func exifData(order binary.AppendByteOrder, orientation int, original, offset string) []byte {
	const subAt, textAt = 8 + 2 + 2*12 + 4, 8 + 2*(2+2*12+4)
	b := []byte("II*\x00")
	if order == binary.BigEndian {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	entry := func(tag, kind uint16, count, value uint32) {
		b = order.AppendUint16(b, tag)
		b = order.AppendUint16(b, kind)
		b = order.AppendUint32(b, count)
		if kind == typeShort { // a SHORT sits at the front of the four bytes
			b = order.AppendUint16(b, uint16(value))
			b = order.AppendUint16(b, 0)
			return
		}
		b = order.AppendUint32(b, value)
	}
	text := func(tag uint16, s string, at int) {
		if len(s) <= 4 { // a short text sits in the four bytes, too
			b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, tag), typeASCII), uint32(len(s)))
			b = append(b, (s + "\x00\x00\x00\x00")[:4]...)
			return
		}
		entry(tag, typeASCII, uint32(len(s)), uint32(at))
	}
	b = order.AppendUint16(b, 2)
	entry(tagOrientation, typeShort, 1, uint32(orientation))
	entry(tagExifIFD, typeLong, 1, subAt)
	b = order.AppendUint32(b, 0)
	original, offset = original+"\x00", offset+"\x00"
	b = order.AppendUint16(b, 2)
	text(tagDateTimeOriginal, original, textAt)
	text(tagOffsetTimeOriginal, offset, textAt+len(original))
	b = order.AppendUint32(b, 0)
	return append(append(b, original...), offset...)
}

// pngClaiming is a PNG whose sound header claims w × h and whose data is missing.
func pngClaiming(w, h uint32) []byte {
	ihdr := []byte("IHDR")
	ihdr = binary.BigEndian.AppendUint32(ihdr, w)
	ihdr = binary.BigEndian.AppendUint32(ihdr, h)
	ihdr = append(ihdr, 8, 6, 0, 0, 0) // 8 bits, RGBA, no interlace
	out := append([]byte(nil), pngMagic...)
	out = binary.BigEndian.AppendUint32(out, 13)
	out = append(out, ihdr...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(ihdr))
}

// resizedJPEG changes only the dimensions that the frame header claims.
func resizedJPEG(t testing.TB, jpeg []byte, w, h uint16) []byte {
	t.Helper()
	out := bytes.Clone(jpeg)
	at := bytes.Index(out, []byte{0xFF, 0xC0}) // SOF0, length (2), precision (1), height, width
	if at < 0 {
		t.Fatal("no frame header")
	}
	binary.BigEndian.PutUint16(out[at+5:], h)
	binary.BigEndian.PutUint16(out[at+7:], w)
	return out
}

// heif is a file that opens with the given brands, the major one first.
func heif(major string, compatible ...string) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(16+4*len(compatible)))
	b = append(b, "ftyp"+major+"\x00\x00\x00\x00"...)
	for _, brand := range compatible {
		b = append(b, brand...)
	}
	return append(b, "sample contents"...)
}
