package syncproto

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
)

// CBOR major types and the additional information that says how long a head is
// (RFC 8949, section 3).
const (
	majorUint  = 0
	majorBytes = 2
	majorText  = 3
	majorArray = 4
	majorMap   = 5
	majorTag   = 6

	null      = 0xf6
	undefined = 0xf7
)

// IsZero reports whether there is nothing to encode.
func (f Fields) IsZero() bool { return len(f) == 0 }

// UnmarshalCBOR splits a map into its encoded values with one copy instead of
// one for each. The library has proved before that data is well-formed.
func (f *Fields) UnmarshalCBOR(data []byte) error {
	if len(data) == 1 && (data[0] == null || data[0] == undefined) {
		*f = nil
		return nil
	}
	data = append([]byte(nil), data...)
	major, pairs, rest, err := readHead(data)
	if err != nil || major != majorMap {
		return fmt.Errorf("%w: fields are no map", ErrBadFrame)
	}
	fields := make(Fields, pairs)
	for range pairs {
		var key uint64
		if major, key, rest, err = readHead(rest); err != nil || major != majorUint {
			return fmt.Errorf("%w: a field's key is no unsigned integer", ErrBadFrame)
		}
		n, err := itemLength(rest)
		if err != nil {
			return err
		}
		if _, twice := fields[key]; twice {
			return fmt.Errorf("%w: field %d is there twice", ErrBadFrame, key)
		}
		fields[key], rest = rest[:n:n], rest[n:]
	}
	*f = fields
	return nil
}

// MarshalCBOR writes the map in the order of its keys, which for integers is the
// order of their encoding.
func (f Fields) MarshalCBOR() ([]byte, error) {
	var low [64]Value // most keys are below: they need no sorting
	var set uint64
	var high []uint64
	size := 9
	for key, value := range f {
		if len(value) == 0 {
			value = Null
		}
		size += len(value) + 9
		if key < uint64(len(low)) {
			low[key], set = value, set|1<<key
		} else {
			high = append(high, key)
		}
	}
	out := appendHead(make([]byte, 0, size), majorMap, uint64(len(f)))
	for ; set != 0; set &= set - 1 {
		key := bits.TrailingZeros64(set)
		out = append(appendHead(out, majorUint, uint64(key)), low[key]...)
	}
	slices.Sort(high)
	for _, key := range high {
		value := f[key]
		if len(value) == 0 {
			value = Null
		}
		out = append(appendHead(out, majorUint, key), value...)
	}
	return out, nil
}

func appendHead(out []byte, major byte, n uint64) []byte {
	major <<= 5
	switch {
	case n < 24:
		return append(out, major|byte(n))
	case n < 1<<8:
		return append(out, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(out, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(out, major|26), uint32(n))
	default:
		return binary.BigEndian.AppendUint64(append(out, major|27), n)
	}
}

var errCut = fmt.Errorf("%w: cut short", ErrBadFrame)

// readHead reads an item's major type and number.
func readHead(data []byte) (major byte, n uint64, rest []byte, err error) {
	if len(data) == 0 {
		return 0, 0, nil, errCut
	}
	major, info := data[0]>>5, data[0]&31
	data = data[1:]
	if info < 24 {
		return major, uint64(info), data, nil
	}
	width := 1 << (info - 24)
	if info > 27 || len(data) < width {
		return 0, 0, nil, errCut
	}
	for _, b := range data[:width] {
		n = n<<8 | uint64(b)
	}
	return major, n, data[width:], nil
}

// itemLength is how many bytes the first item of data takes.
func itemLength(data []byte) (int, error) {
	major, n, rest, err := readHead(data)
	if err != nil {
		return 0, err
	}
	items := uint64(0)
	switch major {
	case majorBytes, majorText:
		if n > uint64(len(rest)) {
			return 0, errCut
		}
		rest = rest[n:]
	case majorArray:
		items = n
	case majorMap:
		items = 2 * n
	case majorTag:
		items = 1
	}
	for ; items > 0; items-- {
		length, err := itemLength(rest)
		if err != nil {
			return 0, err
		}
		rest = rest[length:]
	}
	return len(data) - len(rest), nil
}
