package photo

import (
	"image"
	"image/color"
	"testing"
)

// TestReduceLooksAtEveryPixel: stripes of two white and two black pixels, laid
// so that one large bilinear step would see the white ones only, become grey.
func TestReduceLooksAtEveryPixel(t *testing.T) {
	src := image.NewGray(image.Rect(0, 0, 1280, 64))
	for i := range src.Pix {
		if x := i % src.Stride % 4; x == 1 || x == 2 {
			src.Pix[i] = 0xFF
		}
	}
	dst := reduce(src, 320)
	if dst.Bounds().Size() != image.Pt(320, 16) {
		t.Fatalf("size %v", dst.Bounds())
	}
	for x := range 320 {
		if grey := color.GrayModel.Convert(dst.At(x, 8)).(color.Gray).Y; grey < 120 || grey > 136 {
			t.Fatalf("pixel %d is %d, not grey", x, grey)
		}
	}
}
