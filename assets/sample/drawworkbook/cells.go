package main

import (
	"time"

	"github.com/xuri/excelize/v2"
)

// styles are the cell formats of the workbook.
type styles struct{ title, header, date int }

func newStyles(book *excelize.File) (styles, error) {
	var s styles
	for _, style := range []struct {
		id     *int
		format excelize.Style
	}{
		{&s.title, excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}, Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center"}}},
		{&s.header, excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DDE6EE"}}}},
		{&s.date, excelize.Style{NumFmt: 14}}, // the system's short date
	} {
		id, err := book.NewStyle(&style.format)
		if err != nil {
			return styles{}, err
		}
		*style.id = id
	}
	return s, nil
}

// writeRow fills a row from column A; a nil leaves its cell empty, a time becomes a serial day number in the date format.
func writeRow(book *excelize.File, s styles, sheet string, row int, values ...any) error {
	for i, value := range values {
		if value == nil {
			continue
		}
		cell, err := excelize.CoordinatesToCellName(i+1, row)
		if err != nil {
			return err
		}
		if day, ok := value.(time.Time); ok {
			if err := book.SetCellValue(sheet, cell, serial(day)); err != nil {
				return err
			}
			if err := book.SetCellStyle(sheet, cell, cell, s.date); err != nil {
				return err
			}
			continue
		}
		if err := book.SetCellValue(sheet, cell, value); err != nil {
			return err
		}
	}
	return nil
}

// writeHeader writes the column names in bold on a tinted ground.
func writeHeader(book *excelize.File, s styles, sheet string, row int, names []string) error {
	values := make([]any, len(names))
	for i, name := range names {
		values[i] = name
	}
	if err := writeRow(book, s, sheet, row, values...); err != nil {
		return err
	}
	first, err := excelize.CoordinatesToCellName(1, row)
	if err != nil {
		return err
	}
	last, err := excelize.CoordinatesToCellName(len(names), row)
	if err != nil {
		return err
	}
	return book.SetCellStyle(sheet, first, last, s.header)
}

// serial is the workbook's day number: days since 30 December 1899.
func serial(day time.Time) int {
	return int(day.Sub(time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24)
}

// day2026 is a day of the year in which the sample project is handed over.
func day2026(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 0, 0, 0, 0, time.UTC)
}
