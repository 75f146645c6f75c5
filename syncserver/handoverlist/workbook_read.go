package handoverlist

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// readWorkbook reads the visible sheets of an .xlsx file; names of hidden ones
// are listed. The file has passed inspectPackage.
func readWorkbook(ctx context.Context, r io.ReaderAt, size int64) (sheets []*sheet, hidden []string, err error) {
	// The library is large and has panicked on odd parts before; a bad file must
	// be an error to the caller.
	defer func() {
		if cause := recover(); cause != nil {
			err = fileError(fmt.Errorf("workbook library: %v", cause), keyFileBroken)
		}
	}()
	file, err := excelize.OpenReader(io.NewSectionReader(r, 0, size), excelize.Options{
		RawCellValue: true, // dates and numbers as stored, free of the writer's locale
		// Equal limits keep large sheets in memory instead of temporary files.
		UnzipSizeLimit: maxUnzippedBytes, UnzipXMLSizeLimit: maxUnzippedBytes,
	})
	if err != nil {
		return nil, nil, fileError(err, keyFileBroken)
	}
	defer func() {
		if closeErr := file.Close(); closeErr != nil && err == nil {
			err = fmt.Errorf("close workbook: %w", closeErr)
		}
	}()
	props, err := file.GetWorkbookProps()
	if err != nil {
		return nil, nil, fileError(err, keyFileBroken)
	}
	total := 0
	for _, name := range file.GetSheetList() {
		visible, err := file.GetSheetVisible(name)
		if err != nil {
			return nil, nil, fileError(err, keyFileBroken)
		}
		if !visible {
			hidden = append(hidden, name)
			continue
		}
		s := &sheet{name: name, date1904: props.Date1904 != nil && *props.Date1904}
		if err := s.readRows(ctx, file, &total); err != nil {
			return nil, nil, err
		}
		if err := s.readMerges(file); err != nil {
			return nil, nil, err
		}
		sheets = append(sheets, s)
	}
	return sheets, hidden, nil
}

// readRows must come before readMerges, which makes the library load the sheet
// into memory and write it out again for every later reading.
func (s *sheet) readRows(ctx context.Context, file *excelize.File, total *int) (err error) {
	rows, err := file.Rows(s.name)
	if err != nil {
		return fileError(err, keyFileBroken)
	}
	defer func() {
		if closeErr := rows.Close(); closeErr != nil && err == nil {
			err = fileError(closeErr, keyFileBroken)
		}
	}()
	for number := 1; rows.Next(); number++ {
		if number%256 == 0 && ctx.Err() != nil {
			return fmt.Errorf("read sheet: %w", ctx.Err())
		}
		cells, err := rows.Columns()
		if err != nil {
			return fileError(err, keyFileBroken)
		}
		r := newRow(number, cells)
		if r.filled == 0 {
			continue
		}
		if *total++; *total > maxRows {
			return fileError(nil, keyFileRows, "limit", strconv.Itoa(maxRows))
		}
		if len(cells) > maxColumns {
			return fileError(nil, keyFileColumns, "limit", strconv.Itoa(maxColumns))
		}
		s.rows = append(s.rows, r)
	}
	return nil
}

func (s *sheet) readMerges(file *excelize.File) error {
	merges, err := file.GetMergeCells(s.name, true)
	if err != nil {
		return fileError(err, keyFileBroken)
	}
	for _, m := range merges {
		column, firstRow, err := excelize.CellNameToCoordinates(m.GetStartAxis())
		if err != nil {
			return fileError(err, keyFileBroken)
		}
		_, lastRow, err := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err != nil {
			return fileError(err, keyFileBroken)
		}
		if column <= maxColumns && lastRow > firstRow {
			s.fillDown(column-1, firstRow, lastRow)
		}
	}
	return nil
}
