package field

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
)

type defectModel interface {
	model[screen.DefectState]
	Fetch()
	OpenPlan()
	Confirm()
	OpenConflicts()
	TakeAgain(key string)
}

// Heights of the large pictures of a defect, in dp.
const (
	photoHeight = 300
	planHeight  = 320
)

// newDefect shows one recorded defect.
func newDefect(a *App, m defectModel) *page {
	content := newScrolling()
	var plan *kit.PinPlan
	return newPage(a, m, content.body, func(p *page, s screen.DefectState) {
		p.title = s.Title
		buttons := newFlow(kit.NewStatusBadge(tone(s.Tone), s.State))
		if s.Confirmable {
			buttons.Add(p.button("defect.confirm", p.text("field.defect.confirm"), theme.DocumentCreateIcon(), kit.Primary, m.Confirm))
		}
		if s.Pin != nil {
			buttons.Add(p.button("defect.plan", p.text("field.unit.plan"), theme.GridIcon(), kit.Plain, m.OpenPlan))
		}
		if s.Fetchable {
			buttons.Add(p.button("defect.fetch", p.text("field.defect.fetch"), theme.DownloadIcon(), kit.Plain, m.Fetch))
		}
		left := kit.NewColumn()
		if s.Conflict != "" {
			banner := kit.NewBanner(kit.StatusWarn, s.Conflict).AddAction(p.text("conflict.choose"), m.OpenConflicts)
			p.anchors.setPart("defect.conflicts", banner, tappable(0))
			left.Add(banner)
		}
		left.Add(facts(append([]screen.Fact{{Label: p.text("field.defect.unit"), Value: s.Unit}}, s.Facts...)))
		if len(s.Lost) > 0 {
			left.Add(kit.NewHeading(p.text("conflict.replaced_here")))
		}
		for _, l := range s.Lost {
			left.Add(p.lost(l, false, m.TakeAgain))
		}
		if len(s.Timeline) > 0 {
			left.Add(kit.NewHeading(p.text("field.defect.timeline")))
		}
		for _, e := range s.Timeline {
			line := kit.NewColumn(kit.NewParagraph(e.What).Bold())
			if e.Why != "" {
				line.Add(kit.NewParagraph(e.Why))
			}
			left.Add(newPair(timelineWidth, kit.NewParagraph(e.At).Colored(kit.ColorNeutral), line))
		}
		right := kit.NewColumn()
		if s.NoPhotos != "" {
			right.Add(kit.NewBanner(kit.StatusWarn, s.NoPhotos))
		}
		for i, photo := range s.Photos {
			box := p.photoBox(photo.Picture, photoHeight, p.text("field.photo.not_here"))
			right.Add(box)
			right.Add(newFlow(p.photoState(photo.State), p.button("defect.photo."+decimal(i), p.text("field.photo.enlarge"), theme.ZoomInIcon(), kit.Quiet, func() {
				p.app.enlarge(s.Title, photo.Picture)
			})))
		}
		if s.Pin != nil && s.PlanHere {
			if plan == nil {
				plan = kit.NewPinPlan(p.text("field.plan.loading"))
				pin := *s.Pin
				p.loadPlan(plan, s.Plan, func() { plan.CenterOn(pin.X, pin.Y) })
			}
			plan.SetPins(pinsOf([]screen.PinMark{*s.Pin}))
			right.Add(tall(plan, planHeight))
		}
		content.fill(buttons, twoSides(left, right))
	})
}

const timelineWidth = 180

func (p *page) photoState(s screen.PhotoState) fyne.CanvasObject {
	switch s {
	case screen.PhotoConfirmed:
		return kit.NewStatusBadge(kit.StatusOK, p.text("field.photo.confirmed"))
	case screen.PhotoMissing:
		return kit.NewStatusBadge(kit.StatusWarn, p.text("field.photo.not_here"))
	default:
		return kit.NewStatusBadge(kit.StatusPending, p.text("field.photo.waiting"))
	}
}

// tall gives an object a least height in dp.
func tall(o fyne.CanvasObject, height float32) fyne.CanvasObject {
	room := canvas.NewRectangle(theme.Color(kit.ColorPlan))
	room.SetMinSize(fyne.NewSize(0, height))
	return container.NewStack(room, o)
}
