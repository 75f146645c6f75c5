package kit

import (
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// luminance is the relative luminance of WCAG 2.1.
func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		s := float64(v) / 0xFFFF
		if s <= 0.03928 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

// contrast is the contrast ratio of WCAG 2.1, 1..21.
func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// over lays a translucent colour on an opaque one.
func over(top, bottom color.Color) color.Color {
	tr, tg, tb, ta := top.RGBA()
	br, bg, bb, _ := bottom.RGBA()
	mix := func(t, b uint32) uint16 { return uint16(t + b*(0xFFFF-ta)/0xFFFF) }
	return color.RGBA64{mix(tr, br), mix(tg, bg), mix(tb, bb), 0xFFFF}
}

func TestContrastFormula(t *testing.T) {
	if got := contrast(color.Black, color.White); math.Abs(got-21) > 0.01 {
		t.Errorf("black on white = %.2f, want 21", got)
	}
	if got := contrast(rgb(0x77, 0x77, 0x77), color.White); math.Abs(got-4.48) > 0.01 {
		t.Errorf("#777 on white = %.2f, want 4.48", got)
	}
}

func TestThemeContrast(t *testing.T) {
	test.NewTempApp(t)
	th := Theme(nil, nil, Tablet)
	colour := func(name fyne.ThemeColorName) color.Color { return th.Color(name, theme.VariantDark) }
	type pair struct{ text, ground fyne.ThemeColorName }
	pairs := []pair{
		{theme.ColorNameForeground, theme.ColorNameBackground},
		{theme.ColorNameForeground, theme.ColorNameButton},
		{theme.ColorNameForeground, theme.ColorNameInputBackground},
		{theme.ColorNameForeground, theme.ColorNameHeaderBackground},
		{theme.ColorNameForeground, theme.ColorNameMenuBackground},
		{theme.ColorNameForeground, theme.ColorNameOverlayBackground},
		{theme.ColorNameForeground, ColorPlan},
		{theme.ColorNamePlaceHolder, theme.ColorNameInputBackground},
		{theme.ColorNameDisabled, theme.ColorNameBackground},
		{theme.ColorNameDisabled, theme.ColorNameDisabledButton},
		{theme.ColorNameHyperlink, theme.ColorNameBackground},
		{theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary},
		{theme.ColorNameForegroundOnError, theme.ColorNameError},
		{theme.ColorNameForegroundOnSuccess, theme.ColorNameSuccess},
		{theme.ColorNameForegroundOnWarning, theme.ColorNameWarning},
	}
	for status := range statusStyles {
		s := Status(status)
		pairs = append(pairs, pair{s.Color(), theme.ColorNameBackground}, pair{s.Color(), s.Tint()},
			pair{s.Color(), theme.ColorNameButton}, pair{theme.ColorNameForeground, s.Tint()})
	}
	for _, p := range pairs {
		if got := contrast(colour(p.text), colour(p.ground)); got < 4.5 {
			t.Errorf("%s on %s = %.2f, want 4.5 or more", p.text, p.ground, got)
		}
		for _, veil := range []fyne.ThemeColorName{theme.ColorNameHover, theme.ColorNameFocus} {
			ground := over(colour(veil), colour(p.ground))
			if got := contrast(colour(p.text), ground); got < 3 {
				t.Errorf("%s on %s under %s = %.2f, want 3 or more", p.text, p.ground, veil, got)
			}
		}
	}
	// Non-text contrast, WCAG 1.4.11.
	if got := contrast(colour(theme.ColorNameInputBorder), colour(theme.ColorNameBackground)); got < 3 {
		t.Errorf("input border = %.2f, want 3 or more", got)
	}
}

func TestThemeStaysLight(t *testing.T) {
	test.NewTempApp(t)
	th := Theme(nil, nil, Tablet)
	for _, name := range []fyne.ThemeColorName{theme.ColorNameBackground, theme.ColorNameForeground, ColorBad, theme.ColorNameScrollBar} {
		if th.Color(name, theme.VariantDark) != th.Color(name, theme.VariantLight) {
			t.Errorf("%s differs between the variants", name)
		}
	}
}

func TestThemeFont(t *testing.T) {
	th := Theme([]byte("regular"), []byte("bold"), Tablet)
	for _, c := range []struct {
		style fyne.TextStyle
		want  string
	}{
		{fyne.TextStyle{}, "regular"},
		{fyne.TextStyle{Bold: true}, "bold"},
		{fyne.TextStyle{Monospace: true}, "regular"},
		{fyne.TextStyle{Italic: true}, "regular"},
		{fyne.TextStyle{Symbol: true}, "regular"},
		{fyne.TextStyle{Bold: true, Monospace: true, Italic: true}, "bold"},
	} {
		if got := string(th.Font(c.style).Content()); got != c.want {
			t.Errorf("Font(%+v) = %.20q, want %q", c.style, got, c.want)
		}
	}
	if Theme(nil, nil, Tablet).Font(fyne.TextStyle{}) == nil {
		t.Error("no font without files")
	}
}

func TestThemeSizes(t *testing.T) {
	for _, c := range []struct {
		density     Density
		touch, text float32
	}{{Tablet, 48, 16}, {Desk, 36, 14}} {
		newApp(t, c.density)
		controls := map[string]fyne.CanvasObject{
			"button":       NewButton("保存", nil, Primary, nil),
			"icon button":  NewButton("", theme.ContentAddIcon(), Plain, nil),
			"stock button": widget.NewButton("Save", nil),
			"entry":        widget.NewEntry(),
			"select":       widget.NewSelect([]string{"a"}, nil),
			"check":        widget.NewCheck("a", nil),
			"radio":        widget.NewRadioGroup([]string{"a"}, nil),
		}
		for name, o := range controls {
			if got := o.MinSize().Height; got < c.touch {
				t.Errorf("density %d: %s is %.1f dp high, want %.0f or more", c.density, name, got, c.touch)
			}
		}
		if got := controls["icon button"].MinSize().Width; got < c.touch {
			t.Errorf("density %d: icon button is %.1f dp wide", c.density, got)
		}
		for _, name := range []fyne.ThemeSizeName{
			theme.SizeNameText, theme.SizeNameCaptionText, theme.SizeNameSubHeadingText, theme.SizeNameHeadingText,
		} {
			if got := theme.Size(name); got < c.text {
				t.Errorf("density %d: %s is %.1f sp, want %.0f or more", c.density, name, got, c.text)
			}
		}
	}
}

func TestStatusesDiffer(t *testing.T) {
	test.NewTempApp(t)
	th := Theme(nil, nil, Tablet)
	glyphs, colours := map[string]Status{}, map[color.Color]Status{}
	for i := range statusStyles {
		s := Status(i)
		name := s.Glyph().Name()
		if other, ok := glyphs[name]; ok {
			t.Errorf("statuses %d and %d share the glyph %s", s, other, name)
		}
		glyphs[name] = s
		c := th.Color(s.Color(), theme.VariantLight)
		if other, ok := colours[c]; ok {
			t.Errorf("statuses %d and %d share a colour", s, other)
		}
		colours[c] = s
	}
	for _, s := range []Status{-1, Status(len(statusStyles))} {
		if s.Glyph() != StatusNeutral.Glyph() || s.Color() != ColorNeutral {
			t.Errorf("status %d is not drawn as neutral", s)
		}
	}
}

// Without colour the statuses must still differ: their silhouettes, drawn in
// black, have to share less than three quarters of their ink.
func TestGlyphSilhouettesDiffer(t *testing.T) {
	newApp(t, Tablet)
	glyphs := []fyne.Resource{glyphDash, glyphUpload, glyphBackspace}
	for i := range statusStyles {
		glyphs = append(glyphs, Status(i).Glyph())
	}
	const edge = 48
	shapes := make([][]bool, len(glyphs))
	for i, g := range glyphs {
		picture := showIn(t, widget.NewIcon(g), edge, edge).Canvas().Capture()
		for y := range edge {
			for x := range edge {
				r, _, _, _ := picture.At(x, y).RGBA()
				shapes[i] = append(shapes[i], r < 0xC000)
			}
		}
	}
	for i, a := range shapes {
		for j, b := range shapes[:i] {
			both, either := 0, 0
			for k := range a {
				if a[k] && b[k] {
					both++
				}
				if a[k] || b[k] {
					either++
				}
			}
			if either < edge*edge/8 {
				t.Errorf("%s and %s are nearly blank", glyphs[i].Name(), glyphs[j].Name())
			}
			if share := float64(both) / float64(either); share > 0.75 {
				t.Errorf("%s and %s share %.0f %% of their ink", glyphs[i].Name(), glyphs[j].Name(), share*100)
			}
		}
	}
}
