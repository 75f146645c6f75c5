package benchtest

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"keyturn/app/core"
	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
)

// The handover day of the sync design's yardstick.
const (
	handoverDevices = 20
	handoverDefects = 500
)

// BenchmarkHandoverDay lets 20 tablets push 500 defects each at once and pull
// everything, with tickets raised, authorisation and merge on.
func BenchmarkHandoverDay(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b)
		devices := make([]*core.Core, handoverDevices)
		for i := range devices {
			devices[i] = w.device("inspector1", fmt.Sprintf("tablet%02d", i))
		}
		devices[0].Connect(b.Context())
		settled(b, devices[0], func(localstore.Progress) bool { return true })
		devices[0].Disconnect()
		all := units(b, devices[0])
		var offline sync.WaitGroup
		for i, c := range devices {
			offline.Go(func() {
				for n := range handoverDefects {
					record(b, c, w.project, all[(i*handoverDefects+n)%len(all)])
				}
			})
		}
		offline.Wait()
		b.StartTimer()
		began := time.Now()
		for _, c := range devices {
			c.Connect(b.Context())
		}
		for _, c := range devices {
			settled(b, c, func(p localstore.Progress) bool { return p.Have >= handoverDevices*handoverDefects })
		}
		took := time.Since(began)
		b.ReportMetric(handoverDevices*handoverDefects/took.Seconds(), "records/s")
		b.ReportMetric(took.Seconds(), "wall-s")
	}
}

// Photos of the benchmark: 400 KB each, as the yardstick has them.
const (
	photoCount = 200
	photoBytes = 400_000
)

// BenchmarkPhotoUpload moves photos from a device to durable storage on the
// server: ask, chunks with checksums, verify, fsync, confirm.
func BenchmarkPhotoUpload(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b)
		c := w.device("inspector1", "photos")
		c.Connect(b.Context())
		settled(b, c, func(localstore.Progress) bool { return true })
		queue(b, w, c)
		b.StartTimer()
		began := time.Now()
		settled(b, c, func(p localstore.Progress) bool { return p.Photos == photoCount })
		b.ReportMetric(photoCount*photoBytes/1e6/time.Since(began).Seconds(), "MB/s")
	}
}

// queue attaches random bytes as photos; what is measured is transfer, not
// decoding.
func queue(b *testing.B, w *world, c *core.Core) {
	b.Helper()
	unit := units(b, c)[0]
	var photos []fieldwork.Captured
	for range photoCount {
		body := make([]byte, photoBytes)
		_, err := rand.Read(body)
		must(b, err)
		sha := shaOf(body)
		path := c.Vault.Path(sha, "original")
		must(b, os.MkdirAll(filepath.Dir(path), 0o700))
		must(b, os.WriteFile(path, body, 0o600))
		id, err := ident.New[domain.Attachment](c.Field.IDs)
		must(b, err)
		photos = append(photos, fieldwork.Captured{ID: id, Photo: sha, Bytes: photoBytes, Format: "jpeg"})
	}
	must(b, c.Field.Attach(b.Context(), w.project, unit, unit.Any(), domain.RoleEvidence, photos...))
}
