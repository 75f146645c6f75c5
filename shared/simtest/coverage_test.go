package simtest

import (
	"strings"
	"sync"
)

// sights are what many schedules together must have shown: a simulation in which
// one of them never comes up proves nothing about it. Each is a part of a line of
// the story.
var sights = []string{
	":applied@", ":dup", ":conflict", ":rejected(", ":quarantined(", "gap, expects", "device_cloned, expects", "error storage_failed",
	"scope added:", "scope dropped:", "restores a snapshot", "the log is trimmed by",
	"is cut off", "is doubled", "of device 0 is lost", "overtake each other", "a live page for",
	"loses power (keeps all)", "loses power (loses all)", "loses power (loses some)", "is killed and starts again",
	"cannot save", "the disk of", "the server's disk", "the clock of", "is cloned", "forks", "is revoked", "is now used by",
	"the backup is restored, photos lost true", "accepted true", "accepted false",
	": 200", ": 404", ": 409", ": 422", ": 500",
}

// manySchedules are enough for every sight.
const manySchedules = 1000

// seen counts in how many schedules a sight came up.
type seen struct {
	mu    sync.Mutex
	count map[string]int
}

func (s *seen) look(story []string) {
	text := strings.Join(story, "\n")
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.count == nil {
		s.count = map[string]int{}
	}
	for _, sight := range sights {
		if strings.Contains(text, sight) {
			s.count[sight]++
		}
	}
}

// never lists the sights that never came up.
func (s *seen) never() (missing []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sight := range sights {
		if s.count[sight] == 0 {
			missing = append(missing, sight)
		}
	}
	return missing
}
