package syncproto

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// streamWindow is how far back compression looks, and what a reader needs in
// memory for it.
const streamWindow = 4 << 20

// StreamWriter writes many values into one zstd stream, each as the length of
// its CBOR (four bytes, big endian) and the CBOR itself. It is for files that
// are larger than memory; frames travel by EncodeFrame.
type StreamWriter struct {
	zstd    *zstd.Encoder
	maxItem int
}

// NewStreamWriter starts a stream in which no value takes more than maxItem
// bytes as CBOR.
func NewStreamWriter(w io.Writer, maxItem int) (*StreamWriter, error) {
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(streamWindow))
	if err != nil {
		return nil, fmt.Errorf("start stream: %w", err)
	}
	return &StreamWriter{zstd: z, maxItem: maxItem}, nil
}

// Write adds a value.
func (s *StreamWriter) Write(v any) error {
	b, err := encMode.Marshal(v)
	if err != nil {
		return fmt.Errorf("write to stream: %w", err)
	}
	if len(b) > s.maxItem {
		return fmt.Errorf("write to stream: %d bytes are over the limit of %d", len(b), s.maxItem)
	}
	_, errLength := s.zstd.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b))))
	_, errBody := s.zstd.Write(b)
	if err := errors.Join(errLength, errBody); err != nil {
		return fmt.Errorf("write to stream: %w", err)
	}
	return nil
}

// Close ends the stream; the writer below stays open.
func (s *StreamWriter) Close() error {
	if err := s.zstd.Close(); err != nil {
		return fmt.Errorf("end stream: %w", err)
	}
	return nil
}

// StreamReader reads what a StreamWriter wrote. Memory is bounded by the
// largest value and the window, whatever the stream claims.
type StreamReader struct {
	zstd    *zstd.Decoder
	maxItem int
	item    bytes.Buffer
}

// NewStreamReader reads values of at most maxItem bytes as CBOR.
func NewStreamReader(r io.Reader, maxItem int) (*StreamReader, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(streamWindow))
	if err != nil {
		return nil, fmt.Errorf("read stream: %w", err)
	}
	return &StreamReader{zstd: z, maxItem: maxItem}, nil
}

// Read decodes the next value, which shares no memory with the stream. io.EOF
// is the end; any other failure is an ErrBadFrame, also an end within a value.
func (s *StreamReader) Read(v any) error {
	var length [4]byte
	if _, err := io.ReadFull(s.zstd, length[:]); errors.Is(err, io.EOF) {
		return io.EOF
	} else if err != nil {
		return fmt.Errorf("%w: stream: %w", ErrBadFrame, err)
	}
	n := int64(binary.BigEndian.Uint32(length[:]))
	if n > int64(s.maxItem) {
		return fmt.Errorf("%w: stream: a value of %d bytes is over the limit of %d", ErrBadFrame, n, s.maxItem)
	}
	s.item.Reset()
	if _, err := io.CopyN(&s.item, s.zstd, n); err != nil {
		return fmt.Errorf("%w: stream: value of %d bytes: %v", ErrBadFrame, n, err) //nolint:errorlint // an io.EOF here is not the end of the stream
	}
	return Unmarshal(s.item.Bytes(), v)
}

// Close releases the reader's memory; the reader below stays open.
func (s *StreamReader) Close() { s.zstd.Close() }
