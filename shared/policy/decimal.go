package policy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrBadNumber says that a text is no decimal number of the wanted precision.
var ErrBadNumber = errors.New("not a decimal number")

// maxWhole bounds the whole part of any configured or parsed number, so that
// scaling by a million stays inside int64.
const maxWhole = 1_000_000_000_000

// parseDecimal reads "-12.5" as an integer scaled by 10^places, without
// floating point. Digits beyond places are refused rather than rounded.
func parseDecimal(s string, places int) (int64, error) {
	bad := fmt.Errorf("%w with at most %d decimals: %.40q", ErrBadNumber, places, s)
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, dotted := strings.Cut(digits, ".")
	if whole == "" || dotted && fraction == "" || len(fraction) > places || !onlyDigits(whole) || !onlyDigits(fraction) {
		return 0, bad
	}
	n, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", places-len(fraction)), 10, 64)
	if err != nil || n/pow10(places) >= maxWhole {
		return 0, bad
	}
	if negative {
		n = -n
	}
	return n, nil
}

func onlyDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}

// thousandths renders a value kept in thousandths as people write it: 2.5, -15.
func thousandths(v int64) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	s := fmt.Sprintf("%s%d.%03d", sign, v/1000, v%1000)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}
