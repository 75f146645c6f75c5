package benchtest

import (
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// none stands for a floor that there is not.
var none = math.NaN()

// target is what a figure must reach: a multiple of its floor or a value.
type target struct {
	sign  string // "<=", ">=" or "" for no target
	bound float64
	times bool // bound is a multiple of the floor
}

func atMostTimes(x float64) target  { return target{"<=", x, true} }
func atLeastTimes(x float64) target { return target{">=", x, true} }
func atMost(x float64) target       { return target{"<=", x, false} }

// String is the target without blanks: "<=2x", "<=100", "-".
func (g target) String() string {
	switch {
	case g.sign == "":
		return "-"
	case g.times:
		return fmt.Sprintf("%s%gx", g.sign, g.bound)
	default:
		return fmt.Sprintf("%s%g", g.sign, g.bound)
	}
}

// verdict is "pass" or "fail", "-" without a target.
func (g target) verdict(value, ratio float64) string {
	if g.times {
		value = ratio
	}
	switch {
	case g.sign == "":
		return "-"
	case g.sign == "<=" && value <= g.bound, g.sign == ">=" && value >= g.bound:
		return "pass"
	default:
		return "fail"
	}
}

// report prints figures and counts them.
type report struct {
	out   io.Writer
	lines int
}

// writeTo prints to the terminal and into a file.
func (r *report) writeTo(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	must(t, err)
	t.Cleanup(func() { must(t, f.Close()) })
	r.out = io.MultiWriter(os.Stdout, f)
}

// figure prints one line: name, value, unit, floor, ratio, target, verdict. All
// are separated by blanks; what there is not is "-".
func (r *report) figure(t *testing.T, name string, value float64, unit string, floor float64, g target) {
	t.Helper()
	r.lines++
	ratio := value / floor
	line := fmt.Sprintf("%-26s %9s %-7s %9s %7s %8s %s", name, number(value), unit, number(floor), number(ratio), g, g.verdict(value, ratio))
	t.Log(line)
	if r.out != nil {
		_, err := fmt.Fprintln(r.out, line)
		must(t, err)
	}
}

// number prints three or more significant digits, "-" for what there is not.
func number(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "-"
	case math.Abs(v) >= 100:
		return fmt.Sprintf("%.0f", v)
	default:
		return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.3f", v), "0"), ".")
	}
}

// median of what was measured several times.
func median(values []float64) float64 { return quantile(values, 0.5) }

// quantile of a sample, which it sorts.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return none
	}
	slices.Sort(values)
	return values[min(int(float64(len(values))*q), len(values)-1)]
}

func TestFigureLines(t *testing.T) {
	var out strings.Builder
	r := &report{out: &out}
	r.figure(t, "wall", 3.9, "s", 2, atMostTimes(2))
	r.figure(t, "rate", 60, "MB/s", 100, atLeastTimes(0.7))
	r.figure(t, "memory", 149.96, "MB", none, atMost(150))
	r.figure(t, "p50", 4.25, "ms", none, target{})
	want := [][]string{
		{"wall", "3.9", "s", "2", "1.95", "<=2x", "pass"},
		{"rate", "60", "MB/s", "100", "0.6", ">=0.7x", "fail"},
		{"memory", "150", "MB", "-", "-", "<=150", "pass"},
		{"p50", "4.25", "ms", "-", "-", "-", "-"},
	}
	for i, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		if !slices.Equal(strings.Fields(line), want[i]) {
			t.Errorf("line %q, want %v", line, want[i])
		}
	}
	if r.lines != len(want) {
		t.Errorf("%d lines counted, want %d", r.lines, len(want))
	}
}
