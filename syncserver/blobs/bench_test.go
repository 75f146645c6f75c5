package blobs_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
)

// The photos of the sync design's yardstick, as devices send them.
const (
	benchBytes   = 400_000
	benchChunk   = 256 << 10
	benchDevices = 8
	benchBatch   = 64 // photos a turn
)

// spent is what something took of the clock, and of this process's processors.
type spent struct{ clock, processor time.Duration }

func (s *spent) measure(b *testing.B, work func()) {
	b.Helper()
	processor := func() time.Duration {
		var u syscall.Rusage
		must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	began, used := time.Now(), processor()
	work()
	s.clock += time.Since(began)
	s.processor += processor() - used
}

// compare lets devices send the same batches to a bare floor and to a store, by
// turns, as other work on the machine comes and goes.
func compare(b *testing.B, floor, store func(sha domain.Hash, body []byte) error) {
	b.Helper()
	bodies, shas := make([][]byte, benchBatch), make([]domain.Hash, benchBatch)
	for i := range bodies {
		bodies[i] = make([]byte, benchBytes)
		_, err := rand.Read(bodies[i])
		must(b, err)
	}
	anew := func(turn string) {
		for i := range bodies {
			copy(bodies[i], fmt.Sprint(turn, i))
			shas[i] = sum(bodies[i])
		}
	}
	together := func(send func(domain.Hash, []byte) error) func() {
		return func() {
			var devices sync.WaitGroup
			for device := range benchDevices {
				devices.Go(func() {
					for i := device; i < benchBatch; i += benchDevices {
						if err := send(shas[i], bodies[i]); err != nil {
							b.Error(err)
						}
					}
				})
			}
			devices.Wait()
		}
	}
	var bare, whole spent
	photos := 0.0
	for turn := 0; b.Loop(); turn++ {
		anew(fmt.Sprint("bare", turn, "-"))
		bare.measure(b, together(floor))
		anew(fmt.Sprint("whole", turn, "-"))
		whole.measure(b, together(store))
		photos += benchBatch
	}
	report := func(prefix string, s spent) (rate float64) {
		rate = photos * benchBytes / 1e6 / s.clock.Seconds()
		b.ReportMetric(rate, prefix+"MB/s")
		b.ReportMetric(s.processor.Seconds()*1000/photos, prefix+"cpu-ms/photo")
		return rate
	}
	b.ReportMetric(report("", whole)/report("floor-", bare), "ratio")
	b.ReportMetric(0, "ns/op")
}

// transfer sends a blob as the HTTP surface does: ask, then chunk by chunk.
func transfer(b *testing.B, s blobs.Store) func(domain.Hash, []byte) error {
	return func(sha domain.Hash, body []byte) error {
		at, whole, err := s.Offset(b.Context(), sha)
		for err == nil && !whole {
			end := min(int(at)+benchChunk, len(body))
			whole, err = s.Append(b.Context(), sha, at, int64(len(body)), body[at:end])
			at = int64(end)
		}
		return err
	}
}

// BenchmarkDisk compares uploads, verified and durable, with the bare write,
// sync and rename of the same bytes.
func BenchmarkDisk(b *testing.B) {
	dir := b.TempDir()
	s := (&onDisk{dir: filepath.Join(dir, "blobs")}).open(b)
	compare(b, func(sha domain.Hash, body []byte) error {
		name := filepath.Join(dir, sha.String())
		f, err := os.Create(name + ".part")
		if err != nil {
			return err
		}
		if _, err := f.Write(body); err != nil {
			return err
		}
		if err := f.Sync(); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
		return os.Rename(name+".part", name)
	}, transfer(b, s))
}

// BenchmarkS3 compares uploads through parts with one PUT of the same bytes.
// Only this side's processor time counts, not the S3 server's.
func BenchmarkS3(b *testing.B) {
	on := newOnS3(b)
	bare := on.open(b)
	compare(b, func(sha domain.Hash, body []byte) error {
		_, err := bare.Append(b.Context(), sha, 0, int64(len(body)), body)
		return err
	}, transfer(b, on.open(b)))
}
