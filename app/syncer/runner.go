package syncer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"keyturn/app/localstore"
	"keyturn/shared/syncproto"
)

// Status is what people may know about the connection.
type Status struct {
	Online bool
	// Err is why the device is offline; nil when that was never tried.
	Err error
}

// Runner owns the device's connection: it connects, reconnects with full
// jitter, and moves photos. Run it in one goroutine.
type Runner struct {
	Store  *localstore.Store
	Link   *Link
	Photos *Photos
	Engine *Engine
	// Changed hears of every change of status; it must not block.
	Changed func(Status)

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
	readWait   = 75 * time.Second
	writeWait  = 20 * time.Second
)

// Status is the present state of the connection.
func (r *Runner) Status() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status
}

func (r *Runner) set(s Status) {
	r.mu.Lock()
	changed := r.status.Online != s.Online || (r.status.Err == nil) != (s.Err == nil)
	r.status = s
	r.mu.Unlock()
	if changed && r.Changed != nil {
		r.Changed(s)
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
		r.set(Status{Err: err})
		if time.Since(began) > longDelay {
			ceiling = firstDelay
		}
		select {
		case <-ctx.Done():
		case <-r.retrying():
			ceiling = firstDelay
		case <-time.After(rand.N(ceiling) + firstDelay/4): //nolint:gosec // jitter needs no secrecy
		}
		ceiling = min(2*ceiling, longDelay)
	}
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
	ws, err := r.Link.connect(ctx, id)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	work, unsubscribe := r.Store.Subscribe()
	var group sync.WaitGroup
	frames := make(chan syncproto.Frame)
	broken := make(chan error, 2)
	group.Go(func() { broken <- read(ctx, ws, frames) })
	group.Go(func() { broken <- r.Photos.run(ctx, id) })
	err = r.converse(ctx, ws, frames, work, broken)
	cancel()
	unsubscribe()
	err = errors.Join(err, ws.Close())
	group.Wait()
	return err
}

// converse is the only user of the engine and the only writer of the socket.
func (r *Runner) converse(ctx context.Context, ws *websocket.Conn, frames <-chan syncproto.Frame, work <-chan struct{}, broken <-chan error) error {
	out, err := r.Engine.Start(ctx)
	if err != nil {
		return err
	}
	for {
		for _, f := range out {
			if err := write(ws, f); err != nil {
				return err
			}
		}
		select {
		case f := <-frames:
			if _, ok := f.(*syncproto.Welcome); ok {
				r.set(Status{Online: true})
			}
			out, err = r.Engine.Handle(ctx, f)
			r.Photos.Poke()
		case <-work:
			out, err = r.Engine.Work(ctx)
			r.Photos.Poke()
		case err = <-broken:
			if err == nil {
				err = ctx.Err()
			}
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
		if err != nil {
			return err
		}
	}
}

func write(ws *websocket.Conn, f syncproto.Frame) error {
	b, err := syncproto.EncodeFrame(f)
	if err != nil {
		return err
	}
	if err := ws.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	if err := ws.WriteMessage(websocket.BinaryMessage, b); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// read hands on frames until the socket breaks or stays silent for too long.
func read(ctx context.Context, ws *websocket.Conn, frames chan<- syncproto.Frame) error {
	ws.SetReadLimit(syncproto.MaxFrameBytes)
	pong := ws.PingHandler()
	ws.SetPingHandler(func(data string) error {
		if err := ws.SetReadDeadline(time.Now().Add(readWait)); err != nil {
			return err
		}
		return pong(data)
	})
	for {
		if err := ws.SetReadDeadline(time.Now().Add(readWait)); err != nil {
			return fmt.Errorf("read: %w", err)
		}
		_, message, err := ws.ReadMessage()
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		f, err := syncproto.DecodeFrame(message)
		if err != nil {
			return err
		}
		select {
		case frames <- f:
		case <-ctx.Done():
			return nil
		}
	}
}
