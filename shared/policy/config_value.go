package policy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"keyturn/shared/domain"
)

// ErrBadValue says that a value does not fit the type of its configuration key.
var ErrBadValue = errors.New("bad configuration value")

type valueKind int

const (
	kindNone valueKind = iota
	kindInt
	kindRate
	kindFen
	kindBool
	kindText
	kindSeason
	kindMilli
)

// kinds gives the type of a value by the first word of its unit; what follows
// ("(>)", "of batch") only comments on the comparison.
var kinds = map[string]valueKind{
	"persons": kindInt, "households": kindInt, "cases": kindInt, "flats": kindInt, "times": kindInt, "count": kindInt,
	"minutes": kindInt, "hours": kindInt, "days": kindInt, "months": kindInt, "years": kindInt, "seasons": kindInt,
	"percent": kindInt, "ratio": kindRate, "CNY": kindFen, "bool": kindBool, "enum": kindText, "season": kindSeason,
	"mm": kindMilli, "m": kindMilli, "MPa": kindMilli, "mg/m3": kindMilli, "Bq/m3": kindMilli,
}

// value is one parsed configuration value: numbers in the kind's own integer
// unit (basis points, fen, thousandths), several for lists.
type value struct {
	text string
	kind valueKind
	list bool
	nums []int64
}

// parseValue reads a text for a unit. list keys hold comma-separated numbers.
func parseValue(unit, text string, list bool) (value, error) {
	word, _, _ := strings.Cut(unit, " ")
	kind := kinds[word]
	v := value{text: text, kind: kind, list: list}
	if kind == kindNone {
		return value{}, fmt.Errorf("%w: unknown unit %.40q", ErrBadValue, unit)
	}
	parts := []string{text}
	if list {
		parts = strings.Split(text, ",")
	}
	for _, part := range parts {
		n, err := parseScalar(kind, part)
		if err != nil {
			return value{}, fmt.Errorf("%w: %.40q, want %s: %w", ErrBadValue, text, unit, err)
		}
		v.nums = append(v.nums, n)
	}
	return v, nil
}

var errEmpty = errors.New("it is empty")

func parseScalar(kind valueKind, s string) (n int64, err error) {
	switch kind {
	case kindRate:
		n, err = parseDecimal(s, 4)
	case kindFen:
		n, err = parseDecimal(s, 2)
	case kindMilli:
		n, err = parseDecimal(s, 3)
	case kindInt:
		n, err = parseDecimal(s, 0)
	case kindBool:
		var b bool
		if b, err = strconv.ParseBool(s); b {
			n = 1
		}
	case kindSeason:
		_, err = parseSeason(s)
	default:
		if strings.TrimSpace(s) == "" {
			err = errEmpty
		}
	}
	if err == nil && n < 0 {
		err = fmt.Errorf("%w: negative", ErrBadNumber)
	}
	return n, err
}

func (c Config) first(key string, kind valueKind) int64 {
	if e, ok := c.entries[key]; ok && e.value.kind == kind {
		return e.value.nums[0]
	}
	return 0
}

// Int is a whole number in the key's unit. Like all readers it gives the zero
// value for a key that does not exist or is of another type; the catalogue
// checks at loading that every key of RequiredKeys exists with its type.
func (c Config) Int(key string) int64 { return c.first(key, kindInt) }

// Days is Int for calendar or working days.
func (c Config) Days(key string) int { return int(c.first(key, kindInt)) }

// Hours is Int as elapsed time.
func (c Config) Hours(key string) time.Duration { return time.Duration(c.Int(key)) * time.Hour }

// Rate is a ratio in basis points.
func (c Config) Rate(key string) domain.BasisPoints {
	return domain.BasisPoints(c.first(key, kindRate))
}

// Fen is an amount of money.
func (c Config) Fen(key string) domain.Fen { return domain.Fen(c.first(key, kindFen)) }

// Bool is a switch.
func (c Config) Bool(key string) bool { return c.first(key, kindBool) == 1 }

// Milli is a physical limit in thousandths of its unit; ok is false where the
// key does not exist.
func (c Config) Milli(key string) (thousandths int64, ok bool) {
	e, ok := c.entries[key]
	if !ok || e.value.kind != kindMilli {
		return 0, false
	}
	return e.value.nums[0], true
}

// List gives the numbers of a list key in its integer unit (months, fen).
func (c Config) List(key string) []int64 { return append([]int64(nil), c.entries[key].value.nums...) }

// Text is the value as it was written, whatever its type.
func (c Config) Text(key string) string { return c.entries[key].value.text }
