//go:build linux

package faulttest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// TestMain runs the app when the test binary was started as a device, and the
// tests otherwise.
func TestMain(m *testing.M) {
	if plan := os.Getenv(planVariable); plan != "" {
		os.Exit(driveMain(plan))
	}
	// These tests wait more than they work: twice as many as there are processors.
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if scratch != "" {
		if err := os.RemoveAll(scratch); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// patience is how long anything may take on a busy machine before a test fails.
const patience = 3 * time.Minute

// kills is how often the loop kills; the long run sets it in the environment.
func kills(t *testing.T) (n int, long bool) {
	t.Helper()
	text := os.Getenv("KEYTURN_KILLS")
	if text == "" {
		return 20, false
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n, true
}

// dice makes the test's choices; its seed is printed with a failure.
func dice(t *testing.T) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	if text := os.Getenv("KEYTURN_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		must(t, err)
	}
	t.Logf("KEYTURN_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
