package fonts

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"github.com/go-text/typesetting/font"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// A name typed on any Chinese office computer consists of GBK characters, so every one of them must have a glyph.
func TestWholeOfGBKHasGlyphs(t *testing.T) {
	for name, data := range weights() {
		face, err := font.ParseTTF(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		checked := 0
		for lead := 0x81; lead <= 0xFE; lead++ {
			for trail := 0x40; trail <= 0xFE; trail++ {
				text, err := simplifiedchinese.GBK.NewDecoder().Bytes([]byte{byte(lead), byte(trail)})
				if err != nil {
					continue
				}
				r, size := utf8.DecodeRune(text)
				if r == utf8.RuneError || size != len(text) || r >= 0xE000 && r < 0xF900 {
					continue // a hole in the code page, or its private use area
				}
				checked++
				if r == '≒' {
					continue // the one that Noto Sans CJK itself lacks
				}
				if _, ok := face.NominalGlyph(r); !ok {
					t.Errorf("%s: no glyph for %q (%U)", name, r, r)
				}
			}
		}
		if checked < 21_700 {
			t.Errorf("%s: only %d characters of GBK looked at", name, checked)
		}
	}
}
