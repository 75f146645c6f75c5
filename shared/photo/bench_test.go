package photo

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// BenchmarkImport12MP imports a different 12-megapixel JPEG each time: read,
// decode, turn, reduce, encode, hash and sync three files. MB/s counts the original.
func BenchmarkImport12MP(b *testing.B) {
	v := openVault(b)
	data := withEXIF(jpegOf(b, noisy(4000, 3000)), binary.BigEndian, 6, "2026:03:01 09:30:00", "+08:00")
	data = append(data, make([]byte, 8)...) // behind the end of the picture: changes the hash only
	b.SetBytes(int64(len(data)))
	n := uint64(0)
	for b.Loop() {
		n++
		binary.BigEndian.PutUint64(data[len(data)-8:], n)
		if _, err := v.Import(b.Context(), bytes.NewReader(data), Meta{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkImportAgain imports the same picture, which is in the vault already.
func BenchmarkImportAgain(b *testing.B) {
	v := openVault(b)
	data := jpegOf(b, noisy(4000, 3000))
	if _, err := v.Import(b.Context(), bytes.NewReader(data), Meta{}); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := v.Import(b.Context(), bytes.NewReader(data), Meta{}); err != nil {
			b.Fatal(err)
		}
	}
}
