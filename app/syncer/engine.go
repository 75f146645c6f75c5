// Package syncer keeps a device in step with the server: an engine without I/O
// that turns frames and local work into frames, and a shell that carries them
// over a websocket and moves photos beside it. It is the app's only importer of
// the websocket library.
package syncer

import (
	"context"
	"fmt"
	"slices"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// pushWindow is how many unanswered pushes may be on their way.
const pushWindow = 2

// Engine is one connection's worth of protocol state over the device's store.
// It is used by one goroutine.
type Engine struct {
	Store      *localstore.Store
	AppVersion string

	device   domain.DeviceID
	welcomed bool
	// cloned: another device uses this one's identity, and nothing more is pushed.
	cloned   bool
	epoch    string
	next     uint64
	inFlight int
	batch    uint64
	// pulling holds the question of each scope that is not answered yet, heard the
	// newest head that was heard of meanwhile.
	pulling map[syncproto.Scope]syncproto.Pull
	heard   map[syncproto.Scope]uint64
	wanted  []*syncproto.Snapshot
	// followed is a page, not handled yet, whose successor has been asked for.
	followed *syncproto.Page
	// looked is when the store was last asked whether a scope is due for a check.
	looked map[syncproto.Scope]domain.Instant
}

// Start forgets the last connection and opens a new one.
func (e *Engine) Start(ctx context.Context) ([]syncproto.Frame, error) {
	hello := &syncproto.Hello{Version: syncproto.Version, AppVersion: e.AppVersion, Schema: syncproto.SchemaVersion, WallClock: e.Store.Now()}
	id, err := e.Store.Identity(ctx)
	if err != nil {
		return nil, err
	}
	err = e.Store.View(ctx, func(t *localstore.Tx) error {
		if hello.Cursors, err = t.Cursors(ctx); err != nil {
			return err
		}
		if hello.InReview, err = t.InReview(ctx); err != nil {
			return err
		}
		hello.NextSeq, err = t.NextWaiting(ctx)
		return err
	})
	e.device, hello.Device = id.Device, id.Device
	e.welcomed, e.cloned, e.inFlight, e.next = false, false, 0, 0
	e.pulling, e.heard, e.wanted = map[syncproto.Scope]syncproto.Pull{}, map[syncproto.Scope]uint64{}, nil
	e.followed, e.looked = nil, map[syncproto.Scope]domain.Instant{}
	return []syncproto.Frame{hello}, err
}

// Work pushes what has been recorded meanwhile, as far as the window allows.
func (e *Engine) Work(ctx context.Context) (frames []syncproto.Frame, err error) {
	for e.welcomed && !e.cloned && e.inFlight < pushWindow {
		var push syncproto.Push
		err = e.Store.View(ctx, func(t *localstore.Tx) error {
			push, err = t.Waiting(ctx, e.next, syncproto.MaxBatchOps, syncproto.MaxPushBytes)
			return err
		})
		if err != nil || len(push.Ops) == 0 {
			return frames, err
		}
		e.batch++
		e.inFlight++
		e.next = push.Ops[len(push.Ops)-1].Seq + 1
		push.Batch = e.batch
		frames = append(frames, &push)
	}
	return frames, nil
}

// Cloned reports whether the server has said that another device uses this one's
// identity. Nothing is pushed any more, but what follows is still pulled: the
// device needs an identity of its own (see localstore.Fork).
func (e *Engine) Cloned() bool { return e.cloned }

// Handle takes a frame from the server and gives what to send. An error ends
// the connection; nothing is lost by that.
func (e *Engine) Handle(ctx context.Context, f syncproto.Frame) ([]syncproto.Frame, error) {
	switch f := f.(type) {
	case *syncproto.Welcome:
		return e.welcome(ctx, f)
	case *syncproto.Answers:
		return e.answers(ctx, f)
	case *syncproto.Page:
		return e.page(ctx, f)
	case *syncproto.Snapshot:
		e.want(f)
		return nil, nil
	case *syncproto.ScopeAdd:
		err := e.Store.Update(ctx, func(t *localstore.Tx) error { return t.FollowScope(ctx, f.Head) })
		return e.pull(syncproto.Cursor{Scope: f.Head.Scope}), err
	case *syncproto.ScopeDrop:
		e.forget(f.Scope)
		return nil, e.Store.Update(ctx, func(t *localstore.Tx) error { return t.DropScope(ctx, f.Scope) })
	case *syncproto.Error:
		return nil, f
	default:
		return nil, fmt.Errorf("%w: frame type %d is not for devices", syncproto.ErrBadFrame, f.FrameType())
	}
}

// welcome learns the device's scopes, pulls each that is behind and pushes.
func (e *Engine) welcome(ctx context.Context, f *syncproto.Welcome) ([]syncproto.Frame, error) {
	e.welcomed, e.epoch = true, f.Epoch
	var frames []syncproto.Frame
	var checks []syncproto.Cursor
	err := e.Store.Update(ctx, func(t *localstore.Tx) error {
		if err := t.SetClockAhead(ctx, e.Store.Now()-f.ServerTime); err != nil {
			return err
		}
		if err := t.Follow(ctx, f.Scopes); err != nil {
			return err
		}
		if err := t.MeetEpoch(ctx, f.Epoch); err != nil {
			return err
		}
		if err := t.Unanswer(ctx, f.NextSeq); err != nil {
			return err
		}
		for _, a := range f.Decided {
			if err := t.Decided(ctx, a); err != nil {
				return err
			}
		}
		cursors, err := t.Cursors(ctx)
		if err != nil {
			return err
		}
		heads := map[syncproto.Scope]uint64{}
		for _, h := range f.Scopes {
			heads[h.Scope] = h.Seq
		}
		for _, c := range cursors {
			if c.Epoch != f.Epoch || c.Seq < heads[c.Scope] {
				frames = append(frames, e.pull(c)...)
				continue
			}
			due, err := e.checkDue(ctx, t, c.Scope)
			if err != nil {
				return err
			}
			if due {
				checks = append(checks, c)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, c := range checks {
		ask, err := e.check(ctx, c)
		if err != nil {
			return nil, err
		}
		frames = append(frames, ask...)
	}
	pushes, err := e.Work(ctx)
	return append(frames, pushes...), err
}

func (e *Engine) answers(ctx context.Context, f *syncproto.Answers) ([]syncproto.Frame, error) {
	e.inFlight = max(e.inFlight-1, 0)
	err := e.Store.Update(ctx, func(t *localstore.Tx) error {
		for _, a := range f.Answers {
			if err := t.Answer(ctx, a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	switch f.Code {
	case "":
		return e.Work(ctx)
	case syncproto.CodeGap:
		e.next = f.NextSeq
		if e.inFlight > 0 {
			return nil, nil // the answer to the later push starts over
		}
		return e.Work(ctx)
	case syncproto.CodeCloned:
		e.cloned = true
		return nil, nil
	default:
		return nil, &syncproto.Error{Code: f.Code, Message: "push refused"}
	}
}

// pull asks for what follows a cursor, unless a question is open already.
func (e *Engine) pull(c syncproto.Cursor) []syncproto.Frame {
	if _, open := e.pulling[c.Scope]; open {
		return nil
	}
	ask := syncproto.Pull{Scope: c.Scope, Epoch: c.Epoch, After: c.Seq}
	e.pulling[c.Scope] = ask
	return []syncproto.Frame{&ask}
}

func (e *Engine) forget(s syncproto.Scope) {
	delete(e.pulling, s)
	delete(e.heard, s)
	e.wanted = slices.DeleteFunc(e.wanted, func(w *syncproto.Snapshot) bool { return w.Scope == s })
}

// Ahead looks at a frame that is about to be handled: what follows a page of the
// log is asked for before that page is stored, and is on its way meanwhile.
func (e *Engine) Ahead(f syncproto.Frame) []syncproto.Frame {
	page, ok := f.(*syncproto.Page)
	if !ok || page.LastSeq == page.PrevSeq || page.LastSeq >= page.Head || !e.answered(page) {
		return nil
	}
	e.met(page)
	e.followed = page
	return e.pull(syncproto.Cursor{Scope: page.Scope, Epoch: page.Epoch, Seq: page.LastSeq})
}

// answered reports whether a page answers the open question of its scope.
func (e *Engine) answered(f *syncproto.Page) bool {
	ask, open := e.pulling[f.Scope]
	return open && (f.PrevSeq == ask.After || f.Epoch != ask.Epoch)
}

// met closes the question that a page answers and learns how far the log goes.
func (e *Engine) met(f *syncproto.Page) {
	answered := e.answered(f)
	if answered {
		delete(e.pulling, f.Scope)
	}
	if answered && f.LastSeq == f.PrevSeq {
		e.heard[f.Scope] = f.Head // the log's own word: there is nothing more
	} else {
		e.heard[f.Scope] = max(e.heard[f.Scope], f.Head)
	}
}

// page applies a run of the log and asks for more, or for the missing piece.
func (e *Engine) page(ctx context.Context, f *syncproto.Page) ([]syncproto.Frame, error) {
	e.epoch = f.Epoch
	ahead := e.followed == f
	if ahead {
		e.followed = nil
	} else {
		e.met(f)
	}
	var cursor syncproto.Cursor
	followed, due := false, false
	err := e.Store.Update(ctx, func(t *localstore.Tx) error {
		applied, err := t.Apply(ctx, f)
		if err != nil {
			return err
		}
		if ahead && !applied {
			delete(e.pulling, f.Scope) // it was the wrong question
		}
		if cursor, followed, err = t.Cursor(ctx, f.Scope); err != nil || !followed {
			return err
		}
		due, err = e.checkDue(ctx, t, f.Scope)
		return err
	})
	if err != nil || !followed {
		return nil, err
	}
	if frames := e.catchUp(cursor); frames != nil || !due {
		return frames, nil
	}
	return e.check(ctx, cursor)
}

// lookEvery spares the store the question at every page.
const lookEvery domain.Instant = 60 * 60 * 1000

// checkDue reports whether it is time to ask whether a scope's copy is what it
// should be.
func (e *Engine) checkDue(ctx context.Context, t *localstore.Tx, s syncproto.Scope) (bool, error) {
	now := e.Store.Now()
	if last, looked := e.looked[s]; looked && now >= last && now-last < lookEvery {
		return false, nil
	}
	e.looked[s] = now
	return t.CheckDue(ctx, s)
}

// check asks that for a scope that is up to date.
func (e *Engine) check(ctx context.Context, c syncproto.Cursor) ([]syncproto.Frame, error) {
	if _, open := e.pulling[c.Scope]; open {
		return nil, nil
	}
	ask := syncproto.Pull{Scope: c.Scope, Epoch: c.Epoch, After: c.Seq}
	err := e.Store.View(ctx, func(t *localstore.Tx) (err error) {
		ask.Check, err = t.Digest(ctx, c.Scope)
		return err
	})
	if err != nil {
		return nil, err
	}
	e.pulling[c.Scope] = ask
	return []syncproto.Frame{&ask}, nil
}

// catchUp asks for what the device has heard of and does not have.
func (e *Engine) catchUp(c syncproto.Cursor) []syncproto.Frame {
	if c.Epoch == e.epoch && c.Seq >= e.heard[c.Scope] {
		return nil
	}
	return e.pull(c)
}
