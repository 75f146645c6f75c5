package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keyturn/shared/backends"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/syncserver/store"
)

// database is one of the two kinds, for tests that move what is in it.
type database struct {
	name    string
	address func(*testing.T) string
	open    func(ctx context.Context, address string) (*store.Store, error)
	restore func(ctx context.Context, address string, version int64) (*store.Store, error)
}

var databases = []database{
	{"SQLite", func(t *testing.T) string { return filepath.Join(t.TempDir(), "server.db") }, store.Open, store.OpenToRestore},
	{"Postgres", func(t *testing.T) string { return backends.Postgres(t) }, store.OpenPostgres, store.OpenPostgresToRestore},
}

func opened(t *testing.T, s *store.Store, err error) *store.Store {
	t.Helper()
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// A migration that adds a table or a column must add it to what a backup holds.
func TestBackupKnowsEveryColumn(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			s, err := d.open(t.Context(), d.address(t))
			s = opened(t, s, err)
			has := map[string]store.ColumnType{}
			view(t, s, func(ctx context.Context, tx *store.Tx) error {
				tables, err := tx.Catalogue(ctx)
				for _, table := range tables {
					for _, c := range table.Columns {
						has[table.Name+"."+c.Name] = c.Type
					}
				}
				return err
			})
			for _, table := range store.DumpTables() {
				for _, c := range table.Columns {
					name := table.Name + "." + c.Name
					if has[name] != c.Type {
						t.Errorf("the backup has %s as %s, the database as %q", name, c.Type, has[name])
					}
					delete(has, name)
				}
			}
			for name, kind := range has {
				t.Errorf("the database has %s %s, which is in no backup: add it to DumpTables", name, kind)
			}
		})
	}
}

// fillEverything puts something into every table, also what is hard to carry:
// negative numbers, zeros, empty bytes and texts, bytes that are no text.
func fillEverything(t *testing.T, s *store.Store) {
	t.Helper()
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		loader, err := tx.Loader(ctx, store.DumpTables())
		must(t, err)
		for i, table := range store.DumpTables() {
			must(t, loader.Load(ctx, i, strangeRows(table)))
		}
		return nil
	})
}

// strangeRows makes 150 rows for a table. Rows of one number fit together where
// tables refer to each other.
func strangeRows(table store.Table) [][]any {
	texts := []string{"", "裂缝", "it's \"quoted\" ? $1", strings.Repeat("长", 3000), "\t\n"}
	bytes := [][]byte{{}, {0}, {0xff, 0xfe, 0}, []byte("text"), make([]byte, 5000)}
	rows := make([][]any, 150)
	for n := range rows {
		for i, c := range table.Columns {
			id := ident.Derive[any](fmt.Sprint(n))
			var v any
			switch {
			case c.Type == store.Bytes && i < 2: // keys, and what refers to them
				v = id[:]
			case c.Type == store.Bytes:
				v = bytes[n%len(bytes)]
			case c.Type == store.Text && i < 2:
				v = fmt.Sprint(n, texts[n%len(texts)])
			case c.Type == store.Text:
				v = texts[n%len(texts)]
			default:
				v = []int64{int64(n), -int64(n), 0, 1<<63 - 1, -1 << 63}[n%5]
			}
			if c.Name == "token_hash" || c.Name == "person" || c.Name == "device" {
				v = id[:]
			}
			if c.Type == store.Int && i < 2 {
				v = int64(n)
			}
			rows[n] = append(rows[n], v)
		}
	}
	return rows
}

// contents gives every row of every table as text, sorted.
func contents(t *testing.T, s *store.Store) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		for _, table := range store.DumpTables() {
			must(t, tx.DumpRows(ctx, table, func(row []any) error {
				all[table.Name] = append(all[table.Name], fmt.Sprintf("%#v", row))
				return nil
			}))
			slices.Sort(all[table.Name])
		}
		return nil
	})
	return all
}

// Whatever one database holds, the other holds after a dump and a load.
func TestDumpMovesBetweenDatabases(t *testing.T) {
	for _, from := range databases {
		for _, to := range databases {
			t.Run(from.name+" to "+to.name, func(t *testing.T) {
				source, err := from.open(t.Context(), from.address(t))
				source = opened(t, source, err)
				fillEverything(t, source)
				address := to.address(t)
				var version int64
				view(t, source, func(ctx context.Context, tx *store.Tx) (err error) {
					version, err = tx.SchemaVersion(ctx)
					return err
				})
				target, err := to.restore(t.Context(), address, version)
				target = opened(t, target, err)
				copyRows(t, source, target)
				want, got := contents(t, source), contents(t, target)
				for _, table := range store.DumpTables() {
					if len(got[table.Name]) != 150 || !slices.Equal(got[table.Name], want[table.Name]) {
						t.Errorf("%s: %d rows of %d, or others", table.Name, len(got[table.Name]), len(want[table.Name]))
					}
				}
				again, err := to.open(t.Context(), address) // as a server would
				opened(t, again, err)
			})
		}
	}
}

func copyRows(t *testing.T, from, to *store.Store) {
	t.Helper()
	view(t, from, func(ctx context.Context, source *store.Tx) error {
		update(t, to, func(ctx context.Context, target *store.Tx) error {
			loader, err := target.Loader(ctx, store.DumpTables())
			must(t, err)
			for i, table := range store.DumpTables() {
				must(t, source.DumpRows(ctx, table, func(row []any) error { return loader.Load(ctx, i, [][]any{row}) }))
			}
			return nil
		})
		return nil
	})
}

// A database that holds anything is refused and left as it is.
func TestRestoreWantsAnEmptyDatabase(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			address := d.address(t)
			s, err := d.open(t.Context(), address)
			s = opened(t, s, err)
			update(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.SetMeta(ctx, "epoch", "e") })
			target, err := d.restore(t.Context(), address, 3)
			if err == nil {
				target = opened(t, target, nil)
				err = target.Update(t.Context(), func(tx *store.Tx) error {
					_, err := tx.Loader(t.Context(), store.DumpTables())
					return err
				})
			}
			if !errors.Is(err, store.ErrNotEmpty) || meta(t, s, "epoch") != "e" {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestRestoreRefusesWhatDoesNotFit(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			if _, err := d.restore(t.Context(), d.address(t), 99_999); !errors.Is(err, store.ErrNewSchema) {
				t.Errorf("a schema of the future: %v", err)
			}
			s, err := d.restore(t.Context(), d.address(t), 1)
			s = opened(t, s, err)
			err = s.Update(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Loader(t.Context(), store.DumpTables())
				return err
			})
			if !errors.Is(err, store.ErrSchema) {
				t.Errorf("tables of another version: %v", err)
			}
		})
	}
}

// A backup of an older server is loaded into its own schema and then migrated.
func TestRestoreOfAnOlderSchema(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			address := d.address(t)
			s, err := d.restore(t.Context(), address, 1)
			s = opened(t, s, err)
			var old []store.Table
			view(t, s, func(ctx context.Context, tx *store.Tx) (err error) {
				old, err = tx.Catalogue(ctx)
				return err
			})
			heads := slices.IndexFunc(old, func(table store.Table) bool { return table.Name == "heads" })
			if heads < 0 || len(old[heads].Columns) != 2 {
				t.Fatalf("the first schema has %+v", old)
			}
			update(t, s, func(ctx context.Context, tx *store.Tx) error {
				loader, err := tx.Loader(ctx, old)
				must(t, err)
				return loader.Load(ctx, heads, [][]any{{field.String(), int64(7)}})
			})
			now, err := d.open(t.Context(), address)
			now = opened(t, now, err)
			view(t, now, func(ctx context.Context, tx *store.Tx) error {
				head, err := tx.Head(ctx, field)
				if err != nil || head != 7 {
					t.Errorf("head %d, %v", head, err)
				}
				return tx.DumpRows(ctx, store.DumpTables()[slices.IndexFunc(store.DumpTables(), func(table store.Table) bool { return table.Name == "heads" })],
					func(row []any) error {
						if len(row) != 4 || row[2] != int64(0) || row[3] != int64(-1) {
							t.Errorf("row %v", row)
						}
						return nil
					})
			})
		})
	}
}

func TestRowsFitTheirTable(t *testing.T) {
	table := store.Table{Name: "x", Columns: []store.Column{{Name: "n", Type: store.Int}, {Name: "t", Type: store.Text}, {Name: "b", Type: store.Bytes}}}
	for _, c := range []struct {
		row  []any
		fits bool
	}{
		{[]any{int64(-1), "", []byte{}}, true},
		{[]any{uint64(1), "a", []byte{1}}, true},
		{[]any{uint64(1 << 63), "a", []byte{1}}, false},
		{[]any{1.5, "a", []byte{1}}, false},
		{[]any{nil, "a", []byte{1}}, false},
		{[]any{int64(1), []byte("a"), []byte{1}}, false},
		{[]any{int64(1), "a", "b"}, false},
		{[]any{int64(1), "a"}, false},
		{[]any{int64(1), "a", []byte{}, int64(1)}, false},
	} {
		err := table.Check(c.row)
		if (err == nil) != c.fits || err != nil && !errors.Is(err, store.ErrRow) {
			t.Errorf("%#v: %v", c.row, err)
		}
	}
}

// Codes that were open at the backup may have been used since.
func TestVoidEnrolments(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "server.db"))
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		must(t, tx.PutPerson(ctx, store.Person{ID: person, Login: "a"}))
		must(t, tx.AddEnrolment(ctx, store.Enrolment{CodeHash: []byte{1}, Person: person, ExpiresAt: 100}))
		return tx.VoidEnrolments(ctx, 5)
	})
	err := s.Update(t.Context(), func(tx *store.Tx) error { return second(tx.UseEnrolment(t.Context(), []byte{1}, 6)) })
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

func TestForgetBlob(t *testing.T) {
	s := openAt(t, filepath.Join(t.TempDir(), "server.db"))
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		must(t, tx.PutBlob(ctx, domain.Hash{1}, 10, 1))
		must(t, tx.PutBlob(ctx, domain.Hash{2}, 10, 1))
		must(t, tx.ForgetBlob(ctx, domain.Hash{1}))
		for sha, want := range map[domain.Hash]bool{{1}: false, {2}: true} {
			if has, err := tx.HasBlob(ctx, sha); err != nil || has != want {
				t.Errorf("%s: %v, %v", sha, has, err)
			}
		}
		return nil
	})
}
