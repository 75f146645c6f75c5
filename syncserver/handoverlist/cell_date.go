package handoverlist

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"keyturn/shared/domain"
)

// Dates outside these years are typing errors: no flat handed over now was
// finished before, and no warranty ends later.
const (
	firstYear = 1980
	lastYear  = 2100
)

var (
	// Year first only: 9/30/2026 and 30/9/2026 cannot be told apart on all days.
	writtenDate = regexp.MustCompile(`^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?$`)
	compactDate = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})(?:\.0+)?$`)
	serialDate  = regexp.MustCompile(`^(\d{5})(?:\.\d+)?$`)
	writtenSlot = regexp.MustCompile(`^(\d{1,2}):(\d{2})\s*[-~—–至到]+\s*(\d{1,2}):(\d{2})$`)
)

// parseDate reads a cleaned cell: a written date, digits such as 20260930, or
// the day number that spreadsheets store.
func parseDate(text string, date1904 bool) (d domain.Date, ok bool) {
	if m := writtenDate.FindStringSubmatch(text); m != nil {
		return civilDate(m[1], m[2], m[3])
	}
	if m := compactDate.FindStringSubmatch(text); m != nil {
		return civilDate(m[1], m[2], m[3])
	}
	m := serialDate.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	days, err := strconv.Atoi(m[1])
	if err != nil {
		return "", false
	}
	// Day 1 is 1 January 1900, and the spreadsheets' calendar has a 29 February
	// 1900 that never was (ECMA-376 part 1, 18.17.4.1).
	epoch := time.Date(1899, time.December, 30, 0, 0, 0, 0, time.UTC)
	if date1904 {
		epoch = time.Date(1904, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	day := epoch.AddDate(0, 0, days)
	return domain.DateOf(day, time.UTC), plausibleYear(day.Year())
}

func civilDate(year, month, day string) (domain.Date, bool) {
	d, err := domain.ParseDate(fmt.Sprintf("%s-%02s-%02s", year, month, day))
	if err != nil {
		return "", false
	}
	y, err := strconv.Atoi(year)
	return d, err == nil && plausibleYear(y)
}

func plausibleYear(y int) bool { return firstYear <= y && y <= lastYear }

// parseSlot writes a time span as "09:00-10:00"; a time of day that the
// spreadsheet stores as a part of the day becomes "09:00"; other words stay.
func parseSlot(text string) string {
	if m := writtenSlot.FindStringSubmatch(text); m != nil {
		return fmt.Sprintf("%02s:%s-%02s:%s", m[1], m[2], m[3], m[4])
	}
	if part, err := strconv.ParseFloat(text, 64); err == nil && part > 0 && part < 1 && strings.HasPrefix(text, "0.") {
		minutes := int(part*24*60 + 0.5)
		return fmt.Sprintf("%02d:%02d", minutes/60%24, minutes%60)
	}
	return text
}
