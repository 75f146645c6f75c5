package bundle

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Writer writes one bundle. After an error the file is worthless.
type Writer struct {
	to     io.Writer
	sum    hash.Hash
	sealed *sealer
	header Header
	totals Totals
	last   uint64 // number of the last op
}

// NewWriter begins a bundle. Version, Schema and Salt of the header are set
// here.
func NewWriter(to io.Writer, h Header, secret Secret, random io.Reader) (*Writer, error) {
	h.Version, h.Schema, h.Salt = Version, syncproto.SchemaVersion, make([]byte, saltBytes)
	if _, err := io.ReadFull(random, h.Salt); err != nil {
		return nil, fmt.Errorf("write bundle: %w", err)
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	b, err := syncproto.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("write bundle: %w", err)
	}
	opening := append(binary.BigEndian.AppendUint32([]byte(magic), uint32(len(b))), b...)
	p, err := newPieces(secret, h.Salt, opening)
	if err != nil {
		return nil, err
	}
	w := &Writer{sum: sha256.New(), header: h}
	w.to = io.MultiWriter(to, w.sum)
	w.sealed = &sealer{pieces: p, to: w.to, buffer: make([]byte, 0, pieceBytes)}
	if _, err := w.to.Write(opening); err != nil {
		return nil, fmt.Errorf("write bundle: %w", err)
	}
	return w, nil
}

// Push adds one; ops continue each other without gaps, and groups are whole.
func (w *Writer) Push(p syncproto.Push) error {
	ops := p.Ops
	if err := checkOps(w.header, w.last, ops); err != nil {
		return err
	}
	if w.totals.Photos > 0 {
		return fmt.Errorf("%w: ops after photos", ErrContent)
	}
	p.Batch = ops[0].Seq
	frame, err := syncproto.EncodeFrame(&p)
	if err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	w.totals.Ops += uint64(len(ops))
	w.last = ops[len(ops)-1].Seq
	return w.section(kindPush, frame)
}

// Photo adds a blob. Its bytes are checked before anything is written, so after
// an ErrPhoto the bundle goes on without it.
func (w *Writer) Photo(p Photo, content io.ReadSeeker) error {
	if err := p.check(); err != nil {
		return err
	}
	found, n, err := hashOf(content)
	if err != nil {
		return fmt.Errorf("read photo %s: %w", p.SHA256, err)
	}
	if found != p.SHA256 || n != p.Bytes {
		return fmt.Errorf("%w: %s", ErrPhoto, p.SHA256)
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read photo %s: %w", p.SHA256, err)
	}
	meta, err := syncproto.Marshal(p)
	if err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	if err := w.section(kindPhoto, meta); err != nil {
		return err
	}
	// The file may have changed since: then the reader finds the wrong hash.
	if _, err := io.CopyN(w.sealed, content, p.Bytes); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	w.totals.Photos++
	w.totals.PhotoBytes += p.Bytes
	return nil
}

func hashOf(content io.ReadSeeker) (sha domain.Hash, n int64, err error) {
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return sha, 0, err
	}
	h := sha256.New()
	n, err = io.Copy(h, io.LimitReader(content, MaxPhotoBytes+1))
	return domain.Hash(h.Sum(nil)), n, err
}

func (w *Writer) section(kind byte, body []byte) error {
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)))
	if _, err := w.sealed.Write(append(head, body...)); err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}

// Close ends the bundle; without it the file is not whole. It does not close
// what the bundle is written to.
func (w *Writer) Close() (Totals, error) {
	b, err := syncproto.Marshal(w.totals)
	if err != nil {
		return w.totals, fmt.Errorf("write bundle: %w", err)
	}
	if err := w.section(kindEnd, b); err != nil {
		return w.totals, err
	}
	if err := w.sealed.Close(); err != nil {
		return w.totals, fmt.Errorf("write bundle: %w", err)
	}
	if _, err := io.WriteString(w.to, endMagic); err != nil {
		return w.totals, fmt.Errorf("write bundle: %w", err)
	}
	if _, err := w.to.Write(w.sum.Sum(nil)); err != nil {
		return w.totals, fmt.Errorf("write bundle: %w", err)
	}
	return w.totals, nil
}
