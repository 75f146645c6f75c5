package policy

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"keyturn/shared/domain"
)

// ErrBadSeason says that a text is no heating or cooling season.
var ErrBadSeason = errors.New("not a season like 11-15..03-15")

// season is a yearly period, month-day to month-day; it may span New Year.
type season struct{ from, to string }

func parseSeason(s string) (season, error) {
	from, to, ok := strings.Cut(s, "..")
	if !ok || !monthDay(from) || !monthDay(to) || from == to {
		return season{}, fmt.Errorf("%w: %.40q", ErrBadSeason, s)
	}
	return season{from, to}, nil
}

// monthDay refuses 29 February: a season has to exist every year.
func monthDay(s string) bool {
	_, err := time.Parse("2006-01-02", "2023-"+s)
	return err == nil
}

// end is the last day of the n-th whole season that starts on or after start.
// A season that had already begun does not count (domain spec, class W-HVAC).
func (s season) end(start domain.Date, n int) domain.Date {
	t, ok := start.Midnight(time.UTC)
	if !ok || n < 1 {
		return ""
	}
	year := t.Year()
	if s.in(year, s.from) < start {
		year++
	}
	year += n - 1
	if s.to < s.from {
		year++
	}
	return s.in(year, s.to)
}

func (s season) in(year int, monthDay string) domain.Date {
	return domain.Date(fmt.Sprintf("%04d-%s", year, monthDay))
}
