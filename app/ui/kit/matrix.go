package kit

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// UnitMatrix shows a building as a grid of units: floors from the top down,
// entrances as groups of columns. Floor labels and column titles stay in sight
// while the cells scroll both ways. Only the cells in sight exist as objects,
// so a matrix of any size scrolls alike.
type UnitMatrix struct {
	widget.BaseWidget

	// OnTapped is called with the id of the tapped unit.
	OnTapped func(id string)

	data    MatrixData
	grid    matrixGrid
	cells   map[matrixPlace]*matrixCell // in sight
	spare   []*matrixCell               // out of sight, to be used again
	area    *fyne.Container             // the cells
	floors  *fyne.Container             // floor labels, moved by the vertical scroll
	header  *fyne.Container             // group titles, moved by the horizontal scroll
	scroll  *container.Scroll
	metrics matrixMetrics
}

// NewUnitMatrix creates an empty matrix.
func NewUnitMatrix() *UnitMatrix {
	m := &UnitMatrix{
		cells:  make(map[matrixPlace]*matrixCell),
		floors: container.NewWithoutLayout(),
		header: container.NewWithoutLayout(),
	}
	m.area = container.New(&matrixAreaLayout{m})
	m.scroll = container.NewScroll(m.area)
	m.scroll.OnScrolled = func(fyne.Position) { m.follow() }
	m.ExtendBaseWidget(m)
	return m
}

// SetData shows a building and keeps the scroll position, so that a refresh in
// the background does not move what the finger is about to tap.
func (m *UnitMatrix) SetData(data MatrixData) {
	m.data = data
	m.grid = arrangeMatrix(data)
	m.Refresh()
}

// rebuild makes the labels anew and shows the cells in sight.
func (m *UnitMatrix) rebuild() {
	m.metrics = m.measure()
	m.floors.Objects = nil
	for row, floor := range m.grid.floors {
		label := matrixText(m.floorLabel(floor))
		label.Alignment = fyne.TextAlignCenter
		label.Move(fyne.NewPos(0, m.grid.y(row, m.metrics)+(m.metrics.cellHeight-label.MinSize().Height)/2))
		label.Resize(fyne.NewSize(m.metrics.floorWidth, label.MinSize().Height))
		m.floors.Add(label)
	}
	m.header.Objects = nil
	for _, group := range m.grid.groups {
		if group.count == 0 {
			continue
		}
		left := m.grid.x(group.first, m.metrics)
		width := m.grid.x(group.first+group.count-1, m.metrics) + m.metrics.cellWidth - left
		plate := canvas.NewRectangle(theme.Color(theme.ColorNameHeaderBackground))
		plate.CornerRadius = 4
		plate.Move(fyne.NewPos(left, 0))
		plate.Resize(fyne.NewSize(width, m.metrics.headerHeight-m.metrics.gap))
		title := matrixText(group.title)
		title.Alignment = fyne.TextAlignCenter
		title.Move(fyne.NewPos(left, (m.metrics.headerHeight-m.metrics.gap-title.MinSize().Height)/2))
		title.Resize(fyne.NewSize(width, title.MinSize().Height))
		m.header.Add(plate)
		m.header.Add(title)
	}
	for _, cell := range m.cells {
		m.spare = append(m.spare, cell)
	}
	clear(m.cells)
	m.area.Objects = nil
	m.scroll.Refresh() // the extent may be another one, and with it the offset
	m.follow()
}

func (m *UnitMatrix) floorLabel(floor int) string {
	if m.data.FloorLabel == nil {
		return ""
	}
	return m.data.FloorLabel(floor)
}

func matrixText(s string) *canvas.Text {
	text := canvas.NewText(s, theme.Color(theme.ColorNameForeground))
	text.TextSize = theme.Size(theme.SizeNameCaptionText)
	text.TextStyle.Bold = true
	return text
}

// measure takes the lengths from the theme and the widest texts.
func (m *UnitMatrix) measure() matrixMetrics {
	line := matrixText("0").MinSize().Height
	touch := theme.Size(SizeNameTouch)
	metrics := matrixMetrics{
		cellWidth:    max(touch+8, 56),
		cellHeight:   max(touch, 2*line+6),
		gap:          4,
		groupGap:     12,
		floorWidth:   touch,
		headerHeight: line + 12,
	}
	for _, u := range m.data.Units {
		metrics.cellWidth = max(metrics.cellWidth, matrixText(u.Label).MinSize().Width+16)
	}
	for _, floor := range m.grid.floors {
		metrics.floorWidth = max(metrics.floorWidth, matrixText(m.floorLabel(floor)).MinSize().Width+8)
	}
	return metrics
}

// follow moves the labels with the cells and exchanges the cells that came into
// sight for those that left it.
func (m *UnitMatrix) follow() {
	m.floors.Move(fyne.NewPos(0, -m.scroll.Offset.Y))
	m.header.Move(fyne.NewPos(-m.scroll.Offset.X, 0))
	m.showCells()
}

func (m *UnitMatrix) showCells() {
	view, offset := m.scroll.Size(), m.scroll.Offset
	wanted := m.grid.inView(m.metrics, offset.X, offset.Y, view.Width, view.Height)
	keep := make(map[matrixPlace]*matrixCell, len(wanted))
	for _, place := range wanted {
		if cell, ok := m.cells[place]; ok {
			keep[place] = cell
			delete(m.cells, place)
		}
	}
	for _, cell := range m.cells {
		m.spare = append(m.spare, cell)
	}
	objects := make([]fyne.CanvasObject, 0, len(wanted))
	for _, place := range wanted {
		cell, ok := keep[place]
		if !ok {
			cell = m.cell()
			cell.set(m.grid.cells[place])
			cell.Move(fyne.NewPos(m.grid.x(place.column, m.metrics), m.grid.y(place.row, m.metrics)))
			cell.Resize(fyne.NewSize(m.metrics.cellWidth, m.metrics.cellHeight))
			keep[place] = cell
		}
		objects = append(objects, cell)
	}
	m.cells = keep
	m.area.Objects = objects
	canvas.Refresh(m.area)
}

func (m *UnitMatrix) cell() *matrixCell {
	if n := len(m.spare); n > 0 {
		cell := m.spare[n-1]
		m.spare = m.spare[:n-1]
		return cell
	}
	return newMatrixCell(func(id string) {
		if m.OnTapped != nil {
			m.OnTapped(id)
		}
	})
}

// CreateRenderer is called by Fyne.
func (m *UnitMatrix) CreateRenderer() fyne.WidgetRenderer {
	r := &matrixRenderer{
		m:      m,
		header: container.NewClip(m.header),
		floors: container.NewClip(m.floors),
	}
	r.Layout(m.Size())
	return r
}

// matrixAreaLayout gives the scroller the extent of all cells, shown or not.
type matrixAreaLayout struct{ m *UnitMatrix }

func (l *matrixAreaLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(l.m.grid.size(l.m.metrics))
}

func (l *matrixAreaLayout) Layout([]fyne.CanvasObject, fyne.Size) {}

type matrixRenderer struct {
	m              *UnitMatrix
	header, floors *container.Clip
}

func (r *matrixRenderer) MinSize() fyne.Size {
	t := r.m.metrics
	return fyne.NewSize(t.floorWidth+2*t.cellWidth, t.headerHeight+2*t.cellHeight)
}

func (r *matrixRenderer) Layout(size fyne.Size) {
	t := r.m.metrics
	left, top := t.floorWidth+t.gap, t.headerHeight
	body := fyne.NewSize(max(0, size.Width-left), max(0, size.Height-top))
	r.header.Move(fyne.NewPos(left, 0))
	r.header.Resize(fyne.NewSize(body.Width, top))
	r.floors.Move(fyne.NewPos(0, top))
	r.floors.Resize(fyne.NewSize(t.floorWidth, body.Height))
	r.m.scroll.Move(fyne.NewPos(left, top))
	r.m.scroll.Resize(body)
	r.m.follow()
}

func (r *matrixRenderer) Refresh() {
	r.m.rebuild()
	r.Layout(r.m.Size())
	canvas.Refresh(r.m)
}

func (r *matrixRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.header, r.floors, r.m.scroll}
}

func (r *matrixRenderer) Destroy() {}
