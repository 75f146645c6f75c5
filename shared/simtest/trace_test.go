package simtest

import (
	"slices"
	"testing"
)

// A seed that failed must fail again, so the same seed is the same world to the
// last frame.
func TestSameSeedSameTrace(t *testing.T) {
	s := newStage(t, 80)
	for seed := range uint64(12) {
		first, second := s.play(planned(seed, s.length)), s.play(planned(seed, s.length))
		if first.print == second.print && slices.Equal(first.story, second.story) {
			continue
		}
		for i, line := range first.story {
			if i >= len(second.story) || line != second.story[i] {
				t.Fatalf("seed %d: line %d is\n%s\nand then\n%v", seed, i, line, second.story[i:min(i+1, len(second.story))])
			}
		}
		t.Fatalf("seed %d tells the same story with other frames", seed)
	}
}

// Deleting steps that do not matter leaves those that do, and the steps that are
// kept can be named and found again.
func TestShrinking(t *testing.T) {
	whole := planned(1, 60)
	needed := []int{7, 23, 24, 58}
	fails := func(s schedule) bool {
		for _, n := range needed {
			if !slices.Contains(s.places, n) {
				return false
			}
		}
		return true
	}
	short := whole.shrunk(fails, 1000)
	if !slices.Equal(short.places, needed) {
		t.Errorf("%v is left of 60 steps", short.places)
	}
	if text := short.keep(); text != "7,23-24,58" {
		t.Errorf("the steps are named %q", text)
	}
	again, err := whole.kept(short.keep())
	if err != nil || !slices.Equal(again.steps, short.steps) {
		t.Errorf("%v, %v", again.places, err)
	}
	if _, err := whole.kept("one"); err == nil {
		t.Error("steps without a number were found")
	}
	if tired := whole.shrunk(fails, 3); !fails(tired) {
		t.Error("a shrinker that gives up early must still give a failing schedule")
	}
}
