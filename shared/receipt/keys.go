package receipt

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/pem"
	"fmt"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Certificate says that a public key is the issuer's from a time on.
type Certificate struct {
	Public    []byte         `cbor:"1,keyasint"`
	Issuer    Issuer         `cbor:"2,keyasint"`
	ValidFrom domain.Instant `cbor:"3,keyasint"`
	// Previous is the id of the key that signed this one, zero for the first,
	// which signs itself.
	Previous  domain.Hash `cbor:"4,keyasint,omitzero"`
	Signature []byte      `cbor:"5,keyasint,omitempty"`
}

// ID is the key's fingerprint: the SHA-256 of the 32 bytes of the public key.
func (c Certificate) ID() domain.Hash { return sha256.Sum256(c.Public) }

func (c Certificate) equal(o Certificate) bool {
	return bytes.Equal(c.Public, o.Public) && c.Issuer == o.Issuer && c.ValidFrom == o.ValidFrom &&
		c.Previous == o.Previous && bytes.Equal(c.Signature, o.Signature)
}

// signed is what the signature of a certificate covers.
func (c Certificate) signed() ([]byte, error) {
	c.Signature = nil
	b, err := syncproto.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("receipt key: %w", err)
	}
	return append([]byte("keyturn receipt key v1\x00"), b...), nil
}

// Keys are an issuer's keys, oldest first. A key is in use from its ValidFrom
// until that of its successor.
type Keys []Certificate

// maxKeys is a rotation every day for almost three years.
const maxKeys = 1_000

// Server is the issuer's identity.
func (k Keys) Server() domain.Hash {
	if len(k) == 0 {
		return domain.Hash{}
	}
	return k[0].ID()
}

// Until is when the key at an index went out of use, 0 while it is in use.
func (k Keys) Until(i int) domain.Instant {
	if i+1 >= len(k) {
		return 0
	}
	return k[i+1].ValidFrom
}

// check verifies the chain.
func (k Keys) check() error {
	if len(k) == 0 || len(k) > maxKeys {
		return fmt.Errorf("%w: %d keys", ErrKeys, len(k))
	}
	for i, c := range k {
		by := c
		if i > 0 {
			by = k[i-1]
		}
		switch {
		case len(c.Public) != ed25519.PublicKeySize:
			return fmt.Errorf("%w: key %d has %d bytes", ErrKeys, i+1, len(c.Public))
		case c.Issuer != Central && c.Issuer != Relay || c.Issuer != k[0].Issuer:
			return fmt.Errorf("%w: key %d is of issuer %.20q", ErrKeys, i+1, c.Issuer)
		case i == 0 && !c.Previous.IsZero() || i > 0 && c.Previous != by.ID():
			return fmt.Errorf("%w: key %d does not follow the one before", ErrKeys, i+1)
		case i > 0 && c.ValidFrom < by.ValidFrom:
			return fmt.Errorf("%w: key %d is older than the one before", ErrKeys, i+1)
		}
		message, err := c.signed()
		if err != nil {
			return err
		}
		if !ed25519.Verify(by.Public, message, c.Signature) {
			return fmt.Errorf("%w: key %d is not signed by the one before", ErrKeys, i+1)
		}
	}
	return nil
}

// follow gives the longer of two lists, provided that it continues the shorter:
// whoever trusts one may trust the other.
func (k Keys) follow(trusted Keys) (Keys, error) {
	for i := range min(len(k), len(trusted)) {
		switch {
		case k[i].equal(trusted[i]):
		case i == 0:
			return nil, fmt.Errorf("%w: it is %s, trusted is %s", ErrUntrusted, k.Server(), trusted.Server())
		default:
			return nil, fmt.Errorf("%w: at key %d", ErrForked, i+1)
		}
	}
	if len(k) > len(trusted) {
		return k, nil
	}
	return trusted, nil
}

// find gives the public key of an id.
func (k Keys) find(id domain.Hash) (public ed25519.PublicKey, known bool) {
	for _, c := range k {
		if c.ID() == id {
			return c.Public, true
		}
	}
	return nil, false
}

// inUse refuses a key at a time at which another one signed.
func (k Keys) inUse(id domain.Hash, when domain.Instant) error {
	for i, c := range k {
		if until := k.Until(i); c.ID() == id && (when < c.ValidFrom || until.Set() && when > until) {
			return fmt.Errorf("%w: %s, in use from %s", ErrTime, stamp(when), stamp(c.ValidFrom))
		}
	}
	return nil
}

const keyBlock = "KEYTURN RECEIPT KEY"

// Encode writes the list as text, one PEM block a key. The headers are for
// people; nobody reads them back.
func (k Keys) Encode() ([]byte, error) {
	var out bytes.Buffer
	for i, c := range k {
		b, err := syncproto.Marshal(c)
		if err != nil {
			return nil, fmt.Errorf("encode receipt keys: %w", err)
		}
		headers := map[string]string{"Fingerprint": c.ID().String(), "Issuer": string(c.Issuer), "Valid-From": stamp(c.ValidFrom)}
		if until := k.Until(i); until.Set() {
			headers["Valid-Until"] = stamp(until)
		}
		if err := pem.Encode(&out, &pem.Block{Type: keyBlock, Headers: headers, Bytes: b}); err != nil {
			return nil, fmt.Errorf("encode receipt keys: %w", err)
		}
	}
	return out.Bytes(), nil
}

func stamp(i domain.Instant) string { return i.Time().Format(time.RFC3339) }

// MaxKeysBytes is the longest list that DecodeKeys reads.
const MaxKeysBytes = 1 << 20

// DecodeKeys reads a list and verifies its chain; failures are ErrKeys.
func DecodeKeys(text []byte) (Keys, error) {
	if len(text) > MaxKeysBytes {
		return nil, fmt.Errorf("%w: %d bytes", ErrKeys, len(text))
	}
	var k Keys
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != keyBlock {
			continue // such as the private key beside them
		}
		var c Certificate
		if err := syncproto.Unmarshal(block.Bytes, &c); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKeys, err)
		}
		k = append(k, c)
	}
	return k, k.check()
}
