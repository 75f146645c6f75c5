package service

import (
	"context"
	"sync"
	"time"

	"keyturn/shared/syncproto"
)

// How soon other server processes hear of what was appended here: at once after
// a short pause that gathers pokes, and in any case when they next look (sync
// design, shape 15).
const (
	pokePause   = 20 * time.Millisecond
	followEvery = time.Second
)

// publish tells connected devices and other server processes. What they do not
// hear now they hear when the log is next looked at.
func (s *Service) publish(ctx context.Context, logged []syncproto.Logged) {
	if len(logged) == 0 {
		return
	}
	if err := s.hub.Publish(ctx, logged); err != nil {
		s.log.Warn("publish", "error", err)
	}
	s.poke()
}

// poke asks for other processes to be told.
func (s *Service) poke() {
	select {
	case s.pokes <- struct{}{}:
	default:
	}
}

// Follow tells connected devices what other processes append, and other
// processes what is appended here, until ctx ends.
func (s *Service) Follow(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	heard := make(chan struct{}, 1)
	work.Go(func() { s.listen(ctx, heard) })
	work.Go(func() { s.pokeOthers(ctx) })
	look := time.NewTicker(followEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-heard:
		case <-look.C:
		}
		if err := s.hub.CatchUp(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("follow the log", "error", err)
		}
	}
}

// listen waits for pokes; a broken connection is opened again.
func (s *Service) listen(ctx context.Context, heard chan<- struct{}) {
	for ctx.Err() == nil {
		err := s.Store.Listen(ctx, func() {
			select {
			case heard <- struct{}{}:
			default:
			}
		})
		if err != nil && ctx.Err() == nil {
			s.log.Warn("listen for pokes", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(followEvery):
		}
	}
}

func (s *Service) pokeOthers(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.pokes:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pokePause):
		}
		if err := s.Store.Poke(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("poke", "error", err)
		}
	}
}
