package receipt

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

const (
	magic       = "keyturn receipt\n"
	headBytes   = len(magic) + 4
	bodyContext = "keyturn receipt v1\x00"
	// maxInFile is how many receipts one file may hold.
	maxInFile = 1_000
)

// envelope is a body with what proves it.
type envelope struct {
	Body      []byte      `cbor:"1,keyasint"`
	Key       domain.Hash `cbor:"2,keyasint"`
	Signature []byte      `cbor:"3,keyasint"`
	Keys      Keys        `cbor:"4,keyasint"`
}

func message(body []byte) []byte { return append([]byte(bodyContext), body...) }

// Seal signs a receipt and gives the file. Who signs decides Version, Issuer and
// Server; SignedAt does not lie before the key.
func (s *Signer) Seal(r Receipt) ([]byte, error) {
	key := s.Keys[len(s.Keys)-1]
	r.Version, r.Issuer, r.Server = Version, key.Issuer, s.Keys.Server()
	r.SignedAt = max(r.SignedAt, key.ValidFrom)
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	body, err := syncproto.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	b, err := syncproto.Marshal(envelope{Body: body, Key: key.ID(), Signature: ed25519.Sign(s.private, message(body)), Keys: s.Keys})
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	if len(b) > MaxBytes {
		return nil, fmt.Errorf("seal: %w: %d bytes", ErrFormat, len(b))
	}
	file := binary.BigEndian.AppendUint32(append(make([]byte, 0, headBytes+len(b)), magic...), uint32(len(b)))
	return append(file, b...), nil
}

// Verified is a file whose every receipt has been verified.
type Verified struct {
	// Receipts are of one device and one issuer, with rising ranges.
	Receipts []Receipt
	// Keys are the issuer's, as far as the file or the reader knows them.
	Keys Keys
}

// Verify reads a file and believes it only if the trusted keys, or a key to
// which they lead, signed it. The error says why not: ErrFormat, ErrVersion,
// ErrSignature, ErrUntrusted, ErrForked, ErrTime or ErrKeys.
func Verify(file []byte, trusted Keys) (Verified, error) {
	v := Verified{Keys: trusted}
	if err := trusted.check(); err != nil {
		return v, err
	}
	for len(file) > 0 {
		if len(v.Receipts) == maxInFile {
			return Verified{}, fmt.Errorf("%w: more than %d receipts", ErrFormat, maxInFile)
		}
		e, rest, err := cut(file)
		if err != nil {
			return Verified{}, err
		}
		if err := v.add(e); err != nil {
			return Verified{}, err
		}
		file = rest
	}
	if len(v.Receipts) == 0 {
		return Verified{}, fmt.Errorf("%w: empty", ErrFormat)
	}
	return v, nil
}

// KeysIn gives the keys that come with a file, for a reader who has none yet and
// has the file from the issuer itself. They form a chain, but say nothing about
// who stands at its beginning.
func KeysIn(file []byte) (Keys, error) {
	e, _, err := cut(file)
	if err != nil {
		return nil, err
	}
	return e.Keys, e.Keys.check()
}

// cut takes the first envelope off a file.
func cut(file []byte) (e envelope, rest []byte, err error) {
	if len(file) < headBytes || string(file[:len(magic)]) != magic {
		return e, nil, fmt.Errorf("%w: no receipt begins here", ErrFormat)
	}
	size := binary.BigEndian.Uint32(file[len(magic):])
	file = file[headBytes:]
	if size > MaxBytes || int(size) > len(file) {
		return e, nil, fmt.Errorf("%w: %d of %d bytes", ErrFormat, len(file), size)
	}
	if err := syncproto.Unmarshal(file[:size], &e); err != nil {
		return e, nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return e, file[size:], nil
}

// add verifies one receipt. Nothing of its body is looked at before its
// signature has been.
func (v *Verified) add(e envelope) error {
	if err := e.Keys.check(); err != nil {
		return err
	}
	keys, err := e.Keys.follow(v.Keys)
	if err != nil {
		return err
	}
	public, known := keys.find(e.Key)
	if !known {
		return fmt.Errorf("%w: no key %s", ErrUntrusted, e.Key)
	}
	if !ed25519.Verify(public, message(e.Body), e.Signature) {
		return ErrSignature
	}
	var r Receipt
	if err := syncproto.Unmarshal(e.Body, &r); err != nil {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if err := r.check(); err != nil {
		return err
	}
	// A relay's key cannot speak for a central server, nor one server for another.
	if r.Issuer != keys[0].Issuer || r.Server != keys.Server() {
		return fmt.Errorf("%w: it speaks for %s server %s", ErrUntrusted, r.Issuer, r.Server)
	}
	if err := keys.inUse(e.Key, r.SignedAt); err != nil {
		return err
	}
	if n := len(v.Receipts); n > 0 {
		if last := v.Receipts[n-1]; r.Device != last.Device || r.From <= last.To {
			return fmt.Errorf("%w: the receipts in the file do not continue each other", ErrFormat)
		}
	}
	v.Receipts, v.Keys = append(v.Receipts, r), keys
	return nil
}
