package fonts

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-text/typesetting/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
)

// shown holds what the app must be able to show: everyday words, rare characters of names, marks, units, two scripts.
const shown = "裂缝空鼓验房交付业主维修单元龘喆堃镕淼翀璟，。；：？！“”‘’《》（）、…—·" +
	"✓×⚠●○■□▲▼◆◇★☆←↑→↓①②⑩⑳㎡㎜℃№°±≤≥÷½²³¥€１２０１＃" +
	"ABCXYZabcxyz0123456789#%&@[]{}éüñßÆ"

func weights() map[string][]byte {
	return map[string][]byte{"regular": Regular, "bold": Bold}
}

// Fyne shapes and draws with go-text: what that cannot load, Fyne silently replaces.
func TestGoTextLoadsEveryGlyph(t *testing.T) {
	for name, data := range weights() {
		face, err := font.ParseTTF(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if bold := face.Describe().Aspect.Weight >= font.WeightSemibold; bold != (name == "bold") {
			t.Errorf("%s: says of itself that bold is %v", name, bold)
		}
		for _, r := range shown {
			gid, ok := face.NominalGlyph(r)
			if !ok || gid == 0 {
				t.Errorf("%s: no glyph for %q", name, r)
				continue
			}
			outline, ok := face.GlyphData(gid).(font.GlyphOutline)
			if !ok || len(outline.Segments) == 0 {
				t.Errorf("%s: %q has no outline", name, r)
			}
		}
	}
}

// The sample drawings and other server-side pictures draw with golang.org/x/image.
func TestXImageLoadsEveryGlyph(t *testing.T) {
	for name, data := range weights() {
		parsed, err := opentype.Parse(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var buf sfnt.Buffer
		for _, r := range shown {
			gid, err := parsed.GlyphIndex(&buf, r)
			if err != nil || gid == 0 {
				t.Errorf("%s: no glyph for %q (%v)", name, r, err)
				continue
			}
			if _, err := parsed.LoadGlyph(&buf, gid, 1000<<6, nil); err != nil {
				t.Errorf("%s: outline of %q: %v", name, r, err)
			}
		}
	}
}

// The licence must travel with the fonts, and a font must stay small enough to be embedded in a tablet app.
func TestLicenceAndSize(t *testing.T) {
	if !strings.Contains(License, "SIL OPEN FONT LICENSE Version 1.1") {
		t.Error("OFL.txt is not the licence")
	}
	for name, data := range weights() {
		if len(data) > 6<<20 {
			t.Errorf("%s is %d bytes: more than GBK was kept", name, len(data))
		}
	}
}
