package syncproto_test

import (
	"bytes"
	"testing"

	"keyturn/shared/syncproto"
)

// Fields of any peer: what is read is written back to the same values, and what
// is written in order comes back byte for byte.
func FuzzFieldsRoundTrip(f *testing.F) {
	for _, seed := range [][]byte{
		{0xa0},
		{0xf6},
		{0xa1, 0x01, 0x02},
		{0xa2, 0x02, 0xf6, 0x01, 0x82, 0x01, 0x61, 'x'},
		{0xa1, 0x18, 0xff, 0xa1, 0x01, 0x40},
		{0xa2, 0x01, 0x01, 0x01, 0x02},
		{0xa1, 0x20, 0x01},
		{0xbf, 0xff},
		{0xa1, 0x01, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		{0xa1},
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var read syncproto.Fields
		if syncproto.Unmarshal(data, &read) != nil {
			return
		}
		written, err := syncproto.Marshal(read)
		if err != nil {
			t.Fatal(err)
		}
		var again syncproto.Fields
		if err := syncproto.Unmarshal(written, &again); err != nil || !again.Equal(read) {
			t.Fatalf("%x was read as %v, written as %x and read as %v, %v", data, read, written, again, err)
		}
		twice, err := syncproto.Marshal(again)
		if err != nil || !bytes.Equal(written, twice) {
			t.Fatalf("%x, then %x, %v", written, twice, err)
		}
	})
}
