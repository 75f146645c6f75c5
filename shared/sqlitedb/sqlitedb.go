// Package sqlitedb opens SQLite the one way that Keyturn uses it: WAL with
// synchronous=FULL, so that what was acknowledged survives a power cut, one
// writer and a separate read-only pool. It is the only importer of go-sqlite3.
package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"

	"keyturn/shared/sqltx"
)

// DB is one database file.
type DB struct {
	// Write has a single connection; transactions begin immediately.
	Write *sql.DB
	// Read sees the last commit and cannot write.
	Read *sql.DB

	write, read *sqltx.Prepared
}

// logPages is how many pages of 4 KB the log may hold before a commit copies them
// into the file. That commit takes several times as long as others; with SQLite's
// thousand it was one save of a defect in sixty, with these it is one in 240, and
// pages that change often are copied a quarter as often.
const logPages = 4000

// readers is how many queries may run beside the writer.
const readers = 4

// Open opens or creates the file and applies the migrations (goose SQL files at
// the root of migrations, in order, each in its own transaction).
func Open(ctx context.Context, path string, migrations fs.FS) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open %s: %w", filepath.Base(path), err)
	}
	write, err := sql.Open("sqlite3", dsn(path, "rwc"))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", filepath.Base(path), err)
	}
	write.SetMaxOpenConns(1)
	db := &DB{Write: write}
	if err := migrate(ctx, write, migrations); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", filepath.Base(path), err), db.Close())
	}
	if _, err := write.ExecContext(ctx, fmt.Sprintf("PRAGMA wal_autocheckpoint = %d", logPages)); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", filepath.Base(path), err), db.Close())
	}
	// A killed process may have left commits that were never synced. They are
	// visible from here on, so they must be durable. SQLite syncs the log before
	// it copies from it: a disk too full for the copies does no harm.
	if _, err := write.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)"); err != nil && !IsFull(err) {
		return nil, errors.Join(fmt.Errorf("open %s: %w", filepath.Base(path), err), db.Close())
	}
	if db.Read, err = sql.Open("sqlite3", dsn(path, "ro")); err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", filepath.Base(path), err), db.Close())
	}
	db.Read.SetMaxOpenConns(readers)
	db.Read.SetMaxIdleConns(readers) // a closed one loses its prepared statements
	db.write, db.read = sqltx.Prepare(write), sqltx.Prepare(db.Read)
	return db, nil
}

func dsn(path, mode string) string {
	query := url.Values{
		"mode":          {mode},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_busy_timeout": {"5000"},
		"_foreign_keys": {"on"},
		"_txlock":       {"immediate"},
	}
	if mode == "ro" {
		query.Del("_journal_mode")
		query.Del("_txlock")
	}
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: query.Encode()}).String()
}

func migrate(ctx context.Context, db *sql.DB, migrations fs.FS) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, migrations)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Close closes both pools.
func (db *DB) Close() error {
	var errs []error
	if db.Read != nil {
		errs = append(errs, db.Read.Close())
	}
	return errors.Join(append(errs, db.Write.Close())...)
}

// Tx runs work in one write transaction; its error rolls everything back.
func (db *DB) Tx(ctx context.Context, work func(sqltx.Tx) error) error {
	return db.write.Run(ctx, nil, work)
}

// View runs work on one unchanging snapshot.
func (db *DB) View(ctx context.Context, work func(sqltx.Tx) error) error {
	return db.read.Run(ctx, &sql.TxOptions{ReadOnly: true}, work)
}

// IsFull reports whether an error means that the disk is full.
func IsFull(err error) bool { return hasCode(err, sqlite3.ErrFull) }

// IsUnique reports whether an error means that a unique row exists already.
func IsUnique(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) &&
		(e.ExtendedCode == sqlite3.ErrConstraintUnique || e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey)
}

func hasCode(err error, code sqlite3.ErrNo) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.Code == code
}
