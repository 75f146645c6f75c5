package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/sqltx"
)

// Records per query of ReadAhead. SQLite prepares a statement for each of two
// lengths.
const aheadFew, aheadMany = 16, 256

// ReadAhead reads records that Record is about to be asked for, in few queries
// instead of one each.
func (t *Tx) ReadAhead(ctx context.Context, keys []Key) error {
	unread := map[domain.Entity][]domain.AnyID{}
	asked := make(map[Key]bool, len(keys))
	for _, k := range keys {
		if _, known := find(t, recordsOf, k); known || asked[k] || len(t.base.records)+len(asked) >= maxRemembered {
			continue
		}
		asked[k] = true
		unread[k.Entity] = append(unread[k.Entity], k.ID)
	}
	for e, ids := range unread {
		if len(ids) == 1 {
			continue // as cheap when it is asked for
		}
		for some := range slices.Chunk(ids, aheadMany) {
			if err := t.readAhead(ctx, e, some); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Tx) readAhead(ctx context.Context, e domain.Entity, ids []domain.AnyID) error {
	query, args := t.backend.bodies(e, ids)
	found, err := sqltx.Collect(ctx, t.tx, "read ahead", func(r *sql.Rows) (merge.Record, error) {
		var body sql.RawBytes
		if err := r.Scan(&body); err != nil {
			return merge.Record{}, err
		}
		return merge.DecodeRecord(body)
	}, query, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", e, err)
	}
	for _, id := range ids {
		t.base.records[Key{e, id}] = known[merge.Record]{}
	}
	for _, r := range found {
		t.base.records[Key{e, r.ID}] = known[merge.Record]{value: r}
	}
	return nil
}

// bodies fills a list of one of the two lengths; the last id stands for what is
// left over.
func (embedded) bodies(e domain.Entity, ids []domain.AnyID) (query string, args []any) {
	n := aheadFew
	if len(ids) > n {
		n = aheadMany
	}
	args = append(make([]any, 0, n+1), e)
	for i := range n {
		args = append(args, ids[min(i, len(ids)-1)][:])
	}
	return "SELECT body FROM records WHERE entity = ? AND id IN (?" + strings.Repeat(", ?", n-1) + ")", args
}

// bodies looks each id up by the primary key. Left to choose, Postgres went
// through every record of the entity while its statistics were old; OFFSET 0
// keeps it from choosing.
func (*postgres) bodies(e domain.Entity, ids []domain.AnyID) (query string, args []any) {
	list := make([][]byte, len(ids))
	for i, id := range ids {
		list[i] = id[:]
	}
	return `SELECT r.body FROM unnest(?::bytea[]) AS k (id),
		LATERAL (SELECT body FROM records WHERE entity = ? AND id = k.id OFFSET 0) AS r`, []any{list, e}
}
