package store

import (
	"context"
	"database/sql"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
)

// Device is an enrolled tablet or desktop.
type Device struct {
	ID         domain.DeviceID
	Name       string
	TokenHash  []byte
	EnrolledAt domain.Instant
	RevokedAt  domain.Instant
	NextSeq    uint64
	LastSeenAt domain.Instant
	ClockAhead domain.Instant
}

// AddDevice enrols a device.
func (t *Tx) AddDevice(ctx context.Context, d Device) error {
	return t.exec(ctx, "add device", "INSERT INTO devices VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		d.ID[:], d.Name, d.TokenHash, d.EnrolledAt, d.RevokedAt, d.NextSeq, d.LastSeenAt, d.ClockAhead)
}

const (
	deviceFields  = "id, name, token_hash, enrolled_at, revoked_at, next_seq, last_seen_at, clock_ahead"
	deviceColumns = "SELECT " + deviceFields + " FROM devices"
)

// Device finds a device by id, or ErrNotFound.
func (t *Tx) Device(ctx context.Context, id domain.DeviceID) (Device, error) {
	return t.device(ctx, deviceColumns+" WHERE id = ?", id[:])
}

// DeviceByToken finds a device by the hash of its token, or ErrNotFound.
func (t *Tx) DeviceByToken(ctx context.Context, hash []byte) (Device, error) {
	return t.device(ctx, deviceColumns+" WHERE token_hash = ?", hash)
}

// TakeDevice reads a device and keeps other connections of it waiting until the
// transaction ends: its ops are taken one batch after the other.
func (t *Tx) TakeDevice(ctx context.Context, id domain.DeviceID) (Device, error) {
	return t.device(ctx, "UPDATE devices SET next_seq = next_seq WHERE id = ? RETURNING "+deviceFields, id[:])
}

func (t *Tx) device(ctx context.Context, query string, arg any) (d Device, err error) {
	var id []byte
	err = t.row(ctx, "device", []any{&id, &d.Name, &d.TokenHash, &d.EnrolledAt, &d.RevokedAt, &d.NextSeq, &d.LastSeenAt, &d.ClockAhead}, query, arg)
	if err != nil {
		return d, err
	}
	err = d.ID.UnmarshalBinary(id)
	return d, err
}

// SetNextSeq moves a device's head.
func (t *Tx) SetNextSeq(ctx context.Context, id domain.DeviceID, next uint64) error {
	return t.exec(ctx, "device head", "UPDATE devices SET next_seq = ? WHERE id = ?", next, id[:])
}

// Seen notes a device's connection and how far its clock was ahead.
func (t *Tx) Seen(ctx context.Context, id domain.DeviceID, at, ahead domain.Instant) error {
	return t.exec(ctx, "device seen", "UPDATE devices SET last_seen_at = ?, clock_ahead = ? WHERE id = ?", at, ahead, id[:])
}

// RevokeDevice ends the access of a device and of its clones.
func (t *Tx) RevokeDevice(ctx context.Context, id domain.DeviceID, at domain.Instant) error {
	return t.exec(ctx, "revoke device", "UPDATE devices SET revoked_at = ? WHERE (id = ? OR id IN "+clonesOf+") AND revoked_at = 0", at, id[:], id[:])
}

// Enrolment is a one-time code's row.
type Enrolment struct {
	CodeHash  []byte
	Person    domain.PersonID
	ExpiresAt domain.Instant
	UsedAt    domain.Instant
}

// AddEnrolment stores a one-time code's hash.
func (t *Tx) AddEnrolment(ctx context.Context, e Enrolment) error {
	return t.exec(ctx, "add enrolment", "INSERT INTO enrolments VALUES (?, ?, ?, ?)", e.CodeHash, e.Person[:], e.ExpiresAt, e.UsedAt)
}

// UseEnrolment consumes a code once and says whose it was; a used, expired or
// unknown one is ErrNotFound.
func (t *Tx) UseEnrolment(ctx context.Context, hash []byte, now domain.Instant) (p domain.PersonID, err error) {
	var id []byte
	err = t.row(ctx, "enrolment", []any{&id},
		"UPDATE enrolments SET used_at = ? WHERE code_hash = ? AND used_at = 0 AND expires_at > ? RETURNING person", now, hash, now)
	if err != nil {
		return p, err
	}
	err = p.UnmarshalBinary(id)
	return p, err
}

// Session is a person signed in on a device.
type Session struct {
	TokenHash []byte
	Person    domain.PersonID
	Device    domain.DeviceID
	StartedAt domain.Instant
	ExpiresAt domain.Instant
}

// AddSession stores a session token's hash.
func (t *Tx) AddSession(ctx context.Context, s Session) error {
	return t.exec(ctx, "add session", "INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", s.TokenHash, s.Person[:], s.Device[:], s.StartedAt, s.ExpiresAt)
}

// SessionByToken finds a live session by its token's hash, or ErrNotFound.
func (t *Tx) SessionByToken(ctx context.Context, hash []byte, now domain.Instant) (s Session, err error) {
	var person, device []byte
	err = t.row(ctx, "session", []any{&person, &device, &s.StartedAt, &s.ExpiresAt},
		"SELECT person, device, started_at, expires_at FROM sessions WHERE token_hash = ? AND expires_at > ?", hash, now)
	if err != nil {
		return s, err
	}
	s.TokenHash = hash
	if err := s.Person.UnmarshalBinary(person); err != nil {
		return s, err
	}
	err = s.Device.UnmarshalBinary(device)
	return s, err
}

// PeopleOn lists who has ever signed in on a device: their captured work is
// accepted from it even after their session has ended.
func (t *Tx) PeopleOn(ctx context.Context, d domain.DeviceID) ([]domain.PersonID, error) {
	return sqltx.Collect(ctx, t.tx, "people on device", func(r *sql.Rows) (p domain.PersonID, err error) {
		var id []byte
		if err = r.Scan(&id); err != nil {
			return p, err
		}
		err = p.UnmarshalBinary(id)
		return p, err
	}, "SELECT DISTINCT person FROM sessions WHERE device = ?", d[:])
}

// Devices lists every device, newest first.
func (t *Tx) Devices(ctx context.Context) ([]Device, error) {
	return sqltx.Collect(ctx, t.tx, "devices", func(r *sql.Rows) (d Device, err error) {
		var id []byte
		if err = r.Scan(&id, &d.Name, &d.TokenHash, &d.EnrolledAt, &d.RevokedAt, &d.NextSeq, &d.LastSeenAt, &d.ClockAhead); err != nil {
			return d, err
		}
		err = d.ID.UnmarshalBinary(id)
		return d, err
	}, deviceColumns+" ORDER BY enrolled_at DESC, id")
}
