// Package ident makes record ids. It is the only importer of the UUID library.
package ident

import (
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"github.com/gofrs/uuid/v5"

	"keyturn/shared/domain"
)

// Source creates version 7 ids, which sort by creation time.
type Source struct{ gen *uuid.Gen }

// NewSource creates ids from the given clock and randomness; nil randomness is
// the system's.
func NewSource(now func() time.Time, random io.Reader) *Source {
	if random == nil {
		random = rand.Reader
	}
	return &Source{gen: uuid.NewGenWithOptions(uuid.WithEpochFunc(now), uuid.WithRandomReader(random))}
}

// New is a fresh id. It fails only when randomness does.
func New[T any](s *Source) (domain.ID[T], error) {
	u, err := s.gen.NewV7()
	if err != nil {
		return domain.ID[T]{}, fmt.Errorf("new id: %w", err)
	}
	return domain.ID[T](u), nil
}

// space is Keyturn's UUID namespace for derived ids.
var space = uuid.NewV5(uuid.NamespaceURL, "urn:keyturn")

// Server's own device and person: what nobody but the server wrote or decided.
var (
	ServerDevice = Derive[domain.Device]("server")
	ServerPerson = Derive[domain.Person]("server")
)

// Twin is the id of the one record that comes with another: the same but for its
// last byte. Who is sent both is sent hardly more than one: 16 bytes that look
// random cost as much on the wire as a sentence.
func Twin[T, Of any](of domain.ID[Of]) domain.ID[T] {
	of[len(of)-1] ^= 0xff
	return domain.ID[T](of)
}

// Derive is the version 5 id of a name: the same parts always give the same
// id, so what is derived can exist only once.
func Derive[T any](parts ...string) domain.ID[T] {
	u := space
	for _, p := range parts {
		u = uuid.NewV5(u, p)
	}
	return domain.ID[T](u)
}
