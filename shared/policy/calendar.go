package policy

import (
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // zones must be found on tablets and servers without a zone database

	"keyturn/shared/domain"
)

// ErrNoZone says that a project lacks a usable time zone.
var ErrNoZone = errors.New("no usable time zone")

// Calendar knows a project's zone and working days. Saturday and Sunday are
// off unless they are worked (调休).
type Calendar struct {
	Zone               *time.Location
	Holidays, Workdays map[domain.Date]bool
}

// NewCalendar reads a project's zone and days.
func NewCalendar(p domain.Project) (Calendar, error) {
	if p.Zone == "" {
		return Calendar{}, fmt.Errorf("%w: project %.40q names none", ErrNoZone, p.Name)
	}
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		return Calendar{}, fmt.Errorf("%w: %w", ErrNoZone, err)
	}
	c := Calendar{Zone: zone, Holidays: map[domain.Date]bool{}, Workdays: map[domain.Date]bool{}}
	for _, d := range p.Holidays {
		c.Holidays[d] = true
	}
	for _, d := range p.Workdays {
		c.Workdays[d] = true
	}
	return c, nil
}

// Date is the calendar day of an instant in the project; empty if not set.
func (c Calendar) Date(at domain.Instant) domain.Date {
	if !at.Set() {
		return ""
	}
	return domain.DateOf(at.Time(), c.zone())
}

// zone lets the zero Calendar work, in UTC.
func (c Calendar) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

// IsWorkday reports whether people work on the day; an unknown date is none.
func (c Calendar) IsWorkday(d domain.Date) bool {
	t, ok := d.Midnight(time.UTC)
	if !ok || c.Holidays[d] {
		return false
	}
	weekend := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
	return !weekend || c.Workdays[d]
}

// AddWorkdays is the same time of day n working days later; the day of at
// itself does not count. n below 1 changes nothing.
func (c Calendar) AddWorkdays(at domain.Instant, n int) domain.Instant {
	t := at.Time().In(c.zone())
	days := 0
	for n > 0 {
		days++
		if c.IsWorkday(domain.DateOf(t.AddDate(0, 0, days), c.zone())) {
			n--
		}
	}
	return domain.At(t.AddDate(0, 0, days))
}
