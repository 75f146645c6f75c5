package intake

import (
	"context"
	"fmt"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// Session is one connection of an authenticated device. It takes frames and
// gives frames; who carries them is not its business.
type Session struct {
	Engine  *Engine
	Device  domain.DeviceID
	Person  domain.PersonID
	Revoked bool
	// Publish hears of everything that this session's pushes appended.
	Publish func(context.Context, []syncproto.Logged)

	version int // of the protocol, as HELLO agreed on
	// cloned: the device was told that another has its identity. What it has sent
	// meanwhile it will send under one of its own.
	cloned bool
	// noted are the streams whose access log has this session today.
	noted map[access]bool
}

// Handle answers one frame. An error is the server's own failure: nothing of
// the frame was taken.
func (s *Session) Handle(ctx context.Context, f syncproto.Frame) ([]syncproto.Frame, error) {
	switch f := f.(type) {
	case *syncproto.Hello:
		return s.hello(ctx, f)
	case *syncproto.Push:
		return s.push(ctx, f)
	case *syncproto.Pull:
		return s.pull(ctx, f)
	default:
		return failed(syncproto.CodeBadFrame, fmt.Sprintf("frame type %d is not for servers", f.FrameType())), nil
	}
}

func failed(code syncproto.Code, message string) []syncproto.Frame {
	return []syncproto.Frame{&syncproto.Error{Code: code, Message: message}}
}

func (s *Session) hello(ctx context.Context, f *syncproto.Hello) ([]syncproto.Frame, error) {
	if f.Version < syncproto.MinVersion {
		return failed(syncproto.CodeVersion, fmt.Sprintf("speak version %d or newer", syncproto.MinVersion)), nil
	}
	if f.Device != s.Device {
		return failed(syncproto.CodeUnauthorised, "the token belongs to another device"), nil
	}
	s.version = min(f.Version, syncproto.Version)
	welcome := &syncproto.Welcome{Version: s.version}
	err := s.Engine.Store.Update(ctx, func(tx *store.Tx) error {
		now := s.Engine.Now()
		welcome.ServerTime = now
		if err := tx.Seen(ctx, s.Device, now, f.WallClock-now); err != nil {
			return err
		}
		d, err := tx.Device(ctx, s.Device)
		if err != nil {
			return err
		}
		welcome.NextSeq = d.NextSeq
		if welcome.Decided, err = decided(ctx, tx, d, f.InReview); err != nil {
			return err
		}
		if welcome.Epoch, err = tx.Meta(ctx, MetaEpoch); err != nil || s.Revoked {
			return err
		}
		if welcome.Scopes, err = Scopes(ctx, tx, s.Person, now); err != nil {
			return err
		}
		for _, h := range welcome.Scopes {
			if err := s.note(ctx, tx, h.Scope, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return []syncproto.Frame{welcome}, nil
}

func (s *Session) push(ctx context.Context, f *syncproto.Push) ([]syncproto.Frame, error) {
	if len(f.Ops) > syncproto.MaxBatchOps {
		return failed(syncproto.CodeTooLarge, fmt.Sprintf("%d ops in a push, %d allowed", len(f.Ops), syncproto.MaxBatchOps)), nil
	}
	if s.cloned {
		return []syncproto.Frame{&syncproto.Answers{Batch: f.Batch, Code: syncproto.CodeCloned}}, nil
	}
	answers, logged, err := s.Engine.Push(ctx, s.Device, f)
	if err != nil {
		return nil, err
	}
	s.cloned = answers.Code == syncproto.CodeCloned
	s.Publish(ctx, logged)
	return []syncproto.Frame{answers}, nil
}

// pull checks membership at every read: access that has ended ends here.
func (s *Session) pull(ctx context.Context, f *syncproto.Pull) ([]syncproto.Frame, error) {
	allowed, err := s.Scopes(ctx)
	if err != nil {
		return nil, err
	}
	if s.Revoked || !slices.ContainsFunc(allowed, func(h syncproto.Head) bool { return h.Scope == f.Scope }) {
		return []syncproto.Frame{&syncproto.ScopeDrop{Scope: f.Scope}}, nil
	}
	now := s.Engine.Now()
	if closed(f.Scope) && !s.noted[access{f.Scope, store.Day(now)}] {
		if err := s.Engine.Store.Update(ctx, func(tx *store.Tx) error { return s.note(ctx, tx, f.Scope, now) }); err != nil {
			return nil, err
		}
	}
	answer, err := s.Engine.Pull(ctx, f, s.version)
	if err != nil {
		return nil, err
	}
	return []syncproto.Frame{answer}, nil
}

// access is a stream on a day.
type access struct {
	scope syncproto.Scope
	day   domain.Instant
}

// closed reports whether a stream holds personal data or money: who gets it is
// written down.
func closed(s syncproto.Scope) bool { return s.Audience != domain.AudienceField }

// note writes an access down, once a day and session.
func (s *Session) note(ctx context.Context, tx *store.Tx, scope syncproto.Scope, now domain.Instant) error {
	if !closed(scope) {
		return nil
	}
	if s.noted == nil {
		s.noted = map[access]bool{}
	}
	s.noted[access{scope, store.Day(now)}] = true
	return tx.NoteAccess(ctx, store.Access{Person: s.Person, Device: s.Device, Scope: scope, At: now})
}

// Scopes lists what the person may follow now.
func (s *Session) Scopes(ctx context.Context) (heads []syncproto.Head, err error) {
	err = s.Engine.Store.View(ctx, func(tx *store.Tx) error {
		heads, err = Scopes(ctx, tx, s.Person, s.Engine.Now())
		return err
	})
	return heads, err
}
