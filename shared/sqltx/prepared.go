package sqltx

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// Prepared is a pool that keeps its statements prepared. SQLite spends about as
// much time on preparing a one-row statement as on running it.
type Prepared struct {
	pool *sql.DB

	mu     sync.Mutex
	ready  map[string]*sql.Stmt
	wanted []string
}

// maxPrepared bounds the statements that stay prepared; the house has fewer.
const maxPrepared = 256

// Prepare keeps the pool's statements; who closes the pool closes them.
func Prepare(pool *sql.DB) *Prepared {
	return &Prepared{pool: pool, ready: map[string]*sql.Stmt{}}
}

// Run is Run with prepared statements.
func (p *Prepared) Run(ctx context.Context, opts *sql.TxOptions, work func(Tx) error) error {
	err := Run(ctx, p.pool, opts, func(t *sql.Tx) error { return work(&preparedTx{tx: t, of: p}) })
	if err != nil {
		return err
	}
	p.prepareWanted(ctx)
	return nil
}

// lookup finds a prepared statement or notes that it is wanted: a pool of one
// connection cannot prepare while that connection is in a transaction.
func (p *Prepared) lookup(query string) *sql.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	s, known := p.ready[query]
	if !known && len(p.ready) < maxPrepared {
		p.ready[query] = nil
		p.wanted = append(p.wanted, query)
	}
	return s
}

func (p *Prepared) prepareWanted(ctx context.Context) {
	p.mu.Lock()
	wanted := p.wanted
	p.wanted = nil
	p.mu.Unlock()
	for _, query := range wanted {
		s, err := p.pool.PrepareContext(ctx, query) //nolint:sqlclosecheck // it stays prepared as long as the pool
		p.mu.Lock()
		if err == nil {
			p.ready[query] = s
		} else {
			delete(p.ready, query) // it runs unprepared and is wanted again
		}
		p.mu.Unlock()
	}
}

type preparedTx struct {
	tx *sql.Tx
	of *Prepared
}

// ExecContext does not watch ctx while one statement runs: the driver would
// start a goroutine for it, which costs more than the statement. The
// transaction as a whole still ends with ctx.
func (t *preparedTx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("exec: %w", err)
	}
	ctx = context.WithoutCancel(ctx)
	if s := t.of.lookup(query); s != nil {
		return t.tx.StmtContext(ctx, s).ExecContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
	}
	return t.tx.ExecContext(ctx, query, args...)
}

// QueryContext stops a long listing when ctx ends.
func (t *preparedTx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if s := t.of.lookup(query); s != nil {
		return t.tx.StmtContext(ctx, s).QueryContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
	}
	return t.tx.QueryContext(ctx, query, args...)
}

// QueryRowContext does not watch ctx, as ExecContext.
func (t *preparedTx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	ctx = context.WithoutCancel(ctx)
	if s := t.of.lookup(query); s != nil {
		return t.tx.StmtContext(ctx, s).QueryRowContext(ctx, args...) //nolint:sqlclosecheck // the transaction closes it
	}
	return t.tx.QueryRowContext(ctx, query, args...)
}
