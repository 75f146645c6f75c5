package policy

import (
	"cmp"
	"math"
	"slices"
	"time"

	"keyturn/shared/domain"
)

// Span is a time in which a ticket was suspended; To is 0 while it lasts.
type Span struct{ From, To domain.Instant }

// never is an instant that no clock reaches.
const never = domain.Instant(math.MaxInt64)

// merged sorts spans, joins overlapping ones and drops what ended by start.
func merged(start domain.Instant, spans []Span) []Span {
	var out []Span
	sorted := slices.Clone(spans)
	slices.SortFunc(sorted, func(a, b Span) int { return cmp.Compare(a.From, b.From) })
	for _, s := range sorted {
		if !s.To.Set() {
			s.To = never
		}
		s.From = max(s.From, start)
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
		} else if s.To > s.From {
			out = append(out, s)
		}
	}
	return out
}

// after is the instant at which d of unsuspended time has passed since start.
func after(start domain.Instant, d time.Duration, spans []Span) domain.Instant {
	at := start.Add(d)
	for _, s := range merged(start, spans) {
		if s.From >= at {
			break
		}
		if s.To == never {
			return never
		}
		at += s.To - s.From
	}
	return at
}

// running is the unsuspended time from start to end.
func running(start, end domain.Instant, spans []Span) time.Duration {
	total := end - start
	for _, s := range merged(start, spans) {
		if s.From < end {
			total -= min(s.To, end) - s.From
		}
	}
	return time.Duration(max(total, 0)) * time.Millisecond
}

// elapsed reports whether the limit at an instant has passed.
func elapsed(now, limit domain.Instant) bool { return now >= limit }

// clockNow is now, or the moment of suspension while the ticket is suspended.
func clockNow(t domain.Ticket, now domain.Instant) domain.Instant {
	if t.Status == domain.RepairSuspended && t.SuspendedAt.Set() {
		return min(now, t.SuspendedAt)
	}
	return now
}

// rfc3339 renders an instant for a reason's "_at" argument.
func rfc3339(at domain.Instant) string {
	if !at.Set() {
		return ""
	}
	return at.Time().Format("2006-01-02T15:04:05.000Z07:00")
}
