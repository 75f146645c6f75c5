package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
)

// maxConns is how many transactions one server process runs on Postgres at once.
const maxConns = 24

// OpenPostgres opens a Postgres database (15 or newer) by its URL and applies
// the migrations; several server processes may do so at once.
func OpenPostgres(ctx context.Context, url string) (*Store, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	// What was acknowledged survives a power cut, whatever the server's default.
	config.RuntimeParams["synchronous_commit"] = "on"
	config.RuntimeParams["application_name"] = "keyturn"
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(maxConns)
	db.SetMaxIdleConns(maxConns)
	if err := migratePostgres(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Store{backend: &postgres{db: db, config: config}}, nil
}

func migratePostgres(ctx context.Context, db *sql.DB) error {
	sub, err := fs.Sub(migrations, "migrations/postgres")
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	one, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, sub, goose.WithSessionLocker(one))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// postgres is a database that several server processes share.
type postgres struct {
	db     *sql.DB
	config *pgx.ConnConfig
}

// update reads what others have committed; projects are kept apart by locks.
func (p *postgres) update(ctx context.Context, work func(sqltx.Tx) error) error {
	return sqltx.Run(ctx, p.db, nil, func(tx *sql.Tx) error { return work(numbered{tx}) })
}

func (p *postgres) view(ctx context.Context, work func(sqltx.Tx) error) error {
	opts := &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	return sqltx.Run(ctx, p.db, opts, func(tx *sql.Tx) error { return work(numbered{tx}) })
}

// lock takes the project's advisory lock. Two projects whose ids share their
// last eight bytes share it too, which costs time and nothing else.
func (p *postgres) lock(ctx context.Context, tx sqltx.Tx, project domain.ProjectID) error {
	key := int64(binary.BigEndian.Uint64(project[8:]))
	if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?)", key); err != nil {
		return fmt.Errorf("lock project: %w", err)
	}
	return nil
}

// pokes is the channel of notifications.
const pokes = "keyturn_log"

// poke notifies on a connection of its own: within the data transaction it would
// put all of them in one queue.
func (p *postgres) poke(ctx context.Context) error {
	if _, err := p.db.ExecContext(ctx, "SELECT pg_notify($1, '')", pokes); err != nil {
		return fmt.Errorf("poke: %w", err)
	}
	return nil
}

func (p *postgres) listen(ctx context.Context, heard func()) error {
	conn, err := pgx.ConnectConfig(ctx, p.config)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // listening is over either way
	if _, err := conn.Exec(ctx, "LISTEN "+pokes); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		heard()
	}
}

func (p *postgres) ping(ctx context.Context) error { return p.db.PingContext(ctx) }

func (p *postgres) close() error { return p.db.Close() }

// numbered writes placeholders as Postgres reads them. The house's statements
// hold no question mark besides.
type numbered struct{ tx *sql.Tx }

func (n numbered) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return n.tx.ExecContext(ctx, renumber(query), args...)
}

func (n numbered) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return n.tx.QueryContext(ctx, renumber(query), args...)
}

func (n numbered) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return n.tx.QueryRowContext(ctx, renumber(query), args...)
}

var renumbered sync.Map // statement with ? → with $1, $2, …; the house has some hundred

func renumber(query string) string {
	if done, ok := renumbered.Load(query); ok {
		return done.(string) //nolint:errcheck,forcetypeassert // only strings are stored
	}
	var b strings.Builder
	n := 0
	for _, c := range query {
		if c != '?' {
			b.WriteRune(c)
			continue
		}
		n++
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
	}
	renumbered.Store(query, b.String())
	return b.String()
}
