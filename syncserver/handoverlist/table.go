package handoverlist

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"keyturn/shared/domain"
)

// table is a sheet with its recognised header.
type table struct {
	sheet  *sheet
	header header
	faults *faultList
	// dataRows counts the rows that are neither totals nor remarks.
	dataRows int
}

// place is where a row stands in the file.
type place struct {
	sheet string
	row   int
}

// tableRow is one data row; its methods read cells by column and record what
// is wrong with them.
type tableRow struct {
	table *table
	row   row
}

var (
	totalsRow   = regexp.MustCompile(`(?i)^(合计|总计|共计|小计|total|subtotal)`)
	partialRow  = regexp.MustCompile(`(?i)^(小计|subtotal)`)
	totalsUnits = regexp.MustCompile(`(?i)(\d{1,7})\s*(?:户|套|units?\b|flats?\b)`)
	totalsPlain = regexp.MustCompile(`(?i)^(?:合计|总计|共计|total)\s*:?\s*(\d{1,7})$`)
)

// eachRow calls read for each row of data below the header. Totals rows are
// compared with the rows counted, repeated headers skipped, and rows with
// nothing but a remark reported.
func (t *table) eachRow(ctx context.Context, read func(tableRow)) error {
	t.reportHeader()
	above := t.sheet.rows[t.header.at]
	for i, r := range t.sheet.rows[t.header.at+1:] {
		if i%256 == 0 && ctx.Err() != nil {
			return fmt.Errorf("read table: %w", ctx.Err())
		}
		first, at := r.first()
		number, hasNumber := t.header.columns[colNumber]
		switch {
		case totalsRow.MatchString(first):
			t.checkTotal(r, first, at)
		case slices.Equal(r.cells, above.cells):
		case r.filled == 1 && (!hasNumber || clean(r.cell(number.index)) == ""):
			t.fault(SeverityWarning, r.number, at, "", first, keyRowIgnored)
		default:
			t.dataRows++
			row := tableRow{table: t, row: r}
			row.reportFormulas()
			read(row)
		}
	}
	if t.dataRows == 0 {
		t.fault(SeverityWarning, above.number, -1, "", "", keyTableEmpty)
	}
	return nil
}

// reportHeader names what is odd in the header row.
func (t *table) reportHeader() {
	r := t.sheet.rows[t.header.at]
	for _, i := range t.header.twice {
		t.fault(SeverityError, r.number, i, r.cell(i), r.cell(i), keyColumnTwice)
	}
	for _, i := range t.header.odd {
		t.fault(SeverityError, r.number, i, r.cell(i), r.cell(i), keyColumnUnit)
	}
	for _, i := range t.header.extra {
		t.fault(SeverityWarning, r.number, i, r.cell(i), r.cell(i), keyColumnIgnored)
	}
}

// checkTotal compares a stated number of rows so far with those counted; only
// the unit table states one.
func (t *table) checkTotal(r row, first string, at int) {
	if t.header.spec.kind != unitTable || partialRow.MatchString(first) {
		return
	}
	m := totalsUnits.FindStringSubmatch(compatible(strings.Join(r.cells, " ")))
	if m == nil {
		m = totalsPlain.FindStringSubmatch(first)
	}
	if m == nil {
		return
	}
	if stated, err := strconv.Atoi(m[1]); err != nil || stated != t.dataRows {
		t.fault(SeverityWarning, r.number, at, "", first, keyTotal, "counted", strconv.Itoa(t.dataRows))
	}
}

func (t *table) fault(severity Severity, row, index int, header, value, key string, namesAndValues ...string) {
	f := Fault{
		Severity: severity, Sheet: t.sheet.name, Row: row, Header: shown(header), Value: shown(value),
		Expected: domain.Because(key, namesAndValues...),
	}
	if index >= 0 {
		f.Column = columnLetter(index)
	}
	t.faults.add(f)
}

func (r tableRow) place() place { return place{r.table.sheet.name, r.row.number} }

func (r tableRow) has(id columnID) bool { _, has := r.table.header.columns[id]; return has }

// raw is the untouched cell, except that a failed formula is empty; it is
// reported once for the row.
func (r tableRow) raw(id columnID) string {
	c, has := r.table.header.columns[id]
	if !has || isCellError(clean(r.row.cell(c.index))) {
		return ""
	}
	return r.row.cell(c.index)
}

func (r tableRow) text(id columnID) string { return clean(r.raw(id)) }

func (r tableRow) refuse(id columnID, key string, namesAndValues ...string) {
	r.fault(SeverityError, id, key, namesAndValues...)
}

func (r tableRow) warn(id columnID, key string, namesAndValues ...string) {
	r.fault(SeverityWarning, id, key, namesAndValues...)
}

func (r tableRow) fault(severity Severity, id columnID, key string, namesAndValues ...string) {
	c, has := r.table.header.columns[id]
	if !has {
		c = column{index: -1}
	}
	r.table.fault(severity, r.row.number, c.index, c.header, r.row.cell(c.index), key, namesAndValues...)
}

func (r tableRow) reportFormulas() {
	for id, c := range r.table.header.columns {
		if isCellError(clean(r.row.cell(c.index))) {
			r.refuse(id, keyFormula)
		}
	}
}

// required is a text that must not be empty.
func (r tableRow) required(id columnID) string {
	text := r.text(id)
	if text == "" {
		r.missing(id)
	}
	return text
}

// missing reports an empty cell, unless its failed formula was reported.
func (r tableRow) missing(id columnID) {
	if c, has := r.table.header.columns[id]; !has || !isCellError(clean(r.row.cell(c.index))) {
		r.refuse(id, keyMissing)
	}
}

func (r tableRow) date(id columnID) domain.Date {
	text := r.text(id)
	if text == "" {
		return ""
	}
	d, ok := parseDate(text, r.table.sheet.date1904)
	if !ok {
		r.refuse(id, keyDate)
	}
	return d
}

func (r tableRow) area(id columnID) int64 {
	text := r.text(id)
	if text == "" {
		return 0
	}
	cm2, isNumber, plausible := parseArea(text)
	switch {
	case !isNumber:
		r.refuse(id, keyArea)
	case !plausible:
		r.refuse(id, keyAreaRange, "max", strconv.Itoa(maxAreaM2))
	}
	return cm2
}

func (r tableRow) money(id columnID) domain.Fen {
	text := r.text(id)
	if text == "" {
		return 0
	}
	fen, ok := parseMoney(text, r.table.header.columns[id].factor)
	if !ok {
		r.refuse(id, keyMoney)
	}
	return fen
}

func (r tableRow) rate(id columnID) domain.BasisPoints {
	text := r.text(id)
	if text == "" {
		return 0
	}
	points, ok := parseRate(text, r.table.header.columns[id].percent)
	if !ok {
		r.refuse(id, keyRate)
	}
	return points
}

// maxResponseHours is four weeks; a slower answer is no contract's limit.
const maxResponseHours = 24 * 28

func (r tableRow) hours(id columnID) int64 {
	text := r.text(id)
	if text == "" {
		return 0
	}
	for _, unit := range []string{"小时", "hours", "h"} {
		text = strings.TrimSpace(strings.TrimSuffix(text, unit))
	}
	number, ok := parseNumber(text)
	if ok {
		if n, isWhole := whole(number); isWhole && 0 < n && n <= maxResponseHours {
			return n
		}
	}
	r.refuse(id, keyHours, "max", strconv.Itoa(maxResponseHours))
	return 0
}
