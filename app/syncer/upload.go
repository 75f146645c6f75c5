package syncer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"keyturn/app/localstore"
	"keyturn/shared/syncproto"
)

// A piece of an upload is between these sizes; the server takes none that is
// larger (PROTOCOL.md).
const (
	chunkBytes      = 256 << 10
	firstChunkBytes = 32 << 10
	leastChunkBytes = 4 << 10
)

// A piece that takes longer than slowChunk is followed by a smaller one, one
// that is quicker than quickChunk by a larger one.
const (
	quickChunk = 2 * time.Second
	slowChunk  = 10 * time.Second
)

// pace finds the size of pieces that suits the link: a cut costs at most one
// piece, and at 1 KB/s the largest would never arrive within callWait. The zero
// pace starts carefully.
type pace struct{ bytes int }

func (p *pace) size() int {
	if p.bytes == 0 {
		p.bytes = firstChunkBytes
	}
	return p.bytes
}

// took learns from a piece.
func (p *pace) took(d time.Duration, err error) {
	var refused *Refused
	switch {
	case errors.As(err, &refused), errors.Is(err, context.Canceled): // says nothing about the link
	case err != nil || d > slowChunk:
		p.bytes = max(p.size()/2, leastChunkBytes)
	case d < quickChunk:
		p.bytes = min(p.size()*2, chunkBytes)
	}
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// held is how much of a blob the server has.
type held struct {
	Offset int64 `json:"offset"`
	Whole  bool  `json:"whole"`
}

// upload gives the server the rest of a photo: what it has never been sent from
// its beginning, anything else from where the server's copy ends. After a break
// at most one piece is sent twice. When it returns nil the server has confirmed
// that it holds all of it.
func (p *Photos) upload(ctx context.Context, id localstore.Identity, u localstore.Upload) (err error) {
	var at held
	if u.Begun {
		if at, err = p.ask(ctx, id, u); err != nil || at.Whole {
			return err
		}
	}
	f, err := p.Open(u)
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for !at.Whole {
		if at, err = p.piece(ctx, id, u, f, at.Offset); err != nil {
			return fmt.Errorf("upload %s: %w", u.SHA256, err)
		}
	}
	return nil
}

// ask learns how much of a photo the server has.
func (p *Photos) ask(ctx context.Context, id localstore.Identity, u localstore.Upload) (at held, err error) {
	if err := p.Link.call(ctx, id, http.MethodGet, "/v1/blobs/"+u.SHA256.String()+"/offset", nil, nil, &at); err != nil {
		return at, fmt.Errorf("ask for %s: %w", u.SHA256, err)
	}
	return at, nil
}

// piece sends what follows an offset, or nothing when all is there that is not
// named yet.
func (p *Photos) piece(ctx context.Context, id localstore.Identity, u localstore.Upload, f io.ReadSeeker, offset int64) (at held, err error) {
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return at, err
	}
	piece := make([]byte, max(0, min(int64(p.pace.size()), u.Bytes-offset)))
	n, err := io.ReadFull(f, piece)
	if n == 0 && offset != u.Bytes {
		return at, fmt.Errorf("the file ends at %d of %d bytes: %w", offset, u.Bytes, os.ErrNotExist)
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return at, err
	}
	piece = piece[:n]
	path := fmt.Sprintf("/v1/blobs/%s?offset=%d&total=%d", u.SHA256, offset, u.Bytes)
	header := http.Header{"Keyturn-Crc32c": {strconv.FormatUint(uint64(crc32.Checksum(piece, castagnoli)), 16)}}
	began := time.Now()
	err = p.Link.call(ctx, id, http.MethodPut, path, bytes.NewReader(piece), header, &at)
	p.pace.took(time.Since(began), err)
	var refused *Refused
	if errors.As(err, &refused) && refused.Code == syncproto.CodeBadOffset {
		return p.elsewhere(ctx, id, u, offset, err)
	}
	return at, err
}

// elsewhere asks how far a blob has come whose end is not where it was taken to
// be: an earlier connection, or another device with the same photo, was quicker.
// If it is there after all, the refusal stands.
func (p *Photos) elsewhere(ctx context.Context, id localstore.Identity, u localstore.Upload, offset int64, refusal error) (at held, err error) {
	at, err = p.ask(ctx, id, u)
	if err == nil && at.Offset == offset && !at.Whole {
		err = refusal
	}
	return at, err
}
