package field

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
)

type unitModel interface {
	model[screen.UnitState]
	ChooseTask(id string)
	OpenRoom(code string)
	AnswerNow(room, row string)
	OpenDefect(id string)
	OpenPlan()
	AddDefect()
	AskComplete()
	Stay()
	Complete()
}

// newUnit shows one flat.
func newUnit(a *App, m unitModel) *page {
	content := newScrolling()
	return newPage(a, m, content.body, func(p *page, s screen.UnitState) {
		p.title = s.Title
		objects := []fyne.CanvasObject{p.unitButtons(m, s)}
		if s.Closing != nil {
			objects = append(objects, p.closing(m, s.Closing))
		}
		if s.NoPlan != "" {
			objects = append(objects, kit.NewBanner(kit.StatusInfo, s.NoPlan))
		}
		about := kit.NewColumn(container.NewHBox(kit.NewStatusBadge(tone(s.Tone), s.State)), facts(s.Facts))
		left := kit.NewColumn(about)
		if len(s.Tasks) > 0 {
			left.Add(kit.NewHeading(p.text("field.unit.tasks")))
			left.Add(p.chips("unit.task", s.Tasks, m.ChooseTask))
		}
		left.Add(kit.NewHeading(p.text("field.unit.defects", "count", decimal(len(s.Defects)))))
		for _, d := range s.Defects {
			left.Add(p.row("unit.defect."+d.ID, d.Title, d.Detail, d.Tone, d.State, func() { m.OpenDefect(d.ID) }))
		}
		right := kit.NewColumn()
		if len(s.Rooms) > 0 {
			right.Add(kit.NewHeading(p.text("field.unit.rooms", "progress", s.Progress)))
		}
		for _, r := range s.Rooms {
			right.Add(p.row("unit.room."+r.Code, r.Name, "", r.Tone, r.Progress, func() { m.OpenRoom(r.Code) }))
		}
		objects = append(objects, twoSides(left, right))
		content.fill(objects...)
	})
}

func (p *page) unitButtons(m unitModel, s screen.UnitState) fyne.CanvasObject {
	buttons := newFlow()
	if len(s.Rooms) > 0 {
		buttons.Add(p.button("unit.checklist", p.text("field.unit.checklist"), theme.ListIcon(), kit.Primary, func() { m.OpenRoom("") }))
	}
	buttons.Add(p.button("unit.plan", p.text("field.unit.plan"), theme.GridIcon(), kit.Plain, m.OpenPlan))
	buttons.Add(p.button("unit.add", p.text("field.unit.add"), theme.ContentAddIcon(), kit.Plain, m.AddDefect))
	if len(s.Rooms) > 0 && !s.TaskDone {
		buttons.Add(p.button("unit.complete", p.text("field.unit.complete"), theme.ConfirmIcon(), kit.Plain, m.AskComplete))
	}
	return buttons
}

// closing asks whether to complete, with all that speaks against it.
func (p *page) closing(m unitModel, c *screen.Closing) fyne.CanvasObject {
	column := kit.NewColumn()
	if len(c.Mandatory) > 0 {
		column.Add(kit.NewBanner(kit.StatusBad, p.text("field.closing.blocked")))
		for _, item := range c.Mandatory {
			column.Add(kit.NewParagraph("· " + item))
		}
	}
	for _, w := range c.Warnings {
		column.Add(kit.NewBanner(kit.StatusWarn, w))
	}
	buttons := newFlow()
	if c.May {
		column.Add(kit.NewParagraph(p.text("field.closing.ask")).Bold())
		buttons.Add(p.button("unit.complete.yes", p.text("field.closing.yes"), theme.ConfirmIcon(), kit.Primary, m.Complete))
	} else {
		buttons.Add(p.button("unit.complete.answer", p.text("field.closing.answer"), theme.ListIcon(), kit.Primary, func() { m.AnswerNow(c.Room, c.Row) }))
	}
	buttons.Add(p.button("unit.complete.no", p.text("field.closing.no"), nil, kit.Plain, m.Stay))
	column.Add(buttons)
	return column
}
