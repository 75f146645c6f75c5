package blobs_test

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"testing"

	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
)

// What every store promises of deleting, part of the conformance suite.

// lists tells whether a store lists a blob.
func lists(t *testing.T, s blobs.Store, sha domain.Hash) (is bool) {
	t.Helper()
	for b, err := range s.All(t.Context()) {
		must(t, err)
		is = is || b.SHA256 == sha
	}
	return is
}

// What was deleted is gone at once, after a restart too, and may come again. A
// second deletion, and one of what never was there, change nothing.
func TestDelete(t *testing.T) {
	for name, sent := range map[string]int{"whole": 4 * chunk, "half-uploaded": 2 * chunk, "never sent": 0} {
		t.Run(name, func(t *testing.T) {
			everywhere(t, func(t *testing.T, s storage) {
				store := s.open(t)
				other, otherSHA := content(17)
				send(t, store, otherSHA, other)
				b, sha := content(4 * chunk)
				for at := 0; at < sent; at += chunk {
					add(t, store, sha, at, len(b), b[at:at+chunk], at+chunk == len(b))
				}
				for range 2 {
					must(t, store.Delete(t.Context(), sha))
					// The device that did not hear of it goes on, and is told to start over.
					if done, err := store.Append(t.Context(), sha, 2*chunk, int64(len(b)), b[2*chunk:3*chunk]); !errors.Is(err, blobs.ErrOffset) || done {
						t.Errorf("%v, %v", done, err)
					}
					for _, server := range []blobs.Store{store, s.open(t)} {
						isAt(t, server, sha, 0, false)
						hasNot(t, server, sha)
						if lists(t, server, sha) {
							t.Error("it is listed")
						}
					}
					holdsOnly(t, s, otherSHA)
				}
				has(t, store, otherSHA, other)
				send(t, store, sha, b)
				has(t, store, sha, b)
				if !lists(t, store, sha) {
					t.Error("it is not listed")
				}
				holdsOnly(t, s, otherSHA, sha)
			})
		})
	}
}

// A whole blob and the parts that an upload has left beside it go together:
// otherwise the upload would bring it back half.
func TestDeleteTakesLeftovers(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		store := s.open(t)
		b, sha := content(2 * chunk)
		send(t, store, sha, b)
		s.plant(t, sha, 0, b[:chunk])
		s.plant(t, sha, chunk, b[chunk:])
		must(t, store.Delete(t.Context(), sha))
		isAt(t, store, sha, 0, false)
		holdsOnly(t, s)
	})
}

// Who uploads, reads or lists while a blob is deleted hears nothing that is not
// documented, and at the end it is whole or can be sent.
func TestDeleteBesideEverything(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		b, sha := content(3*chunk + 3)
		stores := s.two(t)
		const rounds = 40
		var work sync.WaitGroup
		for i, store := range stores {
			work.Go(func() { // sends, in chunks of its own size
				for range rounds {
					at, whole, err := store.Offset(t.Context(), sha)
					if err == nil && !whole {
						end := min(int(at)+chunk+100*i, len(b))
						_, err = store.Append(t.Context(), sha, at, int64(len(b)), b[at:end])
					}
					if err != nil && !errors.Is(err, blobs.ErrOffset) {
						t.Errorf("sent: %v", err)
					}
				}
			})
			work.Go(func() { // has all of it
				for range rounds / 2 {
					if _, err := store.Put(t.Context(), b); err != nil {
						t.Errorf("put: %v", err)
					}
				}
			})
			work.Go(func() {
				for range rounds / 2 {
					if err := store.Delete(t.Context(), sha); err != nil {
						t.Errorf("deleted: %v", err)
					}
				}
			})
			work.Go(func() {
				for range rounds {
					f, _, err := store.Open(t.Context(), sha)
					if err != nil {
						if !errors.Is(err, blobs.ErrMissing) {
							t.Errorf("opened: %v", err)
						}
						continue
					}
					if got, err := io.ReadAll(f); err == nil && !bytes.Equal(got, b) {
						t.Errorf("%d other bytes came back", len(got))
					}
					if err := f.Close(); err != nil {
						t.Error(err)
					}
				}
			})
			work.Go(func() {
				for range rounds / 2 {
					for _, err := range store.All(t.Context()) {
						if err != nil {
							t.Errorf("listed: %v", err)
						}
					}
				}
			})
		}
		work.Wait()
		for _, store := range stores {
			if _, whole := offset(t, store, sha); whole {
				has(t, store, sha, b)
			} else {
				hasNot(t, store, sha)
			}
		}
		send(t, stores[0], sha, b)
		has(t, stores[1], sha, b)
		must(t, stores[0].Delete(t.Context(), sha))
		isAt(t, stores[1], sha, 0, false)
		holdsOnly(t, s)
	})
}
