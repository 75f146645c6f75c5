package desk

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
)

// thirdParty shows what holds, what is missing and what can be done.
func (d *detailPane) thirdParty() []fyne.CanvasObject {
	t := d.ticket.Third
	var objects []fyne.CanvasObject
	if t.Number != "" {
		number := kit.NewHeading(t.Number)
		objects = append(objects, kit.NewRow(number, number, kit.NewStatusBadge(statuses[t.Tone], t.Status)))
	}
	objects = append(objects, d.actions("gate.", t.Actions)...)
	for _, f := range t.Facts {
		objects = append(objects, fact(f))
	}
	objects = append(objects, kit.NewHeading(d.app.text("desk.ui.triggers")))
	if t.NoneHold != "" {
		objects = append(objects, toned(desk.ToneNeutral, t.NoneHold))
	}
	for _, hit := range t.Triggers {
		name := kit.NewParagraph(hit.Label + " " + hit.Value).Bold()
		objects = append(objects, kit.NewRow(name, glyph(hit.Tone), name), caption(hit.Reason))
	}
	objects = append(objects, newGap(theme.Padding()))
	objects = append(objects, gate(t.Engagement)...)
	objects = append(objects, gate(t.Charge)...)
	if len(t.Charges) > 0 {
		objects = append(objects, kit.NewHeading(d.app.text("desk.ui.charges")))
	}
	for _, c := range t.Charges {
		objects = append(objects, d.app.charge(c, false, d.actions))
	}
	return objects
}

// gate is a checklist: what exists and what is missing, in words.
func gate(g desk.Gate) []fyne.CanvasObject {
	status := kit.StatusWarn
	if g.Open {
		status = kit.StatusOK
	}
	title := kit.NewHeading(g.Title)
	objects := []fyne.CanvasObject{kit.NewRow(title, title, kit.NewStatusBadge(status, g.Verdict))}
	for _, f := range g.Facts {
		tone := desk.ToneBad
		if f.Met {
			tone = desk.ToneOK
		}
		label := kit.NewParagraph(f.Label)
		objects = append(objects, newLabelled(gateLabelWidth, kit.NewRow(label, glyph(tone), label),
			kit.NewColumn(kit.NewParagraph(f.Have).Bold().Colored(statuses[tone].Color()), caption(f.Detail))))
	}
	return append(objects, newGap(theme.Padding()))
}

// gateLabelWidth holds the longest name of a fact beside its silhouette.
const gateLabelWidth = 200

// charge is a back-charge with what can be done about it; named says whether it
// names its ticket.
func (a *App) charge(c desk.Charge, named bool, actions func(prefix string, list []desk.Action) []fyne.CanvasObject) fyne.CanvasObject {
	total := kit.NewParagraph(c.Total).Bold()
	parts := []fyne.CanvasObject{kit.NewRow(total, total, kit.NewStatusBadge(statuses[c.Tone], c.State))}
	if named {
		parts = append(parts, caption(c.Number+" · "+c.Party))
	}
	parts = append(parts, kit.NewParagraph(c.How), caption(c.At))
	parts = append(parts, actions("charge."+c.Number+".", c.Actions)...)
	return newPanel(kit.ColorNeutralTint, kit.ColorNeutral, kit.NewColumn(parts...))
}
