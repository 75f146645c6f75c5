package photo

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"
)

func TestCapturedAt(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	utc := time.Date(2026, 3, 1, 1, 30, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		original, offset string
		zone             *time.Location
		want             *time.Time
		assumed          bool
	}{
		"offset of the camera":    {"2026:03:01 09:30:00", "+08:00", nil, &utc, false},
		"offset beats the zone":   {"2026:03:01 03:30:00", "+02:00", shanghai, &utc, false},
		"negative offset":         {"2026:02:28 20:00:00", "-05:30", nil, &utc, false},
		"utc":                     {"2026:03:01 01:30:00", "Z", nil, &utc, false},
		"zone of the project":     {"2026:03:01 09:30:00", "", shanghai, &utc, true},
		"blank offset":            {"2026:03:01 09:30:00", "   :  ", shanghai, &utc, true},
		"padded":                  {"2026:03:01 09:30:00 \x00", "+08:00\x00\x00", nil, &utc, false},
		"neither offset nor zone": {"2026:03:01 09:30:00", "", nil, nil, false},
		"clock never set":         {"0000:00:00 00:00:00", "+08:00", shanghai, nil, false},
		"blank":                   {"    :  :     :  :  ", "+08:00", shanghai, nil, false},
		"absent":                  {"", "", shanghai, nil, false},
		"no such day":             {"2026:02:30 09:30:00", "+08:00", shanghai, nil, false},
		"words":                   {"yesterday, at noon.", "+08:00", shanghai, nil, false},
	} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			data := withEXIF([]byte{0xFF, 0xD8, 0xFF, 0xD9}, order, 3, c.original, c.offset)
			e := readEXIF(data)
			if e.orientation != 3 {
				t.Errorf("%s, %v: orientation %d", name, order, e.orientation)
			}
			got, assumed := e.capturedAt(c.zone)
			if (got == nil) != (c.want == nil) || got != nil && !got.Equal(*c.want) || assumed != c.assumed {
				t.Errorf("%s, %v: %v %v, want %v %v", name, order, got, assumed, c.want, c.assumed)
			}
		}
	}
}

// TestImportReadsCaptureTime goes through the vault, project zone included.
func TestImportReadsCaptureTime(t *testing.T) {
	v := openVault(t)
	data := withEXIF(jpegOf(t, marked(64, 48)), binary.BigEndian, 6, "2026:03:01 09:30:00", "")
	p, err := v.Import(t.Context(), bytes.NewReader(data), Meta{Zone: time.FixedZone("CST", 8*3600)})
	if err != nil {
		t.Fatal(err)
	}
	if p.CapturedAt == nil || !p.CapturedAt.Equal(time.Date(2026, 3, 1, 1, 30, 0, 0, time.UTC)) || !p.ZoneAssumed {
		t.Errorf("captured at %v, assumed %v", p.CapturedAt, p.ZoneAssumed)
	}
}

// TestRenditionsCarryNoEXIF: the segment holds position and owner's name, and the
// orientation would be applied a second time.
func TestRenditionsCarryNoEXIF(t *testing.T) {
	v := openVault(t)
	data := withEXIF(jpegOf(t, marked(64, 48)), binary.BigEndian, 6, "2026:03:01 09:30:00", "+08:00")
	p, err := v.Import(t.Context(), bytes.NewReader(data), Meta{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []Rendition{Work, Thumb} {
		derived := load(t, v, p.SHA256, r)
		if bytes.Contains(derived, []byte("Exif")) || bytes.Contains(derived, []byte("2026:03:01")) {
			t.Errorf("%s carries EXIF", r)
		}
	}
}

// TestEXIFFound covers the ways in which a sound segment is laid into a file.
func TestEXIFFound(t *testing.T) {
	bare := []byte{0xFF, 0xD8, 0xFF, 0xD9}
	plain := withEXIF(bare, binary.BigEndian, 6, "", "")
	for name, data := range map[string][]byte{
		"first":             plain,
		"behind JFIF":       withSegment(plain, 0xE0, []byte("JFIF\x00\x01\x01")),
		"behind XMP":        withSegment(plain, 0xE1, []byte("http://ns.adobe.com/xap/1.0/\x00<x/>")),
		"before a second":   withEXIF(withEXIF(bare, binary.LittleEndian, 3, "", ""), binary.BigEndian, 6, "", ""),
		"behind fill bytes": slices.Insert(slices.Clone(plain), 2, 0xFF, 0xFF),
		"behind stray ones": slices.Insert(slices.Clone(plain), 2, 0x00, 0x11),
		"behind TEM, RST":   slices.Insert(slices.Clone(plain), 2, 0xFF, 0x01, 0xFF, 0xD3),
	} {
		if got := readEXIF(data).orientation; got != 6 {
			t.Errorf("%s: orientation %d, want 6", name, got)
		}
	}
}

// TestEXIFHostile holds wrong data against the parser: every wrong value counts
// as absent, and what is sound beside it is still read.
func TestEXIFHostile(t *testing.T) {
	order := binary.LittleEndian
	block := func(change func(b []byte)) []byte {
		b := exifData(order, 6, "2026:03:01 09:30:00", "+08:00")
		change(b)
		return withSegment([]byte{0xFF, 0xD8, 0xFF, 0xD9}, 0xE1, append([]byte("Exif\x00\x00"), b...))
	}
	// Places in exifData: directory at 8, first entry at 10, second at 22; the
	// EXIF directory at 38, entries at 40 and 52.
	const whole, bare = "2026:03:01 09:30:00", ""
	for name, c := range map[string]struct {
		change      func(b []byte)
		orientation int
		original    string
	}{
		"untouched":                   {func([]byte) {}, 6, whole},
		"byte order unknown":          {func(b []byte) { b[0] = 'X' }, 1, bare},
		"directory out of the data":   {func(b []byte) { order.PutUint32(b[4:], 1<<31) }, 1, bare},
		"directory at the very end":   {func(b []byte) { order.PutUint32(b[4:], uint32(len(b)-1)) }, 1, bare},
		"directory at 2^32-1":         {func(b []byte) { order.PutUint32(b[4:], 1<<32-1) }, 1, bare},
		"more entries than data":      {func(b []byte) { order.PutUint16(b[8:], 65535) }, 6, whole},
		"no entries":                  {func(b []byte) { order.PutUint16(b[8:], 0) }, 1, bare},
		"orientation without a value": {func(b []byte) { order.PutUint32(b[14:], 0) }, 1, whole},
		"orientation of 2^32-1 items": {func(b []byte) { order.PutUint32(b[14:], 1<<32-1) }, 1, whole},
		"orientation as text":         {func(b []byte) { order.PutUint16(b[12:], typeASCII) }, 1, whole},
		"orientation as a LONG":       {func(b []byte) { order.PutUint16(b[12:], typeLong) }, 6, whole},
		"sub-directory is its parent": {func(b []byte) { order.PutUint32(b[30:], 8) }, 6, bare},
		"sub-directory out of reach":  {func(b []byte) { order.PutUint32(b[30:], 1<<20) }, 6, bare},
		"sub-directory of unknown type": {
			func(b []byte) { order.PutUint16(b[24:], 99) }, 6, bare,
		},
		"text out of the data":    {func(b []byte) { order.PutUint32(b[48:], 1<<32-4) }, 6, bare},
		"text longer than data":   {func(b []byte) { order.PutUint32(b[44:], 1<<20) }, 6, bare},
		"text as a SHORT":         {func(b []byte) { order.PutUint16(b[42:], typeShort) }, 6, bare},
		"text without terminator": {func(b []byte) { order.PutUint32(b[44:], 19) }, 6, whole},
	} {
		t.Run(name, func(t *testing.T) {
			e := readEXIF(block(c.change))
			if e.orientation != c.orientation || e.original != c.original {
				t.Errorf("read %+v", e)
			}
		})
	}
}

func FuzzEXIF(f *testing.F) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		whole := withEXIF([]byte{0xFF, 0xD8, 0xFF, 0xD9}, order, 6, "2026:03:01 09:30:00", "+08:00")
		f.Add(whole)
		f.Add(whole[:len(whole)/2])
		f.Add(withSegment(whole, 0xE1, []byte("http://ns.adobe.com/xap/1.0/\x00")))
	}
	f.Add([]byte("\xFF\xD8\xFF\xE1\x00\x02"))
	f.Add([]byte("\xFF\xD8\xFF\xFF\xFF\x01\xFF\xD0"))
	f.Fuzz(func(t *testing.T, data []byte) {
		kept := bytes.Clone(data)
		e := readEXIF(data)
		if e.orientation < 1 || e.orientation > 8 {
			t.Errorf("orientation %d", e.orientation)
		}
		if at, assumed := e.capturedAt(nil); assumed || at != nil && (at.Year() < 0 || at.Year() > 9999) {
			t.Errorf("captured at %v, assumed %v", at, assumed)
		}
		if at, assumed := e.capturedAt(time.UTC); assumed && at == nil {
			t.Error("a zone assumed for no time")
		}
		// What is found lies in the file: nothing is made up, nothing read beyond.
		for _, text := range []string{e.original, e.offset} {
			if !bytes.Contains(data, []byte(text)) {
				t.Errorf("%q is not in the data", text)
			}
		}
		if !bytes.Equal(kept, data) {
			t.Error("the input was changed")
		}
	})
}
