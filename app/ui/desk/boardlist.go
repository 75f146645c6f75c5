package desk

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
	"keyturn/shared/domain"
)

// boardPane is the list of tickets with search and filters above it.
type boardPane struct {
	app         *App
	object      fyne.CanvasObject
	list        *boardList
	summary     *kit.Paragraph
	empty       *kit.Paragraph
	buildings   *picker
	contractors *picker
	rows        []desk.Row
	texts       rowTexts
	// cursor is the selected ticket, ahead of the state while keys repeat.
	cursor domain.TicketID
	// shown are the row objects in use, by what they show.
	shown map[*boardRow]struct{}
}

func newBoardPane(a *App) *boardPane {
	b := &boardPane{app: a, shown: map[*boardRow]struct{}{}, texts: rowTexts{a.text("desk.ui.new"), a.text("desk.ui.pending"), a.text("conflict.title")}}
	search := widget.NewEntry()
	search.SetPlaceHolder(a.text("desk.ui.search"))
	search.SetText(a.state.Board.Search)
	search.OnChanged = a.Screen.Search
	a.anchors.mark("board.search", search)
	b.buildings = newPicker(a.Screen.ShowBuilding)
	b.contractors = newPicker(a.Screen.ShowContractor)
	a.anchors.mark("board.building", b.buildings.menu)
	a.anchors.mark("board.contractor", b.contractors.menu)
	b.summary = caption("")
	b.empty = kit.NewParagraph("").Colored(theme.ColorNamePlaceHolder)
	b.list = newBoardList(b)
	a.anchors.mark("board.list", b.list)
	filters := container.NewPadded(container.NewVBox(
		search,
		container.NewGridWithColumns(2, b.buildings.object, b.contractors.object),
		b.summary,
	))
	head := container.NewVBox(filters, newBoardHead(a), newRule())
	b.object = container.NewBorder(head, nil, nil, nil, container.NewStack(b.list, container.NewPadded(kit.NewColumn(b.empty))))
	return b
}

func (b *boardPane) show(s desk.State) {
	b.rows = s.Board.Rows
	if s.Ticket != nil {
		b.cursor = s.Ticket.ID
	}
	b.summary.SetText(s.Board.Summary)
	b.empty.SetText(s.Board.Empty)
	b.buildings.set(s.Board.Buildings, s.Board.Building)
	b.contractors.set(s.Board.Contractors, s.Board.Contractor)
	b.list.Refresh()
}

// selectRow opens the ticket of a row.
func (b *boardPane) selectRow(i int) {
	if i < 0 || i >= len(b.rows) {
		return
	}
	b.cursor = b.rows[i].ID
	b.list.ScrollTo(i)
	b.list.Refresh()
	b.app.Screen.Select(b.cursor)
}

// at is the row of the cursor, -1 if it is not on the board.
func (b *boardPane) at() int {
	return slices.IndexFunc(b.rows, func(r desk.Row) bool { return r.ID == b.cursor })
}

// find scrolls a ticket into view and gives its row.
func (b *boardPane) find(number string) fyne.CanvasObject {
	i := slices.IndexFunc(b.rows, func(r desk.Row) bool { return r.Number == number })
	if i < 0 {
		return nil
	}
	b.list.ScrollTo(i)
	for row := range b.shown {
		if row.row.Number == number && row.Visible() {
			return row
		}
	}
	return nil
}

// boardList is a list that people walk through with the keyboard.
type boardList struct {
	widget.List

	pane *boardPane
}

func newBoardList(pane *boardPane) *boardList {
	l := &boardList{pane: pane}
	l.Length = func() int { return len(pane.rows) }
	l.CreateItem = func() fyne.CanvasObject { return newBoardRow() }
	l.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) {
		row, ok := o.(*boardRow)
		if !ok || i >= len(pane.rows) {
			return
		}
		pane.shown[row] = struct{}{}
		row.set(pane.rows[i], pane.texts, pane.rows[i].ID == pane.cursor)
	}
	l.HideSeparators = true
	l.OnSelected = func(i widget.ListItemID) {
		l.UnselectAll() // the row shows by itself that it is selected
		pane.selectRow(i)
	}
	l.ExtendBaseWidget(l)
	return l
}

// FocusGained and FocusLost leave out the list's own mark on its first row: the
// selected row shows where the keyboard is.
func (l *boardList) FocusGained() {}

// FocusLost: see FocusGained.
func (l *boardList) FocusLost() {}

// TypedKey moves the selection, and from it to the first thing to do.
func (l *boardList) TypedKey(e *fyne.KeyEvent) {
	last := len(l.pane.rows) - 1
	page := max(1, int(l.Size().Height/max(1, l.MinSize().Height))-1)
	at := l.pane.at()
	switch e.Name {
	case fyne.KeyUp:
		l.pane.selectRow(max(0, at-1))
	case fyne.KeyDown:
		l.pane.selectRow(min(last, at+1))
	case fyne.KeyPageUp:
		l.pane.selectRow(max(0, at-page))
	case fyne.KeyPageDown:
		l.pane.selectRow(min(last, at+page))
	case fyne.KeyHome:
		l.pane.selectRow(0)
	case fyne.KeyEnd:
		l.pane.selectRow(last)
	case fyne.KeyReturn, fyne.KeyEnter:
		l.pane.app.detail.focus()
	}
}

// boardHead names the columns; each has two lines.
type boardHead struct {
	widget.BaseWidget

	names [4]*line
}

func newBoardHead(a *App) *boardHead {
	h := &boardHead{}
	for i, key := range []string{"desk.ui.col_number", "desk.ui.col_place", "desk.ui.col_defect", "desk.ui.col_status"} {
		h.names[i] = newLine(true, theme.SizeNameCaptionText)
		h.names[i].set(a.text(key), theme.ColorNamePlaceHolder)
	}
	h.ExtendBaseWidget(h)
	return h
}

// CreateRenderer is called by Fyne.
func (h *boardHead) CreateRenderer() fyne.WidgetRenderer {
	objects := make([]fyne.CanvasObject, len(h.names))
	for i, n := range h.names {
		objects[i] = n
	}
	return widget.NewSimpleRenderer(container.New(headLayout{}, objects...))
}

type headLayout struct{}

func (headLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, objects[0].MinSize().Height+theme.Padding())
}

func (headLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	edges, widths := columns(size.Width)
	for i, o := range objects {
		o.Move(fyne.NewPos(edges[i], 0))
		o.Resize(fyne.NewSize(widths[i], size.Height))
	}
}
