package main

import (
	"time"

	"github.com/xuri/excelize/v2"
)

// writeAppointments gives the flats of two entrances a slot each: four days, six slots a day, four inspectors side by side.
// The list was made before the sales list was compared, so unsold flats have slots as well.
func writeAppointments(book *excelize.File, s styles, flats []flat) error {
	if err := writeHeader(book, s, appointmentSheet, 1, []string{"日期", "时段", "楼栋", "单元", "房号", "验房员", "到场"}); err != nil {
		return err
	}
	slots := []string{"09:00-10:00", "10:00-11:00", "11:00-12:00", "13:30-14:30", "14:30-15:30", "15:30-16:30"}
	inspectors := []string{"验房员甲", "验房员乙", "验房员丙", "验房员丁"} // the first two are people of sample.json
	first := day2026(time.September, 26)

	booked := 0
	for _, f := range flats {
		if f.building.fitOut != "精装" || f.entrance != "1单元" {
			continue
		}
		turn := booked / len(inspectors)
		day := first.AddDate(0, 0, turn/len(slots))
		err := writeRow(book, s, appointmentSheet, booked+2,
			day.Format(time.DateOnly), slots[turn%len(slots)], f.building.name, f.entrance, f.number, inspectors[booked%len(inspectors)])
		if err != nil {
			return err
		}
		booked++
	}
	return nil
}
