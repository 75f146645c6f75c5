// Package accounts knows people, devices, sessions and their secrets. Tokens and
// codes are opaque; only SHA-256 hashes of them are stored. Passwords are kept
// as argon2id.
package accounts

import (
	"errors"
	"io"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/syncserver/store"
)

// ErrDenied says that a secret is wrong, used up or expired; it does not say
// which, on purpose.
var ErrDenied = errors.New("access denied")

// Accounts serves one store. Random is the source of secrets.
type Accounts struct {
	Store  *store.Store
	Now    func() domain.Instant
	Random io.Reader
	IDs    *ident.Source
}
