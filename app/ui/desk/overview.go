package desk

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
)

// overview shows the evidence first, then what was decided and by when.
func (d *detailPane) overview() []fyne.CanvasObject {
	t := d.ticket
	var objects []fyne.CanvasObject
	if t.Description != "" {
		objects = append(objects, kit.NewParagraph(t.Description))
	}
	objects = append(objects, d.evidence(t.Evidence)...)
	objects = append(objects, facts(d.app.text("desk.ui.dues"), t.Dues)...)
	objects = append(objects, facts(d.app.text("desk.ui.decisions"), t.Decisions)...)
	if len(t.Lost) > 0 {
		objects = append(objects, kit.NewHeading(d.app.text("conflict.replaced_here")))
	}
	for _, l := range t.Lost {
		objects = append(objects, d.app.lost("ticket.again."+l.Key, l, false))
	}
	return objects
}

func (d *detailPane) evidence(e desk.Evidence) []fyne.CanvasObject {
	objects := []fyne.CanvasObject{kit.NewHeading(d.app.text("desk.ui.evidence"))}
	if e.Missing != "" {
		objects = append(objects, toned(desk.ToneWarn, e.Missing))
	}
	objects = append(objects, d.strip("before", "before", e.Before)...)
	objects = append(objects, d.strip("after", "after", e.After)...)
	objects = append(objects, d.strip("work", "work", e.Work)...)
	objects = append(objects, d.strip("checks", "checks", e.Checks)...)
	if e.Plan != nil {
		plan := d.media.plan(d.page, *e.Plan)
		d.app.anchors.mark("ticket.plan", plan)
		objects = append(objects, caption(d.app.text("desk.ui.plan", "room", e.Plan.Label)), plan)
	}
	for _, f := range e.Facts {
		objects = append(objects, fact(f))
	}
	if !e.Duplicate.IsZero() {
		objects = append(objects, toned(desk.ToneInfo, e.DuplicateLabel), d.link("ticket.link", d.app.text("desk.ui.open_ticket"), e.Duplicate))
	}
	return append(objects, newGap(theme.Padding()))
}

// planHeight shows a room with its surroundings.
const planHeight = 240

// strip is photos of one kind; group names this strip among those of the ticket.
func (d *detailPane) strip(group, kind string, photos []desk.Photo) []fyne.CanvasObject {
	if len(photos) == 0 {
		return nil
	}
	strip := d.media.strip(group, photos)
	d.app.anchors.mark("ticket.photo."+group, strip)
	return []fyne.CanvasObject{caption(d.app.text("desk.ui.photos." + kind)), overWheel(d.page, strip)}
}
