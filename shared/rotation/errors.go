package rotation

import "errors"

// Why statements are not believed, or cannot be made.
var (
	// ErrFormat: these bytes are no list of statements, or too many.
	ErrFormat = errors.New("not a list of key rotations")
	// ErrKey: no TLS key of a kind that can make or verify a statement.
	ErrKey = errors.New("not an RSA (2048 to 8192 bits), ECDSA (P-256, P-384, P-521) or Ed25519 key")
	// ErrSignature: the old key did not sign this.
	ErrSignature = errors.New("a key rotation that the old key has not signed")
	// ErrOrder: the statements do not continue each other.
	ErrOrder = errors.New("key rotations that do not follow one another")
	// ErrUsed: a server never returns to a key: an old statement that leads away
	// from it would count again.
	ErrUsed = errors.New("this key is or was in use already; a rotation is to a new one")
)
