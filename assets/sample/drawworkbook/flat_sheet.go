package main

import (
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// numberCell is the flat's number as somebody typed it: mostly text, now and then a number, rarely in full-width digits.
func (f flat) numberCell(row int) any {
	switch {
	case row%37 == 0:
		return fullWidth(f.number)
	case row%11 == 0:
		var number int
		for _, digit := range f.number {
			number = number*10 + int(digit-'0')
		}
		return number
	default:
		return f.number
	}
}

// fullWidth writes digits as an input method in full-width mode does.
func fullWidth(digits string) string {
	return strings.Map(func(r rune) rune { return r - '0' + '０' }, digits)
}

func writeFlats(book *excelize.File, s styles, flats []flat) error {
	const headerRow = 3
	headers := []string{
		"楼栋", "单元", "楼层", "房号", "户型", "装修标准", "预测面积(㎡)", "实测面积(㎡)", "竣工验收日期", "合同交付日期",
		"业主姓名", "联系电话", "身份证后四位", "按揭银行", "备注",
	}
	if err := writeRow(book, s, flatSheet, 1, "样例花园一期 交付房屋清单"); err != nil {
		return err
	}
	if err := writeRow(book, s, flatSheet, 2, "制表:客户服务部   日期:2026年9月18日   单位:㎡ / 户"); err != nil {
		return err
	}
	if err := book.SetCellStyle(flatSheet, "A1", "A1", s.title); err != nil {
		return err
	}
	for _, row := range []string{"1", "2"} {
		if err := book.MergeCell(flatSheet, "A"+row, "O"+row); err != nil {
			return err
		}
	}
	if err := writeHeader(book, s, flatSheet, headerRow, headers); err != nil {
		return err
	}

	firstOfBuilding := headerRow + 1
	for i, f := range flats {
		row := headerRow + 1 + i
		if i > 0 && flats[i-1].building.name != f.building.name {
			firstOfBuilding = row
		}
		if row == firstOfBuilding {
			if err := writeRow(book, s, flatSheet, row, f.building.name); err != nil {
				return err
			}
		}
		if i == len(flats)-1 || flats[i+1].building.name != f.building.name {
			if err := book.MergeCell(flatSheet, fmt.Sprintf("A%d", firstOfBuilding), fmt.Sprintf("A%d", row)); err != nil {
				return err
			}
		}
		if err := writeRow(book, s, flatSheet, row, f.cells(row)...); err != nil {
			return err
		}
	}
	// Some blank rows, then the total, as lists that are printed have it.
	total := headerRow + len(flats) + 3
	if err := writeRow(book, s, flatSheet, total, fmt.Sprintf("合计 %d 户", len(flats))); err != nil {
		return err
	}
	for _, columns := range []struct {
		first, last string
		width       float64 // characters
	}{{"E", "E", 26}, {"G", "J", 14}, {"K", "K", 24}, {"L", "N", 13}} {
		if err := book.SetColWidth(flatSheet, columns.first, columns.last, columns.width); err != nil {
			return err
		}
	}
	return book.SetPanes(flatSheet, &excelize.Panes{Freeze: true, YSplit: headerRow, TopLeftCell: "A4", ActivePane: "bottomLeft"})
}

// cells are the flat's values from column A; the building's cell is written once for all its rows.
func (f flat) cells(row int) []any {
	var floorCell, areaCell, handoverCell any = f.floor, f.surveyedM2, f.handoverOn
	if row%41 == 0 {
		floorCell = fullWidth(fmt.Sprint(f.floor))
	}
	if row%13 == 0 {
		areaCell = fmt.Sprintf("%.2f", f.surveyedM2) // typed as text
	}
	if f.handoverWrittenAs != "" {
		handoverCell = f.handoverWrittenAs
	}
	cells := []any{
		nil, f.entrance, floorCell, f.numberCell(row), f.layout.name, f.building.fitOut, f.layout.areaM2, areaCell, f.building.completed, handoverCell,
	}
	if !f.sold {
		return append(cells, nil, nil, nil, nil, "未售")
	}
	return append(cells, f.owners, f.phone, f.id4, f.bank)
}
