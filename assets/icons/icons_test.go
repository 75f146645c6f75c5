package icons

import (
	"bytes"
	"image/png"
	"testing"
)

// Desktops and `fyne package` scale the icon down, never up: it has to be square and large.
func TestIconIsSquareWithTransparentCorners(t *testing.T) {
	icon, err := png.Decode(bytes.NewReader(Keyturn))
	if err != nil {
		t.Fatal(err)
	}
	if size := icon.Bounds().Size(); size.X != 512 || size.Y != 512 {
		t.Errorf("size %v, want 512×512", size)
	}
	if _, _, _, alpha := icon.At(0, 0).RGBA(); alpha != 0 {
		t.Error("the corner is not transparent")
	}
	if _, _, _, alpha := icon.At(256, 256).RGBA(); alpha != 0xFFFF {
		t.Error("the middle is not opaque")
	}
}
