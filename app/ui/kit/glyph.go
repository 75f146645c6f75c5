package kit

import (
	_ "embed" // the glyphs

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Each glyph is one path in one colour with its marks cut out as holes
// (opposite winding), because Fyne recolours an SVG by replacing every fill.
var (
	//go:embed glyphs/ok.svg
	svgOK []byte
	//go:embed glyphs/bad.svg
	svgBad []byte
	//go:embed glyphs/warn.svg
	svgWarn []byte
	//go:embed glyphs/info.svg
	svgInfo []byte
	//go:embed glyphs/pending.svg
	svgPending []byte
	//go:embed glyphs/neutral.svg
	svgNeutral []byte
	//go:embed glyphs/dash.svg
	svgDash []byte
	//go:embed glyphs/upload.svg
	svgUpload []byte
	//go:embed glyphs/backspace.svg
	svgBackspace []byte
)

// Glyphs that are no status: not applicable, waiting for upload, delete a digit.
var (
	glyphDash      = glyph("dash", svgDash, ColorNeutral)
	glyphUpload    = glyph("upload", svgUpload, ColorPending)
	glyphBackspace = glyph("backspace", svgBackspace, theme.ColorNameForeground)
)

func glyph(name string, svg []byte, color fyne.ThemeColorName) fyne.Resource {
	return theme.NewColoredResource(fyne.NewStaticResource("kit-"+name+".svg", svg), color)
}
