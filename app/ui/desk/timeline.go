package desk

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
)

// timeWidth holds "2026-09-26 09:00" in small text.
const timeWidth = 128

func (d *detailPane) timeline() []fyne.CanvasObject {
	var objects []fyne.CanvasObject
	for _, e := range d.ticket.Timeline {
		parts := []fyne.CanvasObject{kit.NewParagraph(e.What).Bold()}
		if e.Move != "" {
			parts = append(parts, kit.NewParagraph(e.Move))
		}
		if e.Why != "" {
			parts = append(parts, kit.NewParagraph(e.Why))
		}
		parts = append(parts, caption(e.Who))
		objects = append(objects, newLabelled(timeWidth, caption(e.At), kit.NewColumn(parts...)), newRule())
	}
	return objects
}

// letters shows the notices with their text, the contact log, and what can be
// done to reach the contractor.
func (d *detailPane) letters() []fyne.CanvasObject {
	t := d.ticket
	objects := d.actions("ticket.action.", t.Side)
	objects = append(objects, kit.NewHeading(d.app.text("desk.ui.notices")))
	if len(t.Notices) == 0 {
		objects = append(objects, caption(d.app.text("desk.ui.no_notices")))
	}
	for _, n := range t.Notices {
		objects = append(objects, d.notice(n))
	}
	objects = append(objects, kit.NewHeading(d.app.text("desk.ui.contacts")))
	if len(t.Contacts) == 0 {
		objects = append(objects, caption(d.app.text("desk.ui.no_contacts")))
	}
	for _, c := range t.Contacts {
		objects = append(objects, contact(c), newRule())
	}
	return objects
}

func (d *detailPane) notice(n desk.Notice) fyne.CanvasObject {
	title := kit.NewParagraph(n.Title).Bold()
	parts := []fyne.CanvasObject{
		kit.NewRow(title, title, kit.NewStatusBadge(statuses[n.Tone], n.Delivered)),
		caption(d.app.text("desk.ui.notice_dates", "party", n.Party, "issued", n.Issued, "due", n.Due)),
		kit.NewParagraph(n.Text),
	}
	parts = append(parts, d.strip("proof."+n.Title, "proof", n.Proof)...)
	parts = append(parts, d.actions("notice.deliver.", n.Actions)...)
	return newPanel(kit.ColorNeutralTint, kit.ColorNeutral, kit.NewColumn(parts...))
}

func contact(c desk.Contact) fyne.CanvasObject {
	tone := desk.ToneWarn
	if c.Reached {
		tone = desk.ToneOK
	}
	channel := kit.NewParagraph(c.Channel).Bold()
	parts := []fyne.CanvasObject{container.NewHBox(channel, toned(tone, c.Outcome))}
	if c.Note != "" {
		parts = append(parts, kit.NewParagraph(c.Note))
	}
	parts = append(parts, caption(c.Who))
	return newLabelled(timeWidth, caption(c.At), kit.NewColumn(parts...))
}
