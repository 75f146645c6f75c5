package drilltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"keyturn/app/core"
	"keyturn/app/localstore"
	"keyturn/assets/catalog"
	"keyturn/assets/translations"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/photo"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func now() time.Time { return time.Now() }

// site is where a server keeps its data.
type site struct{ dir, database, photos string }

func (s site) photoDir() string {
	if s.photos != "" {
		return s.photos
	}
	return filepath.Join(s.dir, service.BlobDir)
}

// world is one server, at one address whatever happens to it, and its devices.
type world struct {
	t       *testing.T
	address string
	site    site
	server  *service.Service
	project domain.ProjectID
	units   []domain.UnitID
	stop    func()
	devices []*device
}

func newWorld(t *testing.T, s site) *world {
	t.Helper()
	w := &world{t: t, site: s, address: freeAddress(t)}
	w.serve()
	t.Cleanup(func() { w.stop() })
	w.found()
	return w
}

// found sets up a small project.
func (w *world) found() {
	w.t.Helper()
	ctx := w.t.Context()
	var err error
	w.project, err = w.server.AddProject(ctx, domain.Project{Name: "Sample Court", Zone: "Asia/Shanghai"})
	must(w.t, err)
	for login, role := range map[string]string{"inspector1": "inspector", "inspector2": "inspector", "coordinator1": "coordinator", "manager1": "manager"} {
		_, err := w.server.AddStaff(ctx, w.project, service.Staff{Login: login, Name: "Sample " + login, Role: role})
		must(w.t, err)
	}
	must(w.t, w.server.Store.Update(ctx, func(tx *store.Tx) error {
		must(w.t, tx.Lock(ctx, w.project))
		var logged []syncproto.Logged // nobody is connected yet
		writer := intake.NewWriter(tx, w.project, domain.At(now()), &logged)
		party := ident.Derive[domain.Party]("doors")
		_, errParty := writer.Create(ctx, domain.EntityParty, party.Any(), domain.Party{ProjectID: w.project, Kind: domain.PartySub, Name: "Sample Doors"})
		_, errScope := writer.Create(ctx, domain.EntityScope, ident.Derive[any]("scope"), domain.ContractScope{
			PartyID: party, Trades: []string{"门窗"}, WarrantyStart: "2026-08-01",
		})
		must(w.t, errors.Join(errParty, errScope))
		for i := range 40 {
			number := fmt.Sprint(101 + i)
			id := ident.Derive[domain.Unit](number)
			w.units = append(w.units, id)
			unit := domain.Unit{Building: "1#", Number: number, DeliveredOn: "2026-09-01", CompletedOn: "2026-08-01"}
			if _, err := writer.Create(ctx, domain.EntityUnit, id.Any(), unit); err != nil {
				return err
			}
		}
		return nil
	}))
}

// freeAddress finds a port below those of outgoing connections: a device that
// dials a server that is gone could meet itself there.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 15_000 + rand.IntN(15_000)})
		if err == nil {
			must(t, l.Close())
			return l.Addr().String()
		}
	}
	t.Fatal("no free port")
	return ""
}

// serve starts a server process's worth of goroutines on the site.
func (w *world) serve() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var err error
	w.server, err = service.Open(ctx, service.Options{
		Dir: w.site.dir, Database: w.site.database, Photos: w.site.photos, Now: now, Catalogue: catalog.FS, Translations: translations.FS,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	must(w.t, err)
	l, err := net.Listen("tcp", w.address)
	must(w.t, err)
	server := &http.Server{Handler: w.server.Handler(ctx), ReadHeaderTimeout: time.Minute}
	var work sync.WaitGroup
	work.Go(func() { w.server.Follow(ctx) })
	work.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			w.t.Error(err)
		}
	})
	served := w.server
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := server.Close(); err != nil {
			w.t.Error(err)
		}
		work.Wait()
		if err := served.Close(); err != nil {
			w.t.Error(err)
		}
	})
}

// blobs is the server's photo store, seen from outside.
func (w *world) blobs() *blobs.Disk {
	w.t.Helper()
	d, err := blobs.OpenDisk(w.site.photoDir())
	must(w.t, err)
	return d
}

// device is the app without a window.
type device struct {
	*core.Core
	t     *testing.T
	login string
	id    domain.DeviceID
	// saved are the defects that were shown as saved, with their photos.
	saved map[domain.DefectID][]domain.Hash
}

// enrol starts a device for a sample person and connects it.
func (w *world) enrol(login string) *device {
	w.t.Helper()
	ctx := w.t.Context()
	c := open(w.t, filepath.Join(w.t.TempDir(), login))
	w.t.Cleanup(func() { must(w.t, c.Close(context.WithoutCancel(ctx))) })
	must(w.t, c.Enrol(ctx, "http://"+w.address, w.code(login), login))
	d := w.takes(c, login)
	w.devices = append(w.devices, d)
	d.Connect(context.WithoutCancel(ctx))
	return d
}

// open starts the app on a data directory.
func open(t *testing.T, dir string) *core.Core {
	t.Helper()
	c, err := core.Open(t.Context(), core.Options{Dir: dir, Version: "test", Now: now, Catalogue: catalog.FS, Translations: translations.FS})
	must(t, err)
	return c
}

// takes makes an enrolled app a device of the world.
func (w *world) takes(c *core.Core, login string) *device {
	w.t.Helper()
	who, err := c.Store.Identity(w.t.Context())
	must(w.t, err)
	return &device{Core: c, t: w.t, login: login, id: who.Device, saved: map[domain.DefectID][]domain.Hash{}}
}

// code is a new one-time code for a person.
func (w *world) code(login string) string {
	w.t.Helper()
	person, err := w.server.PersonByLogin(w.t.Context(), login)
	must(w.t, err)
	code, err := w.server.Accounts.NewCode(w.t.Context(), person, time.Hour)
	must(w.t, err)
	return code
}

// enrolAgain lets a device in that the restored server does not know.
func (w *world) enrolAgain(d *device) {
	w.t.Helper()
	d.Disconnect()
	must(w.t, d.Enrol(w.t.Context(), "http://"+w.address, w.code(d.login), d.login))
	d.Connect(context.WithoutCancel(w.t.Context()))
}

// record saves a defect with photos that nobody else has.
func (d *device) record(w *world, description string, photos int) domain.DefectID {
	d.t.Helper()
	ctx := d.t.Context()
	form, err := d.Field.NewDefectForm(w.project, w.units[len(d.saved)%len(w.units)], domain.StageHandover)
	must(d.t, err)
	lock, _ := d.Catalogue.Defect("DOR-02")
	form.Choose(lock.Code, lock.Element, lock.Trade, lock.Type, lock.Severity)
	form.Room, form.Description = "ENT1", description
	var hashes []domain.Hash
	for range photos {
		captured, err := d.Field.CaptureFrom(ctx, bytes.NewReader(picture(d.t)), photo.Meta{Zone: time.UTC})
		must(d.t, err)
		form.Photos = append(form.Photos, captured)
		sha, err := domain.ParseHash(captured.Photo)
		must(d.t, err)
		hashes = append(hashes, sha)
	}
	id, err := d.Field.RecordDefect(ctx, form)
	must(d.t, err)
	d.saved[id] = hashes
	return id
}

// picture is a photo of nothing in particular, and not small: it travels in
// several pieces.
func picture(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for y := range 240 {
		for x := range 320 {
			m.SetRGBA(x, y, color.RGBA{R: uint8(rand.Uint32()), G: uint8(x), B: uint8(y), A: 255})
		}
	}
	var out bytes.Buffer
	must(t, jpeg.Encode(&out, m, nil))
	return out.Bytes()
}

// patience is how long anything may take on a busy machine before a test fails.
const patience = time.Minute

// until waits until the device's store satisfies a condition.
func (d *device) until(what string, holds func(context.Context, *localstore.Tx) (bool, error)) {
	d.t.Helper()
	rings, unsubscribe := d.Store.Subscribe()
	defer unsubscribe()
	deadline := time.After(patience)
	for {
		ok := false
		must(d.t, d.Store.View(d.t.Context(), func(t *localstore.Tx) (err error) {
			ok, err = holds(d.t.Context(), t)
			return err
		}))
		if ok {
			return
		}
		d.Runner.Retry()
		select {
		case <-rings:
		case <-deadline:
			var p localstore.Progress
			must(d.t, d.Store.View(d.t.Context(), func(t *localstore.Tx) (err error) {
				p, err = t.Progress(d.t.Context())
				return err
			}))
			d.t.Fatalf("%s: %s: not within %s: %+v, status %+v", d.login, what, patience, p, d.Runner.Status())
		}
	}
}

// synced waits until the server has said that it holds everything that this
// device made, and the device has everything that the server has.
func (d *device) synced() {
	d.t.Helper()
	d.until("all is confirmed", func(ctx context.Context, t *localstore.Tx) (bool, error) {
		p, err := t.Progress(ctx)
		return p.AllConfirmed() && p.Behind == 0 && p.Have > 0, err
	})
}

// lose deletes whatever the server had on its disk.
func (w *world) lose() {
	w.t.Helper()
	w.stop()
	must(w.t, os.RemoveAll(w.site.dir))
}
