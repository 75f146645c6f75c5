// Package localstore is what a device knows and owes: records as the server has
// them with pending ops on top, the outbox, drafts and the photo queue, in one
// SQLite file. Whatever a screen shows as saved is committed here first.
package localstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync/atomic"

	"keyturn/shared/domain"
	"keyturn/shared/sqlitedb"
	"keyturn/shared/sqltx"
)

//go:embed migrations/*.sql
var migrations embed.FS

// FileName of the database within a device's data directory.
const FileName = "device.db"

// Store is one device's database. Now is the device's clock, right or wrong.
type Store struct {
	db   *sqlitedb.DB
	now  func() domain.Instant
	bell bell
	// id is the identity in the database, nil before it was read.
	id atomic.Pointer[Identity]
}

// Open opens or creates the database in dir.
func Open(ctx context.Context, dir string, now func() domain.Instant) (*Store, error) {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	db, err := sqlitedb.Open(ctx, filepath.Join(dir, FileName), sub)
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, now: now}
	if err := errors.Join(s.learnContested(ctx), s.learnPlaces(ctx)); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// Close releases the file.
func (s *Store) Close() error { return s.db.Close() }

// Now is the device's clock.
func (s *Store) Now() domain.Instant { return s.now() }

// Tx is one local transaction, used by one goroutine.
type Tx struct {
	tx  sqltx.Tx
	now domain.Instant
	id  Identity
}

// Update runs work in the write transaction; an error rolls all of it back.
// Subscribers are told after the commit.
func (s *Store) Update(ctx context.Context, work func(*Tx) error) error {
	err := s.db.Tx(ctx, func(tx sqltx.Tx) error {
		t := &Tx{tx: tx, now: s.now()}
		var err error
		if t.id, err = t.identity(ctx); err != nil { // as it is in this transaction: it may just have changed
			return err
		}
		return work(t)
	})
	if err == nil {
		s.Ring()
	}
	return err
}

// View runs work on one snapshot.
func (s *Store) View(ctx context.Context, work func(*Tx) error) error {
	return s.db.View(ctx, func(tx sqltx.Tx) error { return work(&Tx{tx: tx, now: s.now()}) })
}

func (t *Tx) exec(ctx context.Context, what, query string, args ...any) error {
	if _, err := t.tx.ExecContext(ctx, query, args...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// row scans one row; ok is false when there is none.
func (t *Tx) row(ctx context.Context, what string, dest []any, query string, args ...any) (ok bool, err error) {
	err = t.tx.QueryRowContext(ctx, query, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", what, err)
	}
	return true, nil
}

func (t *Tx) meta(ctx context.Context, key string) (value string, err error) {
	_, err = t.row(ctx, "meta", []any{&value}, "SELECT value FROM meta WHERE key = ?", key)
	return value, err
}

func (t *Tx) setMeta(ctx context.Context, key, value string) error {
	return t.exec(ctx, "meta", "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)
}
