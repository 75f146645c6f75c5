package policy

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"keyturn/shared/domain"
)

// maxReading bounds readings and variables (a thousand kilometres in
// thousandths of a millimetre), so that differences never overflow.
const maxReading = 1_000_000_000_000

// Verdict is what a rule says about readings.
type Verdict struct {
	Answer domain.Answer
	// Reason carries the worst value and the limit, in the item's unit.
	Reason domain.Reason
	// Deviation is the reading − design of greatest size for rules over
	// deviations, else 0; Range the largest − smallest reading, of the worst
	// group where there are groups. Both in thousandths of the item's unit.
	Deviation, Range int64
}

// Judge compares readings with the rule; all of them must satisfy it. Readings
// and variables are thousandths of the item's unit. For bool, 0 is "no". A
// single reading of a range rule is taken as the range itself.
func (r Rule) Judge(readings []int64, vars map[string]int64) (Verdict, error) {
	if !r.Measured() {
		return Verdict{}, fmt.Errorf("%w: %s", ErrNotMeasured, r.text)
	}
	if len(readings) == 0 {
		return Verdict{}, ErrNoReading
	}
	for _, v := range readings {
		if v > maxReading || v < -maxReading {
			return Verdict{}, fmt.Errorf("%w: %d", ErrReadingRange, v)
		}
	}
	switch r.op {
	case opNumber:
		return Verdict{Answer: domain.AnswerPass, Reason: domain.Because(reasonNumberPass, "worst", thousandths(readings[0]))}, nil
	case opBool:
		return judgeBool(readings), nil
	default:
		return r.judgeLimits(readings, vars)
	}
}

func judgeBool(readings []int64) Verdict {
	if slices.Contains(readings, 0) {
		return Verdict{Answer: domain.AnswerFail, Reason: domain.Because(reasonBoolFail)}
	}
	return Verdict{Answer: domain.AnswerPass, Reason: domain.Because(reasonBoolPass)}
}

func (r Rule) judgeLimits(readings []int64, vars map[string]int64) (Verdict, error) {
	low, high, err := r.limits(vars)
	if err != nil {
		return Verdict{}, err
	}
	design := vars[VarDesign]
	if design > maxReading || design < -maxReading {
		return Verdict{}, fmt.Errorf("%w: design is %d", ErrReadingRange, design)
	}
	values, verdict := r.values(readings, design)
	worst, failed := values[0], 0
	for _, v := range values {
		if excess(v, low, high) > 0 {
			failed++
		}
		if excess(v, low, high) > excess(worst, low, high) {
			worst = v
		}
	}
	pass, fail := r.reasons()
	verdict.Answer, verdict.Reason = domain.AnswerPass, domain.Reason{Key: pass}
	if failed > 0 {
		verdict.Answer, verdict.Reason.Key = domain.AnswerFail, fail
	}
	args := map[string]string{"worst": thousandths(worst), "failed": strconv.Itoa(failed), "readings": strconv.Itoa(len(readings))}
	if low != math.MinInt64 {
		args["low"] = thousandths(low)
	}
	if high != math.MaxInt64 {
		args["high"] = thousandths(high)
	}
	verdict.Reason.Args = args
	return verdict, nil
}

// limits are the lowest and highest value allowed; an open side is the extreme
// of int64.
func (r Rule) limits(vars map[string]int64) (low, high int64, err error) {
	low, high = math.MinInt64, math.MaxInt64
	first, err := r.args[0].value(vars)
	if err != nil {
		return 0, 0, err
	}
	switch r.op {
	case opLE:
		high = first
	case opGE:
		low = first
	case opEQ:
		low, high = first, first
	default:
		low = first
		high, err = r.args[1].value(vars)
	}
	return low, high, err
}

// excess is how far a value lies beyond its limits; negative is the room left.
func excess(v, low, high int64) int64 {
	over := int64(math.MinInt64)
	if high != math.MaxInt64 {
		over = v - high
	}
	if low != math.MinInt64 {
		over = max(over, low-v)
	}
	return over
}

// values applies the rule's subject to the readings.
func (r Rule) values(readings []int64, design int64) ([]int64, Verdict) {
	v := Verdict{Range: slices.Max(readings) - slices.Min(readings)}
	if r.subject == SubjectRange {
		values := r.ranges(readings)
		v.Range = slices.Max(values)
		return values, v
	}
	if r.subject == SubjectEach {
		return readings, v
	}
	values := make([]int64, len(readings))
	for i, reading := range readings {
		values[i] = reading - design
		if abs(values[i]) > abs(v.Deviation) {
			v.Deviation = values[i]
		}
		if r.subject == SubjectMagnitude {
			values[i] = abs(values[i])
		}
	}
	return values, v
}

func (r Rule) ranges(readings []int64) []int64 {
	if len(readings) == 1 {
		return []int64{abs(readings[0])}
	}
	size := r.group
	if size <= 1 {
		size = len(readings)
	}
	var ranges []int64
	for group := range slices.Chunk(readings, size) {
		ranges = append(ranges, slices.Max(group)-slices.Min(group))
	}
	return ranges
}

func (r Rule) reasons() (pass, fail string) {
	switch r.op {
	case opLE:
		return reasonLEPass, reasonLEFail
	case opGE:
		return reasonGEPass, reasonGEFail
	case opEQ:
		return reasonEQPass, reasonEQFail
	default:
		return reasonBetweenPass, reasonBetweenFail
	}
}

func abs(v int64) int64 { return max(v, -v) }
