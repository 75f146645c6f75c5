package desk

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
)

// refusal shows a command that the server did not grant: what was asked, why
// not, what is missing, and that the person has taken note of it. opened, which
// may be nil, leads to its ticket.
func (a *App) refusal(place string, r desk.Refusal, opened func()) fyne.CanvasObject {
	title := kit.NewParagraph(r.Title).Bold()
	parts := []fyne.CanvasObject{kit.NewRow(title, glyph(desk.ToneBad), title)}
	if r.Reason != "" {
		parts = append(parts, kit.NewParagraph(r.Reason))
	}
	for _, detail := range r.Details {
		parts = append(parts, kit.NewParagraph("• "+detail))
	}
	parts = append(parts, caption(r.At))
	buttons := container.NewHBox()
	if opened != nil && !r.Ticket.IsZero() {
		buttons.Add(a.button(place+".open."+strconv.FormatUint(r.Seq, 10), a.text("desk.ui.open_ticket"), nil, kit.Plain, opened))
	}
	buttons.Add(a.button(place+".dismiss."+strconv.FormatUint(r.Seq, 10), a.text("desk.ui.dismiss"), theme.ConfirmIcon(), kit.Plain, func() {
		go func() { a.failed(a.Screen.Dismiss(a.ctx, r.Seq)) }()
	}))
	return newPanel(kit.ColorBadTint, kit.ColorBad, kit.NewColumn(append(parts, buttons)...))
}
