package syncproto

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// streamOf writes values as a stream.
func streamOf(t testing.TB, maxItem int, values ...any) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewStreamWriter(&out, maxItem)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		if err := w.Write(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// readAll reads every value until the stream ends or fails.
func readAll(t testing.TB, stream []byte, maxItem int) (values []any, err error) {
	t.Helper()
	r, err := NewStreamReader(bytes.NewReader(stream), maxItem)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for {
		var v any
		if err := r.Read(&v); errors.Is(err, io.EOF) {
			return values, nil
		} else if err != nil {
			return values, err
		}
		values = append(values, v)
	}
}

func TestStreamKeepsValues(t *testing.T) {
	values := []any{
		"裂缝", uint64(7), int64(-7),
		[]byte{1, 2, 3},
		[]byte{},
		[]any{[]any{uint64(1), "a"}},
		strings.Repeat("long ", 100_000), bytes.Repeat([]byte{9}, 70_000), nil,
	}
	got, err := readAll(t, streamOf(t, 1<<20, values...), 1<<20)
	if err != nil || !reflect.DeepEqual(got, values) {
		t.Errorf("read %d of %d values, %v", len(got), len(values), err)
	}
	if got, err := readAll(t, streamOf(t, 10), 10); err != nil || len(got) != 0 {
		t.Errorf("an empty stream: %v, %v", got, err)
	}
}

func TestStreamLimits(t *testing.T) {
	w, err := NewStreamWriter(io.Discard, 10)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write("longer than ten bytes"); err == nil {
		t.Error("a value over the limit was written")
	}
	if _, err := readAll(t, streamOf(t, 100, "longer than ten bytes"), 10); !errors.Is(err, ErrBadFrame) {
		t.Errorf("a value over the limit: %v", err)
	}
	lie := compressed(t, binary.BigEndian.AppendUint32(nil, 1<<30))
	if _, err := readAll(t, lie, 1<<31-1); !errors.Is(err, ErrBadFrame) {
		t.Errorf("a length that lies: %v", err)
	}
	wide, err := zstd.NewWriter(nil, zstd.WithWindowSize(32<<20))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := readAll(t, wide.EncodeAll(make([]byte, 64<<20), nil), 1<<20); !errors.Is(err, ErrBadFrame) {
		t.Errorf("a window over the limit: %v", err)
	}
}

func compressed(t testing.TB, plain []byte) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll(plain, nil)
}

// A stream that was cut anywhere is recognised, except exactly between values:
// whoever needs to know writes a last one.
func TestStreamNoticesDamage(t *testing.T) {
	stream := streamOf(t, 1000, "first", "second", bytes.Repeat([]byte("third"), 50))
	for n := range len(stream) {
		if got, err := readAll(t, stream[:n], 1000); err == nil && n > 0 {
			t.Errorf("cut to %d of %d bytes: %d values", n, len(stream), len(got))
		}
	}
	damaged := bytes.Clone(stream)
	damaged[len(damaged)/2] ^= 1
	if got, err := readAll(t, damaged, 1000); err == nil {
		t.Errorf("a flipped bit: %d values", len(got))
	}
}

func FuzzStream(f *testing.F) {
	f.Add(streamOf(f, 1000, "first", []any{uint64(1), []byte{2}}))
	f.Add(compressed(f, []byte{0, 0, 0, 1, 0xf6, 0, 0, 0, 2, 0x61}))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, stream []byte) {
		values, err := readAll(t, stream, 1<<16)
		if err != nil && !errors.Is(err, ErrBadFrame) {
			t.Errorf("%v", err)
		}
		for _, v := range values {
			if _, err := Marshal(v); err != nil {
				t.Errorf("%v was read and cannot be written: %v", v, err)
			}
		}
	})
}
