package desk

import (
	"context"
	"reflect"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"keyturn/app/conflict"
	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
)

// conflictsPane shows what several people wrote differently, to be chosen from,
// and beside it what was replaced.
type conflictsPane struct {
	app    *App
	object fyne.CanvasObject
	body   *fyne.Container
	page   fyne.CanvasObject
	shown  desk.Conflicts
}

func newConflictsPane(a *App) *conflictsPane {
	c := &conflictsPane{app: a, body: kit.NewColumn()}
	c.page = kit.NewPage(c.body)
	margin := 2 * theme.Padding()
	c.object = container.New(layout.NewCustomPaddedLayout(0, 0, margin, margin), c.page)
	return c
}

func (c *conflictsPane) show(s desk.State) {
	if s.Section != desk.SectionConflicts || reflect.DeepEqual(c.shown, s.Conflicts) {
		return
	}
	c.shown = s.Conflicts
	c.app.anchors.forget("conflict.")
	c.body.Objects = c.objects(s.Conflicts)
	c.body.Refresh()
	c.page.Refresh()
}

// Widths of the page in dp: from wideConflicts on, what waits and what was
// replaced stand side by side; from sidesWide on, so do the sides of a question.
const (
	wideConflicts = 1200
	sidesWide     = 520
)

func (c *conflictsPane) objects(s desk.Conflicts) []fyne.CanvasObject {
	a := c.app
	waiting, lost := kit.NewColumn(), kit.NewColumn()
	if s.Problem != "" {
		waiting.Add(kit.NewBanner(kit.StatusBad, s.Problem))
	}
	if s.Empty != "" {
		waiting.Add(kit.NewBanner(kit.StatusOK, s.Empty))
	} else {
		waiting.Add(kit.NewHeading(s.OpenTitle))
		waiting.Add(caption(a.text("conflict.explain")))
	}
	for _, q := range s.Open {
		waiting.Add(a.question(q))
	}
	if len(s.Lost) > 0 {
		lost.Add(kit.NewHeading(s.LostTitle))
		lost.Add(caption(a.text("conflict.lost_explain")))
	}
	for _, l := range s.Lost {
		lost.Add(a.lost("conflict.again."+l.Key, l, true))
	}
	if s.More != "" {
		lost.Add(caption(s.More))
	}
	if len(s.Lost) == 0 {
		return []fyne.CanvasObject{waiting}
	}
	return []fyne.CanvasObject{kit.NewResponsive(wideConflicts, waiting, lost)}
}

func (a *App) question(q desk.Choosable) fyne.CanvasObject {
	id := "conflict." + q.Key
	title := kit.NewColumn(kit.NewParagraph(q.What).Bold(), caption(subject(q.Subject)))
	head := kit.NewRow(title, title)
	if !q.Ticket.IsZero() {
		head.Add(a.button(id+".open", a.text("conflict.open_ticket"), theme.NavigateNextIcon(), kit.Quiet, func() { a.Screen.Select(q.Ticket) }))
	}
	sides := make([]fyne.CanvasObject, len(q.Sides))
	for i, s := range q.Sides {
		sides[i] = a.side(id+"."+strconv.Itoa(i), s, func(ctx context.Context) { a.Screen.TakeSide(ctx, q.Key, i) })
	}
	card := kit.NewColumn(head, kit.NewResponsive(sidesWide, sides...))
	if q.Both != "" {
		words := kit.NewParagraph(a.text("conflict.both", "text", q.Both))
		card.Add(kit.NewRow(words, words, a.choosing(id+".both", a.text("conflict.keep_both"), theme.ConfirmIcon(), kit.Primary, func(ctx context.Context) { a.Screen.TakeBoth(ctx, q.Key) })))
	}
	return newPanel(kit.ColorWarnTint, kit.ColorWarn, card)
}

// side is one of the values with who gave it and when.
func (a *App) side(id string, s conflict.Side, take func(context.Context)) fyne.CanvasObject {
	who, keep := s.Who, a.text("conflict.keep_theirs", "who", s.Who)
	if s.Mine {
		who, keep = a.text("conflict.mine", "who", s.Who), a.text("conflict.keep_mine")
	}
	name := kit.NewParagraph(who).Bold()
	head := kit.NewRow(name, name)
	if s.InForce {
		head.Add(kit.NewStatusBadge(kit.StatusInfo, a.text("conflict.in_force")))
	}
	words := kit.NewColumn(head, caption(s.At), kit.NewParagraph(s.Value))
	if s.Detail != "" {
		words.Add(caption(s.Detail))
	}
	words.Add(newFlow(a.choosing(id, keep, theme.ConfirmIcon(), kit.Plain, take)))
	return newPanel(theme.ColorNameBackground, theme.ColorNameSeparator, words)
}

// lost is a value that was replaced; named says what record it belongs to.
func (a *App) lost(id string, l conflict.Lost, named bool) fyne.CanvasObject {
	what, who := l.What, l.Who
	if named {
		what += " · " + subject(l.Subject)
	}
	if l.Mine {
		who = a.text("conflict.mine", "who", l.Who)
	}
	words := kit.NewColumn(
		caption(what), kit.NewParagraph(l.Value).Bold(), caption(who+" · "+l.At),
		kit.NewParagraph(a.text("conflict.now", "value", l.Now)), caption(a.text("conflict.now_by", "at", l.NowAt, "who", l.NowWho)),
	)
	again := a.choosing(id, a.text("conflict.use_again"), theme.ContentUndoIcon(), kit.Plain, func(ctx context.Context) { a.Screen.TakeAgain(ctx, l.Key) })
	return newPanel(theme.ColorNameBackground, theme.ColorNameSeparator, kit.NewRow(words, words, again))
}

// choosing is a button whose work blocks. What comes of it shows in the next
// State.
func (a *App) choosing(id, text string, icon fyne.Resource, emphasis kit.Emphasis, work func(context.Context)) *kit.Button {
	return a.button(id, text, icon, emphasis, func() {
		a.inBackground(func(ctx context.Context) func() {
			work(ctx)
			return nil
		})
	})
}

// subject names a record with its place.
func subject(s conflict.Subject) string {
	if s.Where == "" {
		return s.Title
	}
	return s.Title + " · " + s.Where
}
