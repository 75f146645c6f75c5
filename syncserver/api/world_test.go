package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
	"keyturn/syncserver/api"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/live"
	"keyturn/syncserver/store"
)

// noDesk decides nothing.
type noDesk struct{}

func (noDesk) Reads(syncproto.Op) []store.Key { return nil }
func (noDesk) Fact(context.Context, *intake.Writer, syncproto.Op, merge.Record, merge.Record) error {
	return nil
}

func (noDesk) Command(context.Context, *intake.Writer, syncproto.Op, syncproto.Command) error {
	return nil
}

// world is the HTTP surface over real parts.
type world struct {
	t        *testing.T
	store    *store.Store
	accounts *accounts.Accounts
	engine   *intake.Engine
	disk     *blobs.Disk
	dir      string
	handler  http.Handler
	url      string
	log      *logbook
	clock    atomic.Int64
	project  domain.ProjectID
}

// logbook collects what the server logs.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), log: &logbook{}, project: ident.Derive[domain.Project]("project")}
	w.clock.Store(1_790_384_400_000)
	s, err := store.Open(t.Context(), filepath.Join(w.dir, "server.db"))
	must(t, err)
	w.store = s
	w.disk, err = blobs.OpenDisk(filepath.Join(w.dir, "blobs"))
	must(t, err)
	w.accounts = &accounts.Accounts{Store: s, Now: w.now, Random: rand.Reader, IDs: ident.NewSource(time.Now, nil)}
	must(t, w.accounts.Setup(t.Context()))
	w.update(func(ctx context.Context, tx *store.Tx) error { return tx.SetMeta(ctx, intake.MetaEpoch, "epoch-1") })
	w.engine = &intake.Engine{Store: s, Decider: noDesk{}, Now: w.now}
	server := &api.Server{
		Accounts: w.accounts, Engine: w.engine, Hub: live.NewHub(w.engine), Blobs: w.disk, Metrics: api.NewMetrics(), Poke: func() {},
		Log: slog.New(slog.NewJSONHandler(w.log, nil)), Rotations: filepath.Join(w.dir, api.RotationsFile),
	}
	serving, stop := context.WithCancel(context.Background())
	w.handler = server.Handler(serving)
	listening := httptest.NewServer(w.handler)
	w.url = listening.URL
	t.Cleanup(func() {
		stop()
		listening.Close()
		must(t, s.Close())
	})
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) now() domain.Instant { return domain.Instant(w.clock.Load()) }

func (w *world) update(work func(context.Context, *store.Tx) error) {
	w.t.Helper()
	must(w.t, w.store.Update(w.t.Context(), func(tx *store.Tx) error { return work(w.t.Context(), tx) }))
}

// person has an account and, unless the role is empty, a part in the project.
func (w *world) person(login, name, role, password string) domain.PersonID {
	w.t.Helper()
	id, err := w.accounts.AddPerson(w.t.Context(), login, name, "en", password)
	must(w.t, err)
	if role != "" {
		must(w.t, w.accounts.GrantRole(w.t.Context(), id, w.project, role))
		w.clock.Add(1)
	}
	return id
}

// code is a one-time code of a person.
func (w *world) code(p domain.PersonID) string {
	w.t.Helper()
	code, err := w.accounts.NewCode(w.t.Context(), p, time.Hour)
	must(w.t, err)
	return code
}

// device is an enrolled device with its tokens.
type device struct {
	w *world
	accounts.Enrolled
	seq uint64
}

func (w *world) device(login, role string) *device {
	w.t.Helper()
	e, err := w.accounts.Enrol(w.t.Context(), w.code(w.person(login, "Sample "+login, role, "")), accounts.Newcomer{Name: login + "'s device"})
	must(w.t, err)
	return &device{w: w, Enrolled: e}
}

// answer is what the server said to a request.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) code(t *testing.T) syncproto.Code {
	t.Helper()
	var failure struct {
		Code    syncproto.Code
		Request string
	}
	if err := json.Unmarshal(a.body, &failure); err != nil || failure.Request == "" {
		t.Errorf("status %d with the body %q: %v", a.status, a.body, err)
	}
	return failure.Code
}

// is checks status and, for refusals, code.
func (a answer) is(t *testing.T, status int, code syncproto.Code) {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d, want %d: %s", a.status, status, a.body)
		return
	}
	if code != "" {
		if got := a.code(t); got != code {
			t.Errorf("code %s, want %s", got, code)
		}
	}
}

func (w *world) call(method, path string, body []byte, header http.Header) answer {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, bytes.NewReader(body))
	must(w.t, err)
	for k, v := range header {
		r.Header[k] = v
	}
	resp, err := http.DefaultClient.Do(r)
	must(w.t, err)
	defer func() { must(w.t, resp.Body.Close()) }()
	read, err := io.ReadAll(resp.Body)
	must(w.t, err)
	return answer{resp.StatusCode, resp.Header, read}
}

func (w *world) json(path string, body string, header http.Header) answer {
	w.t.Helper()
	return w.call(http.MethodPost, path, []byte(body), header)
}

// auth are the device's credentials.
func (d *device) auth() http.Header {
	return http.Header{"Authorization": {"Bearer " + d.DeviceToken}, api.SessionHeader: {d.SessionToken}}
}

func (d *device) call(method, path string, body []byte, more ...string) answer {
	d.w.t.Helper()
	h := d.auth()
	for i := 0; i+1 < len(more); i += 2 {
		h.Set(more[i], more[i+1])
	}
	return d.w.call(method, path, body, h)
}

// op is the device's next op.
func (d *device) op(e domain.Entity, id domain.AnyID, content any) syncproto.Op {
	d.w.t.Helper()
	d.seq++
	fields, err := syncproto.Encode(content)
	must(d.w.t, err)
	info, _ := e.Info()
	return syncproto.Op{
		Device: d.Device, Seq: d.seq, Actor: d.Person, CapturedAt: d.w.now(), Scope: syncproto.Scope{Project: d.w.project, Audience: info.Audience},
		Entity: e, ID: id, Kind: syncproto.Recorded, Fields: fields, Schema: 1,
	}
}

// push sends ops and expects them to be applied.
func (d *device) push(ops ...syncproto.Op) {
	d.w.t.Helper()
	a, _, err := d.w.engine.Push(d.w.t.Context(), d.Device, &syncproto.Push{Ops: ops})
	must(d.w.t, err)
	for _, one := range a.Answers {
		if one.Status != syncproto.Applied {
			d.w.t.Fatalf("%+v", one)
		}
	}
}

// names makes a record of the device's project name a blob.
func (d *device) names(sha domain.Hash) domain.AnyID {
	d.w.t.Helper()
	id := ident.Derive[any](sha.String())
	d.push(d.op(domain.EntityAttachment, id, domain.Attachment{State: domain.AttachmentPending, Kind: domain.KindPhoto, SHA256: sha}))
	return id
}

// leaks lists which of the secrets stand in the log.
func (w *world) leaks(secrets ...string) (found []string) {
	log := w.log.String()
	for _, s := range secrets {
		if s == "" || strings.Contains(log, s) {
			found = append(found, s)
		}
	}
	return found
}

// accept makes a device of another world known here, with its actor.
func (w *world) accept(d *device) {
	w.t.Helper()
	w.update(func(ctx context.Context, tx *store.Tx) error {
		must(w.t, tx.PutPerson(ctx, store.Person{ID: d.Person, Login: "a", Name: "Sample a", Locale: "en"}))
		if err := tx.AddDevice(ctx, store.Device{ID: d.Device, TokenHash: []byte("twin"), EnrolledAt: 1, NextSeq: 1}); err != nil {
			return err
		}
		return tx.AddSession(ctx, store.Session{TokenHash: []byte("twin"), Person: d.Person, Device: d.Device, StartedAt: 1, ExpiresAt: 1 << 60})
	})
}
