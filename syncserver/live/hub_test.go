package live_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/live"
	"keyturn/syncserver/store"
)

const now = domain.Instant(1_790_384_400_000)

// patience is how long anything may take on a busy machine.
const patience = 20 * time.Second

// noDesk decides nothing.
type noDesk struct{}

func (noDesk) Reads(syncproto.Op) []store.Key { return nil }
func (noDesk) Fact(context.Context, *intake.Writer, syncproto.Op, merge.Record, merge.Record) error {
	return nil
}

func (noDesk) Command(context.Context, *intake.Writer, syncproto.Op, syncproto.Command) error {
	return nil
}

// world is a hub behind a real listener. Who connects says so in the query.
type world struct {
	t       *testing.T
	hub     *live.Hub
	store   *store.Store
	engine  *intake.Engine
	url     string
	stop    context.CancelFunc
	project domain.ProjectID
	// hook runs where the engine reads the clock.
	hook atomic.Pointer[func()]
	// left names those whose connection has ended.
	left chan string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "server.db"))
	must(t, err)
	w := &world{t: t, store: s, project: ident.Derive[domain.Project]("project"), left: make(chan string, 64)}
	w.engine = &intake.Engine{Store: s, Decider: noDesk{}, Now: func() domain.Instant {
		if hook := w.hook.Load(); hook != nil {
			(*hook)()
		}
		return now
	}}
	w.hub = live.NewHub(w.engine)
	w.update(func(ctx context.Context, tx *store.Tx) error {
		must(t, tx.SetMeta(ctx, intake.MetaEpoch, "epoch-1"))
		for role, caps := range domain.DefaultRoles() {
			must(t, tx.SetRole(ctx, role, caps))
		}
		return nil
	})
	serving, stop := context.WithCancel(context.Background())
	w.stop = stop
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		name := r.URL.Query().Get("name")
		session := &intake.Session{Engine: w.engine, Device: device(name), Person: person(name), Publish: w.publish}
		w.hub.Serve(serving, rw, r, session, slog.New(slog.NewTextHandler(io.Discard, nil)))
		w.left <- name
	}))
	w.url = "ws" + strings.TrimPrefix(server.URL, "http") + "?name="
	t.Cleanup(func() {
		stop()
		server.Close()
		must(t, s.Close())
	})
	return w
}

func (w *world) publish(ctx context.Context, logged []syncproto.Logged) {
	if err := w.hub.Publish(ctx, logged); err != nil {
		w.t.Error(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func device(name string) domain.DeviceID { return ident.Derive[domain.Device](name) }
func person(name string) domain.PersonID { return ident.Derive[domain.Person](name) }

func (w *world) update(work func(context.Context, *store.Tx) error) {
	w.t.Helper()
	must(w.t, w.store.Update(w.t.Context(), func(tx *store.Tx) error { return work(w.t.Context(), tx) }))
}

func (w *world) scope(a domain.Audience) syncproto.Scope {
	return syncproto.Scope{Project: w.project, Audience: a}
}

// join makes somebody known in a role.
func (w *world) join(name, role string) {
	w.t.Helper()
	w.update(func(ctx context.Context, tx *store.Tx) error {
		id, dev := person(name), device(name)
		must(w.t, tx.PutPerson(ctx, store.Person{ID: id, Login: name, Name: name}))
		must(w.t, tx.PutGrant(ctx, store.Grant{Person: id, Project: w.project, Role: role, From: 1}))
		must(w.t, tx.AddDevice(ctx, store.Device{ID: dev, Name: name, TokenHash: dev[:], EnrolledAt: 1, NextSeq: 1}))
		return tx.AddSession(ctx, store.Session{TokenHash: dev[:], Person: id, Device: dev, StartedAt: 1, ExpiresAt: 1 << 60})
	})
}

// peer is one connection.
type peer struct {
	w  *world
	ws *websocket.Conn
}

// dial connects somebody who joined before.
func (w *world) dial(name string) *peer {
	w.t.Helper()
	ws, resp, err := websocket.DefaultDialer.DialContext(w.t.Context(), w.url+name, nil)
	must(w.t, err)
	must(w.t, resp.Body.Close())
	w.t.Cleanup(func() { _ = ws.Close() })
	return &peer{w: w, ws: ws}
}

// connect joins, dials and says hello.
func (w *world) connect(name, role string) *peer {
	w.t.Helper()
	w.join(name, role)
	p := w.dial(name)
	p.hello(name)
	return p
}

func (p *peer) hello(name string) *syncproto.Welcome {
	p.w.t.Helper()
	p.send(&syncproto.Hello{Version: syncproto.Version, Device: device(name), WallClock: now, NextSeq: 1})
	return expect[*syncproto.Welcome](p)
}

func (p *peer) send(f syncproto.Frame) {
	p.w.t.Helper()
	b, err := syncproto.EncodeFrame(f)
	must(p.w.t, err)
	p.raw(b)
}

func (p *peer) raw(b []byte) {
	p.w.t.Helper()
	must(p.w.t, p.ws.WriteMessage(websocket.BinaryMessage, b))
}

func (p *peer) next() (syncproto.Frame, error) {
	p.w.t.Helper()
	must(p.w.t, p.ws.SetReadDeadline(time.Now().Add(patience)))
	_, message, err := p.ws.ReadMessage()
	if err != nil {
		return nil, err
	}
	return syncproto.DecodeFrame(message)
}

// expect is the next frame, of a type.
func expect[F syncproto.Frame](p *peer) F {
	p.w.t.Helper()
	f, err := p.next()
	must(p.w.t, err)
	got, ok := f.(F)
	if !ok {
		p.w.t.Fatalf("got %T %+v", f, f)
	}
	return got
}

// closed expects the server to end the connection.
func (p *peer) closed() {
	p.w.t.Helper()
	f, err := p.next()
	var timeout interface{ Timeout() bool }
	if err == nil || errors.As(err, &timeout) && timeout.Timeout() {
		p.w.t.Fatalf("the connection is open: %+v, %v", f, err)
	}
}

// entries are log entries of a scope; a size makes the first that large.
func (w *world) entries(scope syncproto.Scope, from, n uint64, size int) (list []syncproto.Logged) {
	w.t.Helper()
	for i := range n {
		note := make([]byte, 1)
		if i == 0 && size > 0 {
			note = make([]byte, size)
			_, err := rand.Read(note) // nothing to compress
			must(w.t, err)
		}
		value, err := syncproto.Marshal(note)
		must(w.t, err)
		list = append(list, syncproto.Logged{Seq: from + i, Op: syncproto.Op{
			Device: ident.ServerDevice, Seq: from + i, Actor: ident.ServerPerson, Scope: scope, Entity: domain.EntityUnit, ID: domain.AnyID{1},
			Kind: syncproto.Recorded, Fields: syncproto.Fields{200: value}, Schema: 1,
		}})
	}
	return list
}

// What one device pushes the others hear at once, in the scopes that they
// follow and in no other.
func TestPushReachesTheOthers(t *testing.T) {
	w := newWorld(t)
	a, b := w.connect("a", "inspector"), w.connect("b", "coordinator")
	fields, err := syncproto.Encode(domain.Defect{Room: "LIV1"})
	must(t, err)
	op := syncproto.Op{
		Device: device("a"), Seq: 1, Actor: person("a"), CapturedAt: now, Scope: w.scope(domain.AudienceField), Entity: domain.EntityDefect,
		ID: domain.AnyID{7}, Kind: syncproto.Recorded, Fields: fields, Schema: 1,
	}
	a.send(&syncproto.Push{Batch: 9, Ops: []syncproto.Op{op}})
	page := expect[*syncproto.Page](b)
	if page.Epoch != "epoch-1" || page.PrevSeq != 0 || page.LastSeq != 1 || page.Head != 1 || len(page.Changes) != 1 || page.Changes[0].Op.ID != op.ID {
		t.Errorf("%+v", page)
	}
	// The pusher hears of its own op, too; the answer comes beside it.
	answered, heard := false, false
	for !answered || !heard {
		f, err := a.next()
		must(t, err)
		switch f := f.(type) {
		case *syncproto.Answers:
			answered = f.Batch == 9 && f.Answers[0].Status == syncproto.Applied
		case *syncproto.Page:
			heard = f.LastSeq == 1
		}
	}
	w.publish(w.t.Context(), w.entries(w.scope(domain.AudienceOffice), 1, 1, 0))
	w.publish(w.t.Context(), w.entries(w.scope(domain.AudienceField), 2, 1, 0))
	if page := expect[*syncproto.Page](b); page.Scope.Audience != domain.AudienceOffice {
		t.Errorf("the desk missed the office: %+v", page)
	}
	if page := expect[*syncproto.Page](a); page.Scope.Audience != domain.AudienceField || page.PrevSeq != 1 {
		t.Errorf("the tablet heard %+v", page)
	}
}

// Entries of several scopes arrive as one page each.
func TestOnePagePerScope(t *testing.T) {
	w := newWorld(t)
	p := w.connect("desk", "manager")
	w.publish(w.t.Context(), append(w.entries(w.scope(domain.AudienceField), 1, 3, 0), w.entries(w.scope(domain.AudienceOffice), 1, 2, 0)...))
	seen := map[domain.Audience]*syncproto.Page{}
	for range 2 {
		page := expect[*syncproto.Page](p)
		seen[page.Scope.Audience] = page
	}
	if f := seen[domain.AudienceField]; f == nil || f.PrevSeq != 0 || f.LastSeq != 3 || len(f.Changes) != 3 {
		t.Errorf("field: %+v", f)
	}
	if o := seen[domain.AudienceOffice]; o == nil || o.PrevSeq != 0 || o.LastSeq != 2 || len(o.Changes) != 2 {
		t.Errorf("office: %+v", o)
	}
	w.publish(w.t.Context(), nil)
}

// What follows closely shares pages: nobody stores as many pages as there were
// transactions, and nothing is missing or out of order.
func TestBurstSharesPages(t *testing.T) {
	w := newWorld(t)
	p := w.connect("a", "inspector")
	const entries = 400
	for seq := range uint64(entries) {
		w.publish(w.t.Context(), w.entries(w.scope(domain.AudienceField), seq+1, 1, 0))
	}
	pages, cursor := 0, uint64(0)
	for ; cursor < entries; pages++ {
		page := expect[*syncproto.Page](p)
		if page.PrevSeq != cursor || len(page.Changes) != int(page.LastSeq-page.PrevSeq) || page.Head != page.LastSeq {
			t.Fatalf("(%d,%d] of %d with %d changes after %d", page.PrevSeq, page.LastSeq, page.Head, len(page.Changes), cursor)
		}
		cursor = page.LastSeq
	}
	if pages > entries/2 {
		t.Errorf("%d pages for %d entries", pages, entries)
	}
	w.publish(w.t.Context(), w.entries(w.scope(domain.AudienceField), entries, 1, 0)) // known already
	w.publish(w.t.Context(), w.entries(w.scope(domain.AudienceField), entries+1, 2, 0))
	if page := expect[*syncproto.Page](p); page.PrevSeq != entries || page.LastSeq != entries+2 {
		t.Errorf("after the burst (%d,%d]", page.PrevSeq, page.LastSeq)
	}
}

// Large entries do not grow into a page that no frame holds.
func TestBurstOfLargeEntries(t *testing.T) {
	w := newWorld(t)
	p := w.connect("a", "inspector")
	const entries, size = 40, 200 << 10
	var cursor uint64
	for seq := range uint64(entries) {
		w.publish(w.t.Context(), w.entries(w.scope(domain.AudienceField), seq+1, 1, size))
	}
	for cursor < entries {
		page := expect[*syncproto.Page](p)
		if page.PrevSeq != cursor || len(page.Changes) == 0 {
			t.Fatalf("(%d,%d] with %d changes after %d", page.PrevSeq, page.LastSeq, len(page.Changes), cursor)
		}
		cursor = page.LastSeq
	}
}

// An import's thousands of entries do not travel live: the device learns that
// there is more and pulls.
func TestMuchAtOnceIsLeftToPull(t *testing.T) {
	w := newWorld(t)
	p := w.connect("a", "inspector")
	w.publish(w.t.Context(), w.entries(w.scope(domain.AudienceField), 1, 5000, 0))
	if page := expect[*syncproto.Page](p); len(page.Changes) != 0 || page.PrevSeq != 5000 || page.LastSeq != 5000 || page.Head != 5000 {
		t.Errorf("(%d,%d] of %d with %d changes", page.PrevSeq, page.LastSeq, page.Head, len(page.Changes))
	}
}

// Transactions publish in any order; devices hear in the order of the log.
func TestPublishedOutOfOrder(t *testing.T) {
	w := newWorld(t)
	p := w.connect("a", "inspector")
	field := w.scope(domain.AudienceField)
	for _, first := range []uint64{5, 7, 3, 1, 9} {
		w.publish(w.t.Context(), w.entries(field, first, 2, 0))
	}
	for cursor := uint64(0); cursor < 10; {
		page := expect[*syncproto.Page](p)
		if page.PrevSeq != cursor || len(page.Changes) != int(page.LastSeq-cursor) {
			t.Fatalf("(%d,%d] with %d changes after %d", page.PrevSeq, page.LastSeq, len(page.Changes), cursor)
		}
		cursor = page.LastSeq
	}
}

// A device that is behind is told so and is spared the live pages that it could
// not use; once it has pulled, it hears them again.
func TestOneBehindHearsOnlyHowFar(t *testing.T) {
	w := newWorld(t)
	field := w.scope(domain.AudienceField)
	w.update(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Lock(ctx, w.project); err != nil {
			return err
		}
		var logged []syncproto.Logged
		writer := intake.NewWriter(tx, w.project, now, &logged)
		for n := range byte(3) {
			if _, err := writer.Create(ctx, domain.EntityUnit, domain.AnyID{1 + n}, domain.Unit{Number: "101"}); err != nil {
				return err
			}
		}
		return nil
	})
	p := w.connect("a", "inspector")
	w.publish(w.t.Context(), w.entries(field, 4, 1, 0))
	if page := expect[*syncproto.Page](p); len(page.Changes) != 0 || page.PrevSeq != 4 || page.Head != 4 {
		t.Fatalf("(%d,%d] of %d with %d changes", page.PrevSeq, page.LastSeq, page.Head, len(page.Changes))
	}
	p.send(&syncproto.Pull{Scope: field, Epoch: "epoch-1", After: 1})
	if page := expect[*syncproto.Page](p); page.PrevSeq != 1 || page.LastSeq != 3 {
		t.Fatalf("(%d,%d] after 1", page.PrevSeq, page.LastSeq)
	}
	w.publish(w.t.Context(), w.entries(field, 5, 1, 0)) // 4 was never sent
	if page := expect[*syncproto.Page](p); len(page.Changes) != 0 || page.Head != 5 {
		t.Fatalf("(%d,%d] with %d changes", page.PrevSeq, page.LastSeq, len(page.Changes))
	}
}

// Somebody who does not read blocks nobody: the others hear everything at once,
// and the slow one sees a gap and the newest head when it wakes up.
func TestSlowReader(t *testing.T) {
	w := newWorld(t)
	slow, fast := w.connect("slow", "inspector"), w.connect("fast", "inspector")
	const pages, size = 160, 128 << 10 // more than socket buffers and queue hold
	for seq := uint64(1); seq <= pages; seq++ {
		w.publish(w.t.Context(), w.entries(w.scope(domain.AudienceField), seq, 1, size))
		if page := expect[*syncproto.Page](fast); page.LastSeq != seq || page.PrevSeq != seq-1 {
			t.Fatalf("the fast one got (%d,%d] after %d", page.PrevSeq, page.LastSeq, seq-1)
		}
	}
	var cursor uint64
	gap := false
	for {
		page := expect[*syncproto.Page](slow)
		if page.PrevSeq != cursor {
			gap = true
			if page.Head == pages {
				break
			}
			continue
		}
		cursor = page.LastSeq
		if cursor == pages {
			break
		}
	}
	if !gap || cursor == 0 || cursor == pages {
		t.Errorf("the slow one read up to %d of %d, gap %v", cursor, pages, gap)
	}
}

// What is appended while a device is being welcomed is not lost on it: it is in
// the heads, or it is told afterwards.
func TestNothingIsLostDuringTheWelcome(t *testing.T) {
	w := newWorld(t)
	w.join("a", "inspector")
	p := w.dial("a")
	var looks, last atomic.Uint64
	hook := func() { // the first look at the clock is for what may be heard
		if len(w.hub.Peers()) == 1 && looks.Add(1) > 1 {
			w.publish(w.t.Context(), w.entries(w.scope(domain.AudienceField), last.Add(1), 1, 0))
		}
	}
	w.hook.Store(&hook)
	p.send(&syncproto.Hello{Version: syncproto.Version, Device: device("a"), WallClock: now, NextSeq: 1})
	expect[*syncproto.Welcome](p)
	if page := expect[*syncproto.Page](p); page.Head != last.Load() || page.Epoch != "epoch-1" {
		t.Errorf("%+v, the newest is %d", page, last.Load())
	}
}

// Rights that change reach the open connection: what came is announced, what
// went is taken away and not heard any more.
func TestRegrant(t *testing.T) {
	w := newWorld(t)
	p, other := w.connect("a", "inspector"), w.connect("b", "inspector")
	office := syncproto.Head{Scope: w.scope(domain.AudienceOffice), Seq: 0}
	field := syncproto.Head{Scope: w.scope(domain.AudienceField), Seq: 0}
	w.hub.Regrant(person("a"), []syncproto.Head{field, office})
	if add := expect[*syncproto.ScopeAdd](p); add.Head != office {
		t.Errorf("%+v", add)
	}
	w.publish(w.t.Context(), w.entries(office.Scope, 1, 1, 0))
	if page := expect[*syncproto.Page](p); page.Scope != office.Scope || len(page.Changes) != 1 {
		t.Errorf("%+v", page)
	}
	w.hub.Regrant(person("a"), []syncproto.Head{field, office}) // nothing changed
	w.hub.Regrant(person("a"), []syncproto.Head{office})
	if drop := expect[*syncproto.ScopeDrop](p); drop.Scope != field.Scope {
		t.Errorf("%+v", drop)
	}
	w.publish(w.t.Context(), w.entries(field.Scope, 1, 1, 0))
	w.hub.Regrant(person("a"), nil)
	if drop := expect[*syncproto.ScopeDrop](p); drop.Scope != office.Scope {
		t.Errorf("a page of a scope that was taken away, or %+v", drop)
	}
	if page := expect[*syncproto.Page](other); page.Scope != field.Scope {
		t.Errorf("the other lost its scope: %+v", page)
	}
}

func TestRevocationClosesTheSocket(t *testing.T) {
	w := newWorld(t)
	a, b := w.connect("a", "inspector"), w.connect("b", "inspector")
	w.hub.Drop(device("a"))
	a.closed()
	if name := <-w.left; name != "a" {
		t.Errorf("%s left", name)
	}
	w.publish(w.t.Context(), w.entries(w.scope(domain.AudienceField), 1, 1, 0))
	expect[*syncproto.Page](b)
	if peers := w.hub.Peers(); len(peers) != 1 || peers[0] != (live.Peer{Device: device("b"), Person: person("b")}) {
		t.Errorf("%+v", peers)
	}
}

// The end of the server ends the connections.
func TestShutdown(t *testing.T) {
	w := newWorld(t)
	p := w.connect("a", "inspector")
	w.stop()
	p.closed()
}
