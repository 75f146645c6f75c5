package receipt

import "errors"

// Why a receipt is not believed.
var (
	// ErrFormat: these bytes are no receipt, or not all of one.
	ErrFormat = errors.New("not a whole receipt")
	// ErrVersion: a newer program wrote it.
	ErrVersion = errors.New("a receipt of another version")
	// ErrSignature: what it says is not what was signed.
	ErrSignature = errors.New("the receipt has been changed or was never signed by this key")
	// ErrUntrusted: it is signed, but by somebody else.
	ErrUntrusted = errors.New("the receipt comes from another server than the trusted one")
	// ErrForked: a trusted key has two successors, so one of them is false.
	ErrForked = errors.New("the receipt's keys branch off from the trusted ones")
	// ErrTime: the key was not in use when the receipt says it was signed.
	ErrTime = errors.New("the key was not in use at the time of signing")
	// ErrKeys: the list of keys is not a chain.
	ErrKeys = errors.New("bad receipt keys")
)
