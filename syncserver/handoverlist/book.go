package handoverlist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// Book is what one file says. Its rows become records through Desired.
type Book struct {
	// Faults lists errors before warnings, each in the file's order.
	Faults []Fault
	// MoreFaults is how many faults were found beyond those listed.
	MoreFaults int

	units        []unitRow
	scopes       []scopeRow
	appointments []appointmentRow
	buildings    *buildingNames
	// hasUnits says that a unit table was there, even an empty one.
	hasUnits bool
}

// Refused reports whether an error forbids importing any of the file.
func (b *Book) Refused() bool {
	return len(b.Faults) > 0 && b.Faults[0].Severity == SeverityError
}

var (
	zipMagic = []byte("PK\x03\x04")
	oleMagic = []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}
)

// Read reads an .xlsx workbook or a CSV file, told apart by content; name is
// the file's and names a CSV file's only sheet. A file that cannot be read at
// all, or holds no table, is a *FileError; whatever is wrong inside the tables is
// collected in Book.Faults.
func Read(ctx context.Context, name string, r io.ReaderAt, size int64) (*Book, error) {
	switch {
	case size <= 0:
		return nil, fileError(nil, keyFileEmpty)
	case size > maxFileBytes:
		return nil, fileError(nil, keyFileTooBig, "limit", strconv.Itoa(maxFileBytes>>20))
	}
	content := make([]byte, size)
	if n, err := r.ReadAt(content, 0); n < len(content) {
		return nil, fmt.Errorf("read handover list: %w", err)
	}
	var sheets []*sheet
	var hidden []string
	switch {
	case bytes.HasPrefix(content, oleMagic):
		return nil, fileError(nil, keyFileLegacy)
	case bytes.HasPrefix(content, zipMagic):
		workbook := bytes.NewReader(content)
		if err := inspectPackage(ctx, workbook, size); err != nil {
			return nil, unreadable(ctx, err)
		}
		var err error
		if sheets, hidden, err = readWorkbook(ctx, workbook, size); err != nil {
			return nil, unreadable(ctx, err)
		}
	default:
		s, err := readCSV(ctx, shown(path.Base(strings.ReplaceAll(name, `\`, "/"))), content)
		if err != nil {
			return nil, err
		}
		sheets = []*sheet{s}
	}
	return readBook(ctx, sheets, hidden)
}

// unreadable gives a reason to whatever the zip and XML readers complain of: the
// bytes are in memory, so only the file itself can be at fault.
func unreadable(ctx context.Context, err error) error {
	var refused *FileError
	if ctx.Err() != nil || errors.As(err, &refused) {
		return err
	}
	return fileError(err, keyFileBroken)
}

func readBook(ctx context.Context, sheets []*sheet, hidden []string) (*Book, error) {
	b := &Book{buildings: newBuildingNames()}
	faults := &faultList{}
	tables := 0
	for _, s := range sheets {
		h, ok := findHeader(s)
		if !ok {
			if len(s.rows) > 0 {
				faults.add(sheetFault(s.name, keySheetIgnored))
			}
			continue
		}
		tables++
		t := &table{sheet: s, header: h, faults: faults}
		if len(h.missing) > 0 {
			for _, id := range h.missing {
				t.fault(SeverityError, s.rows[h.at].number, -1, "", "", missingColumnKey(id))
			}
			continue
		}
		if err := t.eachRow(ctx, b.reader(h.spec.kind)); err != nil {
			return nil, err
		}
	}
	if tables == 0 {
		return nil, fileError(nil, keyFileNoTable)
	}
	for _, name := range hidden {
		faults.add(sheetFault(name, keySheetHidden))
	}
	b.check()
	b.Faults, b.MoreFaults = faults.sorted(sheets), faults.more
	return b, nil
}

func (b *Book) reader(kind tableKind) func(tableRow) {
	switch kind {
	case scopeTable:
		return b.readScope
	case appointmentTable:
		return b.readAppointment
	default:
		b.hasUnits = true
		return (&unitReader{book: b}).read
	}
}
