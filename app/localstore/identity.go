package localstore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"keyturn/shared/domain"
)

// Identity is who this device is and who works on it.
type Identity struct {
	Server       string          `json:"server"`
	Device       domain.DeviceID `json:"device"`
	DeviceToken  string          `json:"device_token"`
	Person       domain.PersonID `json:"person"`
	PersonName   string          `json:"person_name"`
	SessionToken string          `json:"session_token"`
	// ServerKey is the SHA-256 of the public key that the server showed at
	// enrolment, nil without TLS. It is trusted even when a wrong clock makes the
	// certificate look expired.
	ServerKey []byte `json:"server_key,omitempty"`
}

// Enrolled reports whether the device has an identity.
func (i Identity) Enrolled() bool { return !i.Device.IsZero() }

const (
	metaIdentity = "identity"
	metaLocale   = "locale"
	metaAhead    = "clock_ahead"
	metaHLC      = "hlc"
	metaRunning  = "running"
	metaEpoch    = "epoch"
)

func (t *Tx) identity(ctx context.Context) (id Identity, err error) {
	text, err := t.meta(ctx, metaIdentity)
	if err != nil || text == "" {
		return id, err
	}
	if err := json.Unmarshal([]byte(text), &id); err != nil {
		return id, fmt.Errorf("identity: %w", err)
	}
	return id, nil
}

// Identity reads who this device is; the zero Identity before enrolment.
func (s *Store) Identity(ctx context.Context) (id Identity, err error) {
	if known := s.id.Load(); known != nil {
		return *known, nil
	}
	err = s.View(ctx, func(t *Tx) error {
		id, err = t.identity(ctx)
		return err
	})
	if err == nil {
		s.id.CompareAndSwap(nil, &id)
	}
	return id, err
}

// ErrOtherIdentity says that the device got another identity meanwhile.
var ErrOtherIdentity = errors.New("the device has another identity by now")

// SetIdentity stores who this device is from now on.
func (s *Store) SetIdentity(ctx context.Context, id Identity) error {
	return s.becomes(ctx, id, func(*Tx) error { return nil })
}

// ReplaceIdentity does so if the device is still who it was when the new identity
// was asked for.
func (s *Store) ReplaceIdentity(ctx context.Context, held, id Identity) error {
	return s.becomes(ctx, id, func(t *Tx) error { return t.still(held) })
}

func (t *Tx) still(held Identity) error {
	now, errNow := json.Marshal(t.id)
	before, errBefore := json.Marshal(held)
	if err := errors.Join(errNow, errBefore); err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	if !bytes.Equal(now, before) {
		return ErrOtherIdentity
	}
	return nil
}

func (s *Store) becomes(ctx context.Context, id Identity, work func(*Tx) error) error {
	text, err := json.Marshal(id)
	if err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	err = s.Update(ctx, func(t *Tx) error {
		if err := work(t); err != nil {
			return err
		}
		return t.setMeta(ctx, metaIdentity, string(text))
	})
	if err != nil {
		s.id.Store(nil) // a commit that failed may have been one: the database knows
		return err
	}
	s.id.Store(&id)
	return nil
}

// Locale is the language chosen in the app; empty follows the system.
func (s *Store) Locale(ctx context.Context) (locale string, err error) {
	err = s.View(ctx, func(t *Tx) error {
		locale, err = t.meta(ctx, metaLocale)
		return err
	})
	return locale, err
}

// SetLocale remembers the chosen language.
func (s *Store) SetLocale(ctx context.Context, locale string) error {
	return s.Update(ctx, func(t *Tx) error { return t.setMeta(ctx, metaLocale, locale) })
}

// ClockAhead is how far the device's clock was ahead of the server's when they
// last met, in milliseconds.
func (t *Tx) ClockAhead(ctx context.Context) (domain.Instant, error) {
	text, err := t.meta(ctx, metaAhead)
	if err != nil || text == "" {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return domain.Instant(n), err
}

// SetClockAhead notes the offset measured at a connection.
func (t *Tx) SetClockAhead(ctx context.Context, ahead domain.Instant) error {
	return t.setMeta(ctx, metaAhead, strconv.FormatInt(int64(ahead), 10))
}

// MarkRunning notes that the app has started and tells whether the last run
// ended without closing.
func (s *Store) MarkRunning(ctx context.Context) (crashed bool, err error) {
	err = s.Update(ctx, func(t *Tx) error {
		before, err := t.meta(ctx, metaRunning)
		crashed = before == "1"
		if err != nil {
			return err
		}
		return t.setMeta(ctx, metaRunning, "1")
	})
	return crashed, err
}

// MarkClosed notes an orderly end.
func (s *Store) MarkClosed(ctx context.Context) error {
	return s.Update(ctx, func(t *Tx) error { return t.setMeta(ctx, metaRunning, "0") })
}
