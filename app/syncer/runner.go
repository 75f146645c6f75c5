package syncer

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"keyturn/app/localstore"
	"keyturn/shared/syncproto"
)

// Status is what people may know about the connection.
type Status struct {
	Online bool
	// Err is why the device is offline; nil when that was never tried.
	Err error
	// Fetched of FetchBytes of a large first download are here; both are 0 when
	// none is on its way.
	Fetched, FetchBytes int64
}

// Runner owns the device's connection: it connects, reconnects with full
// jitter, and moves photos. Run it in one goroutine.
type Runner struct {
	Store  *localstore.Store
	Link   *Link
	Photos *Photos
	Engine *Engine
	// Snapshots fetches large first downloads.
	Snapshots *Snapshots
	// Changed hears of every change of status; it must not block.
	Changed func(Status)
	// Silence is how long the connection may go without a byte in, or wait for
	// room for a byte out, before it counts as gone. 0 means 75 s, three of the
	// server's pings (PROTOCOL.md).
	Silence time.Duration

	once   sync.Once
	retry  chan struct{}
	mu     sync.Mutex
	status Status
}

// Retry asks for a connection now instead of after the usual pause.
func (r *Runner) Retry() {
	select {
	case r.retrying() <- struct{}{}:
	default:
	}
}

func (r *Runner) retrying() chan struct{} {
	r.once.Do(func() { r.retry = make(chan struct{}, 1) })
	return r.retry
}

// Reconnection: the delay is random below a ceiling that doubles.
const (
	firstDelay = 250 * time.Millisecond
	longDelay  = 30 * time.Second
)

// Status is the present state of the connection.
func (r *Runner) Status() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status
}

func (r *Runner) set(s Status) {
	r.mu.Lock()
	changed := r.status.Online != s.Online || kind(r.status.Err) != kind(s.Err)
	r.status = s
	r.mu.Unlock()
	if changed && r.Changed != nil {
		r.Changed(s)
	}
}

// fetching notes how far a download has come; screens hear of every percent.
func (r *Runner) fetching(have, bytes int64) {
	r.mu.Lock()
	before := r.status
	r.status.Fetched, r.status.FetchBytes = have, bytes
	now := r.status
	r.mu.Unlock()
	if r.Changed != nil && before.percent() != now.percent() {
		r.Changed(now)
	}
}

// percent of the download, -1 for none.
func (s Status) percent() int64 {
	if s.FetchBytes == 0 {
		return -1
	}
	return s.Fetched * 100 / s.FetchBytes
}

// kind tells failures apart that people are told differently: the server's code
// if it gave one. The rest is a network that is not there, in many words.
func kind(err error) string {
	var refused *Refused
	var closed *syncproto.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refused):
		return string(refused.Code)
	case errors.As(err, &closed):
		return string(closed.Code)
	case errors.Is(err, localstore.ErrNotEnrolled):
		return "not enrolled"
	case errors.Is(err, ErrUntrusted):
		return "untrusted"
	default:
		return "unreachable"
	}
}

// Run keeps the device in step until ctx ends.
func (r *Runner) Run(ctx context.Context) {
	ceiling := firstDelay
	for ctx.Err() == nil {
		began := time.Now()
		err := r.connect(ctx)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, errForked) {
			continue
		}
		r.set(Status{Err: err})
		if time.Since(began) > longDelay {
			ceiling = firstDelay
		}
		delay := rand.N(ceiling) + firstDelay/4 //nolint:gosec // jitter needs no secrecy
		select {
		case <-ctx.Done():
		case <-r.retrying():
			ceiling = firstDelay
		case <-time.After(max(delay, asked(err))):
		}
		ceiling = min(2*ceiling, longDelay)
	}
}

// longAsked is the longest that a server may ask a device to stay away.
const longAsked = 5 * time.Minute

// asked is how long the server wants to be left alone.
func asked(err error) time.Duration {
	var closed *syncproto.Error
	if !errors.As(err, &closed) {
		return 0
	}
	return time.Duration(min(max(closed.RetryAfterMS, 0), longAsked.Milliseconds())) * time.Millisecond
}

// connect runs one connection until it breaks.
func (r *Runner) connect(ctx context.Context) error {
	id, err := r.Store.Identity(ctx)
	if err != nil {
		return err
	}
	if !id.Enrolled() {
		return localstore.ErrNotEnrolled
	}
	ws, err := r.dial(ctx, id)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := newSocket(ws, r.Silence)
	unhook := context.AfterFunc(ctx, s.hangUp) // ends a read or write that waits for the network
	work, unsubscribe := r.Store.Subscribe()
	var group sync.WaitGroup
	in, out := make(chan syncproto.Frame, readAhead), make(chan syncproto.Frame)
	broken := make(chan error, 3)
	group.Go(func() { broken <- s.read(ctx, in) })
	group.Go(func() { broken <- s.write(ctx, out) })
	group.Go(func() { r.Photos.run(ctx, id) })
	wanted, got := make(chan *syncproto.Snapshot), make(chan arrived)
	group.Go(func() { broken <- r.Snapshots.run(ctx, id, wanted, got, r.fetching) })
	err = r.converse(ctx, channels{in: in, out: out, work: work, broken: broken, wanted: wanted, got: got})
	cancel()
	unsubscribe()
	group.Wait()
	unhook()
	return errors.Join(err, s.close())
}

// channels are what a conversation listens and speaks to.
type channels struct {
	in     <-chan syncproto.Frame
	out    chan<- syncproto.Frame
	work   <-chan struct{}
	broken <-chan error
	wanted chan<- *syncproto.Snapshot
	got    <-chan arrived
}

// hurry sends frames that the writer takes at once and gives back the others.
func (c channels) hurry(frames []syncproto.Frame) []syncproto.Frame {
	for i, f := range frames {
		select {
		case c.out <- f:
		default:
			return frames[i:]
		}
	}
	return nil
}

// converse is the only user of the engine. It never waits for the network to
// take a frame: the server may be waiting for this device to read.
func (r *Runner) converse(ctx context.Context, c channels) error {
	queue, err := r.Engine.Start(ctx)
	if err != nil {
		return err
	}
	flow := &inflow{Runner: r}
	fetching := false
	for {
		var next syncproto.Frame
		var ready chan<- syncproto.Frame // nil, which is never ready, while nothing is to be sent
		if len(queue) > 0 {
			next, ready = queue[0], c.out
		}
		snapshot := r.Engine.Wanted()
		var free chan<- *syncproto.Snapshot // nil while none is wanted or one is on its way
		if snapshot != nil && !fetching {
			free = c.wanted
		}
		var answers []syncproto.Frame
		select {
		case ready <- next:
			queue = queue[1:]
		case free <- snapshot:
			fetching = true
		case a := <-c.got:
			fetching = false
			answers, err = restore(ctx, r.Engine, a)
			r.Photos.restored()
			r.fetching(0, 0)
		case f := <-c.in:
			queue = append(queue, c.hurry(r.Engine.Ahead(f))...)
			answers, err = flow.take(ctx, f)
		case <-flow.due:
			answers, err = flow.settle(ctx)
		case <-c.work:
			answers, err = r.Engine.Work(ctx)
			r.Photos.worked()
		case err = <-c.broken:
			if err == nil {
				err = ctx.Err()
			}
			return flow.last(ctx, c.in, err)
		case <-ctx.Done():
			return ctx.Err()
		}
		if err == nil && r.Engine.Cloned() {
			err = r.fork(ctx)
		}
		if err != nil {
			return err
		}
		queue = append(queue, answers...)
	}
}
