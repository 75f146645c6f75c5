package field

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"keyturn/app/conflict"
	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
	"keyturn/shared/domain"
)

type conflictsModel interface {
	model[screen.ConflictsState]
	Take(key string, side int)
	TakeBoth(key string)
	TakeAgain(key string)
	OpenDefect(key string)
}

// newConflicts shows what several people wrote differently, to be chosen from,
// and below it what was replaced.
func newConflicts(a *App, m conflictsModel) *page {
	content := newScrolling()
	return newPage(a, m, content.body, func(p *page, s screen.ConflictsState) {
		p.title = p.text("conflict.title")
		objects := []fyne.CanvasObject{}
		if s.Empty != "" {
			objects = append(objects, kit.NewBanner(kit.StatusOK, s.Empty))
		} else {
			objects = append(objects, kit.NewHeading(s.OpenTitle), kit.NewParagraph(p.text("conflict.explain")).Colored(kit.ColorNeutral))
		}
		for _, q := range s.Open {
			objects = append(objects, p.question(m, q))
		}
		if len(s.Lost) > 0 {
			objects = append(objects, kit.NewHeading(s.LostTitle), kit.NewParagraph(p.text("conflict.lost_explain")).Colored(kit.ColorNeutral))
		}
		for _, l := range s.Lost {
			objects = append(objects, p.lost(l, true, m.TakeAgain))
		}
		if s.More != "" {
			objects = append(objects, kit.NewParagraph(s.More).Colored(kit.ColorNeutral))
		}
		content.fill(objects...)
	})
}

// sideBySide is the width, in dp, from which the sides of a question stand next
// to each other.
const sideBySide = 640

func (p *page) question(m conflictsModel, q conflict.Question) fyne.CanvasObject {
	id := "conflict." + q.Key
	title := kit.NewColumn(kit.NewParagraph(q.What).Bold().Sized(theme.SizeNameSubHeadingText), kit.NewParagraph(subject(q.Subject)).Colored(kit.ColorNeutral))
	head := kit.NewRow(title, title)
	if q.Entity == domain.EntityDefect {
		head.Add(p.button(id+".open", p.text("conflict.open_defect"), theme.NavigateNextIcon(), kit.Quiet, func() { m.OpenDefect(q.Key) }))
	}
	sides := make([]fyne.CanvasObject, len(q.Sides))
	for i, s := range q.Sides {
		sides[i] = p.side(id+"."+decimal(i), s, func() { m.Take(q.Key, i) })
	}
	card := kit.NewColumn(head, kit.NewResponsive(sideBySide, sides...))
	if q.Both != "" {
		words := kit.NewParagraph(p.text("conflict.both", "text", q.Both))
		both := p.button(id+".both", p.text("conflict.keep_both"), theme.ConfirmIcon(), kit.Primary, func() { m.TakeBoth(q.Key) })
		card.Add(kit.NewRow(words, words, both))
	}
	return panel(kit.ColorWarnTint, kit.ColorWarn, card)
}

// side is one of the values with who gave it and when.
func (p *page) side(id string, s conflict.Side, take func()) fyne.CanvasObject {
	who, keep := s.Who, p.text("conflict.keep_theirs", "who", s.Who)
	if s.Mine {
		who, keep = p.text("conflict.mine", "who", s.Who), p.text("conflict.keep_mine")
	}
	name := kit.NewParagraph(who).Bold()
	head := kit.NewRow(name, name)
	if s.InForce {
		head.Add(kit.NewStatusBadge(kit.StatusInfo, p.text("conflict.in_force")))
	}
	words := kit.NewColumn(head, kit.NewParagraph(s.At).Colored(kit.ColorNeutral).Sized(theme.SizeNameCaptionText), kit.NewParagraph(s.Value).Sized(theme.SizeNameSubHeadingText))
	if s.Detail != "" {
		words.Add(kit.NewParagraph(s.Detail).Colored(kit.ColorNeutral))
	}
	words.Add(newFlow(p.button(id, keep, theme.ConfirmIcon(), kit.Plain, take)))
	return panel(theme.ColorNameBackground, theme.ColorNameSeparator, words)
}

// lost is a value that was replaced; named says what record it belongs to.
func (p *page) lost(l conflict.Lost, named bool, again func(key string)) fyne.CanvasObject {
	words := kit.NewColumn()
	what := l.What
	if named {
		what += " · " + subject(l.Subject)
	}
	words.Add(kit.NewParagraph(what).Colored(kit.ColorNeutral).Sized(theme.SizeNameCaptionText))
	words.Add(kit.NewParagraph(l.Value).Bold())
	who := l.Who
	if l.Mine {
		who = p.text("conflict.mine", "who", l.Who)
	}
	words.Add(kit.NewParagraph(who + " · " + l.At).Colored(kit.ColorNeutral).Sized(theme.SizeNameCaptionText))
	words.Add(kit.NewParagraph(p.text("conflict.now", "value", l.Now)))
	words.Add(kit.NewParagraph(p.text("conflict.now_by", "at", l.NowAt, "who", l.NowWho)).Colored(kit.ColorNeutral).Sized(theme.SizeNameCaptionText))
	use := p.button("conflict.again."+l.Key, p.text("conflict.use_again"), theme.ContentUndoIcon(), kit.Plain, func() { again(l.Key) })
	return panel(theme.ColorNameBackground, theme.ColorNameSeparator, kit.NewRow(words, words, use))
}

// subject names a record with its place.
func subject(s conflict.Subject) string {
	if s.Where == "" {
		return s.Title
	}
	return s.Title + " · " + s.Where
}

// panel puts content on a coloured area with a border.
func panel(fill, stroke fyne.ThemeColorName, content fyne.CanvasObject) fyne.CanvasObject {
	area := canvas.NewRectangle(theme.Color(fill))
	area.StrokeColor, area.StrokeWidth = theme.Color(stroke), 1
	area.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	return container.NewStack(area, container.New(layout.NewCustomPaddedLayout(margin, margin, margin, margin), content))
}
