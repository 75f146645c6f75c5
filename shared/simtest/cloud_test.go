package simtest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/simtest/powercut"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
	"keyturn/syncserver/api"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/live"
	"keyturn/syncserver/snapshots"
	"keyturn/syncserver/store"
	"keyturn/syncserver/tickets"
)

// cloud is the server's side: one store on a disk that can lose power, and
// several server processes over it.
type cloud struct {
	w     *world
	dir   string
	disk  *powercut.Disk
	store *store.Store
	blobs *shaky
	procs []*process
	// history is what the server has promised since its log began or was restored.
	history *history
	// past holds the histories of earlier epochs.
	past  map[string]*history
	saved *saved
	// random is where new identities come from: the same for the same schedule.
	random *rand.ChaCha8
	full   bool
	parts  parts
	// unsure are changes of rights that failed and may have been made nevertheless.
	unsure []decree
	// undecided are decisions in review that failed and may have been made
	// nevertheless.
	undecided []decision
	// torn is set once a power cut has damaged what had arrived of a photo: then
	// all of it may have to come again.
	torn bool
}

// process is one server process.
type process struct {
	cloud    *cloud
	n        int
	engine   *intake.Engine
	desk     *tickets.Desk
	accounts *accounts.Accounts
	http     http.Handler
	conns    []*conn
	// told is how far the connections have heard of each scope that one follows.
	told map[syncproto.Scope]uint64
	// silent processes die before they tell anybody what they committed.
	silent bool
}

// metrics are shared: making them is slow, and nobody looks.
var metrics = api.NewMetrics()

func (w *world) openCloud(processes int) *cloud {
	c := &cloud{w: w, dir: filepath.Join(w.dir, "server"), parts: firstParts(), past: map[string]*history{}, random: rand.NewChaCha8([32]byte{})}
	t, err := begun()
	w.must(err, "template")
	w.must(os.MkdirAll(c.dir, 0o700), "server's directory")
	w.must(os.WriteFile(c.path(), t.server, 0o600), "server's database")
	c.disk, err = powercut.Mount(c.dir)
	w.must(err, "server's disk")
	c.procs = make([]*process, processes)
	c.history = newHistory(firstEpoch)
	c.start()
	return c
}

func (c *cloud) path() string { return filepath.Join(c.dir, "server.db") }

// start boots every process.
func (c *cloud) start() {
	var err error
	c.store, err = store.Open(c.w.ctx, c.path())
	c.w.must(err, "open the server's store")
	c.openBlobs()
	for n := range c.procs {
		c.procs[n] = c.process(n)
	}
	c.follow()
}

func (c *cloud) openBlobs() {
	disk, err := blobs.OpenDisk(filepath.Join(c.dir, "blobs"))
	c.w.must(err, "open the photo store")
	c.blobs = &shaky{Store: disk}
}

func (c *cloud) process(n int) *process {
	t, err := begun()
	c.w.must(err, "template")
	p := &process{cloud: c, n: n, told: map[syncproto.Scope]uint64{}, accounts: &accounts.Accounts{
		Store: c.store, Now: c.now, Random: c.random, IDs: ident.NewSource(func() time.Time { return c.now().Time() }, c.random),
	}}
	p.desk = &tickets.Desk{Catalogue: t.catalogue, Text: func(_, key string, _ map[string]string) string { return key }}
	shelf := &snapshots.Shelf{Dir: filepath.Join(c.dir, fmt.Sprint("snapshots ", n)), Store: c.store}
	c.w.must(shelf.Sweep(), "sweep snapshots")
	p.engine = &intake.Engine{Store: c.store, Decider: p.desk, Now: c.now, Snapshots: shelf, Diverged: func(s syncproto.Scope) {
		c.w.fail("a device's copy of %s is not what the log gives", s)
	}}
	p.http = (&api.Server{
		Accounts: p.accounts, Engine: p.engine, Hub: live.NewHub(p.engine), Blobs: c.blobs, Snapshots: shelf,
		Log: slog.New(slog.DiscardHandler), Metrics: metrics, Poke: func() {},
	}).Handler(c.w.ctx)
	return p
}

func (c *cloud) now() domain.Instant { return c.w.now }

// stop ends everything without ceremony.
func (c *cloud) stop() {
	if c.store != nil {
		_ = c.store.Close() // the disk may be dead, and nobody needs it any more
	}
	c.disk.Unmount()
}

// crash ends one process; the store lives on.
func (p *process) crash() {
	for _, conn := range p.conns {
		conn.lose()
	}
	p.cloud.procs[p.n] = p.cloud.process(p.n)
	p.cloud.w.tell("server %d is killed and starts again", p.n)
}

// reboot brings the server back after a power cut, as the disk was left.
func (c *cloud) reboot(fate powercut.Fate, dice *rand.Rand) {
	for _, p := range c.procs {
		for _, conn := range p.conns {
			conn.lose()
		}
	}
	c.disk.FailAfter(0)
	_ = c.store.Close() // nothing reaches the disk any more
	c.store = nil
	c.w.must(c.disk.Reboot(fate, dice), "reboot the server")
	if fate != powercut.KeepAll {
		c.tearParts(dice)
	}
	c.full = false
	c.w.tell("the server loses power (%s) and starts again", fateName(fate))
	c.start()
	c.makeSure()
	c.makeDecided()
	c.checkReceived("after a power cut of the server")
}

func fateName(f powercut.Fate) string { return [...]string{"keeps all", "loses all", "loses some"}[f] }

// tearParts does to the unfinished uploads, which nobody synced, what a power
// cut may do.
func (c *cloud) tearParts(dice *rand.Rand) {
	dir := filepath.Join(c.dir, "blobs", "partial")
	list, err := os.ReadDir(dir)
	c.w.must(err, "unfinished uploads")
	for _, e := range list {
		c.torn = true
		path := filepath.Join(dir, e.Name())
		content, err := os.ReadFile(path)
		c.w.must(err, "unfinished upload")
		switch from := dice.IntN(len(content) + 1); dice.IntN(5) {
		case 0:
			err = os.Remove(path)
		case 1:
			err = os.Truncate(path, int64(from))
		case 2, 3:
			clear(content[from:])
			err = os.WriteFile(path, content, 0o600)
		}
		c.w.must(err, "tear an unfinished upload")
	}
}

// ailing reports whether the server may have failed for its disk.
func (c *cloud) ailing() bool { return c.disk.Excuse() }

// update runs the operator's own work; it may fail with the disk.
func (c *cloud) update(work func(*store.Tx) error) bool {
	err := c.store.Update(c.w.ctx, work)
	if err != nil && !c.ailing() {
		c.w.fail("the server fails on a sound disk: %v", err)
	}
	c.follow()
	return err == nil
}

// tick lets one server do what time has made due.
func (p *process) tick() {
	c := p.cloud
	logged, err := p.desk.Tick(c.w.ctx, c.store, c.now())
	c.follow()
	p.publish(logged)
	if err == nil {
		p.refresh()
	} else if !c.ailing() {
		c.w.fail("the timers fail on a sound disk: %v", err)
	}
}

// authenticate admits a device as the HTTP surface does.
func (p *process) authenticate(d *device) (*intake.Session, error) {
	caller, err := p.accounts.Authenticate(p.cloud.w.ctx, d.identity.DeviceToken, d.identity.SessionToken)
	if errors.Is(err, accounts.ErrDenied) && d.forked() {
		if err := p.enrolAgain(d); err != nil {
			return nil, err
		}
		caller, err = p.accounts.Authenticate(p.cloud.w.ctx, d.identity.DeviceToken, d.identity.SessionToken)
	}
	if errors.Is(err, accounts.ErrDenied) {
		p.cloud.w.fail("%s is denied: %v", d.name, err)
	}
	if err != nil {
		return nil, fmt.Errorf("authenticate: %w", err)
	}
	return &intake.Session{
		Engine: p.engine, Device: caller.Device.ID, Person: caller.Person, Revoked: caller.Revoked,
		Publish: func(_ context.Context, l []syncproto.Logged) { p.published(l) },
	}, nil
}
