package service_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
	"time"

	shipped "keyturn/assets/sample"
	"keyturn/shared/domain"
	"keyturn/shared/policy"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
)

func (w *world) epoch() (epoch string) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *store.Tx) (err error) {
		epoch, err = tx.Meta(ctx, intake.MetaEpoch)
		return err
	})
	return epoch
}

// A data directory keeps its epoch, its people and its records.
func TestOpenAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := func() time.Time { return time.Date(2026, 9, 26, 1, 0, 0, 0, time.UTC) }
	first, err := service.Open(t.Context(), options(dir, now))
	must(t, err)
	w := &world{Service: first, t: t, now: now()}
	w.project, err = w.AddProject(t.Context(), domain.Project{Name: projectName, Zone: "Asia/Shanghai"})
	must(t, err)
	id, err := w.AddStaff(t.Context(), w.project, service.Staff{Login: "a", Name: "样例甲", Role: "inspector"})
	must(t, err)
	epoch, entries := w.epoch(), len(w.log())
	must(t, w.Close())
	w.Service, err = service.Open(t.Context(), options(dir, now))
	must(t, err)
	defer func() { must(t, w.Close()) }()
	if w.epoch() != epoch || epoch == "" || len(w.log()) != entries {
		t.Errorf("epoch %q then %q, %d entries then %d", epoch, w.epoch(), entries, len(w.log()))
	}
	if got, err := w.PersonByLogin(t.Context(), "a"); err != nil || got != id {
		t.Errorf("%s, %v", got, err)
	}
	if other := newWorld(t); other.epoch() == epoch {
		t.Error("two servers share an epoch")
	}
}

func TestOpenRefusesAHalfRestoredDatabase(t *testing.T) {
	t.Parallel()
	o := options(t.TempDir(), time.Now)
	s, err := service.Open(t.Context(), o)
	must(t, err)
	must(t, s.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.SetMeta(t.Context(), intake.MetaRestoring, "epoch") }))
	must(t, s.Close())
	if _, err := service.Open(t.Context(), o); !errors.Is(err, service.ErrHalfRestored) {
		t.Error(err)
	}
}

func TestOpenRefusesFaultyReferenceData(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*service.Options){
		"no catalogue": func(o *service.Options) { o.Catalogue = fstest.MapFS{} },
		"faulty texts": func(o *service.Options) {
			o.Translations = fstest.MapFS{"a.en.json": &fstest.MapFile{Data: []byte("{")}}
		},
	} {
		o := options(t.TempDir(), time.Now)
		change(&o)
		if s, err := service.Open(t.Context(), o); err == nil {
			t.Errorf("%s: %v", name, s.Close())
		}
	}
}

func TestAddProject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := len(w.log())
	again, err := w.AddProject(t.Context(), domain.Project{Name: projectName, Zone: "Asia/Urumqi", CompanyName: "other"})
	if err != nil || again != w.project || again != service.ProjectID(projectName) || len(w.log()) != before {
		t.Errorf("%s, %v, %d entries", again, err, len(w.log())-before)
	}
	for _, zone := range []string{"", "Atlantis/Sunken", "../etc"} {
		if _, err := w.AddProject(t.Context(), domain.Project{Name: "样例二", Zone: zone}); !errors.Is(err, policy.ErrNoZone) {
			t.Errorf("zone %q: %v", zone, err)
		}
	}
}

func TestAddStaff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	staff := service.Staff{Login: "a", Name: "样例甲", Role: "inspector"}
	id, err := w.AddStaff(t.Context(), w.project, staff)
	must(t, err)
	before := len(w.log())
	w.now = w.now.Add(time.Hour)
	if again, err := w.AddStaff(t.Context(), w.project, staff); err != nil || again != id || len(w.log()) != before {
		t.Errorf("%s, %v, %d entries", again, err, len(w.log())-before)
	}
	people := list[domain.Person](w, domain.EntityPerson)
	if len(people) != 1 || people[0].Record.Name != "样例甲" || people[0].Record.PersonID != id {
		t.Errorf("%+v", people)
	}
	if _, err := w.AddStaff(t.Context(), w.project, service.Staff{Login: "b", Name: "B", Role: "inspector", Password: "short"}); !errors.Is(err, accounts.ErrWeakPassword) {
		t.Errorf("%v", err)
	}
	if _, err := w.PersonByLogin(t.Context(), "nobody"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// visitor is a device that talks to the server over plain HTTP.
type visitor struct {
	w       *world
	handler http.Handler
	accounts.Enrolled
}

func (w *world) visitor(login string) *visitor {
	w.t.Helper()
	person, err := w.PersonByLogin(w.t.Context(), login)
	must(w.t, err)
	code, err := w.Accounts.NewCode(w.t.Context(), person, time.Hour)
	must(w.t, err)
	v := &visitor{w: w, handler: w.Handler(w.t.Context())}
	out := v.post("/v1/enrol", []byte(`{"code":"`+code+`","device_name":"x"}`))
	must(w.t, json.Unmarshal(out, &v.Enrolled))
	return v
}

func (v *visitor) post(path string, body []byte) []byte {
	v.w.t.Helper()
	r := httptest.NewRequestWithContext(v.w.t.Context(), http.MethodPost, path, bytes.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+v.DeviceToken)
	r.Header.Set("Keyturn-Session", v.SessionToken)
	out := httptest.NewRecorder()
	v.handler.ServeHTTP(out, r)
	if out.Code != http.StatusOK {
		v.w.t.Fatalf("%s: %d %s", path, out.Code, out.Body)
	}
	return out.Body.Bytes()
}

// welcome says hello and gives the audiences that the device may follow.
func (v *visitor) welcome() (audiences []domain.Audience) {
	v.w.t.Helper()
	b, err := syncproto.EncodeFrame(&syncproto.Hello{Version: syncproto.Version, Device: v.Device, WallClock: domain.At(v.w.now)})
	must(v.w.t, err)
	answer := v.post("/v1/sync", append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
	f, err := syncproto.DecodeFrame(answer[4:])
	must(v.w.t, err)
	for _, h := range f.(*syncproto.Welcome).Scopes {
		audiences = append(audiences, h.Scope.Audience)
	}
	return audiences
}

// Rights that end, end at the next hello; so does a revoked device's reading.
func TestRemoveAndRevoke(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, s := range []service.Staff{{Login: "a", Name: "A", Role: "coordinator"}, {Login: "b", Name: "B", Role: "inspector"}} {
		_, err := w.AddStaff(t.Context(), w.project, s)
		must(t, err)
	}
	a, b := w.visitor("a"), w.visitor("b")
	if len(a.welcome()) != 3 || len(b.welcome()) != 1 {
		t.Errorf("%v and %v", a.welcome(), b.welcome())
	}
	w.now = w.now.Add(time.Minute)
	must(t, w.Remove(t.Context(), a.Person, w.project))
	must(t, w.Revoke(t.Context(), b.Device))
	if len(a.welcome()) != 0 || len(b.welcome()) != 0 {
		t.Errorf("%v and %v", a.welcome(), b.welcome())
	}
	if err := w.Revoke(t.Context(), domain.DeviceID{1}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v", err)
	}
	must(t, w.Tick(t.Context()))
}

// The timers end with their context.
func TestRunTimers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { w.RunTimers(ctx); close(done) }()
	cancel()
	<-done
}

// The shipped sample loads, and loads again without a trace. Its large drawings
// have tests beside them; a small one stands in.
func TestLoadSample(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	files := fstest.MapFS{"plans/B.json": {Data: sidecar(nil)}, "plans/B.png": {Data: drawing(t, 400, 300)}}
	for _, name := range []string{"sample.json", "handover-list.xlsx", "photos/showflat-wall.jpg"} {
		b, err := shipped.FS.ReadFile(name)
		must(t, err)
		files[name] = &fstest.MapFile{Data: b}
	}
	project, err := w.LoadSample(t.Context(), files)
	must(t, err)
	w.project = project
	entries := len(w.log())
	w.now = w.now.Add(time.Hour)
	if again, err := w.LoadSample(t.Context(), files); err != nil || again != project || len(w.log()) != entries {
		t.Errorf("%v, %d entries more", err, len(w.log())-entries)
	}
	if n := len(list[domain.Plan](w, domain.EntityPlan)); n != 1 {
		t.Errorf("%d plans", n)
	}
	if u, k := len(list[domain.Unit](w, domain.EntityUnit)), len(list[domain.Task](w, domain.EntityTask)); u != 264 || k != 97 {
		t.Errorf("%d units, %d tasks for 96 appointments and a comparison", u, k)
	}
	baselines := list[domain.Baseline](w, domain.EntityBaseline)
	if len(baselines) != 1 || baselines[0].Record.State != domain.BaselineFrozen {
		t.Errorf("%+v", baselines)
	}
	if _, err := service.ReadSample(fstest.MapFS{}); err == nil {
		t.Error("a sample that is not there was read")
	}
}
