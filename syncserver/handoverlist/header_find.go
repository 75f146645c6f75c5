package handoverlist

import (
	"slices"
	"strings"
)

// column is where a table keeps one of its columns.
type column struct {
	// index counts from 0.
	index  int
	header string
	// factor brings a value into the column's own unit.
	factor int64
	// percent says that the header announces percentages.
	percent bool
}

// header is a recognised header row.
type header struct {
	spec    *tableSpec
	columns map[columnID]column
	// at indexes the sheet's rows.
	at int
	// twice, extra and odd are header cells that repeat a column, that no column
	// is known for, and whose unit of measure is unknown.
	twice, extra, odd []int
	missing           []columnID
}

// nearMiss is how many columns a row must share with a table to be taken for
// its header in spite of a missing required one.
const nearMiss = 5

// findHeader looks for the row that names most columns of a table. A row that
// nearly is one is returned with what it is missing; ok is false if there is
// neither.
func findHeader(s *sheet) (best header, ok bool) {
	for at := range min(len(s.rows), headerDepth) {
		for i := range tableSpecs {
			h := matchHeader(&tableSpecs[i], s.rows[at].cells)
			h.at = at
			complete := len(h.missing) == 0
			if !complete && len(h.columns) < nearMiss {
				continue
			}
			bestComplete := ok && len(best.missing) == 0
			better := len(h.columns) > len(best.columns)
			if !ok || complete && !bestComplete || complete == bestComplete && better {
				best, ok = h, true
			}
		}
	}
	return best, ok
}

func matchHeader(spec *tableSpec, cells []string) header {
	h := header{spec: spec, columns: make(map[columnID]column, len(cells))}
	for i, text := range cells {
		if clean(text) == "" {
			continue
		}
		id, col, known := spec.match(text)
		if !known {
			h.extra = append(h.extra, i)
			continue
		}
		if _, again := h.columns[id]; again {
			h.twice = append(h.twice, i)
			continue
		}
		if col.factor == 0 {
			h.odd = append(h.odd, i)
		}
		col.index, col.header = i, text
		h.columns[id] = col
	}
	h.settleUnit(cells)
	telling := 0
	for _, id := range spec.telling {
		if _, has := h.columns[id]; has {
			telling++
		}
	}
	for _, id := range spec.required {
		if _, has := h.columns[id]; !has {
			h.missing = append(h.missing, id)
		}
	}
	if len(h.missing) == 0 && telling < spec.minTelling {
		return header{spec: spec, missing: spec.telling}
	}
	return h
}

// settleUnit decides what "Unit" means beside another column for the number
// and none for the entrance: English lists translate both 户 and 单元 so.
func (h *header) settleUnit(cells []string) {
	number, has := h.columns[colNumber]
	if _, taken := h.columns[colEntrance]; taken || !has {
		return
	}
	means := func(index int) bool { return fold(cells[index]) == "unit" || fold(cells[index]) == "unitno" }
	for i, again := range h.twice {
		other := column{index: again, header: cells[again], factor: 1}
		if id, _, _ := h.spec.match(cells[again]); id != colNumber || means(number.index) == means(again) {
			continue
		}
		if means(again) {
			number, other = other, number
		}
		h.columns[colEntrance], h.columns[colNumber] = number, other
		h.twice = slices.Delete(h.twice, i, i+1)
		return
	}
}

// match recognises one header text, with its unit in brackets, behind the name
// or nowhere. An unknown unit gives the factor 0.
func (spec *tableSpec) match(text string) (id columnID, col column, known bool) {
	whole := fold(text)
	outside, inside := splitBrackets(text)
	name, unit := fold(outside), fold(inside)
	for _, c := range spec.columns {
		if slices.Contains(c.names, whole) {
			return c.id, column{factor: 1}, true
		}
	}
	for _, c := range spec.columns {
		if slices.Contains(c.names, name) {
			if len(c.units) == 0 || unit == "" {
				return c.id, column{factor: 1}, true
			}
			return c.id, column{factor: c.units[unit], percent: isPercent(unit)}, true
		}
		for u, factor := range c.units {
			if base, has := strings.CutSuffix(whole, u); has && slices.Contains(c.names, base) {
				return c.id, column{factor: factor, percent: isPercent(u)}, true
			}
		}
	}
	return "", column{}, false
}

func isPercent(unit string) bool { return percent[unit] != 0 }
