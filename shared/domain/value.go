package domain

import (
	"errors"
	"fmt"
	"time"
)

// Instant is a point in time in milliseconds since 1970 UTC; 0 is "not yet".
type Instant int64

// At converts a time to an Instant.
func At(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time converts back, in UTC.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// Add moves by d.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Milliseconds()) }

// Sub is the duration from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i-j) * time.Millisecond }

// Set reports whether it has happened.
func (i Instant) Set() bool { return i != 0 }

// Date is a civil date as people mean it (handover, warranty), "2026-09-30";
// dates compare as text. The empty date is unknown.
type Date string

const dateLayout = "2006-01-02"

// ErrBadDate says that a text is no calendar date.
var ErrBadDate = errors.New("not a calendar date")

// ParseDate accepts "2026-09-30" and the empty text.
func ParseDate(s string) (Date, error) {
	if s == "" {
		return "", nil
	}
	if _, err := time.Parse(dateLayout, s); err != nil {
		return "", fmt.Errorf("%w: %.40q", ErrBadDate, s)
	}
	return Date(s), nil
}

// DateOf is the calendar day of t in loc.
func DateOf(t time.Time, loc *time.Location) Date { return Date(t.In(loc).Format(dateLayout)) }

// Midnight is the start of the day in loc; ok is false for an unknown date.
func (d Date) Midnight(loc *time.Location) (t time.Time, ok bool) {
	t, err := time.ParseInLocation(dateLayout, string(d), loc)
	return t, err == nil
}

// AddMonths adds calendar months; a day that the month lacks becomes its last
// day (31 January + 1 month = 28 February), as warranty periods are counted.
func (d Date) AddMonths(n int) Date {
	t, ok := d.Midnight(time.UTC)
	if !ok {
		return d
	}
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return DateOf(first.AddDate(0, 0, min(t.Day(), last)-1), time.UTC)
}

// AddDays adds calendar days.
func (d Date) AddDays(n int) Date {
	t, ok := d.Midnight(time.UTC)
	if !ok {
		return d
	}
	return DateOf(t.AddDate(0, 0, n), time.UTC)
}

// Fen is money in hundredths of a yuan.
type Fen int64

// BasisPoints is a rate in hundredths of a percent: 15 % is 1500.
type BasisPoints int64

// Of is the rate's share of an amount, rounded half up, once; a credit is the
// charge with the other sign. It is exact for every amount at rates up to 100 %.
func (r BasisPoints) Of(f Fen) Fen {
	const whole = 10_000
	// The product itself would overflow for amounts that a peer may send.
	rest := int64(f) % whole * int64(r)
	half := int64(whole / 2)
	if rest < 0 {
		half = -half
	}
	return Fen(int64(f)/whole*int64(r) + (rest+half)/whole)
}

// Yuan is the amount as "1234.56".
func (f Fen) Yuan() string {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	return fmt.Sprintf("%s%d.%02d", sign, f/100, f%100)
}

// Reason is why something was decided, rendered per reader: a key of the
// translation catalogue and its arguments.
type Reason struct {
	Key  string            `cbor:"1,keyasint,omitzero" json:"key,omitempty"`
	Args map[string]string `cbor:"2,keyasint,omitempty" json:"args,omitempty"`
}

// Because builds a Reason from alternating argument names and values; a name
// without a value is left out.
func Because(key string, namesAndValues ...string) Reason {
	r := Reason{Key: key}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		if r.Args == nil {
			r.Args = make(map[string]string, len(namesAndValues)/2)
		}
		r.Args[namesAndValues[i]] = namesAndValues[i+1]
	}
	return r
}
