package merge

import (
	"crypto/sha256"
	"hash"

	"keyturn/shared/domain"
)

// Digest sums up a scope's records: devices and servers that hold the same have
// the same digest (sync design, shape 8).
type Digest struct{ h hash.Hash }

// NewDigest is the digest of no records.
func NewDigest() *Digest { return &Digest{h: sha256.New()} }

// Add takes the next record, as Encode gives it; records come in the order of
// entity and id.
func (d *Digest) Add(encoded []byte) { d.h.Write(encoded) }

// Sum is the digest of what was added.
func (d *Digest) Sum() domain.Hash { return domain.Hash(d.h.Sum(nil)) }
