package kit

import "fyne.io/fyne/v2"

// Status is what a cell, pin, badge or banner says. Each status has a colour
// and a silhouette of its own, so that it also reads in sunlight, in
// greyscale and by the colour-blind.
type Status int

// The statuses; a value outside this list is drawn as StatusNeutral.
const (
	StatusNeutral Status = iota // nothing known yet: hollow ring
	StatusOK                    // disc with a tick
	StatusWarn                  // triangle with an exclamation mark
	StatusBad                   // cross
	StatusInfo                  // diamond with an i
	StatusPending               // hourglass
)

// Color is the strong colour of the status, for text and glyphs.
func (s Status) Color() fyne.ThemeColorName { return s.style().strong }

// Tint is the pale colour of the status, for areas behind its text.
func (s Status) Tint() fyne.ThemeColorName { return s.style().tint }

// Glyph is the silhouette of the status in its strong colour. It follows the
// theme when that changes.
func (s Status) Glyph() fyne.Resource { return s.style().glyph }

type statusStyle struct {
	strong, tint fyne.ThemeColorName
	glyph        fyne.Resource
}

var statusStyles = []statusStyle{
	StatusNeutral: {ColorNeutral, ColorNeutralTint, glyph("neutral", svgNeutral, ColorNeutral)},
	StatusOK:      {ColorOK, ColorOKTint, glyph("ok", svgOK, ColorOK)},
	StatusWarn:    {ColorWarn, ColorWarnTint, glyph("warn", svgWarn, ColorWarn)},
	StatusBad:     {ColorBad, ColorBadTint, glyph("bad", svgBad, ColorBad)},
	StatusInfo:    {ColorInfo, ColorInfoTint, glyph("info", svgInfo, ColorInfo)},
	StatusPending: {ColorPending, ColorPendingTint, glyph("pending", svgPending, ColorPending)},
}

func (s Status) style() statusStyle {
	if s < 0 || int(s) >= len(statusStyles) {
		s = StatusNeutral
	}
	return statusStyles[s]
}
