package simtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// How the simulation is steered from outside, see the Makefile.
const (
	envSeed      = "KEYTURN_SEED"      // run this seed alone
	envKeep      = "KEYTURN_KEEP"      // and of it only these steps: "0-3,7"
	envSchedules = "KEYTURN_SCHEDULES" // how many seeds to run
	envSteps     = "KEYTURN_STEPS"     // how long each schedule is
	envSoak      = "KEYTURN_SOAK"      // run fresh seeds for this long
	envFrom      = "KEYTURN_FROM"      // the first seed
	envTries     = "KEYTURN_TRIES"     // how many runs shrinking may take
)

// TestMain lets every run see the same world: the time zone is part of an op.
// Worlds are small and many, so the collector may come rarely.
func TestMain(m *testing.M) {
	time.Local = time.UTC
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// number reads a setting from the environment.
func number(t *testing.T, env string, otherwise int) int {
	t.Helper()
	text := os.Getenv(env)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", env, err)
	}
	return n
}

// scratch is a directory in memory where the system has one: nothing here needs
// a real disk, and a real one is slow.
func scratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "keyturn-*") //nolint:usetesting // in memory; t.TempDir may lie on a slow disk
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// stage runs schedules, each in a directory of its own.
type stage struct {
	length int
	ctx    context.Context
	dir    string
	runs   atomic.Int64
}

func newStage(t *testing.T, otherwise int) *stage {
	t.Helper()
	return &stage{ctx: context.WithoutCancel(t.Context()), dir: scratch(t), length: number(t, envSteps, otherwise)}
}

func (s *stage) play(sched schedule) outcome {
	dir := filepath.Join(s.dir, fmt.Sprint(s.runs.Add(1)))
	out := play(s.ctx, dir, sched)
	if err := os.RemoveAll(dir); err != nil && out.broken == "" {
		out.broken = err.Error()
	}
	return out
}

// TestSimulation runs many short schedules, or one that failed before.
func TestSimulation(t *testing.T) {
	s := newStage(t, 40)
	if seed := os.Getenv(envSeed); seed != "" {
		one := planned(uint64(number(t, envSeed, 0)), s.length)
		if keep := os.Getenv(envKeep); keep != "" {
			var err error
			if one, err = one.kept(keep); err != nil {
				t.Fatal(err)
			}
		}
		out := s.play(one)
		if out.broken == "" {
			t.Logf("seed %s keeps every promise:\n%s", seed, strings.Join(out.story, "\n"))
			return
		}
		s.report(t, one, out)
		return
	}
	from := number(t, envFrom, 0)
	sum := s.run(t, uint64(from), uint64(from+number(t, envSchedules, 40)), time.Time{})
	t.Log(sum)
}

// TestSoak runs long schedules of fresh seeds until its time is over; without a
// time it runs known ones for a second, which proves that it can.
func TestSoak(t *testing.T) {
	s, span, from := newStage(t, 200), time.Second, uint64(1<<32)
	if text := os.Getenv(envSoak); text != "" {
		var err error
		if span, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
		from = uint64(time.Now().UnixNano())
	}
	t.Log(s.run(t, from, from+1<<40, time.Now().Add(span)))
}

// tally counts what was run.
type tally struct {
	from                  uint64
	schedules, steps, ops atomic.Int64
	began                 time.Time
	told                  atomic.Int64 // minutes
	seen                  seen
}

func (c *tally) String() string {
	return fmt.Sprintf("%d schedules, %d steps, %d ops in %s; seeds from %d on",
		c.schedules.Load(), c.steps.Load(), c.ops.Load(), time.Since(c.began).Round(time.Second/10), c.from)
}

// minute reports whether another minute has gone by.
func (c *tally) minute() bool {
	now := int64(time.Since(c.began) / time.Minute)
	return now > c.told.Swap(now)
}

// run plays the schedules of a range of seeds on every core, until the time is
// over if there is one. The first failure ends it, shrunk and printed.
func (s *stage) run(t *testing.T, from, to uint64, until time.Time) *tally {
	t.Helper()
	sum := &tally{from: from, began: time.Now()}
	var next atomic.Uint64
	next.Store(from)
	var mu sync.Mutex
	failed := map[uint64]outcome{}
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for until.IsZero() || time.Now().Before(until) {
				seed := next.Add(1) - 1
				mu.Lock()
				stop := len(failed) > 0
				mu.Unlock()
				if seed >= to || stop {
					return
				}
				out := s.play(planned(seed, s.length))
				sum.schedules.Add(1)
				sum.steps.Add(int64(out.steps))
				sum.ops.Add(int64(out.ops))
				sum.seen.look(out.story)
				if sum.minute() {
					t.Log(sum)
				}
				if out.broken != "" {
					mu.Lock()
					failed[seed] = out
					mu.Unlock()
				}
			}
		})
	}
	workers.Wait()
	for seed, out := range failed {
		s.report(t, planned(seed, s.length), out)
		return sum
	}
	if never := sum.seen.never(); len(never) > 0 && sum.schedules.Load() >= manySchedules {
		t.Errorf("no schedule ever showed %q", never)
	}
	return sum
}

// report shrinks a schedule that failed and prints how to run it again.
func (s *stage) report(t *testing.T, failed schedule, out outcome) {
	t.Helper()
	first := out.broken
	short := failed.shrunk(func(p schedule) bool { return kind(s.play(p).broken) == kind(first) }, number(t, envTries, 600))
	out = s.play(short)
	t.Errorf("%s\n\n%s\n\nseed %d, %d of %d steps. Again:\n%s=%d %s=%s %s=%d go test -count=1 -run 'TestSimulation$' ./shared/simtest",
		out.broken, strings.Join(out.story, "\n"), short.seed, len(short.steps), len(failed.steps),
		envSeed, short.seed, envKeep, short.keep(), envSteps, s.length)
}

// kind is a failure's text without its numbers, to tell failures apart.
func kind(broken string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, broken[:min(len(broken), 40)])
}
