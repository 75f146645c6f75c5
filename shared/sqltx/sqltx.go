// Package sqltx runs transactions the one way that Keyturn uses them on every
// database: whole or not at all, closed even by a panic, and with statements
// that are prepared once.
package sqltx

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Tx runs statements within one transaction; it is used by one goroutine.
type Tx interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Run runs work in one transaction of the pool; its error, or a panic, rolls
// everything back.
func Run(ctx context.Context, pool *sql.DB, opts *sql.TxOptions, work func(*sql.Tx) error) error {
	t, err := pool.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	ended := false
	defer func() {
		if !ended {
			_ = t.Rollback() // a panic passes through; it must not keep the only writer
		}
	}()
	err = work(t)
	ended = true
	if err != nil {
		if undo := t.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			return errors.Join(err, fmt.Errorf("roll back: %w", undo))
		}
		return err
	}
	if err := t.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Collect scans every row of a query; what names it in errors.
func Collect[T any](ctx context.Context, t Tx, what string, scan func(*sql.Rows) (T, error), query string, args ...any) (_ []T, err error) {
	rows, err := t.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var list []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		list = append(list, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return list, nil
}
