package sqlitedb_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"testing/fstest"

	"keyturn/shared/sqlitedb"
	"keyturn/shared/sqltx"
)

var migrations = fstest.MapFS{"00001_start.sql": {Data: []byte("-- +goose Up\nCREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT NOT NULL) STRICT;\n")}}

func open(t *testing.T) *sqlitedb.DB {
	t.Helper()
	db, err := sqlitedb.Open(t.Context(), filepath.Join(t.TempDir(), "a b?#.db"), migrations)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestDurabilityPragmas(t *testing.T) {
	db := open(t)
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal", "foreign_keys": "1"} {
		var got string
		if err := db.Write.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", pragma, got, err, want)
		}
	}
}

func TestTransactionsAreWhole(t *testing.T) {
	db := open(t)
	broken := errors.New("broken")
	err := db.Tx(t.Context(), func(tx sqltx.Tx) error {
		if _, err := tx.ExecContext(t.Context(), "INSERT INTO t VALUES (1, 'a')"); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if n := count(t, db); n != 0 {
		t.Fatalf("%d rows after a rollback", n)
	}
	insert := func(ctx context.Context) error {
		return db.Tx(ctx, func(tx sqltx.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO t VALUES (1, 'a')")
			return err
		})
	}
	if err := insert(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := insert(t.Context()); !sqlitedb.IsUnique(err) {
		t.Fatalf("a second row was not refused as a duplicate: %v", err)
	}
}

func TestReadersCannotWrite(t *testing.T) {
	db := open(t)
	if _, err := db.Read.ExecContext(t.Context(), "INSERT INTO t VALUES (2, 'b')"); err == nil {
		t.Fatal("the read pool wrote")
	}
}

func count(t *testing.T, db *sqlitedb.DB) (n int) {
	t.Helper()
	err := db.View(t.Context(), func(tx sqltx.Tx) error {
		return tx.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
