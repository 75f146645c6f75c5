package field

import (
	"cmp"
	"context"
	"sync"
)

// screen runs a view model on the session's goroutine: it reloads the State when
// the store's bell rings or after something was done, and hands it to one
// listener.
type screen[S any] struct {
	*Session
	load func(context.Context) (S, error)

	mu       sync.Mutex
	listener func(S, *Problem)

	// problem is what went wrong last; used on the session's goroutine only.
	problem *Problem
}

func newScreen[S any](s *Session, load func(context.Context) (S, error)) *screen[S] {
	return &screen[S]{Session: s, load: load}
}

// Listen hands every State to f, the present one first, until Listen(nil). f is
// called on the session's goroutine; the Problem is nil when all is well.
func (c *screen[S]) Listen(f func(S, *Problem)) {
	c.mu.Lock()
	c.listener = f
	c.mu.Unlock()
	c.follow(c, f != nil)
	if f != nil {
		c.post(c.reload)
	}
}

func (c *screen[S]) listening() func(S, *Problem) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.listener
}

// inSight tells whether somebody looks at the screen.
func (c *screen[S]) inSight() bool { return c.listening() != nil }

func (c *screen[S]) reload(ctx context.Context) {
	f := c.listening()
	if f == nil {
		return
	}
	state, err := c.load(ctx)
	problem := c.problem
	if err = cmp.Or(err, c.trouble); err != nil {
		problem = c.problemOf(err)
	}
	f(state, problem)
}

// do runs what a tap means and shows the outcome.
func (c *screen[S]) do(work func(ctx context.Context) error) {
	c.post(func(ctx context.Context) {
		c.problem = nil
		if err := work(ctx); err != nil {
			c.problem = c.problemOf(err)
		}
		c.reload(ctx)
	})
}

// Dismiss takes the problem off the screen.
func (c *screen[S]) Dismiss() {
	c.do(func(context.Context) error {
		c.trouble = nil
		return nil
	})
}
