package field

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
)

type homeModel interface {
	model[screen.HomeState]
	Search(query string)
	ShowAll(group string)
	OpenTask(id string)
	OpenUnit(id string)
	ContinueDraft(key string)
	DiscardDraft(key string)
	Understood()
	Go(r screen.Route)
}

// newHome shows the inspector's day.
func newHome(a *App, m homeModel) *page {
	content := newScrolling()
	search := widget.NewEntry()
	search.SetPlaceHolder(a.words.Text("field.home.search"))
	search.OnChanged = m.Search
	p := newPage(a, m, content.body, func(p *page, s screen.HomeState) {
		p.title = p.text("field.home.title", "person", s.Person, "date", s.Date)
		p.anchors.set("home.search", search)
		buildings := p.button("home.buildings", p.text("field.home.buildings"), theme.GridIcon(), kit.Primary, func() {
			m.Go(screen.Route{Place: screen.PlaceBuildings})
		})
		objects := []fyne.CanvasObject{}
		if s.Restored != "" {
			banner := kit.NewBanner(kit.StatusInfo, s.Restored).AddAction(p.text("field.understood"), m.Understood)
			p.anchors.setPart("home.restored", banner, tappable(0))
			objects = append(objects, banner)
		}
		if s.Conflicts != "" {
			banner := kit.NewBanner(kit.StatusWarn, s.Conflicts).AddAction(p.text("conflict.choose"), func() {
				m.Go(screen.Route{Place: screen.PlaceConflicts})
			})
			p.anchors.setPart("home.conflicts", banner, tappable(0))
			objects = append(objects, banner)
		}
		for _, d := range s.Drafts {
			objects = append(objects, p.draft(m, d))
		}
		objects = append(objects, kit.NewRow(search, search, buildings))
		for _, u := range s.Found {
			objects = append(objects, p.row("home.unit."+u.ID, u.Title, u.Detail, u.Tone, u.State, func() { m.OpenUnit(u.ID) }))
		}
		head := kit.NewParagraph(s.Project).Colored(kit.ColorNeutral)
		objects = append(objects, kit.NewRow(head, head, kit.NewStatusBadge(tone(s.Link.Tone), s.Link.Text)))
		if s.Empty != "" {
			objects = append(objects, kit.NewBanner(kit.StatusInfo, s.Empty))
		}
		left, right := kit.NewColumn(), kit.NewColumn()
		for i, g := range s.Groups {
			side := left
			if i >= (len(s.Groups)+1)/2 {
				side = right
			}
			side.Add(p.taskGroup(m, g))
		}
		objects = append(objects, twoSides(left, right))
		content.fill(objects...)
	})
	return p
}

// draft offers a half-filled form.
func (p *page) draft(m homeModel, d screen.DraftLine) fyne.CanvasObject {
	banner := kit.NewBanner(kit.StatusPending, p.text("field.home.draft", "title", d.Title, "detail", d.Detail))
	banner.AddAction(p.text("field.home.continue"), func() { m.ContinueDraft(d.Key) })
	banner.AddAction(p.text("field.home.discard"), func() {
		p.app.ask(p.text("field.home.discard_ask"), p.text("field.home.discard"), func() { m.DiscardDraft(d.Key) })
	})
	p.anchors.setPart("home.draft."+d.Key+".continue", banner, tappable(0))
	p.anchors.setPart("home.draft."+d.Key+".discard", banner, tappable(1))
	return banner
}

func (p *page) taskGroup(m homeModel, g screen.TaskGroup) fyne.CanvasObject {
	column := kit.NewColumn(kit.NewHeading(g.Title))
	for i, t := range g.Tasks {
		row := p.row("home.task."+t.ID, t.Title, t.Detail, t.Tone, t.State, func() { m.OpenTask(t.ID) })
		p.anchors.set("home."+g.ID+"."+decimal(i), row)
		column.Add(row)
	}
	if g.More > 0 {
		column.Add(p.button("home.more."+g.ID, p.text("field.home.more", "count", decimal(g.More)), theme.MoreHorizontalIcon(), kit.Quiet, func() { m.ShowAll(g.ID) }))
	}
	return column
}
