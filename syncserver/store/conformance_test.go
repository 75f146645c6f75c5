package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

func TestStoreSQLite(t *testing.T) {
	runConformance(t, func(t *testing.T) *store.Store {
		t.Helper()
		return openAt(t, filepath.Join(t.TempDir(), "data", "server.db"))
	})
}

func openAt(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	must(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// runConformance is what every store has to do. open gives an empty one that
// ends with the test.
func runConformance(t *testing.T, open func(*testing.T) *store.Store) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, *store.Store){
		"empty":                    emptyStore,
		"transactions are whole":   wholeTransactions,
		"an attempt undoes itself": attempts,
		"views are snapshots":      snapshots,
		"sequences have no gaps":   gaplessSequences,
		"epochs part":              epochs,
		"numbers have no gaps":     gaplessNumbers,
		"log":                      logPages,
		"received ops":             receivedOps,
		"records":                  records,
		"records read ahead":       readAhead,
		"record filters":           recordFilters,
		"versions":                 versions,
		"spots":                    spots,
		"people":                   people,
		"grants hold for a time":   grants,
		"disabled people":          disabledPeople,
		"devices":                  devices,
		"sessions expire":          sessions,
		"enrolment happens once":   enrolmentOnce,
		"blobs":                    blobs,
		"imported rows":            importedRows,
		"reviews":                  reviews,
		"blobs of reviews":         reviewBlobs,
		"final answers":            finalAnswers,
	} {
		t.Run(name, func(t *testing.T) { check(t, open(t)) })
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// update and view run work that must succeed.
func update(t *testing.T, s *store.Store, work func(context.Context, *store.Tx) error) {
	t.Helper()
	must(t, s.Update(t.Context(), func(tx *store.Tx) error {
		must(t, tx.Lock(t.Context(), projectA, projectB))
		return work(t.Context(), tx)
	}))
}

func view(t *testing.T, s *store.Store, work func(context.Context, *store.Tx) error) {
	t.Helper()
	must(t, s.View(t.Context(), func(tx *store.Tx) error { return work(t.Context(), tx) }))
}

var (
	projectA  = ident.Derive[domain.Project]("a")
	projectB  = ident.Derive[domain.Project]("b")
	field     = syncproto.Scope{Project: projectA, Audience: domain.AudienceField}
	office    = syncproto.Scope{Project: projectA, Audience: domain.AudienceOffice}
	elsewhere = syncproto.Scope{Project: projectB, Audience: domain.AudienceField}
	person    = ident.Derive[domain.Person]("person")
	tablet    = ident.Derive[domain.Device]("tablet")
)

var errUndo = errors.New("undo")

func meta(t *testing.T, s *store.Store, key string) (value string) {
	t.Helper()
	view(t, s, func(ctx context.Context, tx *store.Tx) (err error) {
		value, err = tx.Meta(ctx, key)
		return err
	})
	return value
}

func emptyStore(t *testing.T, s *store.Store) {
	must(t, s.Ping(t.Context()))
	if got := meta(t, s, "epoch"); got != "" {
		t.Errorf("a new store has the epoch %q", got)
	}
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		if has, err := tx.HasRoles(ctx); err != nil || has {
			t.Errorf("roles: %v, %v", has, err)
		}
		if head, err := tx.Head(ctx, field); err != nil || head != 0 {
			t.Errorf("head: %d, %v", head, err)
		}
		if r, err := tx.Record(ctx, domain.EntityUnit, domain.AnyID{1}); err != nil || r.Exists() {
			t.Errorf("record: %+v, %v", r, err)
		}
		for name, err := range map[string]error{
			"person":   second(tx.Person(ctx, person)),
			"login":    second(tx.PersonByLogin(ctx, "nobody")),
			"device":   second(tx.Device(ctx, tablet)),
			"token":    second(tx.DeviceByToken(ctx, []byte{1})),
			"session":  second(tx.SessionByToken(ctx, []byte{1}, 1)),
			"received": second(tx.Received(ctx, tablet, 1)),
		} {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		return nil
	})
}

func second[T any](_ T, err error) error { return err }

func wholeTransactions(t *testing.T, s *store.Store) {
	update(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.SetMeta(ctx, "k", "before") })
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		must(t, tx.SetMeta(t.Context(), "k", "after"))
		must(t, tx.SetMeta(t.Context(), "new", "x"))
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Fatal(err)
	}
	if meta(t, s, "k") != "before" || meta(t, s, "new") != "" {
		t.Error("a failed transaction left something behind")
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Update(gone, func(tx *store.Tx) error { return tx.SetMeta(gone, "k", "cancelled") }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if meta(t, s, "k") != "before" {
		t.Error("a cancelled transaction left something behind")
	}
}

// Attempts follow each other in one transaction as the groups of a push do, and
// each may hold others.
// What an attempt wrote goes with it, whether it had reached the database by
// then or not; what came before and after stays.
func attempts(t *testing.T, s *store.Store) {
	unit := record(t, field, domain.EntityUnit, "u1", 1, domain.Unit{Number: "before"})
	amended := record(t, field, domain.EntityUnit, "u1", 2, domain.Unit{Number: "after"})
	for name, reach := range map[string]func(context.Context, *store.Tx) error{
		"in memory": func(context.Context, *store.Tx) error { return nil },
		"in the database": func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Records(ctx, domain.EntityUnit, store.Filter{})
			return err
		},
		"beside a direct write": func(ctx context.Context, tx *store.Tx) error { return tx.SetMeta(ctx, "k", "x") },
	} {
		t.Run(name, func(t *testing.T) {
			update(t, s, func(ctx context.Context, tx *store.Tx) error {
				must(t, tx.PutRecord(ctx, unit))
				must(t, tx.SetSpot(ctx, domain.DefectID{1}, "before "+name))
				head, err := tx.TakeSeq(ctx, field)
				must(t, err)
				number, err := tx.NextNumber(ctx, field.Project, "series")
				must(t, err)
				for _, fails := range []bool{true, false, true} {
					err := tx.Attempt(ctx, func() error {
						must(t, tx.PutRecord(ctx, amended))
						must(t, tx.SetSpot(ctx, domain.DefectID{1}, "after "+name))
						must(t, reach(ctx, tx))
						if seq, err := tx.TakeSeq(ctx, field); err != nil || !fails && seq != head+1 {
							t.Errorf("sequence %d after %d, %v", seq, head, err)
						}
						if n, err := tx.NextNumber(ctx, field.Project, "series"); err != nil || !fails && n != number+1 {
							t.Errorf("number %d after %d, %v", n, number, err)
						}
						if fails {
							return errUndo
						}
						return nil
					})
					if errors.Is(err, errUndo) != fails {
						t.Fatal(err)
					}
					if fails {
						continue
					}
					amended, unit = unit, amended // what the next attempt must not change
					head, number = head+1, number+1
				}
				return nil
			})
			view(t, s, func(ctx context.Context, tx *store.Tx) error {
				got, err := tx.Record(ctx, domain.EntityUnit, unit.ID)
				if err != nil || got.Seq != unit.Seq || !got.Fields.Equal(unit.Fields) {
					t.Errorf("%+v, %v", got, err)
				}
				if list, err := tx.SameSpot(ctx, "after "+name, 2); err != nil || len(list) != 1 {
					t.Errorf("spot: %v, %v", list, err)
				}
				return nil
			})
		})
	}
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.PutRecord(t.Context(), unit) }); err == nil {
		t.Error("a record of a project that is not locked was written")
	}
}

// A view sees one moment, whatever is committed meanwhile, and cannot write.
func snapshots(t *testing.T, s *store.Store) {
	update(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.SetMeta(ctx, "k", "1") })
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		before, err := tx.Meta(ctx, "k")
		must(t, err)
		update(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.SetMeta(ctx, "k", "2") })
		after, err := tx.Meta(ctx, "k")
		must(t, err)
		if before != "1" || after != "1" {
			t.Errorf("%q became %q within a view", before, after)
		}
		return nil
	})
	for what, write := range map[string]func(*store.Tx) error{
		"directly": func(tx *store.Tx) error { return tx.SetMeta(t.Context(), "k", "3") },
		"gathered": func(tx *store.Tx) error { return tx.Lock(t.Context(), projectA) },
	} {
		if err := s.View(t.Context(), write); err == nil {
			t.Error("a view wrote", what)
		}
	}
	if got := meta(t, s, "k"); got != "2" {
		t.Errorf("%q", got)
	}
}

// Sequences are taken by several writers at once; those of a transaction that
// failed are given again, so a reader never waits for one that does not come.
func gaplessSequences(t *testing.T, s *store.Store) {
	var mu sync.Mutex
	taken := map[syncproto.Scope][]uint64{}
	var work sync.WaitGroup
	for writer := range 4 {
		work.Go(func() {
			for i := range 10 {
				err := s.Update(t.Context(), func(tx *store.Tx) error {
					must(t, tx.Lock(t.Context(), field.Project))
					for _, scope := range []syncproto.Scope{field, office} {
						seq, err := tx.TakeSeq(t.Context(), scope)
						if err != nil {
							return err
						}
						if (i+writer)%3 == 0 {
							return errUndo
						}
						mu.Lock()
						taken[scope] = append(taken[scope], seq)
						mu.Unlock()
					}
					return nil
				})
				if err != nil && !errors.Is(err, errUndo) {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	for scope, seqs := range taken {
		slices.Sort(seqs)
		for i, seq := range seqs {
			if seq != uint64(i+1) {
				t.Fatalf("%s: %v", scope, seqs)
			}
		}
		view(t, s, func(ctx context.Context, tx *store.Tx) error {
			if head, err := tx.Head(ctx, scope); err != nil || head != uint64(len(seqs)) {
				t.Errorf("%s: head %d of %d, %v", scope, head, len(seqs), err)
			}
			return nil
		})
	}
}

func gaplessNumbers(t *testing.T, s *store.Store) {
	var got []int64
	for i := range 6 {
		err := s.Update(t.Context(), func(tx *store.Tx) error {
			must(t, tx.Lock(t.Context(), field.Project))
			n, err := tx.NextNumber(t.Context(), field.Project, "WX-2026")
			must(t, err)
			if i == 2 {
				return errUndo
			}
			got = append(got, n)
			return nil
		})
		if err != nil && !errors.Is(err, errUndo) {
			t.Fatal(err)
		}
	}
	if !slices.Equal(got, []int64{1, 2, 3, 4, 5}) {
		t.Errorf("numbers %v", got)
	}
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		if n, err := tx.NextNumber(ctx, field.Project, "WX-2027"); err != nil || n != 1 {
			t.Errorf("another series starts at %d, %v", n, err)
		}
		return nil
	})
}

// What was committed is there after the file was closed and opened again, and
// the migrations run once.
func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.db")
	s, err := store.Open(t.Context(), path)
	must(t, err)
	update(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.SetMeta(ctx, "epoch", "e1") })
	must(t, s.Close())
	if got := meta(t, openAt(t, path), "epoch"); got != "e1" {
		t.Errorf("epoch %q", got)
	}
}

func TestOpenRefusesWhatIsNoDatabase(t *testing.T) {
	if s, err := store.Open(t.Context(), t.TempDir()); err == nil {
		t.Errorf("a directory was opened: %v", s.Close())
	}
}
