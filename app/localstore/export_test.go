package localstore

import (
	"context"
	"database/sql"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
)

// PlanOf is how SQLite goes about a listing.
func (t *Tx) PlanOf(ctx context.Context, e domain.Entity, f Filter) (string, error) {
	query, args := listing(e, f)
	steps, err := sqltx.Collect(ctx, t.tx, "plan", func(r *sql.Rows) (step string, err error) {
		var unused int
		err = r.Scan(&unused, &unused, &unused, &step)
		return step, err
	}, "EXPLAIN QUERY PLAN "+query, args...)
	return strings.Join(steps, "; "), err
}
