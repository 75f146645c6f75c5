package store

import (
	"context"
	"errors"

	"keyturn/shared/domain"
)

// NoteCloned remembers that a device was told that there are two of it.
func (t *Tx) NoteCloned(ctx context.Context, d domain.DeviceID, now domain.Instant) error {
	return t.exec(ctx, "note clone", "INSERT INTO cloned VALUES (?, ?) ON CONFLICT (device) DO UPDATE SET at = excluded.at", d[:], now)
}

// TakeCloned forgets it; an unknown one is ErrNotFound.
func (t *Tx) TakeCloned(ctx context.Context, d domain.DeviceID) error {
	var at domain.Instant
	return t.row(ctx, "clone", []any{&at}, "DELETE FROM cloned WHERE device = ? RETURNING at", d[:])
}

// AddFork notes of which device another was the clone, and which op number was the
// first that they did not share. Revoking that one revokes it, too.
func (t *Tx) AddFork(ctx context.Context, d, origin domain.DeviceID, seq uint64) error {
	return t.exec(ctx, "add fork", "INSERT INTO forks VALUES (?, ?, ?)", d[:], origin[:], seq)
}

// clonesOf are all that were a device's clones, originsOf those that it was the
// clone of, near and far. Both take the device.
const (
	clonesOf = `(WITH RECURSIVE line(id) AS (SELECT device FROM forks WHERE origin = ?
		UNION SELECT f.device FROM forks f JOIN line l ON f.origin = l.id) SELECT id FROM line)`
	originsOf = `(WITH RECURSIVE line(id) AS (SELECT origin FROM forks WHERE device = ?
		UNION SELECT f.origin FROM forks f JOIN line l ON f.device = l.id) SELECT id FROM line)`
)

// SharedBefore is the op number of origin below which d, that was its clone near or
// far, shares its ops; 0 if it was not.
func (t *Tx) SharedBefore(ctx context.Context, d, origin domain.DeviceID) (seq uint64, err error) {
	err = t.row(ctx, "fork", []any{&seq}, "SELECT seq FROM forks WHERE origin = ? AND (device = ? OR device IN "+originsOf+")", origin[:], d[:], d[:])
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return seq, err
}
