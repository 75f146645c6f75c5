package blobs_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
)

// Whatever happens to any one request of a deletion and all after it, a blob is
// never said to be gone when it is not, nobody stumbles over what is left, and
// once S3 is well the next deletion does all of it.
func TestS3FailsToDelete(t *testing.T) {
	s := newOnS3(t)
	direct := s.open(t)
	size := 2 * chunk // each has a blob of its own
	plant := func() ([]byte, domain.Hash) {
		size++
		b, sha := content(size)
		_, err := direct.Put(t.Context(), b)
		must(t, err)
		s.plant(t, sha, 0, b[:chunk])
		s.plant(t, sha, chunk, b[chunk:])
		return b, sha
	}
	_, sha := plant()
	l, store := newLine(t, s)
	l.breaks(1<<30, nil)
	must(t, store.Delete(t.Context(), sha))
	needed := l.requests
	if needed != 4 {
		t.Errorf("%d requests, not a listing and three objects to remove", needed)
	}
	var work sync.WaitGroup
	for name := range l.faults() {
		for request := range needed {
			b, sha := plant()
			l, store := newLine(t, s)
			l.breaks(request+1, l.faults()[name])
			work.Go(func() {
				if err := deleted(t.Context(), l, store, direct, sha, b); err != nil {
					t.Errorf("%s from request %d of %d on: %v", name, request+1, needed, err)
				}
			})
		}
	}
	work.Wait()
	// No part is left of any of them either.
	_, parts := s.holds(t)
	if parts != 0 {
		t.Errorf("%d parts are left", parts)
	}
}

// deleted deletes a blob over a line that breaks, and once more when it is mended.
func deleted(ctx context.Context, l *line, store, direct blobs.Store, sha domain.Hash, b []byte) error {
	err := store.Delete(ctx, sha)
	if !l.mend() {
		return errors.New("the fault did not come into play")
	}
	at, whole, errOffset := direct.Offset(ctx, sha)
	if errOffset != nil {
		return errOffset
	}
	if err == nil && (whole || at != 0) {
		return fmt.Errorf("a false answer that it is gone: %d bytes, whole %v", at, whole)
	}
	if _, err := direct.Sweep(ctx, time.Now().Add(-time.Hour)); err != nil {
		return err
	}
	if err := store.Delete(ctx, sha); err != nil {
		return fmt.Errorf("not after it was mended either: %w", err)
	}
	if at, whole, err = direct.Offset(ctx, sha); err != nil || whole || at != 0 {
		return fmt.Errorf("still there: %d bytes, whole %v, %w", at, whole, err)
	}
	if whole, err = upload(ctx, store, sha, b); err != nil || !whole {
		return fmt.Errorf("not to be sent again: whole %v, %w", whole, err)
	}
	return nil
}

// A server that was killed in a deletion may have removed any of the parts: what
// an upload cannot go on with is no offset, and is swept.
func TestS3KilledWhileDeleting(t *testing.T) {
	s := newOnS3(t)
	b, sha := content(3 * chunk)
	s.plant(t, sha, chunk, b[chunk:2*chunk])
	store := s.open(t)
	isAt(t, store, sha, 0, false)
	if n, err := store.Sweep(t.Context(), time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("%d swept, %v", n, err)
	}
	holdsOnly(t, s)
	s.plant(t, sha, chunk, b[chunk:2*chunk])
	must(t, store.Delete(t.Context(), sha))
	holdsOnly(t, s)
	send(t, store, sha, b)
	has(t, store, sha, b)
}
