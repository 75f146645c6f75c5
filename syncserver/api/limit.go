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

// open reports whether an address may still try. Only failures count against
// it: a site's tablets share one address and enrol on the same morning.
func (l *limiter) open(r *http.Request) bool { return l.of(r).Tokens() >= 1 }

// failed counts a wrong secret.
func (l *limiter) failed(r *http.Request) { l.of(r).Allow() }

func (l *limiter) of(r *http.Request) *rate.Limiter {
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
	return l.from[host]
}
