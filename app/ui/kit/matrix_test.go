package kit

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

func TestArrangeMatrix(t *testing.T) {
	unit := func(id string, floor, group, column int) MatrixUnit {
		return MatrixUnit{ID: id, Label: id, Floor: floor, Group: group, Column: column}
	}
	grid := arrangeMatrix(MatrixData{
		Groups: []string{"1", "empty", "2"},
		Units: []MatrixUnit{
			unit("a", 1, 0, 0), unit("b", 1, 0, 1), unit("c", 5, 0, 0),
			unit("d", -1, 2, 0), unit("e", 5, 2, 2),
			unit("same place", 1, 0, 0), unit("no such group", 1, 9, 0), unit("negative", 5, 2, -3),
		},
	})
	if want := []int{5, 1, -1}; !slices.Equal(grid.floors, want) {
		t.Errorf("floors %v, want %v", grid.floors, want)
	}
	if grid.columns != 3+0+3 {
		t.Errorf("%d columns", grid.columns)
	}
	want := map[string]matrixPlace{
		"c": {0, 0}, "negative": {0, 3}, "e": {0, 5},
		"a": {1, 0}, "same place": {1, 1}, "b": {1, 2}, "no such group": {1, 3},
		"d": {2, 3},
	}
	if len(grid.cells) != len(want) {
		t.Errorf("%d cells for %d units", len(grid.cells), len(want))
	}
	for id, place := range want {
		if got := grid.cells[place].ID; got != id {
			t.Errorf("at %v: %q, want %q", place, got, id)
		}
	}

	empty := arrangeMatrix(MatrixData{})
	if w, h := empty.size(matrixMetrics{cellWidth: 10, cellHeight: 10}); w != 0 || h != 0 {
		t.Errorf("empty matrix is %v×%v", w, h)
	}
}

func TestMatrixGeometry(t *testing.T) {
	grid := arrangeMatrix(sampleBuilding(5))
	m := matrixMetrics{cellWidth: 56, cellHeight: 48, gap: 4, groupGap: 12}
	if got := grid.x(4, m); got != 4*60+12 {
		t.Errorf("the second group begins at %v", got)
	}
	width, height := grid.size(m)
	if width != 9*60+12+56 || height != 4*52+48 {
		t.Errorf("size %v×%v", width, height)
	}
	all := grid.inView(m, 0, 0, width, height)
	if len(all) != len(grid.cells) {
		t.Errorf("%d of %d cells in view of the whole", len(all), len(grid.cells))
	}
	if got := grid.inView(m, 61, 53, 10, 10); len(got) != 1 || got[0] != (matrixPlace{1, 1}) {
		t.Errorf("one cell in view: %v", got)
	}
	if got := grid.inView(m, 57, 0, 2, 10); len(got) != 0 {
		t.Errorf("in view of a gap: %v", got)
	}
}

// tapUnit taps the middle of a unit's cell through the canvas.
func tapUnit(t *testing.T, m *UnitMatrix, w fyne.Window, id string) {
	t.Helper()
	for _, cell := range m.cells {
		if cell.unit.ID == id {
			at := fyne.CurrentApp().Driver().AbsolutePositionForObject(cell)
			inset, _ := w.Canvas().InteractiveArea()
			test.TapCanvas(w.Canvas(), at.Add(inset).AddXY(cell.Size().Width/2, cell.Size().Height/2))
			return
		}
	}
	t.Fatalf("unit %s is not in sight", id)
}

// scrollMatrix scrolls to an offset as the wheel does.
func scrollMatrix(m *UnitMatrix, x, y float32) {
	m.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(m.scroll.Offset.X-x, m.scroll.Offset.Y-y)})
}

func TestUnitMatrix(t *testing.T) {
	newApp(t, Tablet)
	m := NewUnitMatrix()
	var tapped []string
	m.OnTapped = func(id string) { tapped = append(tapped, id) }
	w := showIn(t, m, 500, 400)
	m.SetData(sampleBuilding(24))

	if m.metrics.cellWidth < 56 || m.metrics.cellHeight < 48 {
		t.Errorf("cells of %v×%v dp", m.metrics.cellWidth, m.metrics.cellHeight)
	}
	tapUnit(t, m, w, "0-24-1")
	if !slices.Equal(tapped, []string{"0-24-1"}) {
		t.Fatalf("tapped %v", tapped)
	}

	scrollMatrix(m, 100, 300)
	if m.floors.Position().Y != -300 || m.floors.Position().X != 0 {
		t.Errorf("floor labels at %v", m.floors.Position())
	}
	if m.header.Position().X != -100 || m.header.Position().Y != 0 {
		t.Errorf("header at %v", m.header.Position())
	}
	tapUnit(t, m, w, "0-18-3")
	if got := tapped[len(tapped)-1]; got != "0-18-3" {
		t.Errorf("after scrolling tapped %s", got)
	}

	// News from outside must not move what the finger is about to tap.
	before := m.scroll.Offset
	m.SetData(sampleBuilding(24))
	if m.scroll.Offset != before {
		t.Errorf("new data scrolled from %v to %v", before, m.scroll.Offset)
	}

	m.SetData(MatrixData{})
	if len(m.cells) != 0 {
		t.Errorf("%d cells without data", len(m.cells))
	}
}

func TestUnitMatrixKeepsFewObjects(t *testing.T) {
	newApp(t, Tablet)
	m := NewUnitMatrix()
	showIn(t, m, 1280, 800)
	var data MatrixData
	for g := range 20 {
		data.Groups = append(data.Groups, fmt.Sprint(g))
		for floor := range 50 {
			for c := range 5 {
				data.Units = append(data.Units, MatrixUnit{ID: fmt.Sprint(g, floor, c), Floor: floor, Group: g, Column: c})
			}
		}
	}
	m.SetData(data) // 5000 units
	for y := float32(0); y < 2000; y += 170 {
		scrollMatrix(m, y*2, y)
		if n := len(m.cells) + len(m.spare); n > 500 {
			t.Fatalf("%d cell objects", n)
		}
	}
	if len(m.cells) < 100 {
		t.Errorf("only %d cells in sight", len(m.cells))
	}
}

func BenchmarkUnitMatrixScroll(b *testing.B) {
	newApp(b, Tablet)
	m := NewUnitMatrix()
	showIn(b, m, 1280, 800)
	m.SetData(sampleBuilding(60))
	y := float32(0)
	for b.Loop() {
		y += 20
		if y > 2000 {
			y = 0
		}
		scrollMatrix(m, 0, y)
	}
}

func BenchmarkUnitMatrixSetData(b *testing.B) {
	newApp(b, Tablet)
	m := NewUnitMatrix()
	showIn(b, m, 1280, 800)
	data := sampleBuilding(24)
	for b.Loop() {
		m.SetData(data)
	}
}
