package field

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
)

type formModel interface {
	model[screen.FormState]
	Search(query string)
	Pick(code string)
	ChooseRoom(code string)
	ChooseSeverity(name string)
	Describe(text string)
	AddPhoto(path string)
	RemovePhoto(id string)
	PlacePin()
	Link(id string, linked bool)
	Save()
	Discard()
	Left()
}

// form draws a defect while it is filled in. Its entries and photos live as long
// as the page; the rest is drawn with every State.
type form struct {
	*page
	m      formModel
	search *widget.Entry
	words  *widget.Entry
	photos *strip
	begun  bool
}

// newForm fills in a defect.
func newForm(a *App, m formModel) *page {
	content := newScrolling()
	head := kit.NewColumn()
	f := &form{m: m, search: widget.NewEntry(), words: widget.NewMultiLineEntry()}
	f.search.SetPlaceHolder(a.words.Text("field.form.search"))
	f.words.SetPlaceHolder(a.words.Text("field.form.describe"))
	f.words.Wrapping = fyne.TextWrapBreak
	f.words.SetMinRowsVisible(2)
	p := newPage(a, m, kit.NewFillColumn(content.body, inset(head), content.body), func(p *page, s screen.FormState) {
		p.title = s.Unit
		f.begin(s)
		head.Objects = f.head(s)
		head.Refresh()
		content.fill(twoSides(f.where(s), f.what(s)))
		p.root.Refresh()
	})
	f.page = p
	f.photos = p.newStrip(m.AddPhoto, f.askRemove)
	p.left = m.Left
	return p
}

// begin fills the entries once; afterwards the person's typing leads.
func (f *form) begin(s screen.FormState) {
	if !f.begun {
		f.begun = true
		f.words.SetText(s.Description)
		f.words.OnChanged = f.m.Describe
		f.search.OnChanged = f.m.Search
	}
}

// choose picks a defect, which ends the search.
func (f *form) choose(code string) {
	f.search.OnChanged = nil
	f.search.SetText("")
	f.search.OnChanged = f.m.Search
	f.m.Pick(code)
}

func (f *form) head(s screen.FormState) []fyne.CanvasObject {
	save := f.button("defect.save", f.text("field.form.save"), theme.ConfirmIcon(), kit.Primary, f.m.Save)
	discard := f.button("defect.discard", f.text("field.form.discard"), theme.DeleteIcon(), kit.Quiet, func() {
		f.app.ask(f.text("field.home.discard_ask"), f.text("field.home.discard"), f.m.Discard)
	})
	title := kit.NewHeading(f.text("field.form.title"))
	if s.Kind != "" {
		title.SetText(s.Kind)
	}
	objects := []fyne.CanvasObject{kit.NewRow(title, title, discard, save)}
	if s.From != "" {
		from := s.From
		if s.Readings != "" {
			from += f.text("field.reading.join") + s.Readings
		}
		objects = append(objects, kit.NewParagraph(from).Colored(kit.ColorNeutral))
	}
	if s.Missing != "" {
		save.Disable()
		objects = append(objects, kit.NewBanner(kit.StatusInfo, s.Missing))
	}
	if d := s.Duplicate; d != nil {
		objects = append(objects, f.duplicate(d))
	}
	return objects
}

// duplicate offers to link an earlier defect; it never refuses.
func (f *form) duplicate(d *screen.DuplicateHint) fyne.CanvasObject {
	if d.Linked {
		banner := kit.NewBanner(kit.StatusOK, f.text("field.form.linked", "what", d.Text)).AddAction(f.text("field.form.unlink"), func() { f.m.Link(d.ID, false) })
		f.anchors.setPart("defect.unlink", banner, tappable(0))
		return banner
	}
	banner := kit.NewBanner(kit.StatusWarn, d.Text).AddAction(f.text("field.form.link"), func() { f.m.Link(d.ID, true) })
	f.anchors.setPart("defect.link", banner, tappable(0))
	return banner
}

// where is the side of place and evidence: photos, room, severity, pin, words.
func (f *form) where(s screen.FormState) fyne.CanvasObject {
	f.photos.fill(s.Photos)
	f.anchors.setPart("defect.photo.add", f.photos, tappable(0))
	for i := range s.Photos {
		f.anchors.setPart("defect.photo."+decimal(i), f.photos, tappable(i+1))
	}
	f.anchors.set("defect.words", f.words)
	column := kit.NewColumn(kit.NewHeading(f.text("field.form.photos")), f.photos)
	if s.PhotosMissing != "" {
		column.Add(verdictLine(kit.StatusWarn, s.PhotosMissing))
	}
	column.Add(kit.NewHeading(f.text("field.form.room")))
	column.Add(f.chips("defect.room", s.Rooms, f.m.ChooseRoom))
	column.Add(kit.NewHeading(f.text("field.form.severity")))
	column.Add(f.chips("defect.severity", s.Severity, f.m.ChooseSeverity))
	column.Add(f.pin(s))
	column.Add(kit.NewHeading(f.text("field.form.description")))
	column.Add(f.words)
	phrases := newFlow()
	for i, phrase := range s.Phrases {
		phrases.Add(f.button("defect.phrase."+decimal(i), phrase, theme.HistoryIcon(), kit.Plain, func() { f.words.SetText(phrase) }))
	}
	if len(s.Phrases) > 0 {
		column.Add(phrases)
	}
	return column
}

func (f *form) pin(s screen.FormState) fyne.CanvasObject {
	caption := f.text("field.form.place_pin")
	if s.Pin != "" {
		caption = f.text("field.form.move_pin")
	}
	button := f.button("defect.pin", caption, theme.GridIcon(), kit.Plain, f.m.PlacePin)
	if !s.HasPlan {
		return kit.NewParagraph(f.text("field.form.no_plan")).Colored(kit.ColorNeutral)
	}
	state := kit.NewStatusBadge(kit.StatusNeutral, f.text("field.form.no_pin"))
	if s.Pin != "" {
		state.SetStatus(kit.StatusOK, s.Pin)
	}
	return newFlow(button, state)
}

// what is the side of the defect library.
func (f *form) what(s screen.FormState) fyne.CanvasObject {
	f.anchors.set("defect.search", f.search)
	column := kit.NewColumn(kit.NewHeading(f.text("field.form.kind")), f.search)
	for _, pick := range s.Picks {
		column.Add(f.pick("defect.pick.", pick))
	}
	if len(s.Recent) > 0 {
		column.Add(kit.NewHeading(f.text("field.form.recent")))
		flow := newFlow()
		for _, r := range s.Recent {
			flow.Add(f.button("defect.recent."+r.Code, r.Name, theme.HistoryIcon(), kit.Plain, func() { f.choose(r.Code) }))
		}
		column.Add(flow)
	}
	return column
}

func (f *form) pick(prefix string, pick screen.PickLine) fyne.CanvasObject {
	t, state := screen.ToneNeutral, ""
	if pick.Chosen {
		t, state = screen.ToneOK, f.text("field.form.chosen")
	}
	return f.row(prefix+pick.Code, pick.Name, pick.Detail, t, state, func() { f.choose(pick.Code) })
}

func (f *form) askRemove(id string) {
	f.app.ask(f.text("field.form.remove_photo"), f.text("field.form.remove"), func() { f.m.RemovePhoto(id) })
}
