package photo

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"
)

// exif is the little that the app needs to know from a camera's EXIF data.
type exif struct {
	orientation int    // 1–8, see orient; 1 when absent or senseless
	original    string // DateTimeOriginal, "2006:01:02 15:04:05" by the camera's clock; may be anything
	offset      string // OffsetTimeOriginal, "+08:00"; may be anything
}

// Tags and types of EXIF 2.32 (CIPA DC-008, tables 3–8).
const (
	tagOrientation        = 0x0112
	tagExifIFD            = 0x8769
	tagDateTimeOriginal   = 0x9003
	tagOffsetTimeOriginal = 0x9011

	typeASCII = 2
	typeShort = 3
	typeLong  = 4

	entryBytes = 12 // tag (2), type (2), count (4), value or its offset (4)
)

// readEXIF finds what it can in a JPEG. Cameras write much that is wrong, and no
// picture is refused for it: what makes no sense counts as absent.
func readEXIF(jpeg []byte) exif {
	e := exif{orientation: 1}
	block := exifBlock(jpeg)
	if len(block) < 8 {
		return e
	}
	t := tiff{data: block}
	switch string(block[:4]) {
	case "II*\x00":
		t.order = binary.LittleEndian
	case "MM\x00*":
		t.order = binary.BigEndian
	default:
		return e
	}
	// Exactly two directories are read, each once, so that no loop of offsets can
	// hold the parser.
	var sub uint32
	for f := range t.fields(t.order.Uint32(block[4:])) {
		switch f.tag {
		case tagOrientation:
			if o, ok := f.number(); ok && o >= 1 && o <= 8 {
				e.orientation = int(o)
			}
		case tagExifIFD:
			sub, _ = f.number()
		}
	}
	if sub == 0 {
		return e
	}
	for f := range t.fields(sub) {
		switch f.tag {
		case tagDateTimeOriginal:
			e.original = f.text()
		case tagOffsetTimeOriginal:
			e.offset = f.text()
		}
	}
	return e
}

// capturedAt gives the moment of capture. A camera that states no offset is
// taken to show the time of zone, and assumed tells so; without a zone its clock
// reading is no moment, and nil is returned.
func (e exif) capturedAt(zone *time.Location) (at *time.Time, assumed bool) {
	const layout = "2006:01:02 15:04:05"
	if offset, err := time.Parse("Z07:00", e.offset); err == nil {
		_, seconds := offset.Zone()
		zone = time.FixedZone("", seconds)
	} else {
		assumed = true
	}
	if zone == nil {
		return nil, false
	}
	t, err := time.ParseInLocation(layout, e.original, zone)
	if err != nil {
		return nil, false // absent, blank or "0000:00:00 00:00:00" of a camera whose clock was never set
	}
	return &t, assumed
}

// exifBlock walks the segments of a JPEG up to the start of scan and returns the
// TIFF structure inside the first EXIF segment, or nil. XMP shares the marker
// APP1 and is told apart by its name.
func exifBlock(jpeg []byte) []byte {
	const (
		markerAPP1 = 0xE1
		markerSOS  = 0xDA
		markerEOI  = 0xD9
	)
	rest, ok := bytes.CutPrefix(jpeg, []byte{0xFF, 0xD8})
	for ok {
		// Stray bytes before a marker are skipped, as the decoder does, and so
		// are fill bytes 0xFF.
		i := bytes.IndexByte(rest, 0xFF)
		if i < 0 {
			return nil
		}
		for rest = rest[i:]; len(rest) > 0 && rest[0] == 0xFF; rest = rest[1:] {
		}
		if len(rest) < 3 || rest[0] == markerSOS || rest[0] == markerEOI {
			return nil
		}
		marker := rest[0]
		rest = rest[1:]
		if marker == 0x00 || marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7) {
			continue // a stuffed byte, TEM and RSTn stand alone, without a length
		}
		size := int(binary.BigEndian.Uint16(rest)) // counts its own two bytes
		if size < 2 || size > len(rest) {
			return nil
		}
		if marker == markerAPP1 {
			if block, found := bytes.CutPrefix(rest[2:size], []byte("Exif\x00\x00")); found {
				return block
			}
		}
		rest = rest[size:]
	}
	return nil
}

// cleanText takes the part of an ASCII value before its NUL, without blanks.
func cleanText(b []byte) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	return strings.TrimSpace(string(b))
}
