package accounts

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/syncserver/store"
)

// Setup gives a new server its default roles; existing ones stay as they are.
func (a *Accounts) Setup(ctx context.Context) error {
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		has, err := tx.HasRoles(ctx)
		if err != nil || has {
			return err
		}
		for role, caps := range domain.DefaultRoles() {
			if err := tx.SetRole(ctx, role, caps); err != nil {
				return err
			}
		}
		return nil
	})
}

// AddPerson creates an account; without a password the person can only be
// enrolled by code. The same login again changes the account.
func (a *Accounts) AddPerson(ctx context.Context, login, name, locale, password string) (id domain.PersonID, err error) {
	hash := ""
	if password != "" {
		if hash, err = hashPassword(a.Random, password); err != nil {
			return id, err
		}
	}
	err = a.Store.Update(ctx, func(tx *store.Tx) error {
		held, err := tx.PersonByLogin(ctx, login)
		switch {
		case errors.Is(err, store.ErrNotFound):
			held.ID = ident.Derive[domain.Person]("login", login)
		case err != nil:
			return err
		}
		held.Login, held.Name, held.Locale = login, name, locale
		if hash != "" {
			held.PasswordHash = hash
		}
		id = held.ID
		return tx.PutPerson(ctx, held)
	})
	return id, err
}

// GrantRole gives a person a role in a project from now on.
func (a *Accounts) GrantRole(ctx context.Context, p domain.PersonID, project domain.ProjectID, role string) error {
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.PutGrant(ctx, store.Grant{Person: p, Project: project, Role: role, From: a.Now()})
	})
}

// NewCode issues a one-time enrolment code for a person.
func (a *Accounts) NewCode(ctx context.Context, p domain.PersonID, valid time.Duration) (string, error) {
	code, hash, err := newCode(a.Random)
	if err != nil {
		return "", err
	}
	err = a.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.AddEnrolment(ctx, store.Enrolment{CodeHash: hash, Person: p, ExpiresAt: a.Now().Add(valid)})
	})
	return code, err
}

// Enrolled is what a device keeps after enrolment.
type Enrolled struct {
	Device       domain.DeviceID `json:"device"`
	DeviceToken  string          `json:"device_token"`
	Person       domain.PersonID `json:"person"`
	PersonName   string          `json:"person_name"`
	SessionToken string          `json:"session_token"`
	Locale       string          `json:"locale"`
}

// sessionLife is long because tablets come back after months with work that
// nobody else has; a lost tablet's access ends by revoking the device.
const sessionLife = 400 * 24 * time.Hour

// Newcomer is a device that asks to be enrolled.
type Newcomer struct {
	Name string
	// Held and Token are the identity that it has already, zero for a new one. It
	// keeps both if Token proves Held, or if nobody has that: the server was
	// restored from a backup that is older than the device. So an answer that gets
	// lost costs a code and nothing else.
	Held  domain.DeviceID
	Token string
}

// Enrol exchanges a one-time code for a device identity and a session of the
// code's person.
func (a *Accounts) Enrol(ctx context.Context, code string, n Newcomer) (out Enrolled, err error) {
	device := store.Device{ID: n.Held, Name: n.Name, EnrolledAt: a.Now(), NextSeq: 1}
	deviceToken := n.Token
	if n.Held.IsZero() || len(n.Token) != tokenLength {
		if deviceToken, _, err = newToken(a.Random); err != nil {
			return out, err
		}
	}
	device.TokenHash = hashSecret(deviceToken)
	sessionToken, sessionHash, err := newToken(a.Random)
	if err != nil {
		return out, err
	}
	if n.Held.IsZero() {
		if device.ID, err = ident.New[domain.Device](a.IDs); err != nil {
			return out, err
		}
	}
	now := a.Now()
	err = a.Store.Update(ctx, func(tx *store.Tx) error {
		person, err := tx.UseEnrolment(ctx, hashCode(code), now)
		if errors.Is(err, store.ErrNotFound) {
			return ErrDenied
		}
		if err != nil {
			return err
		}
		p, err := tx.Person(ctx, person)
		if err != nil {
			return err
		}
		if p.DisabledAt.Set() {
			return ErrDenied
		}
		known, err := returning(ctx, tx, n)
		if err != nil {
			return err
		}
		if !known {
			if err := tx.AddDevice(ctx, device); err != nil {
				return err
			}
		}
		out = Enrolled{Device: device.ID, DeviceToken: deviceToken, Person: p.ID, PersonName: p.Name, SessionToken: sessionToken, Locale: p.Locale}
		return tx.AddSession(ctx, store.Session{TokenHash: sessionHash, Person: p.ID, Device: device.ID, StartedAt: now, ExpiresAt: now.Add(sessionLife)})
	})
	if err != nil {
		return Enrolled{}, fmt.Errorf("enrol: %w", err)
	}
	return out, nil
}

// ErrNotCloned says that the server holds nothing of a device that would show
// that two share its identity.
var ErrNotCloned = errors.New("the device is not cloned")

// Fork gives a device an identity of its own, which has found that another device
// uses the same: the server has told it so, and under the number seq it holds
// another op than the one whose content has this hash. Everybody who has worked on
// the device is known on the new one, and its user stays signed in.
func (a *Accounts) Fork(ctx context.Context, c Caller, seq uint64, sha domain.Hash) (out Enrolled, err error) {
	token, tokenHash, err := newToken(a.Random)
	if err != nil {
		return out, err
	}
	id, err := ident.New[domain.Device](a.IDs)
	if err != nil {
		return out, err
	}
	now := a.Now()
	err = a.Store.Update(ctx, func(tx *store.Tx) error {
		held, err := tx.TakeDevice(ctx, c.Device.ID)
		if err != nil {
			return err
		}
		if held.RevokedAt.Set() {
			return ErrDenied
		}
		received, err := tx.Received(ctx, held.ID, seq)
		if err == nil {
			err = tx.TakeCloned(ctx, held.ID) // the server has seen it itself
		}
		if errors.Is(err, store.ErrNotFound) || err == nil && received.HasHash(sha) {
			return ErrNotCloned
		}
		if err != nil {
			return err
		}
		if err := tx.AddDevice(ctx, store.Device{ID: id, Name: held.Name, TokenHash: tokenHash, EnrolledAt: now, NextSeq: 1}); err != nil {
			return err
		}
		if err := tx.AddFork(ctx, id, held.ID, seq); err != nil {
			return err
		}
		out = Enrolled{Device: id, DeviceToken: token, Person: c.Person}
		out.SessionToken, err = a.move(ctx, tx, held.ID, id, c)
		return err
	})
	if err != nil {
		return Enrolled{}, fmt.Errorf("fork: %w", err)
	}
	return out, nil
}

// move makes the people who have worked on a device known on another, where the
// caller is signed in for as long as before.
func (a *Accounts) move(ctx context.Context, tx *store.Tx, from, to domain.DeviceID, c Caller) (sessionToken string, err error) {
	people, err := tx.PeopleOn(ctx, from)
	if err != nil {
		return "", err
	}
	now := a.Now()
	for _, person := range people {
		token, hash, err := newToken(a.Random)
		if err != nil {
			return "", err
		}
		s := store.Session{TokenHash: hash, Person: person, Device: to, StartedAt: now, ExpiresAt: now} // it has ended
		if person == c.Person {
			sessionToken, s.ExpiresAt = token, c.SignedInUntil
		}
		if err := tx.AddSession(ctx, s); err != nil {
			return "", err
		}
	}
	return sessionToken, nil
}

// returning reports whether a device is one that the server knows; it is
// ErrDenied if it cannot prove that or was revoked.
func returning(ctx context.Context, tx *store.Tx, n Newcomer) (known bool, err error) {
	if n.Held == ident.ServerDevice {
		return false, ErrDenied
	}
	held, err := tx.Device(ctx, n.Held)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err == nil && (held.RevokedAt.Set() || subtle.ConstantTimeCompare(held.TokenHash, hashSecret(n.Token)) != 1) {
		err = ErrDenied
	}
	return err == nil, err
}

// SignIn starts a session of another person on an enrolled device. The hash is
// computed for unknown logins too, so that timing does not tell them apart.
func (a *Accounts) SignIn(ctx context.Context, device domain.DeviceID, login, password string) (out Enrolled, err error) {
	var p store.Person
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		p, err = tx.PersonByLogin(ctx, login)
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return out, err
	}
	known := err == nil && p.PasswordHash != "" && !p.DisabledAt.Set()
	hash := p.PasswordHash
	if !known {
		hash = decoyHash
	}
	if ok := checkPassword(hash, password); !ok || !known {
		return out, fmt.Errorf("sign in: %w", ErrDenied)
	}
	token, tokenHash, err := newToken(a.Random)
	if err != nil {
		return out, err
	}
	now := a.Now()
	err = a.Store.Update(ctx, func(tx *store.Tx) error {
		return tx.AddSession(ctx, store.Session{TokenHash: tokenHash, Person: p.ID, Device: device, StartedAt: now, ExpiresAt: now.Add(sessionLife)})
	})
	return Enrolled{Device: device, Person: p.ID, PersonName: p.Name, SessionToken: token, Locale: p.Locale}, err
}

// decoyHash is a well-formed hash that no password matches.
const decoyHash = "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// Caller is an authenticated device with the person signed in on it.
type Caller struct {
	Device  store.Device
	Person  domain.PersonID
	Revoked bool
	// SignedInUntil is when the session ends.
	SignedInUntil domain.Instant
}

// Authenticate checks a device token and a session token. A revoked device is
// recognised, so that what it captured can be quarantined instead of lost.
func (a *Accounts) Authenticate(ctx context.Context, deviceToken, sessionToken string) (c Caller, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		if c.Device, err = tx.DeviceByToken(ctx, hashSecret(deviceToken)); err != nil {
			return err
		}
		s, err := tx.SessionByToken(ctx, hashSecret(sessionToken), a.Now())
		if err != nil {
			return err
		}
		if s.Device != c.Device.ID {
			return store.ErrNotFound
		}
		c.Person, c.Revoked, c.SignedInUntil = s.Person, c.Device.RevokedAt.Set(), s.ExpiresAt
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return Caller{}, fmt.Errorf("authenticate: %w", ErrDenied)
	}
	return c, err
}

// AuthenticateDevice checks a device token alone, for signing in.
func (a *Accounts) AuthenticateDevice(ctx context.Context, deviceToken string) (d store.Device, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		d, err = tx.DeviceByToken(ctx, hashSecret(deviceToken))
		return err
	})
	if errors.Is(err, store.ErrNotFound) || err == nil && d.RevokedAt.Set() {
		return store.Device{}, fmt.Errorf("authenticate: %w", ErrDenied)
	}
	return d, err
}
