package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// File is a bundle whose bytes are whole and undamaged. Nobody has looked yet
// whether it is genuine.
type File struct {
	Header  Header
	from    io.ReaderAt
	opening []byte
	// content is where the sealed bytes lie.
	at, bytes int64
}

// Open reads the header and checks the whole file against its hash. The error
// is ErrFormat, ErrVersion, ErrTruncated or ErrDamaged, or a failure to read.
func Open(from io.ReaderAt, size int64) (*File, error) {
	fixed := make([]byte, len(magic)+4)
	if size < int64(len(fixed)) {
		return nil, fmt.Errorf("%w: %d bytes", ErrFormat, size)
	}
	if _, err := from.ReadAt(fixed, 0); err != nil {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	n := int64(binary.BigEndian.Uint32(fixed[len(magic):]))
	if !bytes.HasPrefix(fixed, []byte(magic)) || n > maxHeader {
		return nil, ErrFormat
	}
	f := &File{from: from, at: int64(len(fixed)) + n}
	f.bytes = size - f.at - int64(endBytes)
	if f.bytes < tagBytes {
		return nil, ErrTruncated
	}
	if err := f.whole(size); err != nil {
		return nil, err
	}
	f.opening = make([]byte, f.at)
	if _, err := from.ReadAt(f.opening, 0); err != nil {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	if err := syncproto.Unmarshal(f.opening[len(fixed):], &f.Header); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return f, f.Header.check()
}

// whole compares the file with the hash at its end.
func (f *File) whole(size int64) error {
	end := make([]byte, endBytes)
	if _, err := f.from.ReadAt(end, size-int64(endBytes)); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read bundle: %w", err)
	}
	if !bytes.HasPrefix(end, []byte(endMagic)) {
		return ErrTruncated
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f.from, 0, size-sha256.Size)); err != nil {
		return fmt.Errorf("read bundle: %w", err)
	}
	if !bytes.Equal(h.Sum(nil), end[len(endMagic):]) {
		return ErrDamaged
	}
	return nil
}

// Taker is handed what a bundle holds, in order. An error ends the reading.
type Taker interface {
	Push(p *syncproto.Push) error
	// Photo may leave bytes unread. What it reads is genuine, but only when Read
	// has returned without an error are they those of the hash.
	Photo(p Photo, content io.Reader) error
}

// Read opens the seal and hands everything on. The error is ErrForged for
// another secret, ErrContent for what no device writes, or the taker's. Reading
// may be repeated.
func (f *File) Read(secret Secret, to Taker) (Totals, error) {
	p, err := newPieces(secret, f.Header.Salt, f.opening)
	if err != nil {
		return Totals{}, err
	}
	r := &reading{header: f.Header, to: to, from: &opener{pieces: p, from: io.NewSectionReader(f.from, f.at, f.bytes), left: f.bytes}}
	for {
		done, err := r.section()
		if err != nil {
			return r.totals, err
		}
		if done {
			return r.totals, nil
		}
	}
}

// Check reads everything and keeps nothing.
func (f *File) Check(secret Secret) (Totals, error) { return f.Read(secret, nobody{}) }

type nobody struct{}

func (nobody) Push(*syncproto.Push) error   { return nil }
func (nobody) Photo(Photo, io.Reader) error { return nil }

type reading struct {
	header Header
	to     Taker
	from   io.Reader
	totals Totals
	last   uint64
}

func (r *reading) section() (done bool, err error) {
	var head [5]byte
	if err := r.full(head[:]); err != nil {
		return false, err
	}
	limit := uint32(maxMeta)
	if head[0] == kindPush {
		limit = syncproto.MaxFrameBytes
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > limit {
		return false, fmt.Errorf("%w: a section of %d bytes", ErrContent, n)
	}
	body := make([]byte, n)
	if err := r.full(body); err != nil {
		return false, err
	}
	switch head[0] {
	case kindPush:
		return false, r.push(body)
	case kindPhoto:
		return false, r.photo(body)
	case kindEnd:
		return true, r.end(body)
	default:
		return false, fmt.Errorf("%w: section %d", ErrContent, head[0])
	}
}

// full reads what must be there.
func (r *reading) full(b []byte) error {
	_, err := io.ReadFull(r.from, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends without an end", ErrContent)
	}
	return err
}

func (r *reading) push(body []byte) error {
	frame, err := syncproto.DecodeFrame(body)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrContent, err)
	}
	push, ok := frame.(*syncproto.Push)
	if !ok || r.totals.Photos > 0 {
		return fmt.Errorf("%w: frame type %d after %d photos", ErrContent, frame.FrameType(), r.totals.Photos)
	}
	if err := checkOps(r.header, r.last, push.Ops); err != nil {
		return err
	}
	r.totals.Ops += uint64(len(push.Ops))
	r.last = push.Ops[len(push.Ops)-1].Seq
	return r.to.Push(push)
}

func (r *reading) photo(body []byte) error {
	var p Photo
	if err := syncproto.Unmarshal(body, &p); err != nil {
		return fmt.Errorf("%w: %w", ErrContent, err)
	}
	if err := p.check(); err != nil {
		return err
	}
	h := sha256.New()
	content := &io.LimitedReader{R: r.from, N: p.Bytes}
	hashed := io.TeeReader(content, h)
	if err := r.to.Photo(p, hashed); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, hashed); err != nil {
		return err
	}
	if content.N > 0 {
		return fmt.Errorf("%w: it ends within a photo", ErrContent)
	}
	if domain.Hash(h.Sum(nil)) != p.SHA256 {
		return fmt.Errorf("%w: %w: %s", ErrContent, ErrPhoto, p.SHA256)
	}
	r.totals.Photos++
	r.totals.PhotoBytes += p.Bytes
	return nil
}

func (r *reading) end(body []byte) error {
	var said Totals
	if err := syncproto.Unmarshal(body, &said); err != nil {
		return fmt.Errorf("%w: %w", ErrContent, err)
	}
	if said != r.totals {
		return fmt.Errorf("%w: it announces %+v and holds %+v", ErrContent, said, r.totals)
	}
	switch n, err := r.from.Read(make([]byte, 1)); {
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case n > 0:
		return fmt.Errorf("%w: something follows the end", ErrContent)
	}
	return nil
}
