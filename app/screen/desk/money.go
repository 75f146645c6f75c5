package desk

import (
	"errors"
	"strconv"
	"strings"

	"keyturn/shared/domain"
)

// Errors of an amount; their texts are keys of the catalogue.
var (
	ErrNoAmount       = errors.New("desk.amount.empty")
	ErrBadAmount      = errors.New("desk.amount.not_a_number")
	ErrTooManyPlaces  = errors.New("desk.amount.decimals")
	ErrAmountTooLarge = errors.New("desk.amount.too_large")
	ErrNotPositive    = errors.New("desk.amount.not_positive")
)

// maxYuanDigits bounds an amount below 9e14 fen, the contract of BasisPoints.Of.
const maxYuanDigits = 12

// ParseYuan reads an amount in yuan exactly, without floating point: "812.5",
// "¥1,234.50" and full-width digits are accepted, more than two decimals are
// refused rather than rounded, since money that was typed is meant as typed.
func ParseYuan(text string) (domain.Fen, error) {
	s := strings.TrimSpace(strings.Map(halfWidth, text))
	s = strings.TrimSpace(strings.TrimPrefix(s, "¥"))
	if s == "" {
		return 0, ErrNoAmount
	}
	whole, places, dotted := strings.Cut(s, ".")
	whole, ok := ungroup(whole)
	if !ok || !digits(whole) || dotted && !digits(places) {
		return 0, ErrBadAmount
	}
	if len(places) > 2 {
		return 0, ErrTooManyPlaces
	}
	if len(strings.TrimLeft(whole, "0")) > maxYuanDigits {
		return 0, ErrAmountTooLarge
	}
	fen, err := strconv.ParseInt(whole+(places + "00")[:2], 10, 64)
	if err != nil {
		return 0, ErrBadAmount
	}
	if fen == 0 {
		return 0, ErrNotPositive
	}
	return domain.Fen(fen), nil
}

// halfWidth folds the full-width forms that Chinese input methods produce.
func halfWidth(r rune) rune {
	switch {
	case r >= 0xFF01 && r <= 0xFF5E: // full-width ASCII
		return r - 0xFEE0
	case r == 0x3000: // ideographic space
		return ' '
	case r == 0xFFE5: // full-width yen sign
		return 0xA5
	}
	return r
}

// ungroup removes separators of thousands; ok is false where they stand in the
// wrong place, since "1,5" may well mean one and a half.
func ungroup(s string) (_ string, ok bool) {
	groups := strings.Split(s, ",")
	for i, g := range groups {
		if i > 0 && len(g) != 3 || i == 0 && len(groups) > 1 && (g == "" || len(g) > 3) {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// yuan renders an amount with separators of thousands: "¥12,345.60".
func yuan(f domain.Fen) string {
	text, negative := strings.CutPrefix(f.Yuan(), "-")
	whole, places, _ := strings.Cut(text, ".")
	var b strings.Builder
	if negative {
		b.WriteString("-")
	}
	b.WriteString("¥")
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(",")
		}
		b.WriteRune(r)
	}
	return b.String() + "." + places
}
