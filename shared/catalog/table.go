package catalog

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Fault is one thing wrong in the reference data.
type Fault struct {
	File string
	// Line of the row's first cell; 0 where the file as a whole is meant.
	Line          int
	Column, Value string
	Err           error
}

// Error names file, line, column and value.
func (f *Fault) Error() string {
	where := f.File
	if f.Line > 0 {
		where += fmt.Sprintf(" line %d", f.Line)
	}
	if f.Column != "" {
		where += fmt.Sprintf(", column %s %.60q", f.Column, f.Value)
	}
	return where + ": " + f.Err.Error()
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }

// Causes of faults.
var (
	ErrHeader        = errors.New("wrong header")
	ErrDuplicate     = errors.New("given twice")
	ErrMissing       = errors.New("missing")
	ErrUnresolved    = errors.New("refers to nothing")
	ErrValue         = errors.New("not an allowed value")
	ErrContradiction = errors.New("contradicts another table")
)

// loader reads tables and collects faults.
type loader struct {
	fsys   fs.FS
	hash   hash.Hash
	faults []error
	// unreadable: a table as a whole could not be read.
	unreadable bool
}

func newLoader(fsys fs.FS) *loader { return &loader{fsys: fsys, hash: sha256.New()} }

// version covers the names and bytes of all tables read, in reading order.
func (l *loader) version() string { return hex.EncodeToString(l.hash.Sum(nil))[:12] }

// row is one record with its place.
type row struct {
	l     *loader
	file  string
	line  int
	cells map[string]string
}

// table reads a CSV file whose header must name exactly the columns.
func (l *loader) table(file string, columns ...string) []row {
	text, err := fs.ReadFile(l.fsys, file)
	if err != nil {
		l.faults, l.unreadable = append(l.faults, &Fault{File: file, Err: err}), true
		return nil
	}
	_, _ = fmt.Fprintf(l.hash, "%s %d\n", file, len(text)) // a hash never fails
	_, _ = l.hash.Write(text)
	reader := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff")))
	header, err := reader.Read()
	for i := range header {
		header[i] = strings.TrimSpace(header[i])
	}
	if err != nil || !slices.Equal(slices.Sorted(slices.Values(header)), slices.Sorted(slices.Values(columns))) {
		fault := &Fault{File: file, Line: 1, Err: fmt.Errorf("%w: want %s", ErrHeader, strings.Join(columns, ","))}
		l.faults, l.unreadable = append(l.faults, fault), true
		return nil
	}
	var rows []row
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			fault := &Fault{File: file, Err: err}
			if parse := (*csv.ParseError)(nil); errors.As(err, &parse) {
				fault.Line = parse.StartLine
			}
			l.faults, l.unreadable = append(l.faults, fault), true
			return rows
		}
		line, _ := reader.FieldPos(0)
		r := row{l, file, line, make(map[string]string, len(header))}
		for i, name := range header {
			r.cells[name] = strings.TrimSpace(record[i])
		}
		rows = append(rows, r)
	}
}

// unique reports rows whose key columns repeat and returns the first of each.
func unique(rows []row, columns ...string) []row {
	seen := map[string]bool{}
	var first []row
	for _, r := range rows {
		var key strings.Builder
		for _, c := range columns {
			fmt.Fprintf(&key, "%q", r.cells[c])
		}
		if seen[key.String()] {
			r.fault(columns[len(columns)-1], ErrDuplicate)
			continue
		}
		seen[key.String()] = true
		first = append(first, r)
	}
	return first
}

func (r row) text(column string) string { return r.cells[column] }

func (r row) fault(column string, err error) {
	r.l.faults = append(r.l.faults, &Fault{r.file, r.line, column, r.cells[column], err})
}

// must is text that may not be empty.
func (r row) must(column string) string {
	if r.cells[column] == "" {
		r.fault(column, ErrMissing)
	}
	return r.cells[column]
}

// whole is a number from 0 to a million; empty is 0.
func (r row) whole(column string) int {
	s := r.cells[column]
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1_000_000 {
		r.fault(column, fmt.Errorf("%w: want a whole number", ErrValue))
		return 0
	}
	return n
}

// yes reads "yes" or "no".
func (r row) yes(column string) bool {
	r.oneOf(column, "yes", "no")
	return r.cells[column] == "yes"
}

// oneOf reads a value that must be in the list.
func (r row) oneOf(column string, allowed ...string) string {
	if !slices.Contains(allowed, r.cells[column]) {
		r.fault(column, fmt.Errorf("%w: want one of %q", ErrValue, allowed))
	}
	return r.cells[column]
}

// list splits at "|"; empty is no element.
func (r row) list(column string) []string {
	if r.cells[column] == "" {
		return nil
	}
	parts := strings.Split(r.cells[column], "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// sourceTag is the form of the source tags of the domain specification, and of
// the evidence marks V and M of the older tables; a remark may follow.
var sourceTag = regexp.MustCompile(`^(S[0-4]|L|L-V|L-M|P|D|I|V|M)(/(S[0-4]|L|L-V|L-M|P|D|I|V|M))*( |,|$)`)

// tag reads a source tag; every value has to have one.
func (r row) tag(column string) string {
	if !sourceTag.MatchString(r.cells[column]) {
		r.fault(column, fmt.Errorf("%w: want a source tag", ErrValue))
	}
	return r.cells[column]
}
