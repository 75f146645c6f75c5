package domain

import (
	"encoding/hex"
	"errors"
	"fmt"
)

// Hash is a SHA-256.
type Hash [32]byte

// ErrBadHash says that a text or byte string is not a SHA-256.
var ErrBadHash = errors.New("not a SHA-256")

// IsZero reports whether the hash was never set.
func (h Hash) IsZero() bool { return h == Hash{} }

// String is the lower-case hexadecimal form, empty for the zero hash.
func (h Hash) String() string {
	if h.IsZero() {
		return ""
	}
	return hex.EncodeToString(h[:])
}

// ParseHash reads the 64-digit lower-case hexadecimal form.
func ParseHash(s string) (h Hash, err error) {
	if len(s) != 64 {
		return h, fmt.Errorf("%w: %d characters", ErrBadHash, len(s))
	}
	if _, err = hex.Decode(h[:], []byte(s)); err != nil || h.String() != s {
		return Hash{}, fmt.Errorf("%w: %.64q", ErrBadHash, s)
	}
	return h, nil
}

// MarshalBinary gives the 32 bytes.
func (h Hash) MarshalBinary() ([]byte, error) { return h[:], nil }

// UnmarshalBinary takes exactly 32 bytes.
func (h *Hash) UnmarshalBinary(b []byte) error {
	if len(b) != len(h) {
		return fmt.Errorf("%w: %d bytes", ErrBadHash, len(b))
	}
	copy(h[:], b)
	return nil
}
