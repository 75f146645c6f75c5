package benchtest

import (
	"os"
	"strconv"
	"testing"
)

// Environment of a measuring run; `make bench` sets them.
const (
	benchOut     = "KEYTURN_BENCH"         // file that the figures are written to
	benchRounds  = "KEYTURN_BENCH_ROUNDS"  // how often to repeat; the median counts
	benchProfile = "KEYTURN_BENCH_PROFILE" // folder for CPU profiles of server and devices
)

// sizes is how large the workload is.
type sizes struct {
	// rounds repeats what depends on the disk, floor and Keyturn in turn; the
	// median counts.
	rounds int
	// devices record defects each offline, and then photos of photoBytes.
	devices, defects          int
	photos, photoBytes        int
	subscribers               int
	writes, writesPerSecond   int
	freshUnits, freshDefects  int
	saves                     int
	memoryPhotos, screenOpens int
	scopes, pushes, pushOps   int
}

// handoverDay is the workload of the sync design's yardstick.
var handoverDay = sizes{
	rounds: 3, devices: 20, defects: 500,
	photos: 100, photoBytes: 400_000,
	subscribers: 200, writes: 100, writesPerSecond: 20,
	freshUnits: 2_000, freshDefects: 98_000,
	saves: 5_000, memoryPhotos: 2_000, screenOpens: 9,
	scopes: 20, pushes: 8, pushOps: 250,
}

// rehearsal is the same with sizes for a test.
var rehearsal = sizes{
	rounds: 1, devices: 2, defects: 5,
	photos: 2, photoBytes: 300_000,
	subscribers: 3, writes: 4, writesPerSecond: 100,
	freshUnits: 4, freshDefects: 20,
	saves: 3, memoryPhotos: 3, screenOpens: 1,
	scopes: 2, pushes: 2, pushOps: 3,
}

// bench is one run.
type bench struct {
	sizes
	*report
	syncserver string // the server's program
	profile    string // folder for profiles, "" for none
}

// TestYardstick measures with KEYTURN_BENCH set and rehearses without. Each part
// stands alone: `make bench ONLY=handover`.
func TestYardstick(t *testing.T) {
	b := &bench{sizes: rehearsal, report: &report{}, profile: os.Getenv(benchProfile)}
	if path := os.Getenv(benchOut); path != "" {
		b.sizes = handoverDay
		if text := os.Getenv(benchRounds); text != "" {
			rounds, err := strconv.Atoi(text)
			must(t, err)
			b.rounds = max(rounds, 1)
		}
		b.writeTo(t, path)
	}
	b.syncserver = buildServer(t)
	for _, part := range []struct {
		name    string
		figures int
		measure func(*testing.T, *bench)
	}{
		{"handover", 6, handover},
		{"photos", 1, photos},
		{"fanout", 2, fanout},
		{"project", 3, project},
		{"save", 2, save},
		{"memory", 1, memory},
		{"postgres", 5, postgres},
	} {
		t.Run(part.name, func(t *testing.T) {
			before := b.lines
			part.measure(t, b)
			if got := b.lines - before; got != part.figures {
				t.Errorf("%d figures, want %d", got, part.figures)
			}
		})
	}
}
