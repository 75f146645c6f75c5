package handoverlist

import (
	"cmp"
	"slices"

	"github.com/xuri/excelize/v2"
)

// sheet is one sheet of a workbook, or a whole CSV file, as plain text.
type sheet struct {
	name string
	// rows are those with at least one filled cell, in order.
	rows []row
	// date1904 says that date numbers count from 1904 instead of 1900.
	date1904 bool
	// flat says that the file cannot show merged cells: blanks below a building
	// stand for that building.
	flat bool
}

// row is one filled row of a sheet.
type row struct {
	// number counts from 1 as spreadsheets do.
	number int
	// cells are untouched texts; dates and numbers are as stored.
	cells []string
	// filled is how many cells the row has of its own, without merged ones.
	filled int
}

func newRow(number int, cells []string) row {
	r := row{number: number, cells: cells}
	for _, c := range cells {
		if clean(c) != "" {
			r.filled++
		}
	}
	return r
}

func (r row) cell(index int) string {
	if index < 0 || index >= len(r.cells) {
		return ""
	}
	return r.cells[index]
}

// first is the first filled cell, cleaned, with its index.
func (r row) first() (text string, index int) {
	for i, c := range r.cells {
		if text := clean(c); text != "" {
			return text, i
		}
	}
	return "", -1
}

// fillDown gives the value of a merged area to each filled row below its first,
// in the area's first column.
func (s *sheet) fillDown(column, firstRow, lastRow int) {
	start, found := slices.BinarySearchFunc(s.rows, firstRow, func(r row, n int) int { return cmp.Compare(r.number, n) })
	if !found {
		return
	}
	value := s.rows[start].cell(column)
	for i := start + 1; i < len(s.rows) && s.rows[i].number <= lastRow; i++ {
		r := &s.rows[i]
		if clean(r.cell(column)) != "" {
			continue
		}
		for len(r.cells) <= column {
			r.cells = append(r.cells, "")
		}
		r.cells[column] = value
	}
}

// columnLetter is a column's name in spreadsheets; index counts from 0. It is
// empty for a column that no spreadsheet has.
func columnLetter(index int) string {
	letter, err := excelize.ColumnNumberToName(index + 1)
	if err != nil {
		return ""
	}
	return letter
}
