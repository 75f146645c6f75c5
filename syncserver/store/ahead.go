package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/sqltx"
)

// Records per query of ReadAhead: two lengths, so that few statements are
// prepared.
var aheadAtOnce = [...]int{16, 256}

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
		for len(ids) > 0 {
			n := aheadAtOnce[0]
			if len(ids) > n {
				n = aheadAtOnce[1]
			}
			now := ids[:min(n, len(ids))]
			if err := t.readAhead(ctx, e, now, n); err != nil {
				return err
			}
			ids = ids[len(now):]
		}
	}
	return nil
}

// readAhead asks for n records; where there are fewer the last stands for the
// rest.
func (t *Tx) readAhead(ctx context.Context, e domain.Entity, ids []domain.AnyID, n int) error {
	args := make([]any, 0, n+1)
	args = append(args, e)
	for i := range n {
		args = append(args, ids[min(i, len(ids)-1)][:])
	}
	found, err := sqltx.Collect(ctx, t.tx, "read ahead", func(r *sql.Rows) (merge.Record, error) {
		var body sql.RawBytes
		if err := r.Scan(&body); err != nil {
			return merge.Record{}, err
		}
		return merge.DecodeRecord(body)
	}, "SELECT body FROM records WHERE entity = ? AND id IN (?"+strings.Repeat(", ?", n-1)+")", args...)
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
