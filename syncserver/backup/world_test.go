package backup

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"keyturn/shared/backends"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// database is one kind of database and where one of it is.
type database struct {
	name   string
	place  func(*testing.T) string
	open   func(context.Context, string) (*store.Store, error)
	create func(context.Context, string, int64) (*store.Store, error)
}

var (
	sqlite   = database{"SQLite", func(t *testing.T) string { return filepath.Join(t.TempDir(), "keyturn.db") }, store.Open, store.OpenToRestore}
	postgres = database{"Postgres", func(t *testing.T) string { return backends.Postgres(t) }, store.OpenPostgres, store.OpenPostgresToRestore}
)

// world is a server's data, without the server.
type world struct {
	t       *testing.T
	store   *store.Store
	disk    *blobs.Disk
	photos  string // the photo store's folder
	data    string
	now     time.Time
	project domain.ProjectID
	backups string
}

var opening = time.Date(2026, 9, 26, 1, 0, 0, 0, time.UTC)

func newWorld(t *testing.T, d database) *world {
	t.Helper()
	w := &world{t: t, now: opening, project: ident.Derive[domain.Project]("project"), backups: filepath.Join(t.TempDir(), "backups")}
	w.data = t.TempDir()
	w.photos = filepath.Join(w.data, "blobs")
	var err error
	w.store, err = d.open(t.Context(), d.place(t))
	must(t, err)
	t.Cleanup(func() { must(t, w.store.Close()) })
	w.disk, err = blobs.OpenDisk(w.photos)
	must(t, err)
	person := ident.Derive[domain.Person]("person")
	w.update(func(ctx context.Context, tx *store.Tx) error {
		must(t, tx.SetMeta(ctx, intake.MetaEpoch, "first"))
		must(t, tx.PutPerson(ctx, store.Person{ID: person, Login: "a", Name: "样例甲"}))
		must(t, tx.AddDevice(ctx, store.Device{ID: ident.Derive[domain.Device]("tablet"), Name: "tablet", TokenHash: []byte{1}, EnrolledAt: 5, NextSeq: 7}))
		return tx.AddEnrolment(ctx, store.Enrolment{CodeHash: []byte{1}, Person: person, ExpiresAt: 1 << 50})
	})
	must(t, os.WriteFile(filepath.Join(w.data, "receipt.key"), []byte("secret"), 0o600))
	return w
}

func (w *world) instant() domain.Instant { return domain.At(w.now) }

func (w *world) update(work func(context.Context, *store.Tx) error) {
	w.t.Helper()
	must(w.t, w.store.Update(w.t.Context(), func(tx *store.Tx) error {
		must(w.t, tx.Lock(w.t.Context(), w.project))
		return work(w.t.Context(), tx)
	}))
}

// attach records an attachment whose bytes are here.
func (w *world) attach(name string) (id domain.AnyID, sha domain.Hash) {
	w.t.Helper()
	content := []byte("photo " + name)
	id, sha = ident.Derive[any](name), sha256.Sum256(content)
	w.update(func(ctx context.Context, tx *store.Tx) error {
		var logged []syncproto.Logged
		_, err := intake.NewWriter(tx, w.project, w.instant(), &logged).Create(ctx, domain.EntityAttachment, id, domain.Attachment{
			ParentID: ident.Derive[any]("defect"), State: domain.AttachmentPending, Kind: domain.KindPhoto, Role: domain.RoleEvidence, SHA256: sha,
		})
		return err
	})
	_, err := w.disk.Put(w.t.Context(), content)
	must(w.t, err)
	_, err = w.engine(w.store).BlobArrived(w.t.Context(), sha, int64(len(content)))
	must(w.t, err)
	return id, sha
}

func (w *world) engine(s *store.Store) *intake.Engine {
	return &intake.Engine{Store: s, Now: w.instant}
}

func (w *world) source() Source {
	return Source{
		Store: w.store, Photos: w.disk, Now: func() time.Time { return w.now }, Version: "test",
		Keys: []string{filepath.Join(w.data, "receipt.key"), filepath.Join(w.data, "receipt-keys.pem")},
	}
}

// backup makes a backup, an hour after the one before.
func (w *world) backup(photos bool) *Made {
	w.t.Helper()
	w.now = w.now.Add(time.Hour)
	made, err := w.source().Create(w.t.Context(), w.backups, photos)
	must(w.t, err)
	return made
}

// site is a place to restore to.
type site struct {
	Target
	disk    *blobs.Disk
	keys    string
	address string
	open    func(context.Context, string) (*store.Store, error)
}

func newSite(t *testing.T, d database) *site {
	t.Helper()
	dir := t.TempDir()
	disk, err := blobs.OpenDisk(filepath.Join(dir, "blobs"))
	must(t, err)
	s := &site{disk: disk, keys: filepath.Join(dir, "data"), address: d.place(t), open: d.open}
	s.Target = Target{
		Create: func(ctx context.Context, schema int64) (*store.Store, error) { return d.create(ctx, s.address, schema) },
		Open:   func(ctx context.Context) (*store.Store, error) { return d.open(ctx, s.address) },
		Photos: disk, Keys: s.keys, Now: func() time.Time { return opening.Add(48 * time.Hour) }, Random: rand.Reader,
	}
	return s
}

// opened is the restored database.
func (s *site) opened(t *testing.T) *store.Store {
	t.Helper()
	st, err := s.open(t.Context(), s.address)
	must(t, err)
	t.Cleanup(func() { must(t, st.Close()) })
	return st
}

// rowsOf counts and prints the rows of every table.
func rowsOf(t *testing.T, s *store.Store) map[string]map[string]int {
	t.Helper()
	all := map[string]map[string]int{}
	must(t, s.View(t.Context(), func(tx *store.Tx) error {
		for _, table := range store.DumpTables() {
			all[table.Name] = map[string]int{}
			must(t, tx.DumpRows(t.Context(), table, func(row []any) error {
				all[table.Name][fmt.Sprintf("%#v", row)]++
				return nil
			}))
		}
		return nil
	}))
	return all
}

// dumpOf writes a dump of the world into memory.
func (w *world) dumpOf() []byte {
	w.t.Helper()
	var out bytes.Buffer
	_, err := WriteDump(w.t.Context(), &out, w.store, w.instant(), "test")
	must(w.t, err)
	return out.Bytes()
}
