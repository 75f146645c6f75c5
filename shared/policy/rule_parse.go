package policy

import (
	"errors"
	"fmt"
	"strings"
)

// ErrBadRule says that a rule expression does not follow the grammar
//
//	rule   = "bool" | "notempty" | "number" | "enum" | "date"
//	       | "between(" term "," term ")" | ("le" | "ge" | "eq") "(" term ")"
//	term   = "min(" term { "," term } ")" | number [ "*" name ] | name
//	name   = letter { letter | digit | "_" | "." }
var ErrBadRule = errors.New("not a rule")

const (
	maxRuleLength = 200
	maxRuleDepth  = 8
)

var argumentCount = map[ruleOp]int{
	opBetween: 2, opLE: 1, opGE: 1, opEQ: 1, opBool: 0, opNumber: 0, opNotEmpty: 0, opEnum: 0, opDate: 0,
}

// ParseRule reads a rule_expr of the checklists.
func ParseRule(s string) (Rule, error) {
	fail := func(why string) (Rule, error) { return Rule{}, fmt.Errorf("%w: %.60q: %s", ErrBadRule, s, why) }
	if len(s) > maxRuleLength {
		return fail("too long")
	}
	p := ruleParser{rest: strings.ReplaceAll(s, " ", "")}
	r := Rule{text: s, op: ruleOp(p.name()), subject: SubjectEach}
	want, known := argumentCount[r.op]
	if !known {
		return fail("unknown operator")
	}
	if want > 0 {
		var ok bool
		if r.args, ok = p.list(0); !ok {
			return fail("bad arguments")
		}
	}
	if len(r.args) != want || p.rest != "" {
		return fail("wrong number of arguments")
	}
	if r.op == opBetween && r.args[0].constant() && r.args[1].constant() && r.args[0].micro > r.args[1].micro {
		return fail("lower limit above upper limit")
	}
	return r, nil
}

func (t term) constant() bool { return t.variable == "" && len(t.least) == 0 }

// ruleParser consumes rest from the left.
type ruleParser struct{ rest string }

// list reads "(" term { "," term } ")".
func (p *ruleParser) list(depth int) ([]term, bool) {
	if !p.take("(") || depth > maxRuleDepth {
		return nil, false
	}
	var terms []term
	for {
		t, ok := p.term(depth)
		if !ok {
			return nil, false
		}
		terms = append(terms, t)
		if p.take(")") {
			return terms, true
		}
		if !p.take(",") {
			return nil, false
		}
	}
}

func (p *ruleParser) term(depth int) (term, bool) {
	if name := p.name(); name == "min" {
		terms, ok := p.list(depth + 1)
		return term{least: terms}, ok
	} else if name != "" {
		return term{micro: 1_000_000, variable: name}, true
	}
	length := len(p.rest) - len(strings.TrimLeft(p.rest, "-.0123456789"))
	micro, err := parseDecimal(p.rest[:length], 6)
	if err != nil || micro > maxFactor || micro < -maxFactor {
		return term{}, false
	}
	p.rest = p.rest[length:]
	if p.take("*") {
		name := p.name()
		return term{micro: micro, variable: name}, name != "" && name != "min"
	}
	// A plain limit finer than a thousandth could not be compared exactly.
	return term{micro: micro}, micro%1000 == 0
}

// maxFactor bounds numbers in rules to a million (in millionths).
const maxFactor = 1_000_000 * 1_000_000

func (p *ruleParser) take(token string) bool {
	rest, ok := strings.CutPrefix(p.rest, token)
	p.rest = rest
	return ok
}

// name takes a name off the left; empty if there is none.
func (p *ruleParser) name() string {
	n := 0
	for n < len(p.rest) {
		c := p.rest[n]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (n == 0 || c != '_' && c != '.' && (c < '0' || c > '9')) {
			break
		}
		n++
	}
	name := p.rest[:n]
	p.rest = p.rest[n:]
	return name
}
