package simtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// step is one thing that happens: a line of the table steps, and the dice that
// it throws. A step that does not apply does nothing, so any part of a schedule
// is a schedule.
type step struct {
	kind int
	seed uint64
}

// schedule is a world and what happens in it. It follows from its seed, or is a
// part of one that does.
type schedule struct {
	seed  uint64
	steps []step
	// places are the steps' numbers in the seed's whole schedule.
	places []int
}

// Streams of a seed's randomness.
const (
	dicePlan  = 1
	diceWorld = 2
	diceStep  = 3
	diceQuiet = 4
)

func newDice(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }

// planned draws the schedule of a seed with n steps.
func planned(seed uint64, n int) schedule {
	dice := newDice(seed, dicePlan)
	total := 0
	for _, k := range steps {
		total += k.weight
	}
	s := schedule{seed: seed}
	for place := range n {
		roll, kind := dice.IntN(total), 0
		for roll >= steps[kind].weight {
			roll -= steps[kind].weight
			kind++
		}
		s.steps = append(s.steps, step{kind: kind, seed: dice.Uint64()})
		s.places = append(s.places, place)
	}
	return s
}

// part is the schedule of the steps at the given indexes.
func (s schedule) part(keep []int) schedule {
	p := schedule{seed: s.seed}
	for _, i := range keep {
		p.steps = append(p.steps, s.steps[i])
		p.places = append(p.places, s.places[i])
	}
	return p
}

// keep writes the schedule's places as "0-3,7".
func (s schedule) keep() string {
	var parts []string
	for i := 0; i < len(s.places); {
		last := i
		for last+1 < len(s.places) && s.places[last+1] == s.places[last]+1 {
			last++
		}
		if last == i {
			parts = append(parts, fmt.Sprint(s.places[i]))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", s.places[i], s.places[last]))
		}
		i = last + 1
	}
	return strings.Join(parts, ",")
}

// kept gives the part of the schedule that keep described.
func (s schedule) kept(text string) (schedule, error) {
	var keep []int
	for part := range strings.SplitSeq(text, ",") {
		var from, to int
		if _, err := fmt.Sscanf(part, "%d-%d", &from, &to); err != nil {
			if _, err := fmt.Sscanf(part, "%d", &from); err != nil {
				return s, fmt.Errorf("steps %q: %w", part, err)
			}
			to = from
		}
		for i := from; i <= to && i < len(s.steps); i++ {
			keep = append(keep, i)
		}
	}
	return s.part(keep), nil
}

// shrunk gives a schedule, as short as deleting steps makes it, that still
// fails. It tries at most the given number of runs.
func (s schedule) shrunk(fails func(schedule) bool, tries int) schedule {
	for size := (len(s.steps) + 1) / 2; size > 0; {
		before := len(s.steps)
		for from := 0; from < len(s.steps) && tries > 0; tries-- {
			if p := s.without(from, from+size); fails(p) {
				s = p
			} else {
				from += size
			}
		}
		if size > 1 {
			size /= 2
		} else if len(s.steps) == before || tries <= 0 {
			return s
		}
	}
	return s
}

// without is the schedule less the steps of a range of indexes.
func (s schedule) without(from, to int) schedule {
	var keep []int
	for i := range s.steps {
		if i < from || i >= to {
			keep = append(keep, i)
		}
	}
	return s.part(keep)
}
