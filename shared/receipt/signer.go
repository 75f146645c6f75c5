package receipt

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"

	"keyturn/shared/domain"
)

// Signer is an issuer's secret: the key in use and all public keys so far.
type Signer struct {
	Keys    Keys
	private ed25519.PrivateKey
}

// NewSigner makes an issuer's first key.
func NewSigner(random io.Reader, issuer Issuer, now domain.Instant) (*Signer, error) {
	return succeed(random, Keys{}, nil, Certificate{Issuer: issuer, ValidFrom: now})
}

// Rotate makes the next key, signed by the present one.
func (s *Signer) Rotate(random io.Reader, now domain.Instant) (*Signer, error) {
	held := s.Keys[len(s.Keys)-1]
	return succeed(random, s.Keys, s.private, Certificate{Issuer: held.Issuer, ValidFrom: max(now, held.ValidFrom), Previous: held.ID()})
}

// succeed completes a certificate with a new key; without a signer it signs
// itself.
func succeed(random io.Reader, keys Keys, by ed25519.PrivateKey, c Certificate) (*Signer, error) {
	public, private, err := ed25519.GenerateKey(random)
	if err != nil {
		return nil, fmt.Errorf("new receipt key: %w", err)
	}
	if by == nil {
		by = private
	}
	c.Public = public
	message, err := c.signed()
	if err != nil {
		return nil, err
	}
	c.Signature = ed25519.Sign(by, message)
	s := &Signer{Keys: append(keys[:len(keys):len(keys)], c), private: private}
	return s, s.Keys.check()
}

const privateBlock = "PRIVATE KEY"

// Encode writes the secret and the public keys as PEM, to be kept from others.
func (s *Signer) Encode() ([]byte, error) {
	secret, err := x509.MarshalPKCS8PrivateKey(s.private)
	if err != nil {
		return nil, fmt.Errorf("encode receipt key: %w", err)
	}
	public, err := s.Keys.Encode()
	if err != nil {
		return nil, err
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: privateBlock, Bytes: secret}), public...), nil
}

// DecodeSigner reads what Encode wrote; the secret must be that of the newest
// key. Failures are ErrKeys.
func DecodeSigner(text []byte) (*Signer, error) {
	keys, err := DecodeKeys(text)
	if err != nil {
		return nil, err
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != privateBlock {
			continue
		}
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrKeys, err)
		}
		private, ok := parsed.(ed25519.PrivateKey)
		if !ok || !private.Public().(ed25519.PublicKey).Equal(ed25519.PublicKey(keys[len(keys)-1].Public)) { //nolint:errcheck // its documented type
			return nil, fmt.Errorf("%w: the secret is not that of the newest key", ErrKeys)
		}
		return &Signer{Keys: keys, private: private}, nil
	}
	return nil, fmt.Errorf("%w: no secret", ErrKeys)
}
