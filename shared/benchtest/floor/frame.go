package floor

import (
	"fmt"
	"sync"

	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/zstd"
)

// Record is what is kept and passed on. Body is CBOR that nobody looks into.
type Record struct {
	ID   [16]byte        `cbor:"1,keyasint"`
	Body cbor.RawMessage `cbor:"2,keyasint"`
}

// frame is the one message; what is set says what it means.
type frame struct {
	// After opens a device's stream: it wants everything after this sequence.
	After *uint64 `cbor:"1,keyasint,omitempty"`
	// Push asks the server to keep records; Kept answers how many are durable.
	Push []Record `cbor:"2,keyasint,omitempty"`
	Kept int      `cbor:"3,keyasint,omitzero"`
	// Page is the next piece of the stream.
	Page *page `cbor:"4,keyasint,omitempty"`
}

// page is all records of (Prev, Last].
type page struct {
	Prev    uint64   `cbor:"1,keyasint"`
	Last    uint64   `cbor:"2,keyasint"`
	Records []Record `cbor:"3,keyasint,omitempty"`
}

const (
	compressAbove = 256     // bytes; smaller frames travel as they are
	maxFrame      = 8 << 20 // bytes
	plain         = 0
	zipped        = 1
)

// codec is safe for use by several goroutines.
type codec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

// shared is one for the whole process: its buffers are large.
var shared = sync.OnceValues(newCodec)

func newCodec() (codec, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2))
	if err != nil {
		return codec{}, fmt.Errorf("codec: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(4*maxFrame), zstd.WithDecoderConcurrency(2))
	if err != nil {
		return codec{}, fmt.Errorf("codec: %w", err)
	}
	return codec{enc: enc, dec: dec}, nil
}

func (c codec) encode(f frame) ([]byte, error) {
	b, err := cbor.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	if len(b) <= compressAbove {
		return append([]byte{plain}, b...), nil
	}
	return c.enc.EncodeAll(b, []byte{zipped}), nil
}

func (c codec) decode(b []byte) (f frame, err error) {
	if len(b) == 0 {
		return f, fmt.Errorf("decode: empty frame")
	}
	body := b[1:]
	if b[0] == zipped {
		if body, err = c.dec.DecodeAll(body, nil); err != nil {
			return f, fmt.Errorf("decode: %w", err)
		}
	}
	if err := cbor.Unmarshal(body, &f); err != nil {
		return f, fmt.Errorf("decode: %w", err)
	}
	return f, nil
}
