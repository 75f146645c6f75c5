package desk

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
)

// topBar names the desk and turns between its sections.
type topBar struct {
	app     *App
	object  fyne.CanvasObject
	tickets *kit.Button
	ledger  *kit.Button
	problem *kit.Banner
}

func newTopBar(a *App) *topBar {
	t := &topBar{app: a}
	title := canvas.NewText(a.text("desk.ui.title"), theme.Color(theme.ColorNameForeground))
	title.TextStyle.Bold, title.TextSize = true, theme.Size(theme.SizeNameSubHeadingText)
	t.tickets = a.button("desk.tab.tickets", a.text("desk.ui.tickets"), nil, kit.Plain, func() { a.Screen.Open(desk.SectionTickets) })
	t.ledger = a.button("desk.tab.ledger", a.text("desk.ui.ledger"), nil, kit.Plain, func() { a.Screen.Open(desk.SectionLedger) })
	t.problem = kit.NewBanner(kit.StatusBad, "")
	t.problem.Hide()
	bar := kit.NewRow(nil, newGap(1), title, newGap(1), t.tickets, t.ledger)
	t.object = container.NewVBox(container.NewPadded(bar), t.problem, newRule())
	return t
}

func (t *topBar) show(s desk.State) {
	t.tickets.Importance, t.ledger.Importance = tabImportance(s.Section == desk.SectionTickets), tabImportance(s.Section == desk.SectionLedger)
	t.tickets.Refresh()
	t.ledger.Refresh()
	if s.Problem == "" {
		t.problem.Hide()
		return
	}
	t.problem.SetMessage(kit.StatusBad, s.Problem)
	t.problem.Show()
}

// tabImportance shows which of several tabs is open.
func tabImportance(open bool) widget.Importance {
	if open {
		return widget.HighImportance
	}
	return widget.LowImportance
}
