// Package store keeps the server's central records: the change log, the state
// that follows from it, people, devices and blobs. SQL is written by hand beside
// its method, one file per aggregate. An exported method of Tx is one step of a
// caller's transaction.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"keyturn/shared/sqlitedb"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNotFound says that a row does not exist.
var ErrNotFound = errors.New("not found")

// Store is the embedded SQLite store.
type Store struct{ db *sqlitedb.DB }

// Open opens or creates the database file.
func Open(ctx context.Context, path string) (*Store, error) {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	db, err := sqlitedb.Open(ctx, path, sub)
	if err != nil {
		return nil, err
	}
	return &Store{db: db}, nil
}

// Close releases the file.
func (s *Store) Close() error { return s.db.Close() }

// Ping proves that the store answers.
func (s *Store) Ping(ctx context.Context) error { return s.db.Read.PingContext(ctx) }

// Tx is one transaction. It is used by one goroutine.
type Tx struct {
	tx *sql.Tx
}

// Update runs work in the write transaction; an error rolls all of it back.
func (s *Store) Update(ctx context.Context, work func(*Tx) error) error {
	return s.db.Tx(ctx, func(tx *sql.Tx) error { return work(&Tx{tx: tx}) })
}

// View runs work on one snapshot.
func (s *Store) View(ctx context.Context, work func(*Tx) error) error {
	return s.db.View(ctx, func(tx *sql.Tx) error { return work(&Tx{tx: tx}) })
}

// Attempt runs work within the transaction so that its error undoes only what
// it wrote. The error is returned as it is.
func (t *Tx) Attempt(ctx context.Context, work func() error) error {
	if _, err := t.tx.ExecContext(ctx, "SAVEPOINT attempt"); err != nil {
		return fmt.Errorf("savepoint: %w", err)
	}
	if err := work(); err != nil {
		if _, undo := t.tx.ExecContext(ctx, "ROLLBACK TO attempt"); undo != nil {
			return errors.Join(err, fmt.Errorf("undo: %w", undo))
		}
		if _, undo := t.tx.ExecContext(ctx, "RELEASE attempt"); undo != nil {
			return errors.Join(err, fmt.Errorf("undo: %w", undo))
		}
		return err
	}
	if _, err := t.tx.ExecContext(ctx, "RELEASE attempt"); err != nil {
		return fmt.Errorf("release: %w", err)
	}
	return nil
}

func (t *Tx) exec(ctx context.Context, what, query string, args ...any) error {
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

// SetMeta writes one of the server's own settings.
func (t *Tx) SetMeta(ctx context.Context, key, value string) error {
	return t.exec(ctx, "meta", "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
}

// NextNumber draws the next running number of a series, starting at 1.
func (t *Tx) NextNumber(ctx context.Context, series string) (n int64, err error) {
	err = t.row(ctx, "number", []any{&n},
		"INSERT INTO numbers VALUES (?, 1) ON CONFLICT (series) DO UPDATE SET last = last + 1 RETURNING last", series)
	return n, err
}
