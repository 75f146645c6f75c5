package handoverlist

import (
	"cmp"
	"slices"

	"keyturn/shared/domain"
)

// Severity says whether a fault refuses the file.
type Severity string

// Severities: an error refuses the whole file, a warning is shown only.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Fault is something wrong at one place of the file.
type Fault struct {
	Severity Severity
	Sheet    string
	// Row counts from 1 as spreadsheets do; 0 means the whole sheet.
	Row int
	// Column is the letter and Header the text above the cell; both are empty
	// for a fault of a whole row or sheet.
	Column, Header string
	// Value is the cell's text, shortened.
	Value string
	// Expected says what is wrong and what is expected instead.
	Expected domain.Reason
}

// sheetFault warns about a whole sheet.
func sheetFault(sheet, key string) Fault {
	return Fault{Severity: SeverityWarning, Sheet: sheet, Expected: domain.Because(key)}
}

// faultList collects faults up to maxFaults of each severity, so that a
// thousand warnings hide no error.
type faultList struct {
	errors, warnings []Fault
	// more is how many were found beyond those kept.
	more int
}

func (l *faultList) add(f Fault) {
	f.Value = shorten(f.Value)
	list := &l.warnings
	if f.Severity == SeverityError {
		list = &l.errors
	}
	if len(*list) >= maxFaults {
		l.more++
		return
	}
	*list = append(*list, f)
}

// sorted lists errors before warnings, each by sheet, in the file's order of
// sheets, then row and column.
func (l *faultList) sorted(sheets []*sheet) []Fault {
	order := make(map[string]int, len(sheets))
	for i, s := range sheets {
		order[s.name] = i
	}
	byPlace := func(a, b Fault) int {
		return cmp.Or(
			cmp.Compare(order[a.Sheet], order[b.Sheet]), cmp.Compare(a.Row, b.Row),
			cmp.Compare(len(a.Column), len(b.Column)), cmp.Compare(a.Column, b.Column),
		)
	}
	slices.SortStableFunc(l.errors, byPlace)
	slices.SortStableFunc(l.warnings, byPlace)
	return slices.Concat(l.errors, l.warnings)
}

func shorten(s string) string {
	runes := []rune(s)
	if len(runes) <= maxShownRunes {
		return s
	}
	return string(runes[:maxShownRunes]) + "…"
}
