package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"keyturn/shared/backends"
	"keyturn/syncserver/store"
)

func TestStorePostgres(t *testing.T) {
	runConformance(t, func(t *testing.T) *store.Store {
		t.Helper()
		return openPostgres(t, backends.Postgres(t))
	})
}

func openPostgres(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.OpenPostgres(t.Context(), url)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// Servers that start at the same moment migrate once, and what one of them
// writes in a project follows what another wrote: no sequence is lost or given
// twice.
func TestPostgresIsShared(t *testing.T) {
	url := backends.Postgres(t)
	servers := make([]*store.Store, 3)
	var work sync.WaitGroup
	for i := range servers {
		work.Go(func() {
			s, err := store.OpenPostgres(t.Context(), url)
			if err != nil {
				t.Error(err)
				return
			}
			servers[i] = s
		})
	}
	work.Wait()
	for _, s := range servers {
		if s == nil {
			t.FailNow()
		}
		t.Cleanup(func() { must(t, s.Close()) })
	}
	const each = 20
	var mu sync.Mutex
	var taken []uint64
	for _, s := range servers {
		work.Go(func() {
			for range each {
				err := s.Update(t.Context(), func(tx *store.Tx) error {
					if err := tx.Lock(t.Context(), projectB, projectA); err != nil {
						return err
					}
					seq, err := tx.TakeSeq(t.Context(), field)
					if err != nil {
						return err
					}
					mu.Lock()
					defer mu.Unlock()
					taken = append(taken, seq)
					return tx.AppendLog(t.Context(), logged(seq, field, "x"), 1)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	slices.Sort(taken)
	for i, seq := range taken {
		if seq != uint64(i+1) {
			t.Fatalf("sequences %v", taken)
		}
	}
}

// A poke of one server reaches the others.
func TestPokesArrive(t *testing.T) {
	url := backends.Postgres(t)
	here, there := openPostgres(t, url), openPostgres(t, url)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	heard := make(chan struct{}, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- there.Listen(ctx, func() {
			select {
			case heard <- struct{}{}:
			default:
			}
		})
	}()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for waiting := true; waiting; {
		must(t, here.Poke(ctx))
		select {
		case <-heard:
			waiting = false
		case <-again.C: // it may not have listened yet
		case <-ctx.Done():
			t.Fatal("no poke arrived")
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("listening ended with %v", err)
	}
}
