package receipt

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Version of the format; additions do not raise it.
const Version = 1

// Issuer is who confirms. Only a central server's word means that the work has
// arrived; a relay's means that it is on its way (sync design, shape 14).
type Issuer string

// Kinds of issuer.
const (
	Central Issuer = "central"
	Relay   Issuer = "relay"
)

// Limits of one receipt. They lie below what syncproto decodes as one array;
// a device with more ops has several receipts.
const (
	MaxOps    = 50_000
	MaxPhotos = 50_000
	// MaxBytes is the largest envelope.
	MaxBytes = 16 << 20

	maxScopes = 1_000
	maxEpoch  = 64
)

// Receipt is what the issuer held when it signed.
type Receipt struct {
	Version int    `cbor:"1,keyasint"`
	Issuer  Issuer `cbor:"2,keyasint"`
	// Server is the issuer's identity: the id of its first key. It outlives
	// rotations.
	Server domain.Hash `cbor:"3,keyasint"`
	// Epoch is the incarnation of the log that LogSeq counts in.
	Epoch    string          `cbor:"4,keyasint"`
	Device   domain.DeviceID `cbor:"5,keyasint"`
	SignedAt domain.Instant  `cbor:"6,keyasint"`
	// From and To are the range of the device's op numbers that was looked at,
	// both included; To is From-1 when there were none.
	From uint64 `cbor:"7,keyasint"`
	To   uint64 `cbor:"8,keyasint"`
	// Scopes are what Op.Scope points into.
	Scopes []syncproto.Scope `cbor:"9,keyasint,omitempty"`
	// Ops are those of the range that are stored durably, in order.
	Ops []Op `cbor:"10,keyasint,omitempty"`
	// Photos are the blobs named by Ops whose bytes are durable; Awaited are
	// those named by accepted ops that had not arrived whole. Both are ordered by
	// hash.
	Photos  []Photo       `cbor:"11,keyasint,omitempty"`
	Awaited []domain.Hash `cbor:"12,keyasint,omitempty"`
}

// Op is one op that the issuer holds.
type Op struct {
	Seq uint64 `cbor:"1,keyasint"`
	// SHA256 is of the op's body as it was received: deterministic CBOR, so the
	// device can compute it from its own copy.
	SHA256 domain.Hash      `cbor:"2,keyasint"`
	Entity domain.Entity    `cbor:"3,keyasint"`
	ID     domain.AnyID     `cbor:"4,keyasint"`
	Status syncproto.Status `cbor:"5,keyasint"`
	// Scope is an index into Receipt.Scopes.
	Scope int `cbor:"6,keyasint,omitzero"`
	// LogSeq is the op's place in its scope's log, 0 when it is not there.
	LogSeq     uint64         `cbor:"7,keyasint,omitzero"`
	ReceivedAt domain.Instant `cbor:"8,keyasint"`
}

// Photo is a blob that the issuer holds whole and verified.
type Photo struct {
	SHA256     domain.Hash    `cbor:"1,keyasint"`
	Bytes      int64          `cbor:"2,keyasint"`
	ReceivedAt domain.Instant `cbor:"3,keyasint"`
}

// Count counts the ops that ended in one of the statuses.
func (r Receipt) Count(statuses ...syncproto.Status) int {
	n := 0
	for _, op := range r.Ops {
		if slices.Contains(statuses, op.Status) {
			n++
		}
	}
	return n
}

// check refuses what no issuer writes.
func (r Receipt) check() error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrFormat, fmt.Sprintf(format, args...))
	}
	switch {
	case r.Version != Version:
		return fmt.Errorf("%w: version %d", ErrVersion, r.Version)
	case r.Issuer != Central && r.Issuer != Relay:
		return wrong("issuer %.20q", r.Issuer)
	case r.Server.IsZero() || r.Device.IsZero():
		return wrong("no server or no device")
	case len(r.Epoch) > maxEpoch || len(r.Ops) > MaxOps || len(r.Scopes) > maxScopes || len(r.Photos)+len(r.Awaited) > MaxPhotos:
		return wrong("too large")
	case r.From == 0 || r.To+1 < r.From:
		return wrong("range %d to %d", r.From, r.To)
	}
	last := r.From - 1
	for _, op := range r.Ops {
		if op.Seq <= last || op.Seq > r.To || op.Scope < 0 || op.Scope >= len(r.Scopes) || op.SHA256.IsZero() {
			return wrong("op %d after %d", op.Seq, last)
		}
		last = op.Seq
	}
	held := func(a, b Photo) int { return compare(a.SHA256, b.SHA256) }
	if !ascending(r.Photos, held) || !ascending(r.Awaited, compare) {
		return wrong("photos out of order")
	}
	if slices.ContainsFunc(r.Photos, func(p Photo) bool { return p.Bytes < 0 || r.awaits(p.SHA256) }) {
		return wrong("a photo is held and awaited")
	}
	return nil
}

func (r Receipt) awaits(sha domain.Hash) bool {
	_, found := slices.BinarySearchFunc(r.Awaited, sha, compare)
	return found
}

func compare(a, b domain.Hash) int { return bytes.Compare(a[:], b[:]) }

// ascending reports whether each is greater than the one before.
func ascending[T any](all []T, compare func(a, b T) int) bool {
	for i := 1; i < len(all); i++ {
		if compare(all[i-1], all[i]) >= 0 {
			return false
		}
	}
	return true
}

// Arrange puts scopes, photos and awaited hashes in the order that makes equal
// receipts equal bytes; a photo that is listed twice is listed once.
func (r *Receipt) Arrange() {
	slices.SortFunc(r.Photos, func(a, b Photo) int { return cmp.Or(compare(a.SHA256, b.SHA256), cmp.Compare(a.Bytes, b.Bytes)) })
	r.Photos = slices.CompactFunc(r.Photos, func(a, b Photo) bool { return a.SHA256 == b.SHA256 })
	slices.SortFunc(r.Awaited, compare)
	r.Awaited = slices.Compact(r.Awaited)
}
