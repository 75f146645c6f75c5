package service

import (
	"slices"
	"testing"
	"unicode"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

func TestReadable(t *testing.T) {
	encoded := func(v any) syncproto.Value {
		b, err := syncproto.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	id := domain.AnyID{0x12, 0x21, 0x66, 0xf7, 0xaf, 0x0f, 0x56, 0x7b, 0x98, 0xcf, 0x38, 0x62, 0x5b, 0xb9, 0xed, 0x48}
	got := readable(syncproto.Fields{
		30: encoded(nil), 1: encoded(id[:]), 2: encoded("墙面 \x1b[31m\u202e"), 3: encoded(-7), 4: encoded([]any{1, "x", true}),
		5: encoded(map[string]string{"b": "2", "a": "1"}), 6: encoded([]byte{1, 2}), 7: encoded(make([]byte, 32)), 8: {0xff},
	})
	want := []string{
		"1: 122166f7-af0f-567b-98cf-38625bb9ed48", `2: "墙面 \x1b[31m\u202e"`, "3: -7", `4: [1, "x", true]`, `5: {"a": "1", "b": "2"}`,
		"6: h'0102'", "7: 0000000000000000000000000000000000000000000000000000000000000000", "8: h'ff'", "30: null",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// Whatever a device sends, what is printed cannot steer a terminal.
func FuzzReadable(f *testing.F) {
	for _, seed := range [][]byte{{0xf6}, {0x61, 'x'}, {0xa1, 0x41, 0x00, 0x01}, {0x82, 0x01, 0xfb, 0, 0, 0, 0, 0, 0, 0, 0}, {0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		for _, line := range readable(syncproto.Fields{1: value}) {
			for _, r := range line {
				if !unicode.IsPrint(r) {
					t.Fatalf("%q holds %q", line, r)
				}
			}
		}
	})
}
