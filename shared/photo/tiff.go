package photo

import (
	"encoding/binary"
	"iter"
)

// tiff is the structure that EXIF borrows from TIFF 6.0: directories of fixed
// entries, all offsets counted from its first byte.
type tiff struct {
	data  []byte
	order binary.ByteOrder
}

// field is one entry of a directory; value holds the bytes of the whole value.
type field struct {
	tag, kind uint16
	order     binary.ByteOrder
	value     []byte
}

// slice gives n bytes from offset, or false where the data does not reach. The
// sum is taken in 64 bits, so that hostile values cannot wrap around.
func (t tiff) slice(offset uint32, n uint64) ([]byte, bool) {
	end := uint64(offset) + n
	if end > uint64(len(t.data)) {
		return nil, false
	}
	return t.data[offset:end], true
}

// fields walks the directory at offset. Entries of other types than those read
// here, and those that point out of the data, are passed over; a directory that
// is cut short yields the entries that are whole.
func (t tiff) fields(offset uint32) iter.Seq[field] {
	return func(yield func(field) bool) {
		head, ok := t.slice(offset, 2)
		if !ok {
			return
		}
		entries := t.data[uint64(offset)+2:]
		for range t.order.Uint16(head) {
			if len(entries) < entryBytes {
				return
			}
			if f, ok := t.field(entries[:entryBytes]); ok && !yield(f) {
				return
			}
			entries = entries[entryBytes:]
		}
	}
}

// field resolves one entry. Values of up to four bytes sit in the entry itself.
func (t tiff) field(entry []byte) (field, bool) {
	f := field{tag: t.order.Uint16(entry), kind: t.order.Uint16(entry[2:]), order: t.order}
	var unit uint64
	switch f.kind {
	case typeASCII:
		unit = 1
	case typeShort:
		unit = 2
	case typeLong:
		unit = 4
	default:
		return field{}, false
	}
	size := uint64(t.order.Uint32(entry[4:])) * unit
	if size <= 4 {
		f.value = entry[8 : 8+size]
		return f, true
	}
	var ok bool
	f.value, ok = t.slice(t.order.Uint32(entry[8:]), size)
	return f, ok
}

// number is the first number of a SHORT or LONG value.
func (f field) number() (uint32, bool) {
	switch {
	case f.kind == typeShort && len(f.value) >= 2:
		return uint32(f.order.Uint16(f.value)), true
	case f.kind == typeLong && len(f.value) >= 4:
		return f.order.Uint32(f.value), true
	}
	return 0, false
}

// text is an ASCII value, or "" for any other type.
func (f field) text() string {
	if f.kind != typeASCII {
		return ""
	}
	return cleanText(f.value)
}
