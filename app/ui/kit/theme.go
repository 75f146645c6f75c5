package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Density chooses the sizes of a theme.
type Density int

// The two densities.
const (
	Tablet Density = iota // gloves and one hand: controls from 48 dp, text from 16 sp
	Desk                  // mouse and keyboard: controls from 36 dp, text 15 sp
)

// SizeNameTouch is the smallest edge of anything that can be tapped, in dp.
const SizeNameTouch fyne.ThemeSizeName = "keyturnTouch"

// Theme returns the product's light theme. It stays light whatever the system
// prefers, because dark screens cannot be read in sunlight. regular and bold
// are TrueType or OpenType files; a nil slice leaves Fyne's own font, which has
// no Chinese. Bold serves bold text, regular all other text, monospace
// included, so that Chinese looks the same everywhere.
func Theme(regular, bold []byte, density Density) fyne.Theme {
	t := &kitTheme{base: theme.DefaultTheme(), sizes: tabletSizes}
	if density == Desk {
		t.sizes = deskSizes
	}
	if len(regular) > 0 {
		t.regular = fyne.NewStaticResource("keyturn-regular", regular)
	}
	if len(bold) > 0 {
		t.bold = fyne.NewStaticResource("keyturn-bold", bold)
	}
	return t
}

type kitTheme struct {
	base          fyne.Theme
	regular, bold fyne.Resource
	sizes         map[fyne.ThemeSizeName]float32
}

func (t *kitTheme) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Bold && t.bold != nil:
		return t.bold
	case !style.Bold && t.regular != nil:
		return t.regular
	}
	return t.base.Font(style)
}

func (t *kitTheme) Icon(name fyne.ThemeIconName) fyne.Resource { return t.base.Icon(name) }

func (t *kitTheme) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	if c, ok := palette[name]; ok {
		return c
	}
	return t.base.Color(name, theme.VariantLight)
}

func (t *kitTheme) Size(name fyne.ThemeSizeName) float32 {
	if s, ok := t.sizes[name]; ok {
		return s
	}
	return t.base.Size(name)
}

// A stock control is as high as its line of text plus twice the inner padding.
// A line is 1.36 (Fyne's font) to 1.45 (Noto Sans CJK) times the text size:
// 23 + 2×12.5 = 48 dp on the tablet, 20 + 2×8 = 36 dp at the desk.
var (
	tabletSizes = map[fyne.ThemeSizeName]float32{
		SizeNameTouch:                 48,
		theme.SizeNameText:            17,
		theme.SizeNameCaptionText:     16,
		theme.SizeNameSubHeadingText:  20,
		theme.SizeNameHeadingText:     26,
		theme.SizeNameInlineIcon:      24,
		theme.SizeNameInnerPadding:    12.5,
		theme.SizeNamePadding:         6,
		theme.SizeNameScrollBar:       20,
		theme.SizeNameScrollBarSmall:  6,
		theme.SizeNameInputBorder:     2,
		theme.SizeNameInputRadius:     8,
		theme.SizeNameSelectionRadius: 6,
	}
	deskSizes = map[fyne.ThemeSizeName]float32{
		SizeNameTouch:                36,
		theme.SizeNameText:           15,
		theme.SizeNameCaptionText:    14,
		theme.SizeNameSubHeadingText: 18,
		theme.SizeNameHeadingText:    22,
		theme.SizeNameInlineIcon:     20,
		theme.SizeNameInnerPadding:   8,
		theme.SizeNamePadding:        4,
		theme.SizeNameScrollBar:      14,
		theme.SizeNameScrollBarSmall: 4,
		theme.SizeNameInputBorder:    1,
		theme.SizeNameInputRadius:    6,
	}
)
