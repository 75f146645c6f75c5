package handoverlist

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"keyturn/shared/domain"
)

const (
	// maxAreaM2 is more than any flat has; larger numbers are typing errors.
	maxAreaM2 = 2000
	// maxFen keeps amounts within what domain.BasisPoints.Of can multiply.
	maxFen = 900_000_000_000_000
	// spreadsheetDigits is the precision of a spreadsheet's numbers; digits
	// beyond are noise of the binary fraction (118.61999999999999 is 118.62).
	spreadsheetDigits = 15
)

var writtenNumber = regexp.MustCompile(`^[+-]?(?:\d{1,3}(?:,\d{3}){1,4}|\d{1,15})(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?$`)

// parseNumber reads a decimal exactly.
func parseNumber(text string) (*big.Rat, bool) {
	text = strings.ReplaceAll(text, " ", "")
	if !writtenNumber.MatchString(text) {
		return nil, false
	}
	text = strings.ReplaceAll(text, ",", "")
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	digits := strings.TrimLeft(strings.NewReplacer(".", "", "-", "", "+", "").Replace(mantissa), "0")
	if len(digits) > spreadsheetDigits {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, false
		}
		text = strconv.FormatFloat(f, 'e', spreadsheetDigits-1, 64)
	}
	return new(big.Rat).SetString(text)
}

// whole is a number as an integer; ok is false for others.
func whole(r *big.Rat) (n int64, ok bool) {
	if !r.IsInt() || !r.Num().IsInt64() {
		return 0, false
	}
	return r.Num().Int64(), true
}

var areaUnits = []string{"平方米", "平米", "sqm", "sq m", "m2"}

// parseArea reads square metres as cm², rounded half up. The area is returned
// even where it is implausible.
func parseArea(text string) (cm2 int64, isNumber, plausible bool) {
	text = strings.ToLower(text)
	for _, unit := range areaUnits {
		text = strings.TrimSuffix(text, unit)
	}
	r, isNumber := parseNumber(text)
	if !isNumber {
		return 0, false, false
	}
	if r.Sign() <= 0 || r.Cmp(big.NewRat(maxAreaM2, 1)) > 0 {
		return 0, true, false
	}
	// floor((2x + 1) / 2) of the positive x rounds half up.
	twice := r.Mul(r, big.NewRat(2*10_000, 1))
	twice.Add(twice, big.NewRat(1, 1))
	cm2 = new(big.Int).Quo(twice.Num(), new(big.Int).Mul(twice.Denom(), big.NewInt(2))).Int64()
	return cm2, true, cm2 > 0
}

var moneyUnits = []struct {
	suffix string
	factor int64
}{{"亿元", 100_000_000}, {"亿", 100_000_000}, {"万元", 10_000}, {"万", 10_000}, {"元", 1}}

// parseMoney reads an amount in units of factor yuan; a unit in the cell
// itself beats factor. Amounts finer than a fen, negative or beyond the
// contract are none.
func parseMoney(text string, factor int64) (domain.Fen, bool) {
	for _, sign := range []string{"¥", "RMB", "CNY"} {
		text = strings.TrimSpace(strings.TrimPrefix(text, sign))
	}
	for _, u := range moneyUnits {
		if number, has := strings.CutSuffix(text, u.suffix); has {
			text, factor = number, u.factor
			break
		}
	}
	r, ok := parseNumber(text)
	if !ok || r.Sign() < 0 {
		return 0, false
	}
	fen, ok := whole(r.Mul(r, big.NewRat(factor*100, 1)))
	return domain.Fen(fen), ok && fen <= maxFen
}

// parseRate reads "3%" or 0.03. Under a header in percent a plain 3 is 3 %,
// and a plain number up to 1 is refused, since spreadsheets store cells
// formatted as percent so. Rates finer than a basis point or outside 0 to 1
// are none.
func parseRate(text string, percentHeader bool) (domain.BasisPoints, bool) {
	number, percentCell := strings.CutSuffix(text, "%")
	r, ok := parseNumber(number)
	if !ok {
		return 0, false
	}
	if percentHeader && !percentCell && r.Sign() != 0 && r.Cmp(big.NewRat(1, 1)) <= 0 {
		return 0, false
	}
	scale := int64(10_000)
	if percentCell || percentHeader {
		scale = 100
	}
	points, ok := whole(r.Mul(r, big.NewRat(scale, 1)))
	return domain.BasisPoints(points), ok && 0 <= points && points <= 10_000
}

// plainNumber undoes what spreadsheets make of digits that were meant as a
// text: 101.0 is 101 and 1.2000003349E10 is 12000003349. Texts without a
// decimal point stay, since 12E3 may be a number of a flat.
func plainNumber(text string) string {
	if !strings.Contains(text, ".") {
		return text
	}
	r, ok := parseNumber(text)
	if !ok {
		return text
	}
	if n, ok := whole(r); ok && n >= 0 {
		return strconv.FormatInt(n, 10)
	}
	return text
}
