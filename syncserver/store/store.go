// Package store keeps the server's central records: the change log, the state
// that follows from it, people, devices and blobs, in SQLite or in Postgres. SQL
// is written by hand beside its method, one file per aggregate, and is the same
// for both. An exported method of Tx is one step of a caller's transaction.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"keyturn/shared/domain"
	"keyturn/shared/sqlitedb"
	"keyturn/shared/sqltx"
)

//go:embed migrations/sqlite/*.sql migrations/postgres/*.sql
var migrations embed.FS

// ErrNotFound says that a row does not exist.
var ErrNotFound = errors.New("not found")

// backend is one kind of database.
type backend interface {
	// update runs work in a write transaction, view on one snapshot.
	update(ctx context.Context, work func(sqltx.Tx) error) error
	view(ctx context.Context, work func(sqltx.Tx) error) error
	// lock keeps other writers of a project out until the transaction ends.
	lock(ctx context.Context, tx sqltx.Tx, p domain.ProjectID) error
	// insert adds rows, given as their arguments one after the other.
	insert(ctx context.Context, tx sqltx.Tx, to table, args []any) error
	// bodies is the query that reads records of an entity, at most aheadMany.
	bodies(e domain.Entity, ids []domain.AnyID) (query string, args []any)
	// contains is a condition: the bytes of a column contain others.
	contains(column string) string
	// poke wakes listeners of every process; listen calls heard for each poke
	// until ctx ends or the connection breaks.
	poke(ctx context.Context) error
	listen(ctx context.Context, heard func()) error
	ping(ctx context.Context) error
	close() error
}

// Store is the server's database.
type Store struct{ backend backend }

// Open opens or creates a SQLite database file.
func Open(ctx context.Context, path string) (*Store, error) {
	sub, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	db, err := sqlitedb.Open(ctx, filepath.Clean(path), sub)
	if err != nil {
		return nil, err
	}
	return &Store{backend: embedded{db}}, nil
}

// embedded is SQLite: one writer at a time, so projects need no locks.
type embedded struct{ db *sqlitedb.DB }

func (e embedded) update(ctx context.Context, work func(sqltx.Tx) error) error {
	return e.db.Tx(ctx, work)
}

func (e embedded) view(ctx context.Context, work func(sqltx.Tx) error) error {
	return e.db.View(ctx, work)
}
func (embedded) lock(context.Context, sqltx.Tx, domain.ProjectID) error { return nil }
func (e embedded) ping(ctx context.Context) error                       { return e.db.Read.PingContext(ctx) }
func (embedded) poke(context.Context) error                             { return nil }
func (embedded) listen(ctx context.Context, _ func()) error             { <-ctx.Done(); return nil }
func (e embedded) close() error                                         { return e.db.Close() }

// Close releases the database.
func (s *Store) Close() error { return s.backend.close() }

// Poke tells every process that uses the database that the log has grown. Only
// speed depends on it.
func (s *Store) Poke(ctx context.Context) error { return s.backend.poke(ctx) }

// Listen calls heard for every poke until ctx ends or the connection breaks.
func (s *Store) Listen(ctx context.Context, heard func()) error { return s.backend.listen(ctx, heard) }

// Shared reports whether several processes may write at the same moment.
func (s *Store) Shared() bool {
	_, alone := s.backend.(embedded)
	return !alone
}

// Ping proves that the store answers.
func (s *Store) Ping(ctx context.Context) error { return s.backend.ping(ctx) }

// Tx is one transaction. It is used by one goroutine. Writes of records, the
// log and numbers are gathered and go to the database together, at the latest
// when the transaction ends; reads within it see them.
type Tx struct {
	tx      sqltx.Tx
	backend backend
	// base is what the transaction knows and has written so far; attempt, if any,
	// is what may still be undone.
	base, attempt *layer
	// saved is whether the running attempt has a savepoint in the database.
	saved  bool
	locked map[domain.ProjectID]bool
	// versions remembers the answers of Version.
	versions map[domain.ProjectID]version
	// reading is true for a view, which never writes what it gathers.
	reading bool
}

func (s *Store) begin(tx sqltx.Tx) *Tx {
	return &Tx{tx: tx, backend: s.backend, base: newLayer(), locked: map[domain.ProjectID]bool{}, versions: map[domain.ProjectID]version{}}
}

// Update runs work in a write transaction; an error rolls all of it back.
func (s *Store) Update(ctx context.Context, work func(*Tx) error) error {
	return s.backend.update(ctx, func(tx sqltx.Tx) error {
		t := s.begin(tx)
		if err := work(t); err != nil {
			return err
		}
		return t.flush(ctx)
	})
}

// View runs work on one snapshot.
func (s *Store) View(ctx context.Context, work func(*Tx) error) error {
	return s.backend.view(ctx, func(tx sqltx.Tx) error {
		t := s.begin(tx)
		t.reading = true
		return work(t)
	})
}

func (t *Tx) exec(ctx context.Context, what, query string, args ...any) error {
	if err := t.savepoint(ctx); err != nil {
		return err
	}
	return t.execNow(ctx, what, query, args...)
}

func (t *Tx) execNow(ctx context.Context, what, query string, args ...any) error {
	if _, err := t.tx.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// row scans one row; a missing one is ErrNotFound.
func (t *Tx) row(ctx context.Context, what string, dest []any, query string, args ...any) error {
	err := t.tx.QueryRowContext(ctx, query, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Meta reads one of the server's own settings; unset is "".
func (t *Tx) Meta(ctx context.Context, key string) (value string, err error) {
	err = t.row(ctx, "meta", []any{&value}, "SELECT value FROM meta WHERE key = ?", key)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return value, err
}

// InitMeta sets a setting once, whoever comes first; later calls change nothing.
func (t *Tx) InitMeta(ctx context.Context, key, value string) error {
	return t.exec(ctx, "meta", "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO NOTHING", key, value)
}

// SetMeta writes one of the server's own settings.
func (t *Tx) SetMeta(ctx context.Context, key, value string) error {
	return t.exec(ctx, "meta", "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
}
