package drilltest

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/backends"
	"keyturn/shared/domain"
	"keyturn/syncserver/backup"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
)

// scenario is one way in which a server is lost and comes back.
type scenario struct {
	name     string
	from, to func(*testing.T) site
	// photos says whether the backup holds their bytes.
	photos bool
}

var scenarios = []scenario{
	{"SQLite to SQLite, photos in the backup", onSQLite, onSQLite, true},
	{"SQLite to Postgres, the photos are lost", onSQLite, onPostgres, false},
	{"Postgres to Postgres, photos kept elsewhere", keptElsewhere, nil, false},
}

func onSQLite(t *testing.T) site { return site{dir: filepath.Join(t.TempDir(), "data")} }

func onPostgres(t *testing.T) site {
	return site{dir: filepath.Join(t.TempDir(), "data"), database: backends.Postgres(t)}
}

func keptElsewhere(t *testing.T) site {
	s := onPostgres(t)
	s.photos = t.TempDir()
	return s
}

// A day's work, a backup while devices push, more work that the server
// acknowledges, a lost server, a restore: in the end the server holds all of it
// once, photos included.
func TestRestoreDrill(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) { drill(t, s) })
	}
}

func drill(t *testing.T, s scenario) {
	w := newWorld(t, s.from(t))
	tablet, second, desk := w.enrol("inspector1"), w.enrol("inspector2"), w.enrol("coordinator1")
	for _, d := range w.devices {
		d.synced()
	}

	// The day's work.
	for i := range 4 {
		tablet.record(w, fmt.Sprint("morning ", i), 1)
		second.record(w, fmt.Sprint("morning of another ", i), 1)
	}
	old := tablet.record(w, "before the backup", 1)
	for _, d := range w.devices {
		d.synced()
	}
	made := w.backupWhile(s.photos, func(n int) {
		tablet.record(w, fmt.Sprint("during the backup ", n), 1)
		second.record(w, fmt.Sprint("during the backup, by another ", n), 1)
	})

	// Work that only the devices will remember.
	for i := range 4 {
		tablet.record(w, fmt.Sprint("afternoon ", i), 2)
		second.record(w, fmt.Sprint("afternoon of another ", i), 1)
	}
	must(t, tablet.Field.AmendDefect(t.Context(), w.project, old, func(d *domain.Defect) { d.Description = "amended after the backup" }))
	late := w.enrol("inspector1")
	late.synced()
	late.record(w, "by a device that is younger than the backup", 1)
	for _, d := range w.devices {
		d.synced()
	}
	late.Disconnect()
	second.Disconnect()
	second.record(w, "offline when the server was lost", 1)

	before := w.site
	w.lose()
	w.site = before
	if s.to != nil {
		w.site = s.to(t)
	} else { // another database, the same photos
		w.site = onPostgres(t)
		w.site.photos = before.photos
	}
	restored := w.restore(made.Path)
	if want := s.photos || s.to == nil; want != (len(restored.Missing) == 0) {
		t.Errorf("%d photos are missing", len(restored.Missing))
	}
	w.serve()
	second.Connect(context.WithoutCancel(t.Context()))
	late.refused()
	w.enrolAgain(late)
	w.settle(restored.Epoch)
	w.reconcile()
	if d, ok := defectOn(desk, old); !ok || d.Description != "amended after the backup" {
		t.Errorf("the desk shows %+v", d)
	}
}

func defectOn(d *device, id domain.DefectID) (defect domain.Defect, ok bool) {
	d.t.Helper()
	must(d.t, d.Store.View(d.t.Context(), func(t *localstore.Tx) (err error) {
		defect, ok, err = localstore.Get(d.t.Context(), t, domain.EntityDefect, id)
		return err
	}))
	return defect, ok
}

// backupWhile makes a backup as the operator does, beside the running server,
// while devices work.
func (w *world) backupWhile(photos bool, work func(int)) *backup.Made {
	w.t.Helper()
	s := w.openStore()
	source := backup.Source{Store: s, Photos: w.blobs(), Now: now, Version: "test"}
	var made *backup.Made
	var err error
	var backing sync.WaitGroup
	backing.Go(func() { made, err = source.Create(w.t.Context(), filepath.Join(w.t.TempDir(), "backups"), photos) })
	for n := range 3 {
		work(n)
	}
	backing.Wait()
	must(w.t, err)
	must(w.t, s.Close())
	if v, err := backup.Verify(w.t.Context(), made.Path, w.blobs()); err != nil || len(v.Missing) > 0 || len(v.Damaged) > 0 {
		w.t.Errorf("verify: %+v, %v", v, err)
	}
	return made
}

// openStore opens the server's database beside the server.
func (w *world) openStore() *store.Store {
	w.t.Helper()
	open, address := store.Open, filepath.Join(w.site.dir, service.DatabaseFile)
	if w.site.database != "" {
		open, address = store.OpenPostgres, w.site.database
	}
	s, err := open(w.t.Context(), address)
	must(w.t, err)
	return s
}

// restore brings the backup to the world's new site.
func (w *world) restore(path string) *backup.Restored {
	w.t.Helper()
	disk, err := blobs.OpenDisk(w.site.photoDir())
	must(w.t, err)
	target := backup.Target{Photos: disk, Keys: w.site.dir, Now: now, Random: rand.Reader}
	file := filepath.Join(w.site.dir, service.DatabaseFile)
	target.Create = func(ctx context.Context, schema int64) (*store.Store, error) {
		return store.OpenToRestore(ctx, file, schema)
	}
	target.Open = func(ctx context.Context) (*store.Store, error) { return store.Open(ctx, file) }
	if w.site.database != "" {
		target.Create = func(ctx context.Context, schema int64) (*store.Store, error) {
			return store.OpenPostgresToRestore(ctx, w.site.database, schema)
		}
		target.Open = func(ctx context.Context) (*store.Store, error) { return store.OpenPostgres(ctx, w.site.database) }
	}
	r, err := target.Restore(w.t.Context(), path)
	must(w.t, err)
	return r
}

// settle waits until every device has rebased every scope and is in step.
func (w *world) settle(epoch string) {
	w.t.Helper()
	for _, d := range w.devices {
		d.until("rebased", func(ctx context.Context, t *localstore.Tx) (bool, error) {
			list, err := t.Cursors(ctx)
			for _, c := range list {
				if c.Epoch != epoch {
					return false, err
				}
			}
			return len(list) > 0, err
		})
	}
	w.inStep()
}

// inStep waits until every connected device has an answer to all that it made,
// and everything that the server has.
func (w *world) inStep() {
	w.t.Helper()
	for _, d := range w.devices {
		d.synced()
	}
	for _, d := range w.devices { // nobody makes anything new any more
		d.until("in step", func(ctx context.Context, t *localstore.Tx) (bool, error) {
			list, err := t.Cursors(ctx)
			if err != nil {
				return false, err
			}
			same := true
			err = w.server.Store.View(ctx, func(tx *store.Tx) error {
				for _, c := range list {
					head, err := tx.Head(ctx, c.Scope)
					if err != nil {
						return err
					}
					same = same && head == c.Seq
				}
				return nil
			})
			return same, err
		})
	}
}
