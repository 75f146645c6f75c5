package field

import (
	"context"
	"io"

	"fyne.io/fyne/v2"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
)

type planModel interface {
	model[screen.PlanState]
	Tap(x, y float32)
	ChooseRoom(code string)
	OpenPin(id string)
}

// newPlan shows a unit's plan with its pins.
func newPlan(a *App, m planModel) *page {
	plan := kit.NewPinPlan(a.words.Text("field.plan.loading"))
	plan.OnTapped, plan.OnPinTapped = m.Tap, m.OpenPin
	head := kit.NewColumn()
	loaded := screen.Picture{}
	return newPage(a, m, inset(kit.NewFillColumn(plan, head, plan)), func(p *page, s screen.PlanState) {
		p.title = s.Title
		p.anchors.set("plan", plan)
		head.Objects = []fyne.CanvasObject{kit.NewParagraph(s.Hint).Bold()}
		if s.Revision != "" {
			head.Add(kit.NewParagraph(s.Revision).Colored(kit.ColorNeutral))
		}
		switch {
		case !s.HasPlan:
			head.Add(p.chips("plan.room", s.Rooms, m.ChooseRoom))
			plan.SetMessage(p.text("field.plan.no_drawing"))
		case !s.Here:
			plan.SetMessage(p.text("field.plan.not_here"))
		case loaded != s.Plan:
			loaded = s.Plan
			p.loadPlan(plan, s.Plan, nil)
		}
		plan.SetPins(pinsOf(s.Pins))
		head.Refresh()
		p.root.Refresh()
	})
}

// loadPlan shows a drawing; then runs when it is there, unless the page has
// gone.
func (p *page) loadPlan(plan *kit.PinPlan, pic screen.Picture, then func()) {
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = append(p.stop, cancel)
	open := func() (io.ReadCloser, error) { return p.app.pictures.Picture(ctx, pic) }
	plan.Load(ctx, open, nil, func(err error) {
		switch {
		case err != nil:
			plan.SetMessage(p.text("field.plan.unreadable"))
		case then != nil:
			then()
		}
	})
}

func pinsOf(marks []screen.PinMark) []kit.Pin {
	pins := make([]kit.Pin, len(marks))
	for i, m := range marks {
		pins[i] = kit.Pin{ID: m.ID, X: m.X, Y: m.Y, Label: m.Label, Status: tone(m.Tone), Selected: m.Selected}
	}
	return pins
}
