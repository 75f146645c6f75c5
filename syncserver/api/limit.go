package api

import (
	"net"
	"net/http"
	"sync"

	"golang.org/x/time/rate"
)

// maxAddresses bounds the limiter's memory; when it is reached everybody starts
// afresh, which an attacker gains one burst from.
const maxAddresses = 10_000

// limiter slows down guessing per client address.
type limiter struct {
	every rate.Limit
	burst int

	mu   sync.Mutex
	from map[string]*rate.Limiter
}

func newLimiter(every rate.Limit, burst int) *limiter {
	return &limiter{every: every, burst: burst, from: map[string]*rate.Limiter{}}
}

func (l *limiter) allow(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.from) >= maxAddresses {
		clear(l.from)
	}
	if l.from[host] == nil {
		l.from[host] = rate.NewLimiter(l.every, l.burst)
	}
	return l.from[host].Allow()
}
