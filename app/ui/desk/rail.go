package desk

import (
	"image/color"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"keyturn/app/screen/desk"
	"keyturn/app/ui/kit"
)

// railWidth holds the longest name of a group with a count of four digits.
const railWidth = 172

// rail lists the groups of statuses with their counts.
type rail struct {
	app    *App
	object fyne.CanvasObject
	groups map[desk.GroupID]*groupRow
}

func newRail(a *App) *rail {
	r := &rail{app: a, groups: map[desk.GroupID]*groupRow{}}
	column := container.NewVBox()
	for _, id := range desk.Groups() {
		row := newGroupRow(func() { a.Screen.ShowGroup(id) })
		r.groups[id] = row
		a.anchors.mark("board.group."+string(id), row)
		column.Add(row)
	}
	r.object = container.NewBorder(nil, nil, nil, newRule(), newSized(fyne.NewSize(railWidth, 0), container.NewPadded(column)))
	return r
}

func (r *rail) show(s desk.State) {
	for _, g := range s.Board.Groups {
		r.groups[g.ID].set(g, g.ID == s.Board.Group)
	}
}

// groupRow is one filter: silhouette, name and count.
type groupRow struct {
	widget.BaseWidget

	tapped  func()
	chosen  bool
	hovered bool
	area    *canvas.Rectangle
	mark    *canvas.Image
	name    *line
	count   *canvas.Text
	row     *fyne.Container
}

var _ desktop.Hoverable = (*groupRow)(nil)

func newGroupRow(tapped func()) *groupRow {
	r := &groupRow{
		tapped: tapped, area: canvas.NewRectangle(color.Transparent), mark: canvas.NewImageFromResource(nil), name: newLine(false, theme.SizeNameText),
		count: canvas.NewText("", theme.Color(theme.ColorNameForeground)),
	}
	r.area.CornerRadius = theme.Size(theme.SizeNameInputRadius)
	r.mark.FillMode = canvas.ImageFillContain
	r.mark.SetMinSize(fyne.NewSquareSize(theme.Size(theme.SizeNameInlineIcon)))
	r.count.TextSize = theme.Size(theme.SizeNameText)
	r.row = container.NewStack(r.area, container.NewPadded(kit.NewRow(r.name, r.mark, r.name, r.count, newGap(theme.Size(theme.SizeNameInlineIcon)))))
	r.ExtendBaseWidget(r)
	return r
}

func (r *groupRow) set(g desk.Group, chosen bool) {
	r.chosen = chosen
	r.mark.Resource = statuses[g.Tone].Glyph()
	r.mark.Refresh()
	r.name.bold = chosen
	r.name.set(g.Label, theme.ColorNameForeground)
	r.name.Refresh()
	r.count.Text, r.count.TextStyle.Bold = strconv.Itoa(g.Count), g.Count > 0
	r.paint()
	r.row.Refresh()
}

func (r *groupRow) paint() {
	switch {
	case r.chosen:
		r.area.FillColor = theme.Color(theme.ColorNameSelection)
	case r.hovered:
		r.area.FillColor = theme.Color(theme.ColorNameHover)
	default:
		r.area.FillColor = color.Transparent
	}
	r.area.Refresh()
}

// Tapped is called by Fyne.
func (r *groupRow) Tapped(*fyne.PointEvent) { r.tapped() }

// MouseIn is called by Fyne.
func (r *groupRow) MouseIn(*desktop.MouseEvent) {
	r.hovered = true
	r.paint()
}

// MouseMoved is called by Fyne.
func (r *groupRow) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is called by Fyne.
func (r *groupRow) MouseOut() {
	r.hovered = false
	r.paint()
}

// MinSize is that of the touch size at least.
func (r *groupRow) MinSize() fyne.Size {
	return r.row.MinSize().Max(fyne.NewSize(0, theme.Size(kit.SizeNameTouch)))
}

// CreateRenderer is called by Fyne.
func (r *groupRow) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(r.row) }
