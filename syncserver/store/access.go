package store

import (
	"context"
	"database/sql"
	"errors"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// Access says that somebody was given what a stream holds.
type Access struct {
	Person domain.PersonID
	Device domain.DeviceID
	Scope  syncproto.Scope
	// At is the first time on that day (UTC).
	At domain.Instant
}

// Day numbers the days (UTC): an access is noted once a day.
func Day(at domain.Instant) domain.Instant { return at / (24 * 60 * 60 * 1000) }

// NoteAccess remembers it, once a day.
func (t *Tx) NoteAccess(ctx context.Context, a Access) error {
	return t.exec(ctx, "note access", "INSERT INTO accesses (day, person, device, scope, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
		Day(a.At), a.Person[:], a.Device[:], a.Scope.String(), a.At)
}

// Accesses lists the newest of a stream, at most limit.
func (t *Tx) Accesses(ctx context.Context, s syncproto.Scope, limit int) ([]Access, error) {
	return sqltx.Collect(ctx, t.tx, "accesses", func(r *sql.Rows) (a Access, err error) {
		var person, device []byte
		if err = r.Scan(&person, &device, &a.At); err == nil {
			a.Scope = s
			err = errors.Join(a.Person.UnmarshalBinary(person), a.Device.UnmarshalBinary(device))
		}
		return a, err
	}, "SELECT person, device, at FROM accesses WHERE scope = ? ORDER BY at DESC, person, device LIMIT ?", s.String(), limit)
}
