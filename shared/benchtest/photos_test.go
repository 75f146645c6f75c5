package benchtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"keyturn/app/core"
	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/shared/benchtest/floor"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
)

// photos lets every tablet upload its photos at once: asked for, in chunks with
// checksums, verified, durable and confirmed. The floor uploads the same files.
func photos(t *testing.T, b *bench) {
	var bare, ours []float64
	for round := range b.rounds {
		t.Run(fmt.Sprint("round", round+1), func(t *testing.T) {
			s := newSite(t, b.devices, 0, nil)
			p := b.serving(t, s.dir)
			defer p.stop()
			devices := make([]*core.Core, b.devices)
			files := make([][]shot, b.devices)
			for i := range devices {
				c := tablet(t, p.url, s.codes[i], fmt.Sprint("tablet", i))
				c.Connect(t.Context())
				await(t, c, "first download", downloaded(c))
				c.Disconnect()
				devices[i], files[i] = c, shoot(t, c, b.photos, b.photoBytes)
				attach(t, c, s, files[i])
			}
			megabytes := float64(b.devices*b.photos*b.photoBytes) / 1e6
			bare = append(bare, megabytes/b.photosFloor(t, files))
			began := time.Now()
			b.profiled(t, "photos-devices", func() {
				each(devices, func(c *core.Core) { c.Connect(t.Context()) })
				each(devices, func(c *core.Core) { await(t, c, "photos", confirmed) })
			})
			ours = append(ours, megabytes/time.Since(began).Seconds())
			for i, c := range devices {
				must(t, c.Store.View(t.Context(), func(tx *localstore.Tx) error {
					p, err := tx.Progress(t.Context())
					if p.PhotosConfirmed != b.photos {
						t.Errorf("tablet %d: %d of %d photos confirmed", i, p.PhotosConfirmed, b.photos)
					}
					return err
				}))
				c.Disconnect()
			}
		})
	}
	if !t.Failed() {
		b.figure(t, "photos", median(ours), "MB/s", median(bare), atLeastTimes(0.7))
	}
}

// photosFloor gives the seconds that the floor took.
func (b *bench) photosFloor(t *testing.T, files [][]shot) float64 {
	t.Helper()
	dir := t.TempDir()
	p := launch(t, child(t, roleFloor, dir))
	defer p.stop()
	began := time.Now()
	each(files, func(mine []shot) {
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
		defer client.CloseIdleConnections()
		for _, f := range mine {
			if err := floor.Upload(t.Context(), client, p.url, f.sha.String(), f.path); err != nil {
				t.Error(err)
			}
		}
	})
	took := time.Since(began).Seconds()
	for _, mine := range files {
		for _, f := range mine {
			if _, err := os.Stat(filepath.Join(dir, f.sha.String())); err != nil {
				t.Error(err)
			}
		}
	}
	return took
}

// shot is a photo in a device's vault.
type shot struct {
	sha   domain.Hash
	path  string
	bytes int64
}

// shoot puts random bytes into the vault: what is measured is transfer, not
// decoding. The files are synced, so that nobody's fsync pays for them later.
func shoot(t *testing.T, c *core.Core, photos, size int) []shot {
	t.Helper()
	all := make([]shot, photos)
	body := make([]byte, size)
	for i := range all {
		_, err := rand.Read(body)
		must(t, err)
		sha := domain.Hash(sha256.Sum256(body))
		path := c.Vault.Path(sha.String(), "original")
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		f, err := os.Create(path)
		must(t, err)
		_, err = f.Write(body)
		must(t, err)
		must(t, f.Sync())
		must(t, f.Close())
		all[i] = shot{sha: sha, path: path, bytes: int64(size)}
	}
	return all
}

// photosPerRecord is how many photos one save carries.
const photosPerRecord = 4

// attach ties the photos to a unit and queues their bytes.
func attach(t *testing.T, c *core.Core, s *site, all []shot) {
	t.Helper()
	for len(all) > 0 {
		n := min(photosPerRecord, len(all))
		captured := make([]fieldwork.Captured, n)
		for i, f := range all[:n] {
			id, err := ident.New[domain.Attachment](c.Field.IDs)
			must(t, err)
			captured[i] = fieldwork.Captured{ID: id, Photo: f.sha.String(), Bytes: f.bytes, Format: "jpeg"}
		}
		must(t, c.Field.Attach(context.WithoutCancel(t.Context()), s.project, s.units[0], s.units[0].Any(), domain.RoleEvidence, captured...))
		all = all[n:]
	}
}
