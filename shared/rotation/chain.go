package rotation

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"keyturn/shared/domain"
)

// Chain is a server's rotations, oldest first. Every one that there is has been
// verified; the zero Chain has none.
type Chain struct{ statements []Statement }

// Statement is one rotation.
type Statement struct {
	Old       []byte         `json:"old"`
	New       []byte         `json:"new"`
	MadeAt    domain.Instant `json:"made_at"`
	Signature []byte         `json:"signature"`
}

// prefix tells these signatures from those that the same key makes in TLS. It is
// longer than 64 bytes because what a server signs in TLS 1.2 begins with 64
// random ones, of which the client chooses 32.
const prefix = "Keyturn rotation v1: this TLS key names the key that follows it.\x00\x00"

// signed is what the signature covers; every part has a fixed length.
func (s Statement) signed() []byte {
	b := append([]byte(prefix), pin(s.Old)...)
	return binary.BigEndian.AppendUint64(append(b, s.New...), uint64(s.MadeAt))
}

// maxStatements is a rotation every month for eight years.
const maxStatements = 100

// Next adds the rotation from old, the present key, to the public key newSPKI
// (DER SubjectPublicKeyInfo). The oldest of too many is dropped. Failures are
// ErrKey, ErrUsed, and ErrOrder if old is not the key that the chain ends with.
func (c Chain) Next(random io.Reader, old crypto.Signer, newSPKI []byte, now domain.Instant) (Chain, error) {
	spki, err := x509.MarshalPKIXPublicKey(old.Public())
	if err != nil {
		return Chain{}, fmt.Errorf("%w: %w", ErrKey, err)
	}
	if _, err := parse(spki); err != nil {
		return Chain{}, fmt.Errorf("the old key: %w", err)
	}
	s := Statement{Old: spki, MadeAt: now}
	if s.New, err = Pin(newSPKI); err != nil {
		return Chain{}, fmt.Errorf("the new key: %w", err)
	}
	if n := len(c.statements); n > 0 {
		s.MadeAt = max(now, c.statements[n-1].MadeAt)
	}
	if s.Signature, err = sign(random, old, s.signed()); err != nil {
		return Chain{}, fmt.Errorf("sign key rotation: %w", err)
	}
	list := slices.Concat(c.statements, []Statement{s})
	return checked(list[max(0, len(list)-maxStatements):])
}

// checked verifies all of a chain.
func checked(list []Statement) (Chain, error) {
	if len(list) > maxStatements {
		return Chain{}, fmt.Errorf("%w: %d of them", ErrFormat, len(list))
	}
	used := map[[sha256.Size]byte]bool{}
	before := Statement{}
	for i, s := range list {
		if len(s.New) != sha256.Size || s.MadeAt <= 0 {
			return Chain{}, fmt.Errorf("%w: statement %d", ErrFormat, i+1)
		}
		if s.MadeAt < before.MadeAt || i > 0 && !bytes.Equal(pin(s.Old), before.New) {
			return Chain{}, fmt.Errorf("%w: statement %d", ErrOrder, i+1)
		}
		before = s
		used[sha256.Sum256(s.Old)] = true
		if used[[sha256.Size]byte(s.New)] {
			return Chain{}, fmt.Errorf("%w: statement %d", ErrUsed, i+1)
		}
		ok, err := verified(s.Old, s.signed(), s.Signature)
		if err != nil {
			return Chain{}, fmt.Errorf("statement %d: %w", i+1, err)
		}
		if !ok {
			return Chain{}, fmt.Errorf("%w: statement %d", ErrSignature, i+1)
		}
	}
	return Chain{list}, nil
}

// Leads tells whether one or more of the rotations, one after the other, lead
// from one pin to another.
func (c Chain) Leads(from, to []byte) bool {
	on := false
	for _, s := range c.statements {
		on = on || bytes.Equal(pin(s.Old), from)
		if on && bytes.Equal(s.New, to) {
			return true
		}
	}
	return false
}

// Last is the pin of the key that the chain ends with, nil if there were no
// rotations.
func (c Chain) Last() []byte {
	if len(c.statements) == 0 {
		return nil
	}
	return c.statements[len(c.statements)-1].New
}
