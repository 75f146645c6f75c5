package localstore

import "sync"

// bell tells subscribers that something was committed. Rings that come while a
// subscriber is busy melt into one.
type bell struct {
	mu   sync.Mutex
	subs map[chan struct{}]struct{}
}

// Subscribe gives a channel that receives after commits, and the function that
// ends the subscription.
func (s *Store) Subscribe() (rings <-chan struct{}, unsubscribe func()) {
	c := make(chan struct{}, 1)
	s.bell.mu.Lock()
	defer s.bell.mu.Unlock()
	if s.bell.subs == nil {
		s.bell.subs = map[chan struct{}]struct{}{}
	}
	s.bell.subs[c] = struct{}{}
	return c, func() {
		s.bell.mu.Lock()
		defer s.bell.mu.Unlock()
		delete(s.bell.subs, c)
	}
}

// Ring tells subscribers that something changed that they may show, such as a
// downloaded photo.
func (s *Store) Ring() {
	s.bell.mu.Lock()
	defer s.bell.mu.Unlock()
	for c := range s.bell.subs {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
