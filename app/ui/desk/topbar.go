package desk

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
)

// topBar names the desk and turns between its sections.
type topBar struct {
	app     *App
	object  fyne.CanvasObject
	tickets *tabButton
	ledger  *tabButton
	// conflicts says how many choices wait.
	conflicts *tabButton
	// reviews says how much work waits for a decision.
	reviews *tabButton
	bar     *fyne.Container
	problem *kit.Banner
}

func newTopBar(a *App) *topBar {
	t := &topBar{app: a}
	title := canvas.NewText(a.text("desk.ui.title"), theme.Color(theme.ColorNameForeground))
	title.TextStyle.Bold, title.TextSize = true, theme.Size(theme.SizeNameSubHeadingText)
	t.tickets = newTabButton(a, "tab.tickets", a.text("desk.ui.tickets"), func() { a.Screen.Open(desk.SectionTickets) })
	t.ledger = newTabButton(a, "tab.ledger", a.text("desk.ui.ledger"), func() { a.Screen.Open(desk.SectionLedger) })
	t.conflicts = newTabButton(a, "tab.conflicts", a.state.Conflicts.Label, func() { a.Screen.Open(desk.SectionConflicts) })
	t.reviews = newTabButton(a, "tab.reviews", a.state.Reviews.Label, func() { a.Screen.Open(desk.SectionReviews) })
	t.problem = kit.NewBanner(kit.StatusBad, "")
	t.problem.Hide()
	t.bar = kit.NewRow(nil, newGap(1), title, newGap(1), t.tickets.object, t.ledger.object, t.conflicts.object, t.reviews.object)
	t.object = container.NewVBox(container.NewPadded(t.bar), t.problem, newRule())
	return t
}

func (t *topBar) show(s desk.State) {
	t.tickets.show(s.Section == desk.SectionTickets)
	t.ledger.show(s.Section == desk.SectionLedger)
	t.conflicts.show(s.Section == desk.SectionConflicts)
	t.reviews.show(s.Section == desk.SectionReviews)
	said := t.conflicts.say(s.Conflicts.Label, s.Conflicts.Waiting)
	if t.reviews.say(s.Reviews.Label, s.Reviews.Waiting) || said {
		t.bar.Refresh() // it may need another width
	}
	if s.Problem == "" {
		t.problem.Hide()
		return
	}
	t.problem.SetMessage(kit.StatusBad, s.Problem)
	t.problem.Show()
}
