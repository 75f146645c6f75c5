package desk

import (
	"image/color"
	"reflect"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
)

// ledgerPane shows the retention money: contract scopes on the left, the chosen
// one with its entries and back-charges on the right.
type ledgerPane struct {
	app    *App
	object fyne.CanvasObject
	list   *widget.List
	empty  *kit.Paragraph
	ledger desk.Ledger
	body   *fyne.Container
	page   fyne.CanvasObject
	rows   map[*scopeRow]struct{}
}

func newLedgerPane(a *App) *ledgerPane {
	l := &ledgerPane{app: a, ledger: desk.Ledger{Selected: -1}, empty: kit.NewParagraph(""), body: kit.NewColumn(), rows: map[*scopeRow]struct{}{}}
	l.page = kit.NewPage(l.body)
	l.list = widget.NewList(func() int { return len(l.ledger.Scopes) }, func() fyne.CanvasObject { return newScopeRow() }, func(i widget.ListItemID, o fyne.CanvasObject) {
		row, ok := o.(*scopeRow)
		if !ok || i >= len(l.ledger.Scopes) {
			return
		}
		a.anchors.mark("ledger.scope."+strconv.Itoa(i), row)
		row.set(l.ledger.Scopes[i], i == l.ledger.Selected)
	})
	l.list.HideSeparators = true
	l.list.OnSelected = func(i widget.ListItemID) {
		l.list.UnselectAll()
		if i < len(l.ledger.Scopes) {
			a.Screen.SelectScope(l.ledger.Scopes[i].ID)
		}
	}
	split := container.NewHSplit(container.NewStack(l.list, container.NewPadded(kit.NewColumn(l.empty))), l.page)
	split.SetOffset(ledgerShare)
	l.object = split
	return l
}

// ledgerShare is the part of the width that the list of scopes gets.
const ledgerShare = 0.42

func (l *ledgerPane) show(s desk.State) {
	if s.Section != desk.SectionLedger || reflect.DeepEqual(l.ledger, s.Ledger) {
		return
	}
	l.ledger = s.Ledger
	l.empty.SetText(s.Ledger.Empty)
	l.list.Refresh()
	l.app.anchors.forget("charge.")
	l.body.Objects = nil
	if s.Ledger.Detail != nil {
		l.body.Objects = l.detail(*s.Ledger.Detail)
	}
	l.body.Refresh()
	l.page.Refresh()
}

func (l *ledgerPane) detail(d desk.ScopeDetail) []fyne.CanvasObject {
	a := l.app
	objects := []fyne.CanvasObject{kit.NewHeading(d.Row.Party), caption(d.Row.Trades + " · " + d.Row.Buildings), l.balance(d.Row)}
	objects = append(objects, facts(a.text("desk.ui.terms"), d.Terms)...)
	objects = append(objects, kit.NewHeading(a.text("desk.ui.charges")))
	if len(d.Charges) == 0 {
		objects = append(objects, caption(a.text("desk.ui.no_charges")))
	}
	for _, c := range d.Charges {
		objects = append(objects, a.charge(c, true, a.detail.actions))
	}
	objects = append(objects, newGap(theme.Padding()), kit.NewHeading(a.text("desk.ui.entries")))
	if len(d.Entries) == 0 {
		objects = append(objects, caption(a.text("desk.ui.no_entries")))
	}
	for _, e := range d.Entries {
		kind := kit.NewParagraph(e.Kind).Bold()
		amount := kit.NewParagraph(e.Amount).Bold().Aligned(fyne.TextAlignTrailing)
		parts := []fyne.CanvasObject{kit.NewRow(kind, kind, amount), kit.NewParagraph(e.Reason)}
		if e.Ticket != "" {
			parts = append(parts, container.NewHBox(a.detail.link("ledger.ticket."+e.Ticket, e.Ticket, e.TicketID)))
		}
		objects = append(objects, newLabelled(timeWidth, caption(e.At), kit.NewColumn(parts...)), newRule())
	}
	return objects
}

// balance is the sums of a scope in boxes of equal width.
func (l *ledgerPane) balance(r desk.ScopeRow) fyne.CanvasObject {
	box := func(key, amount string, status kit.Status) fyne.CanvasObject {
		label := kit.NewParagraph(l.app.text(key)).Sized(theme.SizeNameCaptionText).Aligned(fyne.TextAlignCenter)
		sum := kit.NewParagraph(amount).Bold().Aligned(fyne.TextAlignCenter).Colored(status.Color())
		return newPanel(status.Tint(), status.Color(), kit.NewColumn(label, sum))
	}
	short := kit.StatusNeutral
	if r.Short {
		short = kit.StatusBad
	}
	return container.NewGridWithColumns(3,
		box("desk.ui.withheld", r.Withheld, kit.StatusNeutral),
		box("desk.ui.held", r.Held, kit.StatusPending),
		box("desk.ui.posted", r.Posted, kit.StatusWarn),
		box("desk.ui.released", r.Released, kit.StatusNeutral),
		box("desk.ui.available", r.Available, kit.StatusOK),
		box("desk.ui.shortfall", r.Shortfall, short),
	)
}

// scopeRow is one contract scope: firm and what is available, trades and
// buildings below.
type scopeRow struct {
	widget.BaseWidget

	area         *canvas.Rectangle
	party, scope *line
	amount, word *line
}

func newScopeRow() *scopeRow {
	r := &scopeRow{
		area: canvas.NewRectangle(color.Transparent), party: newLine(true, theme.SizeNameText), scope: newLine(false, theme.SizeNameCaptionText),
		amount: newLine(true, theme.SizeNameText), word: newLine(false, theme.SizeNameCaptionText),
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *scopeRow) set(s desk.ScopeRow, selected bool) {
	r.area.FillColor = color.Transparent
	if selected {
		r.area.FillColor = theme.Color(theme.ColorNameSelection)
	}
	r.area.Refresh()
	r.party.set(s.Party, theme.ColorNameForeground)
	r.scope.set(s.Trades+" · "+s.Buildings, theme.ColorNamePlaceHolder)
	amount, word := theme.ColorNameForeground, theme.ColorNamePlaceHolder
	if s.Short {
		amount, word = kit.ColorBad, kit.ColorBad
	}
	r.amount.set(s.Amount, amount)
	r.word.set(s.AmountLabel, word)
}

// amountWidth holds "¥123,456,789.00".
const amountWidth = 140

// CreateRenderer is called by Fyne.
func (r *scopeRow) CreateRenderer() fyne.WidgetRenderer {
	names := container.NewVBox(r.party, r.scope)
	sums := newSized(fyne.NewSize(amountWidth, 0), container.NewVBox(r.amount, r.word))
	return widget.NewSimpleRenderer(container.NewStack(r.area, container.NewPadded(container.NewPadded(kit.NewRow(names, names, sums)))))
}
