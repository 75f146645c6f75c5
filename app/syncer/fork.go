package syncer

import (
	"context"
	"errors"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// errForked ends a connection under the identity that was another device's, too.
var errForked = errors.New("the device has an identity of its own now")

// Fork gives a device that shares its identity one of its own; localstore.ErrNotYet
// says that it has to pull more before. An answer that gets lost costs the server a
// device that nobody uses.
func Fork(ctx context.Context, s *localstore.Store, l *Link) error {
	held, err := s.Identity(ctx)
	if err != nil {
		return err
	}
	var seq uint64
	var sha domain.Hash
	waits := false
	err = s.View(ctx, func(t *localstore.Tx) (err error) {
		seq, sha, waits, err = t.Evidence(ctx)
		return err
	})
	if err == nil && !waits {
		err = errors.New("no op shows it")
	}
	if err != nil {
		return err
	}
	id, err := l.Fork(ctx, held, seq, sha)
	if err != nil {
		return err
	}
	return s.Fork(ctx, held, id)
}

// fork does so for a connection that was told of it; the error ends that.
func (r *Runner) fork(ctx context.Context) error {
	err := Fork(ctx, r.Store, r.Link)
	switch {
	case errors.Is(err, localstore.ErrNotYet):
		return nil
	case err == nil:
		return errForked
	default:
		return errors.Join(&syncproto.Error{Code: syncproto.CodeCloned, Message: "push refused"}, err)
	}
}
