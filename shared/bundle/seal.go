package bundle

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
)

const (
	pieceBytes = 64 << 10
	tagBytes   = 16
)

// pieces is the cipher with the number of the next piece.
type pieces struct {
	aead cipher.AEAD
	next uint64
}

// newPieces derives a file's key; opening is the magic, length and header, which
// thereby cannot be changed either.
func newPieces(s Secret, salt, opening []byte) (*pieces, error) {
	bound := sha256.Sum256(opening)
	key, err := hkdf.Key(sha256.New, s[:], salt, "keyturn bundle v1\x00"+string(bound[:]), 32)
	if err != nil {
		return nil, fmt.Errorf("bundle key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("bundle key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("bundle key: %w", err)
	}
	return &pieces{aead: aead}, nil
}

// nonce is unique under the file's key: three zero bytes, the piece's number,
// and 1 for the last piece.
func (p *pieces) nonce(last bool) []byte {
	n := make([]byte, 12)
	binary.BigEndian.PutUint64(n[3:], p.next)
	if last {
		n[11] = 1
	}
	p.next++
	return n
}

// sealer encrypts what is written to it. Close seals the last piece.
type sealer struct {
	*pieces
	to     io.Writer
	buffer []byte
}

func (s *sealer) Write(b []byte) (int, error) {
	written := 0
	for len(b) > 0 {
		// A full piece waits for one more byte: only then is it not the last.
		if len(s.buffer) == pieceBytes {
			if err := s.flush(false); err != nil {
				return written, err
			}
		}
		n := min(pieceBytes-len(s.buffer), len(b))
		s.buffer = append(s.buffer, b[:n]...)
		b, written = b[n:], written+n
	}
	return written, nil
}

func (s *sealer) flush(last bool) error {
	_, err := s.to.Write(s.aead.Seal(nil, s.nonce(last), s.buffer, nil))
	s.buffer = s.buffer[:0]
	return err
}

func (s *sealer) Close() error { return s.flush(true) }

// opener decrypts what was sealed; it gives nothing that is not genuine.
type opener struct {
	*pieces
	from io.Reader
	// left is how many sealed bytes there still are.
	left   int64
	sealed []byte
	ready  []byte
}

func (o *opener) Read(b []byte) (int, error) {
	for len(o.ready) == 0 {
		if o.left == 0 {
			return 0, io.EOF
		}
		if err := o.piece(); err != nil {
			return 0, err
		}
	}
	n := copy(b, o.ready)
	o.ready = o.ready[n:]
	return n, nil
}

func (o *opener) piece() error {
	size := min(o.left, pieceBytes+tagBytes)
	o.left -= size
	o.sealed = append(o.sealed[:0], make([]byte, size)...)
	if _, err := io.ReadFull(o.from, o.sealed); err != nil {
		return fmt.Errorf("read bundle: %w", err)
	}
	plain, err := o.aead.Open(o.sealed[:0], o.nonce(o.left == 0), o.sealed, nil)
	if err != nil {
		return ErrForged
	}
	o.ready = plain
	return nil
}
