package syncer

import (
	"context"
	"io"

	"keyturn/app/localstore"
	"keyturn/shared/syncproto"
)

// want notes a snapshot that the server offers in place of pages. The question
// that it answers stays open until the snapshot is here.
func (e *Engine) want(s *syncproto.Snapshot) {
	e.heard[s.Scope] = max(e.heard[s.Scope], s.Head)
	for i, w := range e.wanted {
		if w.Scope == s.Scope {
			e.wanted[i] = s
			return
		}
	}
	e.wanted = append(e.wanted, s)
}

// Wanted is the snapshot to be fetched next, nil if there is none. Who carries
// the frames fetches it and hands it to Restore, or tells Gone.
func (e *Engine) Wanted() *syncproto.Snapshot {
	if len(e.wanted) == 0 {
		return nil
	}
	return e.wanted[0]
}

// Restore puts a snapshot in place of the scope's copy, pending ops on top, and
// asks for what came after it. The bytes' hash has been checked.
func (e *Engine) Restore(ctx context.Context, s *syncproto.Snapshot, content io.Reader) ([]syncproto.Frame, error) {
	var cursor syncproto.Cursor
	followed := false
	err := e.Store.Update(ctx, func(t *localstore.Tx) (err error) {
		if err = t.Restore(ctx, s, content); err != nil {
			return err
		}
		cursor, followed, err = t.Cursor(ctx, s.Scope)
		return err
	})
	if err != nil {
		return nil, err
	}
	return e.unwant(s, cursor, followed), nil
}

// Gone says that the server does not have a snapshot any more: it is asked
// again.
func (e *Engine) Gone(ctx context.Context, s *syncproto.Snapshot) ([]syncproto.Frame, error) {
	var cursor syncproto.Cursor
	followed := false
	err := e.Store.View(ctx, func(t *localstore.Tx) (err error) {
		cursor, followed, err = t.Cursor(ctx, s.Scope)
		return err
	})
	if err != nil {
		return nil, err
	}
	return e.unwant(s, cursor, followed), nil
}

func (e *Engine) unwant(s *syncproto.Snapshot, c syncproto.Cursor, followed bool) []syncproto.Frame {
	heard := e.heard[s.Scope]
	e.forget(s.Scope)
	if !followed {
		return nil
	}
	e.heard[s.Scope] = heard
	return e.catchUp(c)
}
