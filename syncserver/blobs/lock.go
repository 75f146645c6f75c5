package blobs

import (
	"context"
	"sync"

	"keyturn/shared/domain"
)

// locks serialises the work on one blob. It remembers only those blobs that
// somebody works on or waits for.
type locks struct {
	mu   sync.Mutex
	held map[domain.Hash]*lock
}

// lock is a mutex that waiting for can be given up: the token in the channel is
// the right to work.
type lock struct {
	token chan struct{}
	users int
}

// take waits for the blob. release must be called unless there is an error.
func (l *locks) take(ctx context.Context, sha domain.Hash) (release func(), err error) {
	l.mu.Lock()
	if l.held == nil {
		l.held = map[domain.Hash]*lock{}
	}
	mine := l.held[sha]
	if mine == nil {
		mine = &lock{token: make(chan struct{}, 1)}
		l.held[sha] = mine
	}
	mine.users++
	l.mu.Unlock()

	select {
	case mine.token <- struct{}{}:
		return func() { <-mine.token; l.leave(sha, mine) }, nil
	case <-ctx.Done():
		l.leave(sha, mine)
		return nil, context.Cause(ctx)
	}
}

func (l *locks) leave(sha domain.Hash, mine *lock) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if mine.users--; mine.users == 0 {
		delete(l.held, sha)
	}
}
