package desk

import (
	"reflect"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
	"keyturn/shared/domain"
)

// tab is one page of a ticket.
type tab string

const (
	tabOverview tab = "overview"
	tabTimeline tab = "timeline"
	tabLetters  tab = "letters"
	tabThird    tab = "third"
)

var tabs = []tab{tabOverview, tabTimeline, tabLetters, tabThird}

// detailPane shows the selected ticket.
type detailPane struct {
	app    *App
	object *fyne.Container
	ticket *desk.Ticket
	tab    tab
	column *fyne.Container
	head   *fyne.Container
	body   *fyne.Container
	page   fyne.CanvasObject
	tabs   map[tab]*tabButton
	media  *media
	// first is what Enter on the board goes to.
	first fyne.Focusable
}

func newDetailPane(a *App) *detailPane {
	d := &detailPane{app: a, tab: tabOverview, object: container.NewStack(), media: newMedia(a)}
	d.nothing()
	return d
}

// nothing shows that no ticket is selected.
func (d *detailPane) nothing() {
	hint := kit.NewParagraph(d.app.text("desk.ui.select_ticket")).Colored(theme.ColorNamePlaceHolder)
	d.object.Objects = []fyne.CanvasObject{container.NewPadded(kit.NewColumn(newGap(24), hint))}
	d.object.Refresh()
}

func (d *detailPane) close() { d.media.stop() }

func (d *detailPane) show(s desk.State) {
	switch {
	case s.Section != desk.SectionTickets || reflect.DeepEqual(d.ticket, s.Ticket):
		return
	case s.Ticket == nil:
		d.ticket = nil
		d.nothing()
		return
	case d.ticket == nil || d.ticket.ID != s.Ticket.ID:
		d.media.turnTo(s.Ticket.ID)
		d.ticket = s.Ticket
		d.build()
	}
	d.ticket = s.Ticket
	d.fill()
}

// build makes the frame of a ticket; its parts are filled by fill.
func (d *detailPane) build() {
	d.head, d.body = kit.NewColumn(), kit.NewColumn()
	d.page = kit.NewPage(d.body)
	row := newFlow()
	d.tabs = map[tab]*tabButton{}
	for _, t := range tabs {
		d.tabs[t] = newTabButton(d.app, "ticket.tab."+string(t), d.app.text("desk.ui.tab."+string(t)), func() { d.turn(t) })
		row.Add(d.tabs[t].object)
	}
	top := container.NewPadded(kit.NewColumn(d.head, row))
	d.column = kit.NewFillColumn(d.page, top, newRule(), d.page)
	margin := 2 * theme.Padding()
	d.object.Objects = []fyne.CanvasObject{container.New(layout.NewCustomPaddedLayout(0, 0, margin, margin), d.column)}
	d.object.Refresh()
}

// turn opens a tab at its top.
func (d *detailPane) turn(t tab) {
	d.tab = t
	d.build()
	d.fill()
}

// focus goes to the first thing that can be done.
func (d *detailPane) focus() {
	if d.first != nil && d.app.Window != nil {
		d.app.Window.Canvas().Focus(d.first)
	}
}

// fill draws the ticket anew and keeps where the page is scrolled to.
func (d *detailPane) fill() {
	for t, b := range d.tabs {
		b.show(t == d.tab)
	}
	for _, prefix := range []string{"ticket.action.", "ticket.dismiss.", "ticket.link", "gate.", "charge.", "notice.", "ticket.photo.", "ticket.plan", "ticket.again."} {
		d.app.anchors.forget(prefix)
	}
	d.first = nil
	d.head.Objects = d.header()
	d.head.Refresh()
	pages := map[tab]func() []fyne.CanvasObject{
		tabOverview: d.overview, tabTimeline: d.timeline, tabLetters: d.letters, tabThird: d.thirdParty,
	}
	d.body.Objects = append(d.news(), pages[d.tab]()...)
	d.body.Refresh()
	d.column.Refresh() // the header may have another height now
	d.page.Refresh()
}

// header is the number, the state and what can be done.
func (d *detailPane) header() []fyne.CanvasObject {
	t := d.ticket
	number := kit.NewHeading(t.Number)
	objects := []fyne.CanvasObject{
		kit.NewRow(number, number, kit.NewStatusBadge(statuses[t.SeverityTone], t.Severity), kit.NewStatusBadge(statuses[t.Tone], t.Status)),
		kit.NewParagraph(t.Title).Bold(),
		caption(t.Place),
	}
	return append(objects, d.buttons("ticket.action.", t.Steps)...)
}

// news says what became of commands, what is asked of the coordinator, and why
// some steps are not possible now.
func (d *detailPane) news() []fyne.CanvasObject {
	t := d.ticket
	var objects []fyne.CanvasObject
	if len(t.Pending) > 0 {
		text := d.app.text("desk.ui.pending_commands", "list", strings.Join(t.Pending, ", "))
		objects = append(objects, kit.NewBanner(kit.StatusPending, text))
	}
	if t.Conflict != "" {
		banner := kit.NewBanner(kit.StatusWarn, t.Conflict).AddAction(d.app.text("conflict.choose"), func() { d.app.Screen.Open(desk.SectionConflicts) })
		objects = append(objects, banner)
	}
	if problem := d.app.state.Conflicts.Problem; problem != "" {
		objects = append(objects, kit.NewBanner(kit.StatusBad, problem))
	}
	for _, r := range t.Review {
		objects = append(objects, kit.NewBanner(kit.StatusWarn, d.app.text("desk.ui.review", "why", r)))
	}
	for _, r := range t.Refusals {
		objects = append(objects, d.app.refusal("ticket", r, nil))
	}
	return append(objects, d.app.blocked(t.Steps)...)
}

// actions are buttons in a flow, and below them why some cannot be pressed.
func (d *detailPane) actions(prefix string, list []desk.Action) []fyne.CanvasObject {
	return append(d.buttons(prefix, list), d.app.blocked(list)...)
}

// buttons are actions in a flow.
func (d *detailPane) buttons(prefix string, list []desk.Action) []fyne.CanvasObject {
	if len(list) == 0 {
		return nil
	}
	row := newFlow()
	for _, a := range list {
		b := d.app.actionButton(prefix+bare(a.ID), a)
		row.Add(b)
		if d.first == nil && !b.Disabled() {
			d.first = b
		}
	}
	return []fyne.CanvasObject{row}
}

// blocked says why actions cannot be pressed, once for those with one reason.
func (a *App) blocked(list []desk.Action) []fyne.CanvasObject {
	labels := map[string][]string{}
	var reasons []string
	for _, action := range list {
		if len(action.Blocked) == 0 {
			continue
		}
		why := strings.Join(action.Blocked, a.text("desk.ui.and"))
		if len(labels[why]) == 0 {
			reasons = append(reasons, why)
		}
		labels[why] = append(labels[why], action.Label)
	}
	var objects []fyne.CanvasObject
	for _, why := range reasons {
		names := strings.Join(labels[why], a.text("desk.ui.list"))
		objects = append(objects, caption(a.text("desk.ui.blocked", "action", names, "why", why)))
	}
	return objects
}

// bare is an action's name without the record that it belongs to.
func bare(id string) string {
	for _, record := range []string{"maintenance.", "charge.", domain.ActionDelivered + "."} {
		id = strings.TrimPrefix(id, record)
	}
	return id
}

// actionButton opens the form of an action.
func (a *App) actionButton(id string, action desk.Action) *kit.Button {
	emphasis := kit.Plain // what is dangerous says so in its form
	if action.Emphasis == desk.Primary {
		emphasis = kit.Primary
	}
	b := a.button(id, action.Label, nil, emphasis, func() { a.ask(action) })
	if len(action.Blocked) > 0 {
		b.Disable()
	}
	return b
}

// link leads to another ticket.
func (d *detailPane) link(id string, text string, ticket domain.TicketID) fyne.CanvasObject {
	return d.app.button(id, text, theme.NavigateNextIcon(), kit.Quiet, func() { d.app.Screen.Select(ticket) })
}
