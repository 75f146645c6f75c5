package simtest

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"

	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
)

// shaky is a photo store that fails in bad weather: before it has done anything,
// after it has done all of it, or in between.
type shaky struct {
	blobs.Store
	dice *rand.Rand // nil is fair weather
}

// errStore is what a photo store says that is not to be reached.
var errStore = errors.New("the photo store fails")

// hit throws the dice.
func (s *shaky) hit() bool { return s.dice != nil && s.dice.IntN(20) == 0 }

func (s *shaky) Offset(ctx context.Context, sha domain.Hash) (int64, bool, error) {
	if s.hit() {
		return 0, false, errStore
	}
	return s.Store.Offset(ctx, sha)
}

func (s *shaky) Append(ctx context.Context, sha domain.Hash, offset, total int64, chunk []byte) (bool, error) {
	switch {
	case s.hit():
		return false, errStore
	case s.hit():
		_, err := s.Store.Append(ctx, sha, offset, total, chunk[:len(chunk)/2])
		return false, errors.Join(errStore, err)
	}
	done, err := s.Store.Append(ctx, sha, offset, total, chunk)
	if s.hit() {
		return false, errStore
	}
	return done, err
}

func (s *shaky) Open(ctx context.Context, sha domain.Hash) (io.ReadSeekCloser, int64, error) {
	if s.hit() {
		return nil, 0, errStore
	}
	return s.Store.Open(ctx, sha)
}
