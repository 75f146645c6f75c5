package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"keyturn/shared/domain"
	"keyturn/shared/sqlitedb"
)

// Refusals to restore.
var (
	ErrNotEmpty  = errors.New("the database holds something already; a backup is restored into an empty one")
	ErrNewSchema = errors.New("the backup was made by a newer server; restore it with that one or a newer one")
	ErrSchema    = errors.New("the backup's tables are not those of its schema")
)

// OpenToRestore creates a SQLite database with the schema's version of a
// backup. Opened the usual way afterwards, it migrates to the newest.
func OpenToRestore(ctx context.Context, path string, version int64) (*Store, error) {
	until, err := migrationsUntil("migrations/sqlite", version)
	if err != nil {
		return nil, err
	}
	db, err := sqlitedb.Open(ctx, filepath.Clean(path), until)
	if err != nil {
		return nil, err
	}
	return &Store{backend: embedded{db}}, nil
}

// OpenPostgresToRestore does so with an empty Postgres database; one that holds
// anything is left as it is.
func OpenPostgresToRestore(ctx context.Context, url string, version int64) (*Store, error) {
	until, err := migrationsUntil("migrations/postgres", version)
	if err != nil {
		return nil, err
	}
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	db := stdlib.OpenDB(*config)
	s := &Store{backend: &postgres{db: db, config: config}}
	err = s.View(ctx, func(t *Tx) error { return t.holdsNothing(ctx) })
	if err == nil {
		var p *goose.Provider
		if p, err = goose.NewProvider(goose.DialectPostgres, db, until); err == nil {
			_, err = p.Up(ctx)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare the database: %w", err), db.Close())
	}
	return s, nil
}

// migrationsUntil is the folder of migrations without those after a version.
func migrationsUntil(folder string, version int64) (fs.FS, error) {
	all, err := fs.Sub(migrations, folder)
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	files, err := fs.ReadDir(all, ".")
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	newest := int64(0)
	for _, f := range files {
		n, err := goose.NumericComponent(f.Name())
		if err != nil {
			return nil, fmt.Errorf("migrations: %w", err)
		}
		newest = max(newest, n)
	}
	if version > newest {
		return nil, fmt.Errorf("%w: its schema is %d, this server knows %d", ErrNewSchema, version, newest)
	}
	return until{all, version}, nil
}

type until struct {
	fs.FS
	version int64
}

// ReadDir implements fs.ReadDirFS, by which migrations are found.
func (u until) ReadDir(name string) ([]fs.DirEntry, error) {
	list, err := fs.ReadDir(u.FS, name)
	return slices.DeleteFunc(list, func(e fs.DirEntry) bool {
		n, err := goose.NumericComponent(e.Name())
		return err != nil || n > u.version
	}), err
}

// holdsNothing refuses a database with a row, or with a table that is not ours.
func (t *Tx) holdsNothing(ctx context.Context) error {
	has, err := t.Catalogue(ctx)
	if err != nil {
		return err
	}
	ours := DumpTables()
	for _, table := range has {
		if !slices.ContainsFunc(ours, func(o Table) bool { return o.Name == table.Name }) {
			return fmt.Errorf("%w: it has a table %.60q", ErrNotEmpty, table.Name)
		}
		var n int
		if err := t.row(ctx, "look into "+table.Name, []any{&n}, "SELECT count(*) FROM (SELECT 1 FROM "+table.Name+" LIMIT 1) AS first"); err != nil {
			return err
		}
		if n > 0 {
			return fmt.Errorf("%w: it has rows in %s", ErrNotEmpty, table.Name)
		}
	}
	return nil
}

// Loader writes the rows of a backup into an empty database.
type Loader struct {
	tx   *Tx
	into []Table
}

// Loader proves that the database is empty and has exactly the backup's tables.
func (t *Tx) Loader(ctx context.Context, tables []Table) (*Loader, error) {
	if err := t.holdsNothing(ctx); err != nil {
		return nil, err
	}
	has, err := t.Catalogue(ctx)
	if err != nil {
		return nil, err
	}
	if err := sameTables(has, tables); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	return &Loader{t, tables}, nil
}

// Load writes rows of a table, given by its place in the backup's list.
func (l *Loader) Load(ctx context.Context, index int, rows [][]any) error {
	if index < 0 || index >= len(l.into) {
		return fmt.Errorf("%w: no table %d", ErrRow, index)
	}
	t := l.into[index]
	args := make([]any, 0, len(rows)*len(t.Columns))
	for _, row := range rows {
		if err := t.Check(row); err != nil {
			return err
		}
		args = append(args, row...)
	}
	return l.tx.backend.insert(ctx, l.tx.tx, table{name: t.Name, columns: t.columns()}, args)
}

// VoidEnrolments uses up the codes that are open: those that were used after
// the backup would be good a second time.
func (t *Tx) VoidEnrolments(ctx context.Context, now domain.Instant) error {
	return t.exec(ctx, "void enrolments", "UPDATE enrolments SET used_at = ? WHERE used_at = 0", now)
}

// ForgetBlob takes back that a blob's bytes are durable: they are gone.
func (t *Tx) ForgetBlob(ctx context.Context, sha domain.Hash) error {
	return t.exec(ctx, "forget blob", "DELETE FROM blobs WHERE sha256 = ?", sha[:])
}
