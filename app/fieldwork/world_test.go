package fieldwork_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/assets/catalog"
	"keyturn/assets/sample"
	catalogue "keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/photo"
	"keyturn/shared/syncproto"
)

var (
	project = ident.Derive[domain.Project]("project")
	tablet  = ident.Derive[domain.Device]("tablet")
	person  = ident.Derive[domain.Person]("person")
	unit    = ident.Derive[domain.Unit]("unit")
)

// ahead is how wrong the tablet's clock is; it has met the server once.
const ahead = domain.Instant(3_600_000)

// world is an enrolled tablet without a network.
type world struct {
	*fieldwork.Field
	t   *testing.T
	now time.Time
	log []syncproto.Logged
}

// reference is the shipped catalogue, read once.
var reference = sync.OnceValues(func() (*catalogue.Catalogue, error) { return catalogue.Load(catalog.FS) })

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 9, 26, 1, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	dir := t.TempDir()
	store, err := localstore.Open(t.Context(), dir, func() domain.Instant { return domain.At(clock()) })
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	must(t, store.SetIdentity(t.Context(), localstore.Identity{Device: tablet, Person: person}))
	must(t, store.Update(t.Context(), func(tx *localstore.Tx) error {
		must(t, tx.FollowScope(t.Context(), syncproto.Head{Scope: syncproto.Scope{Project: project, Audience: domain.AudienceField}}))
		return tx.SetClockAhead(t.Context(), ahead)
	}))
	vault, err := photo.Open(filepath.Join(dir, "photos"))
	must(t, err)
	items, err := reference()
	must(t, err)
	w.Field = &fieldwork.Field{Store: store, Vault: vault, Catalogue: items, IDs: ident.NewSource(clock, nil)}
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// at is the true time.
func (w *world) at() domain.Instant { return domain.At(w.now) - ahead }

// server writes a record that the tablet pulls.
func (w *world) server(e domain.Entity, id domain.AnyID, record any) {
	w.t.Helper()
	fields, err := syncproto.Encode(record)
	must(w.t, err)
	seq := uint64(len(w.log) + 1)
	scope := syncproto.Scope{Project: project, Audience: domain.AudienceField}
	w.log = append(w.log, syncproto.Logged{Seq: seq, Op: syncproto.Op{
		Device: ident.Derive[domain.Device]("server"), Seq: seq, Scope: scope, Entity: e, ID: id, Kind: syncproto.Recorded, Fields: fields,
	}})
	must(w.t, w.Store.Update(w.t.Context(), func(tx *localstore.Tx) error {
		_, err := tx.Apply(w.t.Context(), &syncproto.Page{Scope: scope, Epoch: "e1", PrevSeq: seq - 1, LastSeq: seq, Head: seq, Changes: w.log[seq-1:]})
		return err
	}))
}

// sent lists the ops in the outbox.
func (w *world) sent() (ops []syncproto.Op) {
	w.t.Helper()
	must(w.t, w.Store.View(w.t.Context(), func(tx *localstore.Tx) error {
		list, err := tx.Sent(w.t.Context())
		for _, s := range list {
			ops = append(ops, s.Op)
		}
		return err
	}))
	return ops
}

func list[T any](w *world, e domain.Entity) (rows []localstore.Listed[T]) {
	w.t.Helper()
	must(w.t, w.Store.View(w.t.Context(), func(tx *localstore.Tx) (err error) {
		rows, err = localstore.List[T](w.t.Context(), tx, e, localstore.Filter{})
		return err
	}))
	return rows
}

// one is the only record of an entity.
func one[T any](w *world, e domain.Entity) localstore.Listed[T] {
	w.t.Helper()
	rows := list[T](w, e)
	if len(rows) != 1 {
		w.t.Fatalf("%d records of %s", len(rows), e)
	}
	return rows[0]
}

// picture is a sample photo as a file.
func (w *world) picture(name string) string {
	w.t.Helper()
	b, err := sample.FS.ReadFile("photos/" + name)
	must(w.t, err)
	path := filepath.Join(w.t.TempDir(), name)
	must(w.t, os.WriteFile(path, b, 0o600))
	return path
}

func (w *world) capture(name string) fieldwork.Captured {
	w.t.Helper()
	c, err := w.Capture(w.t.Context(), w.picture(name), photo.Meta{Zone: time.UTC})
	must(w.t, err)
	return c
}

// uploads lists the queued renditions once the server has their records.
func (w *world) uploads() (queue []localstore.Upload) {
	w.t.Helper()
	must(w.t, w.Store.Update(w.t.Context(), func(tx *localstore.Tx) error {
		for i, op := range w.sent() {
			must(w.t, tx.Answer(w.t.Context(), syncproto.Answer{Seq: op.Seq, Status: syncproto.Applied, LogSeq: uint64(1000 + i)}))
		}
		return nil
	}))
	must(w.t, w.Store.View(w.t.Context(), func(tx *localstore.Tx) (err error) {
		queue, err = tx.NextUploads(w.t.Context(), 100)
		return err
	}))
	return queue
}
