package photo

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"

	"golang.org/x/image/draw"
)

// Longest sides of the derived pictures, in pixels, and their JPEG quality.
const (
	WorkSidePx  = 2048
	ThumbSidePx = 320

	jpegQuality = 85
)

// render derives the upright working copy and thumbnail from a decoded picture.
// Encoding from pixels leaves EXIF behind, position included.
func render(src image.Image, orientation int) (work, thumb []byte, err error) {
	// Turning comes after reducing, where it costs a fraction.
	small := orient(reduce(src, WorkSidePx), orientation)
	if work, err = encode(small); err != nil {
		return nil, nil, err
	}
	if thumb, err = encode(reduce(small, ThumbSidePx)); err != nil {
		return nil, nil, err
	}
	return work, thumb, nil
}

// reduce scales src down until its longest side is at most longest; a smaller
// picture keeps its size. ApproxBiLinear is about ninety times as fast as
// CatmullRom but looks at four pixels only, so a large step would alias: the
// picture is halved first, where four pixels are all there are.
func reduce(src image.Image, longest int) *image.RGBA {
	w, h := fit(src.Bounds().Dx(), src.Bounds().Dy(), longest)
	for {
		b := src.Bounds()
		if max(b.Dx(), b.Dy()) <= 2*max(w, h) {
			return resample(src, w, h)
		}
		src = resample(src, max(1, b.Dx()/2), max(1, b.Dy()/2))
	}
}

// fit gives the size within longest that keeps the proportions of w × h.
func fit(w, h, longest int) (int, int) {
	side := max(w, h)
	if side <= longest {
		return w, h
	}
	return max(1, (w*longest+side/2)/side), max(1, (h*longest+side/2)/side)
}

// resample draws src at w × h onto white, because JPEG has no transparency.
func resample(src image.Image, w, h int) *image.RGBA {
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(dst, dst.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(dst, dst.Bounds(), src, src.Bounds(), draw.Over, nil)
	return dst
}

func encode(img image.Image) ([]byte, error) {
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, img, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return nil, &Error{Code: CodeUnsupported, Err: fmt.Errorf("encode rendition: %w", err)}
	}
	return buf.Bytes(), nil
}
