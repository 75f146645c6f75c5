package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"time"
)

// Orientation is the EXIF value that says how a viewer has to turn the stored pixels (Exif 2.32, tag 0x0112).
type Orientation uint16

// The orientations that a camera without a mirror writes.
const (
	Upright     Orientation = 1
	UpsideDown  Orientation = 3 // turn by half
	TurnedLeft  Orientation = 6 // turn a quarter clockwise
	TurnedRight Orientation = 8 // turn a quarter counter-clockwise
)

// metadata is what the sample photos say about themselves.
type metadata struct {
	orientation   Orientation
	takenAt       time.Time // with the zone of the camera's clock
	width, height int       // of the stored pixels
	order         binary.AppendByteOrder
}

// TIFF field types.
const (
	typeASCII     = 2
	typeShort     = 3
	typeLong      = 4
	typeUndefined = 7
)

// field is one entry of a TIFF directory; its data is already in the file's byte order.
type field struct {
	tag, kind uint16
	count     uint32
	data      []byte
}

func ascii(tag uint16, s string) field {
	return field{tag, typeASCII, uint32(len(s) + 1), append([]byte(s), 0)}
}

// app1 is the JPEG segment with the photo's EXIF data, marker and length included.
func (m metadata) app1() ([]byte, error) {
	short := func(tag, value uint16) field { return field{tag, typeShort, 1, m.order.AppendUint16(nil, value)} }
	long := func(tag uint16, value uint32) field { return field{tag, typeLong, 1, m.order.AppendUint32(nil, value)} }
	const exifPointer = 0x8769
	stamp := m.takenAt.Format("2006:01:02 15:04:05")

	main := []field{
		ascii(0x010F, "Keyturn"),
		ascii(0x0110, "Sample camera"),
		short(0x0112, uint16(m.orientation)),
		ascii(0x0131, "drawphotos"),
		ascii(0x0132, stamp),
		long(exifPointer, 0), // set below, when the length of the first directory is known
	}
	exif := []field{
		{0x9000, typeUndefined, 4, []byte("0232")},
		ascii(0x9003, stamp),
		ascii(0x9004, stamp),
		ascii(0x9011, m.takenAt.Format("-07:00")),
		long(0xA002, uint32(m.width)),
		long(0xA003, uint32(m.height)),
	}

	header := []byte("II")
	if m.order.String() == binary.BigEndian.String() {
		header = []byte("MM")
	}
	header = m.order.AppendUint16(header, 42)
	header = m.order.AppendUint32(header, 8) // the first directory follows at once
	exifAt := uint32(len(header) + len(m.directory(main, 0)))
	main[len(main)-1] = long(exifPointer, exifAt)

	body := slices.Concat([]byte("Exif\x00\x00"), header, m.directory(main, uint32(len(header))), m.directory(exif, exifAt))
	if len(body)+2 > 0xFFFF {
		return nil, errors.New("EXIF data is longer than a JPEG segment")
	}
	segment := binary.BigEndian.AppendUint16([]byte{0xFF, 0xE1}, uint16(len(body)+2))
	return append(segment, body...), nil
}

// directory lays out one TIFF directory that starts at the offset: entries in the order of their tags, then values of more than four bytes.
func (m metadata) directory(fields []field, offset uint32) []byte {
	out := m.order.AppendUint16(nil, uint16(len(fields)))
	valuesAt := offset + 2 + 12*uint32(len(fields)) + 4
	var values []byte
	for _, f := range fields {
		out = m.order.AppendUint16(out, f.tag)
		out = m.order.AppendUint16(out, f.kind)
		out = m.order.AppendUint32(out, f.count)
		if len(f.data) <= 4 {
			out = append(out, f.data...)
			out = append(out, make([]byte, 4-len(f.data))...)
			continue
		}
		out = m.order.AppendUint32(out, valuesAt+uint32(len(values)))
		values = append(values, f.data...)
		if len(values)%2 == 1 {
			values = append(values, 0) // values begin at even offsets
		}
	}
	out = m.order.AppendUint32(out, 0) // no further directory
	return append(out, values...)
}

// withEXIF puts the segment right behind the picture's start marker, where readers look for it.
func withEXIF(jpeg []byte, m metadata) ([]byte, error) {
	startMarker := []byte{0xFF, 0xD8}
	if !bytes.HasPrefix(jpeg, startMarker) {
		return nil, errors.New("not a JPEG picture")
	}
	segment, err := m.app1()
	if err != nil {
		return nil, err
	}
	return slices.Concat(startMarker, segment, jpeg[len(startMarker):]), nil
}
