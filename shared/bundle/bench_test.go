package bundle

import (
	"bytes"
	"crypto/rand"
	"io"
	"testing"

	"keyturn/shared/syncproto"
)

// BenchmarkWrite and BenchmarkCheck move photos of 400 KB, as on a handover day.
func BenchmarkWrite(b *testing.B) {
	p, content := picture(400_000, 6)
	w, err := NewWriter(io.Discard, header(), secret, rand.Reader)
	must(b, err)
	must(b, w.Push(syncproto.Push{Ops: ops(5, 6)}))
	b.SetBytes(p.Bytes)
	for b.Loop() {
		must(b, w.Photo(p, bytes.NewReader(content)))
	}
}

func BenchmarkCheck(b *testing.B) {
	file := made(b, 400_000, 400_000, 400_000, 400_000)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		f, err := open(file)
		must(b, err)
		_, err = f.Check(secret)
		must(b, err)
	}
}
