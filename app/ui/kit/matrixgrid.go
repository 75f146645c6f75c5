package kit

import (
	"cmp"
	"slices"
)

// MatrixUnit is one unit of a building.
type MatrixUnit struct {
	ID      string
	Label   string // unit number as people say it
	Floor   int    // storeys below ground are negative
	Group   int    // index into MatrixData.Groups
	Column  int    // place within the group, from 0; only the order matters
	Status  Status
	Defects int // open defects; 0 shows none
}

// MatrixData is a building: its entrances as groups of columns, and its units.
// Floors without units are absent.
type MatrixData struct {
	Groups     []string // titles of the groups, left to right
	Units      []MatrixUnit
	FloorLabel func(floor int) string
}

// matrixGrid is MatrixData arranged: floors from the top, columns from the left.
type matrixGrid struct {
	floors  []int
	groups  []matrixGroup
	columns int
	cells   map[matrixPlace]MatrixUnit
}

type matrixGroup struct {
	title        string
	first, count int // columns
}

type matrixPlace struct{ row, column int }

// arrangeMatrix gives every unit a cell of its own. A unit whose column is taken
// on its floor moves to the next one: no unit is ever hidden behind another. A
// unit of a group that does not exist goes to the last group.
func arrangeMatrix(data MatrixData) matrixGrid {
	units := slices.Clone(data.Units)
	titles := data.Groups
	if len(titles) == 0 {
		titles = []string{""}
	}
	for i := range units {
		units[i].Group = min(max(units[i].Group, 0), len(titles)-1)
		units[i].Column = max(units[i].Column, 0)
	}
	slices.SortFunc(units, func(a, b MatrixUnit) int {
		return cmp.Or(cmp.Compare(b.Floor, a.Floor), cmp.Compare(a.Group, b.Group),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Label, b.Label), cmp.Compare(a.ID, b.ID))
	})

	grid := matrixGrid{cells: make(map[matrixPlace]MatrixUnit, len(units))}
	counts := make([]int, len(titles))
	for i := range units {
		u := &units[i]
		if i > 0 && units[i-1].Floor == u.Floor && units[i-1].Group == u.Group {
			u.Column = max(u.Column, units[i-1].Column+1)
		}
		counts[u.Group] = max(counts[u.Group], u.Column+1)
		if i == 0 || units[i-1].Floor != u.Floor {
			grid.floors = append(grid.floors, u.Floor)
		}
	}
	for i, title := range titles {
		grid.groups = append(grid.groups, matrixGroup{title: title, first: grid.columns, count: counts[i]})
		grid.columns += counts[i]
	}
	row := -1
	for i, u := range units {
		if i == 0 || units[i-1].Floor != u.Floor {
			row++
		}
		grid.cells[matrixPlace{row, grid.groups[u.Group].first + u.Column}] = u
	}
	return grid
}

// matrixMetrics are the lengths of a matrix in dp.
type matrixMetrics struct {
	cellWidth, cellHeight float32
	gap                   float32 // between cells
	groupGap              float32 // between groups, on top of gap
	floorWidth            float32 // sticky column on the left
	headerHeight          float32 // sticky row at the top
}

// x returns the left edge of a column.
func (g matrixGrid) x(column int, m matrixMetrics) float32 {
	x := float32(column) * (m.cellWidth + m.gap)
	for _, group := range g.groups {
		if group.count > 0 && group.first > 0 && column >= group.first {
			x += m.groupGap
		}
	}
	return x
}

func (g matrixGrid) y(row int, m matrixMetrics) float32 {
	return float32(row) * (m.cellHeight + m.gap)
}

// size returns the extent of all cells.
func (g matrixGrid) size(m matrixMetrics) (width, height float32) {
	if g.columns == 0 || len(g.floors) == 0 {
		return 0, 0
	}
	return g.x(g.columns-1, m) + m.cellWidth, g.y(len(g.floors)-1, m) + m.cellHeight
}

// inView returns the cells that a window onto the matrix touches, row by row.
func (g matrixGrid) inView(m matrixMetrics, left, top, width, height float32) []matrixPlace {
	var places []matrixPlace
	for row := range g.floors {
		if y := g.y(row, m); y+m.cellHeight <= top || y >= top+height {
			continue
		}
		for column := range g.columns {
			if x := g.x(column, m); x+m.cellWidth <= left || x >= left+width {
				continue
			}
			if _, ok := g.cells[matrixPlace{row, column}]; ok {
				places = append(places, matrixPlace{row, column})
			}
		}
	}
	return places
}
