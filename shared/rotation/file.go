package rotation

import (
	"encoding/json"
	"fmt"
)

// MaxBytes is the longest file: all statements that fit into a chain, by the
// largest keys.
const MaxBytes = 512 << 10

const version = 1

// File is what a server publishes.
type File struct {
	Version    int         `json:"version"`
	Statements []Statement `json:"statements"`
}

// Encode writes a chain as its file, which Decode reads.
func (c Chain) Encode() ([]byte, error) {
	f := File{Version: version, Statements: c.statements}
	if f.Statements == nil {
		f.Statements = []Statement{}
	}
	b, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encode key rotations: %w", err)
	}
	return append(b, '\n'), nil
}

// Decode reads a file and verifies every statement in it. Failures are
// ErrFormat, ErrKey, ErrSignature, ErrOrder or ErrUsed.
func Decode(b []byte) (Chain, error) {
	if len(b) > MaxBytes {
		return Chain{}, fmt.Errorf("%w: %d bytes", ErrFormat, len(b))
	}
	var f File
	if err := json.Unmarshal(b, &f); err != nil {
		return Chain{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if f.Version != version {
		return Chain{}, fmt.Errorf("%w: version %d", ErrFormat, f.Version)
	}
	return checked(f.Statements)
}
