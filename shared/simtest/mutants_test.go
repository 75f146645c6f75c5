package simtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// mutant takes one protection out of the production code: in a file, a text that
// occurs once is replaced. The simulation must find it within some schedules.
type mutant struct {
	protection string
	file       string // below the module
	text, with string
	within     int // schedules
}

// envMutants makes TestMutants run the simulation on each mutant, which takes
// the time of building it anew; without, it only looks whether they apply.
const envMutants = "KEYTURN_MUTANTS"

// TestMutants proves that the simulation bites.
func TestMutants(t *testing.T) {
	var table []string
	for _, m := range mutants {
		t.Run(m.protection, func(t *testing.T) {
			dir := t.TempDir()
			overlay := m.apply(t, dir)
			if os.Getenv(envMutants) == "" {
				return
			}
			needed, how := m.hunt(t, dir, overlay)
			table = append(table, fmt.Sprintf("%5d of %4d  %-46s %s", needed, m.within, m.protection, how))
		})
	}
	if len(table) > 0 {
		t.Logf("schedules needed, protection taken out, what the simulation said:\n%s", strings.Join(table, "\n"))
	}
}

// root of the module, seen from this package.
const root = "../.."

// apply writes the mutated file and the overlay that puts it in place.
func (m mutant) apply(t *testing.T, dir string) (overlay string) {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(root, m.file))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), m.text); n != 1 {
		t.Fatalf("%s holds the text %d times:\n%s", m.file, n, m.text)
	}
	mutated := filepath.Join(dir, "mutated.go")
	if err := os.WriteFile(mutated, []byte(strings.Replace(string(source), m.text, m.with, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {path: mutated}})
	if err != nil {
		t.Fatal(err)
	}
	overlay = filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, list, 0o600); err != nil {
		t.Fatal(err)
	}
	return overlay
}

var played = regexp.MustCompile(`(\d+) schedules, \d+ steps`)

// hunt builds the simulation with the overlay and lets it look for the mutant.
func (m mutant) hunt(t *testing.T, dir, overlay string) (needed int, how string) {
	t.Helper()
	binary := filepath.Join(dir, "simulation.test")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", binary, "-overlay", overlay, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the mutant does not build: %v\n%s", err, out)
	}
	run := exec.CommandContext(t.Context(), binary, "-test.run", "TestSimulation$", "-test.v", "-test.timeout", "30m")
	run.Env = append(os.Environ(), envSchedules+"="+strconv.Itoa(m.within), envTries+"=0")
	out, err := run.CombinedOutput()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	found := played.FindAllStringSubmatch(string(out), -1)
	if found == nil {
		t.Fatalf("the simulation did not run: %v\n%s", err, out)
	}
	if needed, err = strconv.Atoi(found[len(found)-1][1]); err != nil {
		t.Fatal(err)
	}
	if failed == nil {
		t.Errorf("the simulation does not miss it in %d schedules", needed)
		return needed, "nothing"
	}
	for line := range strings.Lines(string(out)) {
		if _, said, ok := strings.Cut(line, "simulation_test.go:"); ok && !played.MatchString(line) {
			_, how, _ = strings.Cut(strings.TrimSpace(said), ": ")
			return needed, how[:min(len(how), 110)]
		}
	}
	return needed, string(out)
}
