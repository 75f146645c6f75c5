package localstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

// checkEvery is how often a device asks whether its copy of a scope is what it
// should be.
const checkEvery domain.Instant = 24 * 60 * 60 * 1000

// CheckDue reports whether a scope should be checked now, and if so counts it as
// checked. A scope that has just been followed is checked a day later.
func (t *Tx) CheckDue(ctx context.Context, s syncproto.Scope) (due bool, err error) {
	key := "checked/" + s.String()
	text, err := t.meta(ctx, key)
	if err != nil {
		return false, err
	}
	if text != "" {
		last, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return false, fmt.Errorf("check of %s: %w", s, err)
		}
		if since := t.now - domain.Instant(last); since >= 0 && since < checkEvery {
			return false, nil
		}
	}
	return text != "", t.setMeta(ctx, key, strconv.FormatInt(int64(t.now), 10))
}

// Digest sums up what the server has of a scope, as this device knows it.
func (t *Tx) Digest(ctx context.Context, s syncproto.Scope) (_ domain.Hash, err error) {
	rows, err := t.tx.QueryContext(ctx, "SELECT server FROM records WHERE scope = ? AND server IS NOT NULL ORDER BY entity, id", s.String())
	if err != nil {
		return domain.Hash{}, fmt.Errorf("digest: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	d := merge.NewDigest()
	for rows.Next() {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return domain.Hash{}, fmt.Errorf("digest: %w", err)
		}
		d.Add(body)
	}
	return d.Sum(), rows.Err()
}
