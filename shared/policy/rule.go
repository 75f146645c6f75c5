package policy

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"keyturn/shared/domain"
)

// Subject is what of the readings a rule looks at.
type Subject string

// Subjects. Deviation and magnitude take the variable "design", where bound,
// off each reading first: without it the readings are deviations already.
const (
	SubjectEach      Subject = "each"      // every reading as it is
	SubjectDeviation Subject = "deviation" // reading − design, signed
	SubjectMagnitude Subject = "magnitude" // |reading − design|
	SubjectRange     Subject = "range"     // largest − smallest of each group
)

// VarDesign is the variable that holds the design value.
const VarDesign = "design"

type ruleOp string

const (
	opBetween  ruleOp = "between"
	opLE       ruleOp = "le"
	opGE       ruleOp = "ge"
	opEQ       ruleOp = "eq"
	opBool     ruleOp = "bool"
	opNumber   ruleOp = "number"
	opNotEmpty ruleOp = "notempty"
	opEnum     ruleOp = "enum"
	opDate     ruleOp = "date"
)

// Rule is a parsed rule_expr of a checklist item.
type Rule struct {
	text    string
	op      ruleOp
	args    []term
	subject Subject
	group   int
}

// term is a number, a variable, their product, or the least of several terms.
type term struct {
	least []term
	// micro is the number or factor in millionths.
	micro    int64
	variable string
}

// Errors of judging.
var (
	ErrUnbound      = errors.New("rule variable has no value")
	ErrNoReading    = errors.New("no reading")
	ErrNotMeasured  = errors.New("rule does not judge readings")
	ErrReadingRange = errors.New("reading out of range")
	ErrBadSubject   = errors.New("unknown rule subject")
)

// String is the expression as it was written.
func (r Rule) String() string { return r.text }

// Subject tells what of the readings the rule looks at.
func (r Rule) Subject() Subject { return r.subject }

// Over returns the rule with another subject. For SubjectRange, group says how
// many consecutive readings belong together (two per direction); 0 is all.
func (r Rule) Over(s Subject, group int) (Rule, error) {
	if !slices.Contains([]Subject{SubjectEach, SubjectDeviation, SubjectMagnitude, SubjectRange}, s) || group < 0 {
		return r, fmt.Errorf("%w: %.40q by %d", ErrBadSubject, s, group)
	}
	r.subject, r.group = s, group
	return r, nil
}

// LikeOf returns the rule looking at the same subject and groups as another: a
// regional limit for the same item.
func (r Rule) LikeOf(other Rule) Rule {
	r.subject, r.group = other.subject, other.group
	return r
}

// Measured reports whether Judge decides from readings; the other rules accept
// or refuse a text (AcceptsText).
func (r Rule) Measured() bool {
	return slices.Contains([]ruleOp{opBetween, opLE, opGE, opEQ, opBool, opNumber}, r.op)
}

// AcceptsText reports whether a text answers a rule of the kinds notempty,
// number, enum and date.
func (r Rule) AcceptsText(s string) bool {
	s = strings.TrimSpace(s)
	switch r.op {
	case opNotEmpty, opEnum:
		return s != ""
	case opNumber:
		_, err := parseDecimal(s, 3)
		return err == nil
	case opDate:
		_, err := domain.ParseDate(s)
		return err == nil && s != ""
	default:
		return false
	}
}

// Variables lists the variables that must be bound, in order of appearance.
func (r Rule) Variables() []string {
	var names []string
	var walk func([]term)
	walk = func(terms []term) {
		for _, t := range terms {
			if t.variable != "" && !slices.Contains(names, t.variable) {
				names = append(names, t.variable)
			}
			walk(t.least)
		}
	}
	walk(r.args)
	return names
}

// Bind adds the configured limits that the rule names ("cfg." variables) to
// vars, which may be nil and is not changed. Values in vars go first.
func (c Config) Bind(r Rule, vars map[string]int64) map[string]int64 {
	bound := map[string]int64{}
	for _, name := range r.Variables() {
		if v, ok := c.Milli(name); ok {
			bound[name] = v
		}
	}
	for name, v := range vars {
		bound[name] = v
	}
	return bound
}

// value is the term in thousandths; a product is rounded half up.
func (t term) value(vars map[string]int64) (int64, error) {
	if len(t.least) > 0 {
		var lowest int64
		for i, sub := range t.least {
			v, err := sub.value(vars)
			if err != nil {
				return 0, err
			}
			if i == 0 || v < lowest {
				lowest = v
			}
		}
		return lowest, nil
	}
	if t.variable == "" {
		return t.micro / 1000, nil
	}
	v, ok := vars[t.variable]
	if !ok {
		return 0, fmt.Errorf("%w: %s", ErrUnbound, t.variable)
	}
	if v > maxReading || v < -maxReading {
		return 0, fmt.Errorf("%w: %s is %d", ErrReadingRange, t.variable, v)
	}
	product := new(big.Int).Mul(big.NewInt(t.micro), big.NewInt(v))
	product.Add(product, big.NewInt(500_000))
	product.Div(product, big.NewInt(1_000_000)) // Euclidean: floor, so half goes up for negatives too
	if !product.IsInt64() {
		return 0, fmt.Errorf("%w: product with %s", ErrReadingRange, t.variable)
	}
	return product.Int64(), nil
}
