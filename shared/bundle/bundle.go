package bundle

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Version of the format; additions to the header do not raise it.
const Version = 1

// Why a bundle is refused.
var (
	// ErrFormat: this is no bundle.
	ErrFormat = errors.New("not a bundle")
	// ErrVersion: a newer app wrote it.
	ErrVersion = errors.New("a bundle of another version")
	// ErrTruncated: the end is missing; copy the file again.
	ErrTruncated = errors.New("the bundle is not whole")
	// ErrDamaged: its bytes differ from those that were written; copy it again.
	ErrDamaged = errors.New("the bundle was damaged on its way")
	// ErrForged: whoever sealed it does not know the device's secret.
	ErrForged = errors.New("the bundle was changed, or does not come from this device")
	// ErrContent: it is sealed well, but holds what no device writes.
	ErrContent = errors.New("the bundle holds what it may not")
	// ErrPhoto: a photo's file does not have the bytes that its record names.
	ErrPhoto = errors.New("the photo's bytes do not match its hash")
)

// Limits of a bundle.
const (
	// MaxPhotoBytes is the largest photo that a vault takes.
	MaxPhotoBytes = 50 << 20

	maxHeader  = 4 << 10
	maxVersion = 80
	maxMeta    = 1 << 10
	saltBytes  = 32
)

// Header says what the file is before it is opened. It names no person.
type Header struct {
	Version int             `cbor:"1,keyasint"`
	Device  domain.DeviceID `cbor:"2,keyasint"`
	// NextSeq is the lowest op number that the device had no answer for: that of
	// the first op in the file, if there is one.
	NextSeq    uint64 `cbor:"3,keyasint"`
	AppVersion string `cbor:"4,keyasint"`
	Schema     int    `cbor:"5,keyasint"`
	// ExportedAt is by the device's clock, right or wrong.
	ExportedAt domain.Instant `cbor:"6,keyasint"`
	Salt       []byte         `cbor:"7,keyasint"`
}

func (h Header) check() error {
	switch {
	case h.Version != Version:
		return fmt.Errorf("%w: version %d", ErrVersion, h.Version)
	case h.Device.IsZero(), h.NextSeq == 0, len(h.AppVersion) > maxVersion, len(h.Salt) != saltBytes:
		return fmt.Errorf("%w: bad header", ErrFormat)
	default:
		return nil
	}
}

// Photo announces a blob.
type Photo struct {
	SHA256 domain.Hash `cbor:"1,keyasint"`
	Bytes  int64       `cbor:"2,keyasint"`
	// Op is the number of the device's op whose record names the blob.
	Op uint64 `cbor:"3,keyasint"`
}

func (p Photo) check() error {
	if p.SHA256.IsZero() || p.Bytes <= 0 || p.Bytes > MaxPhotoBytes || p.Op == 0 {
		return fmt.Errorf("%w: photo of %d bytes for op %d", ErrContent, p.Bytes, p.Op)
	}
	return nil
}

// Totals are what a bundle holds.
type Totals struct {
	Ops    uint64 `cbor:"1,keyasint"`
	Photos uint64 `cbor:"2,keyasint"`
	// PhotoBytes is the sum of their sizes.
	PhotoBytes int64 `cbor:"3,keyasint"`
}

// checkOps refuses ops that a device would not have written behind each other.
func checkOps(h Header, last uint64, ops []syncproto.Op) error {
	if len(ops) == 0 || len(ops) > syncproto.MaxBatchOps {
		return fmt.Errorf("%w: %d ops in a push", ErrContent, len(ops))
	}
	for _, op := range ops {
		if op.Device != h.Device || last == 0 && op.Seq != h.NextSeq || last != 0 && op.Seq != last+1 {
			return fmt.Errorf("%w: op %d of device %s after op %d", ErrContent, op.Seq, op.Device, last)
		}
		last = op.Seq
	}
	return nil
}

// Secret is what device and server share.
type Secret [sha256.Size]byte

// SecretOf gives a device's secret from its token; the server stores just that.
func SecretOf(token string) Secret { return sha256.Sum256([]byte(token)) }

// SecretFrom takes the stored hash of a device's token.
func SecretFrom(hash []byte) (s Secret, err error) {
	if len(hash) != len(s) {
		return s, fmt.Errorf("%w: the secret has %d bytes", ErrFormat, len(hash))
	}
	copy(s[:], hash)
	return s, nil
}

// Kinds of section.
const (
	kindPush  = 1
	kindPhoto = 2
	kindEnd   = 3
)

const (
	magic    = "keyturn bundle\n"
	endMagic = "keyturn bundle end\n"
	endBytes = len(endMagic) + sha256.Size
)
