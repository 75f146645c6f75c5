package walktest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"keyturn/app/core"
	"keyturn/app/localstore"
	"keyturn/assets/catalog"
	"keyturn/assets/sample"
	"keyturn/assets/translations"
	"keyturn/shared/domain"
	"keyturn/syncserver/service"
)

// opening is the morning of the sample's first handover day, in Shanghai.
var opening = time.Date(2026, 9, 26, 1, 0, 0, 0, time.UTC)

// clock is everybody's injected time.
type clock struct{ ms atomic.Int64 }

func newClock(t time.Time) *clock {
	c := &clock{}
	c.ms.Store(t.UnixMilli())
	return c
}

func (c *clock) Now() time.Time          { return time.UnixMilli(c.ms.Load()) }
func (c *clock) Advance(d time.Duration) { c.ms.Add(d.Milliseconds()) }
func (c *clock) Instant() domain.Instant { return domain.At(c.Now()) }
func (c *clock) Set(t time.Time)         { c.ms.Store(t.UnixMilli()) }

// world is the server with its network, and the time.
type world struct {
	t       *testing.T
	clock   *clock
	server  *service.Service
	project domain.ProjectID
	network *network
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newCluster(t, 1, "", "")
}

// newCluster is a world with several servers on one database and one place for
// photos, behind a network that gives each connection to the next of them.
func newCluster(t *testing.T, servers int, database, photos string) *world {
	t.Helper()
	w := &world{t: t, clock: newClock(opening)}
	serving, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	var addresses []string
	for range servers {
		s, err := service.Open(t.Context(), service.Options{
			Dir: t.TempDir(), Database: database, Photos: photos, Now: w.clock.Now, Catalogue: catalog.FS, Translations: translations.FS,
			Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		})
		must(t, err)
		w.server = s
		addresses = append(addresses, serve(serving, t, stop, s))
	}
	var err error
	w.project, err = w.server.LoadSample(t.Context(), sample.FS)
	must(t, err)
	w.network = newNetwork(t, addresses...)
	t.Cleanup(w.network.Cut)
	return w
}

// serve puts a server on loopback until the test ends.
func serve(ctx context.Context, t *testing.T, stop func(), s *service.Service) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	server := &http.Server{Handler: s.Handler(ctx), ReadHeaderTimeout: time.Minute}
	var work sync.WaitGroup
	work.Go(func() { s.Follow(ctx) })
	work.Go(func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		stop()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		work.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// code is a one-time enrolment code for a sample person.
func (w *world) code(login string) string {
	w.t.Helper()
	id, err := w.server.PersonByLogin(w.t.Context(), login)
	must(w.t, err)
	code, err := w.server.Accounts.NewCode(w.t.Context(), id, time.Hour)
	must(w.t, err)
	return code
}

// tick lets the server do what time has made due.
func (w *world) tick() {
	w.t.Helper()
	must(w.t, w.server.Tick(w.t.Context()))
}

// pass lets time go by in steps, as the server's timer would see it.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	for range int(d / time.Hour) {
		w.clock.Advance(time.Hour)
		w.tick()
	}
}

func options(dir string, now func() time.Time) core.Options {
	return core.Options{Dir: dir, Version: "test", Now: now, Catalogue: catalog.FS, Translations: translations.FS}
}

// device is a core that the test looks into.
type device struct {
	*core.Core
	t      *testing.T
	dir    string
	closed bool
}

// close ends the app in an orderly way; a second call does nothing.
func (d *device) close() {
	d.t.Helper()
	if !d.closed {
		d.closed = true
		must(d.t, d.Close(context.WithoutCancel(d.t.Context())))
	}
}

// open starts the app on a data directory.
func (w *world) open(dir string) *device {
	w.t.Helper()
	c, err := core.Open(w.t.Context(), options(dir, w.clock.Now))
	must(w.t, err)
	return &device{Core: c, t: w.t, dir: dir}
}

// enrol starts a new device for a sample person and connects it.
func (w *world) enrol(login string) *device {
	w.t.Helper()
	d := w.open(filepath.Join(w.t.TempDir(), login))
	must(w.t, d.Enrol(w.t.Context(), w.network.URL(), w.code(login), login+"'s device"))
	d.Connect(context.WithoutCancel(w.t.Context()))
	w.t.Cleanup(d.close)
	return d
}

// patience is how long anything may take on a busy machine before a test fails.
const patience = time.Minute

// until waits until the device's store satisfies a condition; it looks after
// every commit.
func (d *device) until(what string, holds func(context.Context, *localstore.Tx) (bool, error)) {
	d.t.Helper()
	rings, stop := d.Store.Subscribe()
	defer stop()
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
		select {
		case <-rings:
		case <-deadline:
			d.t.Fatalf("%s: not within %s (status %+v)", what, patience, d.Runner.Status())
		}
	}
}

// allConfirmed waits until the server holds everything the device made and the
// device has everything the server has.
func (d *device) allConfirmed() {
	d.t.Helper()
	d.until("everything confirmed", func(ctx context.Context, t *localstore.Tx) (bool, error) {
		p, err := t.Progress(ctx)
		return p.AllConfirmed() && p.Behind == 0 && p.Have > 0, err
	})
}

// one reads a record or fails.
func one[T any](d *device, e domain.Entity, id domain.ID[T]) (record T) {
	d.t.Helper()
	must(d.t, d.Store.View(d.t.Context(), func(t *localstore.Tx) error {
		r, ok, err := localstore.Get(d.t.Context(), t, e, id)
		if err == nil && !ok {
			d.t.Fatalf("no %s %s", e, id)
		}
		record = r
		return err
	}))
	return record
}

func list[T any](d *device, e domain.Entity, f localstore.Filter) (rows []localstore.Listed[T]) {
	d.t.Helper()
	must(d.t, d.Store.View(d.t.Context(), func(t *localstore.Tx) (err error) {
		rows, err = localstore.List[T](d.t.Context(), t, e, f)
		return err
	}))
	return rows
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// network is a wire that can be cut for real: connections break and new ones
// are refused until it is mended.
type network struct {
	t       *testing.T
	address string
	servers []string
	turn    atomic.Int64

	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]struct{}
	work     sync.WaitGroup
}

func newNetwork(t *testing.T, servers ...string) *network {
	t.Helper()
	n := &network{t: t, servers: servers, conns: map[net.Conn]struct{}{}}
	n.listen("127.0.0.1:0")
	n.address = n.listener.Addr().String()
	return n
}

// URL is the server's address on this side of the wire.
func (n *network) URL() string { return "http://" + n.address }

func (n *network) listen(address string) {
	n.t.Helper()
	l, err := net.Listen("tcp", address)
	must(n.t, err)
	n.mu.Lock()
	n.listener = l
	n.mu.Unlock()
	n.work.Go(func() { n.accept(l) })
}

func (n *network) accept(l net.Listener) {
	for {
		near, err := l.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", n.servers[int(n.turn.Add(1))%len(n.servers)])
		if err != nil {
			_ = near.Close()
			continue
		}
		n.mu.Lock()
		n.conns[near], n.conns[far] = struct{}{}, struct{}{}
		n.mu.Unlock()
		n.work.Go(func() { n.carry(near, far) })
		n.work.Go(func() { n.carry(far, near) })
	}
}

// carry copies one way; when either side ends, so does the connection.
func (n *network) carry(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_, _ = to.Close(), from.Close()
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.conns, to)
	delete(n.conns, from)
}

// Cut breaks every connection and refuses new ones.
func (n *network) Cut() {
	n.mu.Lock()
	if n.listener != nil {
		_ = n.listener.Close()
		n.listener = nil
	}
	for c := range n.conns {
		_ = c.Close()
	}
	n.mu.Unlock()
	n.work.Wait()
}

// Mend brings the network back under the same address.
func (n *network) Mend() { n.listen(n.address) }
