package kit

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Colours of the statuses, to be looked up in the theme. The strong colour is
// for text and glyphs, the tint for the area behind it.
const (
	ColorNeutral     fyne.ThemeColorName = "keyturnNeutral"
	ColorNeutralTint fyne.ThemeColorName = "keyturnNeutralTint"
	ColorOK          fyne.ThemeColorName = "keyturnOK"
	ColorOKTint      fyne.ThemeColorName = "keyturnOKTint"
	ColorWarn        fyne.ThemeColorName = "keyturnWarn"
	ColorWarnTint    fyne.ThemeColorName = "keyturnWarnTint"
	ColorBad         fyne.ThemeColorName = "keyturnBad"
	ColorBadTint     fyne.ThemeColorName = "keyturnBadTint"
	ColorInfo        fyne.ThemeColorName = "keyturnInfo"
	ColorInfoTint    fyne.ThemeColorName = "keyturnInfoTint"
	ColorPending     fyne.ThemeColorName = "keyturnPending"
	ColorPendingTint fyne.ThemeColorName = "keyturnPendingTint"

	// ColorPlan is the surface around a plan, photo or empty thumbnail.
	ColorPlan fyne.ThemeColorName = "keyturnPlan"
)

// palette keeps every text at 4.5:1 or better against what it stands on
// (WCAG 2.1, 1.4.3), disabled text included: greyed-out reasons must be legible
// in sunlight too. The theme test computes the ratios.
var palette = map[fyne.ThemeColorName]color.Color{
	ColorNeutral:     rgb(0x49, 0x50, 0x57),
	ColorNeutralTint: rgb(0xF1, 0xF3, 0xF5),
	ColorOK:          rgb(0x0F, 0x62, 0x2D),
	ColorOKTint:      rgb(0xDD, 0xF3, 0xE3),
	ColorWarn:        rgb(0x85, 0x46, 0x00),
	ColorWarnTint:    rgb(0xFF, 0xEF, 0xD0),
	ColorBad:         rgb(0xA8, 0x12, 0x1B),
	ColorBadTint:     rgb(0xFD, 0xE3, 0xE3),
	ColorInfo:        rgb(0x0A, 0x4F, 0x9C),
	ColorInfoTint:    rgb(0xE1, 0xEE, 0xFC),
	ColorPending:     rgb(0x5B, 0x35, 0x9B),
	ColorPendingTint: rgb(0xEF, 0xE8, 0xFB),
	ColorPlan:        rgb(0xE3, 0xE6, 0xEA),

	theme.ColorNameBackground:          rgb(0xFF, 0xFF, 0xFF),
	theme.ColorNameForeground:          rgb(0x0E, 0x12, 0x16),
	theme.ColorNameButton:              rgb(0xE6, 0xE9, 0xED),
	theme.ColorNameDisabledButton:      rgb(0xF1, 0xF3, 0xF5),
	theme.ColorNameDisabled:            rgb(0x5F, 0x67, 0x70),
	theme.ColorNamePlaceHolder:         rgb(0x5A, 0x62, 0x6B),
	theme.ColorNamePrimary:             rgb(0x0A, 0x4F, 0x9C),
	theme.ColorNameHyperlink:           rgb(0x0A, 0x4F, 0x9C),
	theme.ColorNameForegroundOnPrimary: rgb(0xFF, 0xFF, 0xFF),
	theme.ColorNameError:               rgb(0xA8, 0x12, 0x1B),
	theme.ColorNameForegroundOnError:   rgb(0xFF, 0xFF, 0xFF),
	theme.ColorNameSuccess:             rgb(0x0F, 0x62, 0x2D),
	theme.ColorNameForegroundOnSuccess: rgb(0xFF, 0xFF, 0xFF),
	theme.ColorNameWarning:             rgb(0x85, 0x46, 0x00),
	theme.ColorNameForegroundOnWarning: rgb(0xFF, 0xFF, 0xFF),
	theme.ColorNameHeaderBackground:    rgb(0xF1, 0xF3, 0xF5),
	theme.ColorNameInputBackground:     rgb(0xFF, 0xFF, 0xFF),
	theme.ColorNameInputBorder:         rgb(0x6B, 0x72, 0x7B),
	theme.ColorNameMenuBackground:      rgb(0xFF, 0xFF, 0xFF),
	theme.ColorNameOverlayBackground:   rgb(0xFF, 0xFF, 0xFF),
	theme.ColorNameSeparator:           rgb(0xB4, 0xBA, 0xC2),
	theme.ColorNameScrollBar:           rgba(0x0E, 0x12, 0x16, 0x99),
	theme.ColorNameScrollBarBackground: rgb(0xE6, 0xE9, 0xED),
	theme.ColorNameHover:               rgba(0x0E, 0x12, 0x16, 0x14),
	theme.ColorNamePressed:             rgba(0x0E, 0x12, 0x16, 0x33),
	theme.ColorNameFocus:               rgba(0x0A, 0x4F, 0x9C, 0x38),
	theme.ColorNameSelection:           rgba(0x0A, 0x4F, 0x9C, 0x38),
	theme.ColorNameShadow:              rgba(0x00, 0x00, 0x00, 0x44),
}

func rgb(r, g, b uint8) color.Color { return color.NRGBA{R: r, G: g, B: b, A: 0xFF} }

func rgba(r, g, b, a uint8) color.Color { return color.NRGBA{R: r, G: g, B: b, A: a} }
