package syncer

import (
	"context"
	"time"

	"keyturn/shared/syncproto"
)

const (
	// readAhead is how many frames may wait for the one before to be stored; while
	// it is, they are decoded.
	readAhead = 8
	// joinChanges is how large a page may become by those that follow it.
	joinChanges = 1024
	// livePause is the least time between two commits of live pages. One after a
	// pause is stored at once; more share a commit, because every commit waits for
	// the disk and costs battery, however little it stores.
	livePause = 100 * time.Millisecond
)

// inflow hands what comes from the server to the engine.
type inflow struct {
	*Runner
	// held is a live page with those that continued it, not stored yet; due tells
	// when it must be.
	held *syncproto.Page
	due  <-chan time.Time
	// stored is when the last live page was.
	stored time.Time
}

// take takes in a frame.
func (i *inflow) take(ctx context.Context, f syncproto.Frame) (answers []syncproto.Frame, err error) {
	page, isPage := f.(*syncproto.Page)
	if isPage && i.held != nil && join(i.held, page) {
		return nil, nil
	}
	if answers, err = i.settle(ctx); err != nil {
		return nil, err
	}
	live := isPage && i.live(page)
	if wait := livePause - time.Since(i.stored); live && wait > 0 {
		i.held, i.due = page, time.After(wait)
		return answers, nil
	}
	more, err := i.store(ctx, f, live)
	return append(answers, more...), err
}

// settle stores what is held.
func (i *inflow) settle(ctx context.Context) ([]syncproto.Frame, error) {
	if i.held == nil {
		return nil, nil
	}
	page := i.held
	i.held, i.due = nil, nil
	return i.store(ctx, page, true)
}

func (i *inflow) store(ctx context.Context, f syncproto.Frame, live bool) ([]syncproto.Frame, error) {
	if _, ok := f.(*syncproto.Welcome); ok {
		i.set(Status{Online: true})
	}
	answers, err := i.Engine.Handle(ctx, f)
	if err != nil {
		return nil, err
	}
	if live {
		i.stored = time.Now()
	}
	i.Photos.hear(f)
	return answers, nil
}

// last takes in what had arrived when the connection broke, such as the server's
// reason to close it. Answers to that go nowhere.
func (i *inflow) last(ctx context.Context, in <-chan syncproto.Frame, broken error) error {
	for {
		var err error
		select {
		case f := <-in:
			_, err = i.take(ctx, f)
		default:
			if _, err = i.settle(ctx); err == nil {
				return broken
			}
		}
		if err != nil {
			return err
		}
	}
}

// live reports whether the server sent a page by itself: no question about its
// stream is open.
func (i *inflow) live(page *syncproto.Page) bool {
	_, asked := i.Engine.pulling[page.Scope]
	return !asked && page.LastSeq > page.PrevSeq && len(page.Changes) < joinChanges
}

// join adds to a page one that continues it, unless the two are too large.
func join(page, next *syncproto.Page) bool {
	if next.Scope != page.Scope || next.Epoch != page.Epoch || next.PrevSeq != page.LastSeq || next.LastSeq == next.PrevSeq ||
		len(page.Changes)+len(next.Changes) > joinChanges {
		return false
	}
	page.LastSeq, page.Head = next.LastSeq, max(page.Head, next.Head)
	page.Changes = append(page.Changes, next.Changes...)
	return true
}
