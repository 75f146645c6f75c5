package blobs

import (
	"context"
	"errors"
	"sync"
	"testing"

	"keyturn/shared/domain"
)

func TestLocksForgetWhatNobodyHolds(t *testing.T) {
	var l locks
	var work sync.WaitGroup
	inside := map[domain.Hash]int{}
	var mu sync.Mutex
	for i := range 64 {
		work.Go(func() {
			sha := domain.Hash{byte(i % 4)}
			release, err := l.take(t.Context(), sha)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			inside[sha]++
			if inside[sha] != 1 {
				t.Errorf("%d hold it", inside[sha])
			}
			mu.Unlock()
			mu.Lock()
			inside[sha]--
			mu.Unlock()
			release()
		})
	}
	work.Wait()
	if len(l.held) != 0 {
		t.Errorf("%d are remembered", len(l.held))
	}
}

func TestWaitingForALockCanBeGivenUp(t *testing.T) {
	var l locks
	release, err := l.take(t.Context(), domain.Hash{1})
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.take(gone, domain.Hash{1}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	release()
	release, err = l.take(t.Context(), domain.Hash{1})
	if err != nil {
		t.Fatal(err)
	}
	release()
	if len(l.held) != 0 {
		t.Errorf("%d are remembered", len(l.held))
	}
}

// A deletion does not come between the steps of an upload, and forgets its sum.
func TestDeleteWaitsForTheBlob(t *testing.T) {
	d, err := OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sha := domain.Hash{1}
	if _, err := d.Append(t.Context(), sha, 0, 2, []byte{1}); err != nil {
		t.Fatal(err)
	}
	release, err := d.busy.take(t.Context(), sha)
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Delete(gone, sha); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	release()
	if at, _, err := d.Offset(t.Context(), sha); at != 1 || err != nil || len(d.sums.parts) != 1 {
		t.Errorf("at %d with %d sums, %v", at, len(d.sums.parts), err)
	}
	if err := d.Delete(t.Context(), sha); err != nil || len(d.sums.parts) != 0 {
		t.Errorf("%d sums are left, %v", len(d.sums.parts), err)
	}
}

// The hints do not grow without bound, and stay right.
func TestEndsAreBounded(t *testing.T) {
	var e ends
	for i := range maxEnds + 100 {
		sha := domain.Hash{byte(i), byte(i >> 8), 1}
		e.set(sha, int64(i))
		if end, known := e.get(sha); !known || end != int64(i) {
			t.Fatalf("%d, %v", end, known)
		}
	}
	if len(e.at) != maxEnds {
		t.Errorf("%d hints", len(e.at))
	}
}

func TestPartNames(t *testing.T) {
	sha := domain.Hash{0xab, 1}
	for _, offset := range []int64{0, 1, 262144, MaxBytes} {
		got, at, ok := parsePart(partKey(sha, offset))
		if !ok || got != sha || at != offset {
			t.Errorf("%s: %s %d %v", partKey(sha, offset), got, at, ok)
		}
	}
	for _, key := range []string{
		"", "partial/", "partial/x/0000000000", partsPrefix(sha), partsPrefix(sha) + "1", partsPrefix(sha) + "-000000001",
		partsPrefix(sha) + "00000000001", partKey(sha, 0) + "/x", wholeKey(sha),
	} {
		if _, _, ok := parsePart(key); ok {
			t.Errorf("%q was taken for a part", key)
		}
	}
}

// Two servers may have stored chunks of different sizes.
func TestChain(t *testing.T) {
	for name, c := range map[string]struct {
		parts []part
		end   int64
		used  int
	}{
		"nothing":             {nil, 0, 0},
		"one after the other": {[]part{{0, 3}, {3, 3}, {6, 1}}, 7, 3},
		"a hole":              {[]part{{0, 3}, {4, 3}}, 3, 1},
		"no beginning":        {[]part{{3, 3}}, 0, 0},
		"an empty part":       {[]part{{0, 0}, {0, 3}}, 3, 1},
		"two sizes":           {[]part{{0, 4}, {2, 2}, {4, 4}, {6, 2}}, 8, 2},
		"overwritten shorter": {[]part{{0, 2}, {2, 4}, {4, 4}, {6, 2}}, 8, 3},
	} {
		if used, end := chain(c.parts); end != c.end || len(used) != c.used {
			t.Errorf("%s: %v to %d", name, used, end)
		}
	}
}
