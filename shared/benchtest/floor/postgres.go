package floor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Log is the bare counter-row scheme on Postgres: one row a scope that gives out
// sequences, taken before the insert, so that commit order is sequence order.
type Log struct{ db *sql.DB }

// OpenLog creates the tables for scopes 0 to scopes-1 in an empty database.
func OpenLog(ctx context.Context, url string, scopes int) (_ *Log, err error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(24)
	db.SetMaxIdleConns(24)
	defer func() {
		if err != nil {
			err = errors.Join(err, db.Close())
		}
	}()
	for _, statement := range []string{
		"CREATE TABLE heads (scope bigint PRIMARY KEY, seq bigint NOT NULL)",
		"CREATE TABLE log (scope bigint NOT NULL, seq bigint NOT NULL, id bytea NOT NULL, body bytea NOT NULL, PRIMARY KEY (scope, seq))",
		fmt.Sprintf("INSERT INTO heads SELECT n, 0 FROM generate_series(0, %d) n", scopes-1),
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("open log: %w", err)
		}
	}
	return &Log{db: db}, nil
}

// Close ends the connections.
func (l *Log) Close() error { return l.db.Close() }

// Append puts records into a scope's log in one transaction.
func (l *Log) Append(ctx context.Context, scope int, records []Record) error {
	return inTx(ctx, l.db, func(tx *sql.Tx) error {
		var last int64
		err := tx.QueryRowContext(ctx, "UPDATE heads SET seq = seq + $2 WHERE scope = $1 RETURNING seq", scope, len(records)).Scan(&last)
		if err != nil {
			return fmt.Errorf("take sequences: %w", err)
		}
		seqs, ids, bodies := make([]int64, len(records)), make([][]byte, len(records)), make([][]byte, len(records))
		for i, r := range records {
			seqs[i], ids[i], bodies[i] = last-int64(len(records)-1-i), r.ID[:], r.Body
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO log SELECT $1, * FROM unnest($2::bigint[], $3::bytea[], $4::bytea[])", scope, seqs, ids, bodies)
		return err
	})
}

// Head is a scope's newest sequence.
func (l *Log) Head(ctx context.Context, scope int) (seq uint64, err error) {
	err = l.db.QueryRowContext(ctx, "SELECT seq FROM heads WHERE scope = $1", scope).Scan(&seq)
	return seq, err
}

// After gives how many records follow a sequence, up to limit, and the last of
// them, read as a follower reads them.
func (l *Log) After(ctx context.Context, scope int, seq uint64, limit int) (n int, last uint64, err error) {
	rows, err := l.db.QueryContext(ctx, "SELECT seq, body FROM log WHERE scope = $1 AND seq > $2 ORDER BY seq LIMIT $3", scope, seq, limit)
	if err != nil {
		return 0, seq, fmt.Errorf("after: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var body []byte
	for last = seq; rows.Next(); n++ {
		if err := rows.Scan(&last, &body); err != nil {
			return n, last, fmt.Errorf("after: %w", err)
		}
	}
	return n, last, rows.Err()
}
