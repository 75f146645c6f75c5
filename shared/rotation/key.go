package rotation

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"io"
)

// Sizes of RSA keys: what TLS clients still accept, and what costs a verifier
// little.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// pss is one fixed way to sign, so that other languages can verify it.
var pss = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}

// Pin is what a device remembers of a key: the SHA-256 of its DER
// SubjectPublicKeyInfo, 32 bytes. Keys that make no statements are ErrKey.
func Pin(spki []byte) ([]byte, error) {
	if _, err := parse(spki); err != nil {
		return nil, err
	}
	return pin(spki), nil
}

func pin(spki []byte) []byte {
	sum := sha256.Sum256(spki)
	return sum[:]
}

// parse reads a public key that can verify a statement.
func parse(spki []byte) (crypto.PublicKey, error) {
	public, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	ok := false
	switch k := public.(type) {
	case *rsa.PublicKey:
		ok = k.N.BitLen() >= minRSABits && k.N.BitLen() <= maxRSABits
	case *ecdsa.PublicKey:
		ok = k.Curve == elliptic.P256() || k.Curve == elliptic.P384() || k.Curve == elliptic.P521()
	case ed25519.PublicKey:
		ok = true
	}
	if !ok {
		return nil, fmt.Errorf("%w: %T", ErrKey, public)
	}
	return public, nil
}

// sign signs with a key whose public half parse accepts.
func sign(random io.Reader, key crypto.Signer, message []byte) ([]byte, error) {
	digest := sha256.Sum256(message)
	switch key.Public().(type) {
	case *rsa.PublicKey:
		return key.Sign(random, digest[:], pss)
	case *ecdsa.PublicKey:
		return key.Sign(random, digest[:], crypto.SHA256)
	default:
		return key.Sign(random, message, crypto.Hash(0)) // Ed25519 hashes by itself
	}
}

// verified tells whether the holder of a public key has signed a message.
func verified(spki, message, signature []byte) (bool, error) {
	public, err := parse(spki)
	if err != nil {
		return false, err
	}
	digest := sha256.Sum256(message)
	switch k := public.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPSS(k, crypto.SHA256, digest[:], signature, pss) == nil, nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(k, digest[:], signature), nil
	case ed25519.PublicKey:
		return ed25519.Verify(k, message, signature), nil
	}
	return false, ErrKey
}
