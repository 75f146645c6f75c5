package merge

import (
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// rule says which of several concurrent values is in force.
type rule int

const (
	// laterWins: the later corrected clock wins and the loser is remembered.
	laterWins rule = iota
	// besideAnswer: the value that came with the answer in force wins: who
	// answered, and when.
	besideAnswer
	// The others keep every value open for a person, and meanwhile the first
	// applied, the worst answer or the highest number is in force.
	firstApplied
	worstAnswer
	highest
	// withAnswer: the value that came with the answer in force, so that a failure
	// shows the reading it failed by; the first applied where none did.
	withAnswer
)

func (k rule) keepsBoth() bool { return k != laterWins && k != besideAnswer }

type fieldKey struct {
	entity domain.Entity
	key    uint64
}

// Fields whose concurrent values stay open (sync design, shape 1): severity,
// description, assignee, verdict and readings. A result's note belongs to its
// verdict: where an item asks for a choice or a text, it is the answer.
// Everything else is laterWins.
var rules = map[fieldKey]rule{
	{domain.EntityAppointment, 5}: firstApplied,
	{domain.EntityTask, 5}:        firstApplied,
	{domain.EntityResult, 2}:      worstAnswer,
	{domain.EntityResult, 5}:      withAnswer,
	{domain.EntityResult, 6}:      withAnswer,
	{domain.EntityResult, 7}:      withAnswer,
	{domain.EntityResult, 9}:      besideAnswer,
	{domain.EntityResult, 10}:     besideAnswer,
	{domain.EntityDefect, 8}:      firstApplied,
	{domain.EntityDefect, 9}:      highest,
	{domain.EntityDefect, 11}:     firstApplied,
}

// answerKey is the field of a result that its others follow. It is lower than
// theirs, and fields are written in ascending order.
const answerKey = 2

func ruleFor(e domain.Entity, key uint64) rule { return rules[fieldKey{e, key}] }

// KeepsBoth reports whether concurrent values of a field wait for a person.
func KeepsBoth(e domain.Entity, key uint64) bool { return ruleFor(e, key).keepsBoth() }

// pick gives the index of the version in force; answer is the seq by which the
// record's answer was written.
func (k rule) pick(versions []Version, answer uint64) int {
	switch k {
	case highest:
		return most(versions, func(v Version) int64 { return number(v.Value) })
	case worstAnswer:
		return most(versions, func(v Version) int64 { return badness(v.Value) })
	case withAnswer, besideAnswer:
		i := slices.IndexFunc(versions, func(v Version) bool { return v.Stamp.Seq == answer })
		return max(i, 0)
	case firstApplied:
		return 0
	default:
		return most(versions, func(v Version) uint64 { return v.Stamp.HLC })
	}
}

// most is the index of the greatest by a measure, the first among equals.
func most[N int64 | uint64](versions []Version, measure func(Version) N) int {
	best := 0
	for i, v := range versions {
		if measure(v) > measure(versions[best]) {
			best = i
		}
	}
	return best
}

func number(v syncproto.Value) int64 {
	n, err := syncproto.DecodeField[int64](syncproto.Fields{0: v}, 0)
	if err != nil {
		return 0
	}
	return n
}

func badness(v syncproto.Value) int64 {
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
