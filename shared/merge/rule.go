package merge

import (
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// rule says which of two concurrent values is in force.
type rule int

const (
	// laterWins: the later corrected clock wins and the loser is remembered.
	laterWins rule = iota
	// firstApplied, worstAnswer and highest keep both values open for a person
	// and meanwhile hold the named one.
	firstApplied
	worstAnswer
	highest
)

type fieldKey struct {
	entity domain.Entity
	key    uint64
}

// Fields whose concurrent values stay open (sync design, shape 1): severity,
// description, verdict and readings. Everything else is laterWins.
var rules = map[fieldKey]rule{
	{domain.EntityDefect, 8}:  firstApplied,
	{domain.EntityDefect, 9}:  highest,
	{domain.EntityDefect, 11}: firstApplied,
	{domain.EntityResult, 2}:  worstAnswer,
	{domain.EntityResult, 5}:  firstApplied,
}

func ruleFor(e domain.Entity, key uint64) rule { return rules[fieldKey{e, key}] }

// KeepsBoth reports whether concurrent values of a field wait for a person.
func KeepsBoth(e domain.Entity, key uint64) bool { return ruleFor(e, key) != laterWins }

func (k rule) prefers(mine, held syncproto.Value, a, b Stamp) bool {
	switch k {
	case highest:
		return number(mine) > number(held)
	case worstAnswer:
		return badness(mine) > badness(held)
	case firstApplied:
		return false
	default:
		return a.HLC > b.HLC
	}
}

func number(v syncproto.Value) int64 {
	n, err := syncproto.DecodeField[int64](syncproto.Fields{0: v}, 0)
	if err != nil {
		return 0
	}
	return n
}

func badness(v syncproto.Value) int {
	a, err := syncproto.DecodeField[domain.Answer](syncproto.Fields{0: v}, 0)
	if err != nil {
		return 0
	}
	switch a {
	case domain.AnswerFail:
		return 3
	case domain.AnswerPass:
		return 2
	case domain.AnswerNotApplicable:
		return 1
	default:
		return 0
	}
}
