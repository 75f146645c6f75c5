package blobs_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"keyturn/syncserver/blobs"
)

// The photos of the sync design's yardstick, as devices send them.
const (
	benchBytes   = 400_000
	benchChunk   = 256 << 10
	benchDevices = 8
	benchBatch   = 64 // photos a turn
)

// photo writes random bytes anew, cheaply: every one is another blob.
func photo(b []byte, n int) []byte {
	copy(b, fmt.Sprintf("photo %d", n))
	return b
}

// together lets the devices send a batch, and tells how long it took.
func together(b *testing.B, batch int, send func(n int, body []byte)) time.Duration {
	b.Helper()
	bodies := make([][]byte, benchDevices)
	for i := range bodies {
		bodies[i] = make([]byte, benchBytes)
		_, err := rand.Read(bodies[i])
		must(b, err)
	}
	began := time.Now()
	var devices sync.WaitGroup
	for i, body := range bodies {
		devices.Go(func() {
			for n := i; n < benchBatch; n += benchDevices {
				send(n, photo(body, batch*benchBatch+n))
			}
		})
	}
	devices.Wait()
	return time.Since(began)
}

// upload as the HTTP surface does: ask, then chunk by chunk.
func transfer(b *testing.B, s blobs.Store, body []byte) {
	sha := sum(body)
	at, whole, err := s.Offset(b.Context(), sha)
	for !whole {
		if err != nil {
			b.Error(err)
			return
		}
		end := min(int(at)+benchChunk, len(body))
		whole, err = s.Append(b.Context(), sha, at, int64(len(body)), body[at:end])
		at = int64(end)
	}
}

func compare(b *testing.B, floor, store func(batch int) time.Duration) {
	b.Helper()
	var bare, whole time.Duration
	batches := 0
	for b.Loop() { // by turns, as other work on the machine comes and goes
		bare += floor(batches)
		whole += store(batches)
		batches++
	}
	rate := func(took time.Duration) float64 { return float64(batches*benchBatch*benchBytes) / 1e6 / took.Seconds() }
	b.ReportMetric(rate(whole), "MB/s")
	b.ReportMetric(rate(bare), "floor-MB/s")
	b.ReportMetric(rate(whole)/rate(bare), "ratio")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkDisk compares uploads, verified and durable, with the bare write,
// sync and rename of the same bytes.
func BenchmarkDisk(b *testing.B) {
	dir := b.TempDir()
	s := (&onDisk{dir: filepath.Join(dir, "blobs")}).open(b)
	compare(b, func(batch int) time.Duration {
		return together(b, batch, func(n int, body []byte) {
			name := filepath.Join(dir, fmt.Sprint("bare", batch, "-", n))
			f, err := os.Create(name + ".part")
			must(b, err)
			_, err = f.Write(body)
			must(b, err)
			must(b, f.Sync())
			must(b, f.Close())
			must(b, os.Rename(name+".part", name))
		})
	}, func(batch int) time.Duration {
		return together(b, batch, func(_ int, body []byte) { transfer(b, s, body) })
	})
}

// BenchmarkS3 compares uploads through the parts with one PUT of the same bytes.
func BenchmarkS3(b *testing.B) {
	on := newOnS3(b)
	s, bare := on.open(b), on.open(b)
	compare(b, func(batch int) time.Duration {
		return together(b, batch, func(n int, body []byte) {
			body[len(body)-1] ^= 1 // another blob
			_, err := bare.Append(b.Context(), sum(body), 0, int64(len(body)), body)
			must(b, err)
		})
	}, func(batch int) time.Duration {
		return together(b, batch, func(_ int, body []byte) { transfer(b, s, body) })
	})
}
