package blobs_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
)

// What every store promises, on each kind of storage.

func TestChunksBecomeABlob(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		store := s.open(t)
		var all []domain.Hash
		for _, size := range []int{1, chunk - 1, chunk, chunk + 1, 3*chunk + 17} {
			b, sha := content(size)
			isAt(t, store, sha, 0, false)
			hasNot(t, store, sha)
			send(t, store, sha, b)
			isAt(t, store, sha, size, true)
			has(t, store, sha, b)
			isAt(t, s.open(t), sha, size, true)
			all = append(all, sha)
		}
		holdsOnly(t, s, all...)
	})
}

func TestUnfinishedBlobIsNotThere(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		store := s.open(t)
		b, sha := content(3 * chunk)
		add(t, store, sha, 0, len(b), b[:chunk], false)
		hasNot(t, store, sha)
		isAt(t, store, sha, chunk, false)
		for blob, err := range store.All(t.Context()) {
			t.Errorf("listed: %v, %v", blob, err)
		}
	})
}

// A server that was killed between two chunks goes on after the first, and so
// does another server.
func TestResumeAfterACrash(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		b, sha := content(3*chunk + 5)
		add(t, s.open(t), sha, 0, len(b), b[:chunk], false)
		store := s.open(t)
		isAt(t, store, sha, chunk, false)
		add(t, store, sha, chunk, len(b), b[chunk:2*chunk], false)
		store = s.open(t)
		add(t, store, sha, 2*chunk, len(b), b[2*chunk:3*chunk], false) // without asking again
		send(t, s.open(t), sha, b)
		has(t, store, sha, b)
		holdsOnly(t, s, sha)
	})
}

// A server that was killed after the last byte and before the blob got its name
// holds all of it as a part; the device has nothing left to send but its end.
func TestACompletePartIsFinished(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		store := s.open(t)
		b, sha := content(2 * chunk)
		s.plant(t, sha, 0, b[:chunk])
		s.plant(t, sha, chunk, b[chunk:])
		isAt(t, store, sha, len(b), false)
		add(t, store, sha, len(b), len(b), nil, true)
		has(t, store, sha, b)
		holdsOnly(t, s, sha)
	})
}

// What a power cut left garbled is noticed, and the upload starts over.
func TestWrongBytesStartOver(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		store := s.open(t)
		b, sha := content(2*chunk + 1)
		garbled := bytes.Clone(b[:chunk])
		garbled[500] ^= 1
		s.plant(t, sha, 0, garbled)
		add(t, store, sha, chunk, len(b), b[chunk:2*chunk], false)
		if done, err := store.Append(t.Context(), sha, 2*chunk, int64(len(b)), b[2*chunk:]); !errors.Is(err, blobs.ErrWrongBytes) || done {
			t.Fatal(done, err)
		}
		hasNot(t, store, sha)
		isAt(t, store, sha, 0, false)
		holdsOnly(t, s)
		send(t, store, sha, b)
		has(t, store, sha, b)
	})
}

func TestAppendRefuses(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		store := s.open(t)
		b, sha := content(3 * chunk)
		total := int64(len(b))
		add(t, store, sha, 0, len(b), b[:chunk], false)
		for name, c := range map[string]struct {
			at, total int64
			piece     []byte
			want      error
		}{
			"a hole":                {2 * chunk, total, b[2*chunk:], blobs.ErrOffset},
			"a hole in the middle":  {2*chunk - 1, total, b[2*chunk : 2*chunk+1], blobs.ErrOffset},
			"the same again":        {0, total, b[:chunk], blobs.ErrOffset},
			"before the beginning":  {-1, total, b[:chunk], blobs.ErrOffset},
			"more than it is":       {chunk, total, append(bytes.Clone(b[chunk:]), 0), blobs.ErrTooLarge},
			"more than may be":      {chunk, blobs.MaxBytes + 1, b[chunk : 2*chunk], blobs.ErrTooLarge},
			"a total that is short": {chunk, chunk, b[chunk : 2*chunk], blobs.ErrTooLarge},
			"an end too soon":       {total, total, nil, blobs.ErrOffset},
			"others in one piece":   {0, chunk, bytes.Repeat([]byte{1}, chunk), blobs.ErrWrongBytes},
		} {
			if done, err := store.Append(t.Context(), sha, c.at, c.total, c.piece); !errors.Is(err, c.want) || done {
				t.Errorf("%s: %v, %v", name, done, err)
			}
		}
		isAt(t, store, sha, chunk, false)
		send(t, store, sha, b)
		has(t, store, sha, b)
	})
}

// A blob that is there is not written again, whatever is sent under its name.
func TestWholeBlobStays(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		store := s.open(t)
		b, sha := content(3 * chunk)
		send(t, store, sha, b)
		other := bytes.Repeat([]byte{1}, len(b))
		for _, server := range []blobs.Store{store, s.open(t)} {
			add(t, server, sha, 0, len(b), b, true)
			add(t, server, sha, 0, len(b), other, true)
			add(t, server, sha, 0, len(b), other[:chunk], true)
			add(t, server, sha, chunk, len(b), other[chunk:], true)
			has(t, server, sha, b)
		}
		holdsOnly(t, s, sha)
	})
}

// Equal photos of two records are one blob: the second device is told at once
// that nothing needs to be sent.
func TestEqualPhotosAreOneBlob(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		b, sha := content(2*chunk + 9)
		stores := s.two(t)
		send(t, stores[0], sha, b)
		isAt(t, stores[1], sha, len(b), true)
		send(t, stores[1], sha, b)
		holdsOnly(t, s, sha)
	})
}

// Several devices send one photo at once, to two servers, in chunks of their
// own size, and one of them changes the server after each chunk.
func TestConcurrentUploadsOfOneBlob(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		b, sha := content(12*chunk + 3)
		stores := s.two(t)
		var devices sync.WaitGroup
		for device := range 5 {
			devices.Go(func() {
				for turn := device; ; {
					store := stores[turn%2]
					if device == 0 {
						turn++
					}
					at, whole, err := store.Offset(t.Context(), sha)
					if err != nil || whole {
						if err != nil {
							t.Error(err)
						}
						return
					}
					end := min(int(at)+chunk+100*(device%3), len(b))
					if _, err := store.Append(t.Context(), sha, at, int64(len(b)), b[at:end]); err != nil && !errors.Is(err, blobs.ErrOffset) {
						t.Error(err)
						return
					}
				}
			})
		}
		devices.Wait()
		has(t, stores[0], sha, b)
		has(t, stores[1], sha, b)
		// A chunk that was on its way when another device finished is the sweep's.
		_, err := stores[0].Sweep(t.Context(), time.Now().Add(time.Hour))
		must(t, err)
		holdsOnly(t, s, sha)
	})
}

// One server finishes or throws away what another one thinks that it goes on with.
func TestUploadMovesUnderneath(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		stores := s.two(t)
		b, sha := content(3 * chunk)
		add(t, stores[0], sha, 0, len(b), b[:chunk], false)
		send(t, stores[1], sha, b)
		add(t, stores[0], sha, chunk, len(b), b[chunk:], true)

		b, sha = content(3*chunk + 1)
		add(t, stores[0], sha, 0, len(b), b[:chunk], false)
		_, err := stores[1].Sweep(t.Context(), time.Now().Add(time.Hour))
		must(t, err)
		if done, err := stores[0].Append(t.Context(), sha, chunk, int64(len(b)), b[chunk:]); !errors.Is(err, blobs.ErrOffset) || done {
			t.Fatal(done, err)
		}
		isAt(t, stores[0], sha, 0, false)
		send(t, stores[0], sha, b)
		has(t, stores[1], sha, b)
	})
}

func TestOpenSeeks(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		store := s.open(t)
		b, sha := content(3 * chunk)
		send(t, store, sha, b)
		f, size, err := store.Open(t.Context(), sha)
		must(t, err)
		if size != int64(len(b)) {
			t.Errorf("%d bytes", size)
		}
		read := func(n int) []byte {
			t.Helper()
			got := make([]byte, n)
			_, err := io.ReadFull(f, got)
			must(t, err)
			return got
		}
		for _, c := range []struct {
			offset int64
			whence int
			at, n  int
		}{
			{0, io.SeekEnd, len(b), 0},
			{-7, io.SeekEnd, len(b) - 7, 7},
			{10, io.SeekStart, 10, 5},
			{5, io.SeekCurrent, 20, 30}, // after the five that were read
			{0, io.SeekCurrent, 50, 50},
			{0, io.SeekStart, 0, len(b)},
		} {
			at, err := f.Seek(c.offset, c.whence)
			if err != nil || at != int64(c.at) || !bytes.Equal(read(c.n), b[c.at:c.at+c.n]) {
				t.Errorf("%+v: at %d, %v", c, at, err)
			}
		}
		if n, err := f.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("after the end: %d, %v", n, err)
		}
		if _, err := f.Seek(-1, io.SeekStart); err == nil {
			t.Error("sought before the beginning")
		}
		must(t, f.Close())
	})
}

func TestPut(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		store := s.open(t)
		b, want := content(chunk)
		for range 2 {
			sha, err := store.Put(t.Context(), b)
			if err != nil || sha != want {
				t.Fatalf("%s, %v", sha, err)
			}
		}
		has(t, store, want, b)
		holdsOnly(t, s, want)
		// An upload of the same photo that broke off, garbled even, is replaced.
		b, other := content(2 * chunk)
		s.plant(t, other, 0, bytes.Repeat([]byte{1}, chunk))
		if sha, err := store.Put(t.Context(), b); err != nil || sha != other {
			t.Fatalf("%s, %v", sha, err)
		}
		has(t, store, other, b)
		holdsOnly(t, s, want, other)
		if _, err := store.Put(t.Context(), make([]byte, blobs.MaxBytes+1)); !errors.Is(err, blobs.ErrTooLarge) {
			t.Errorf("too large: %v", err)
		}
	})
}

func TestAllListsWholeBlobsInOrder(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		store := s.open(t)
		var want []blobs.Blob
		for size := range 12 {
			b, _ := content(size)
			sha, err := store.Put(t.Context(), b)
			must(t, err)
			want = append(want, blobs.Blob{SHA256: sha, Bytes: int64(size)})
		}
		slices.SortFunc(want, func(a, b blobs.Blob) int { return bytes.Compare(a.SHA256[:], b.SHA256[:]) })
		var got []blobs.Blob
		for b, err := range s.open(t).All(t.Context()) {
			must(t, err)
			got = append(got, b)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%v\nexpected\n%v", got, want)
		}
		for range store.All(t.Context()) {
			break
		}
		// A listing that was given up must not look like a complete one.
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		var last error
		for _, last = range store.All(gone) {
			continue // only the end matters
		}
		if !errors.Is(last, context.Canceled) {
			t.Errorf("a cancelled listing ended with %v", last)
		}
	})
}

func TestSweepRemovesAbandonedParts(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		store := s.open(t)
		b, sha := content(4 * chunk)
		whole, wholeSHA := content(17)
		send(t, store, wholeSHA, whole)
		add(t, store, sha, 0, len(b), b[:chunk], false)
		add(t, store, sha, chunk, len(b), b[chunk:2*chunk], false)
		sweep := func(before time.Time, want int) {
			t.Helper()
			if n, err := store.Sweep(t.Context(), before); err != nil || n != want {
				t.Errorf("%d swept, %v", n, err)
			}
		}
		sweep(time.Now().Add(-time.Hour), 0)
		isAt(t, store, sha, 2*chunk, false)
		sweep(time.Now().Add(time.Hour), 1)
		isAt(t, store, sha, 0, false)
		holdsOnly(t, s, wholeSHA)
		sweep(time.Now().Add(time.Hour), 0)
		send(t, store, sha, b)
		has(t, store, sha, b)
	})
}

// The only name that reaches the storage is a hash: 64 digits, so no path can be
// smuggled in. The zero hash names nothing.
func TestZeroHashNamesNothing(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		store := s.open(t)
		isAt(t, store, domain.Hash{}, 0, false)
		hasNot(t, store, domain.Hash{})
		if done, err := store.Append(t.Context(), domain.Hash{}, 0, 1, []byte{1}); !errors.Is(err, blobs.ErrWrongBytes) || done {
			t.Errorf("append: %v", err)
		}
		holdsOnly(t, s)
	})
}

// Waiting for another upload of the blob can be given up.
func TestGivingUp(t *testing.T) {
	everywhere(t, func(t *testing.T, s storage) {
		store := s.open(t)
		must(t, store.Ping(t.Context()))
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		b, sha := content(2 * chunk)
		// A free blob may be taken or not; either way there is no false success.
		for range 20 {
			if done, err := store.Append(gone, sha, chunk, int64(len(b)), b[chunk:]); err == nil || done {
				t.Errorf("%v, %v", done, err)
			}
		}
		send(t, store, sha, b)
		has(t, store, sha, b)
	})
}
