package oncore_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"keyturn/app/core"
	"keyturn/app/localstore"
	"keyturn/app/screen/field"
	"keyturn/app/screen/field/oncore"
	"keyturn/app/syncer"
	"keyturn/assets/catalog"
	"keyturn/assets/sample"
	"keyturn/assets/translations"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// morning is when every test begins: the first handover day in Shanghai.
var morning = time.Date(2026, 9, 26, 1, 0, 0, 0, time.UTC)

// Records of the site that all tests work on.
var (
	project  = ident.Derive[domain.Project]("project")
	building = ident.Derive[domain.Building]("building")
	layout   = ident.Derive[domain.Layout]("layout")
	plan     = ident.Derive[domain.Plan]("plan")
	flat     = ident.Derive[domain.Unit]("flat 101")
	bare     = ident.Derive[domain.Unit]("flat 102")
	handover = ident.Derive[domain.Task]("handover")
	compare  = ident.Derive[domain.Task]("compare")
	baseline = ident.Derive[domain.Baseline]("baseline")
	tablet   = ident.Derive[domain.Device]("tablet")
	me       = ident.Derive[domain.Person]("me")
	office   = ident.Derive[domain.Device]("server")
)

// site is a tablet with a small project, without a network.
type site struct {
	t    *testing.T
	dir  string
	core *core.Core
	// changed hears of the connection, for who waits for it.
	changed func(syncer.Status)
	*field.Session
	seq uint64

	mu     sync.Mutex
	routes []field.Route
	moved  chan struct{}
}

// newSite sets the tablet up; its records come as a page of the server's log.
func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), moved: make(chan struct{}, 100)}
	s.open()
	must(t, s.core.Store.SetIdentity(t.Context(), localstore.Identity{Server: "https://keyturn.example", Device: tablet, Person: me, PersonName: "样例验房员"}))
	room := func(code string, kind domain.RoomType, zh, en string, left int) domain.Room {
		return domain.Room{Code: code, Type: kind, NameZH: zh, NameEN: en, Polygon: [][2]int{{left, 0}, {left + 1000, 0}, {left + 1000, 3000}, {left, 3000}}}
	}
	unit := domain.Unit{
		BuildingID: building, State: domain.UnitBooked, Building: "1#", Entrance: "1单元", Floor: 1, Number: "101", LayoutID: layout,
		Layout: "B户型 三室两厅两卫", FitOut: domain.FitOutFitted, SurveyedAreaCM2: 1_186_200, OwnerMasked: "样*", Sold: true,
	}
	second := unit
	second.Number, second.LayoutID, second.Layout = "102", ident.Derive[domain.Layout]("no plan"), "两室一厅"
	s.record(domain.EntityProject, project.Any(), domain.Project{Name: "样例花园", Zone: "Asia/Shanghai"})
	s.record(domain.EntityBuilding, building.Any(), domain.Building{ProjectID: project, Name: "1#"})
	s.record(domain.EntityLayout, layout.Any(), domain.Layout{ProjectID: project, Code: "B"})
	s.record(domain.EntityPlan, plan.Any(), domain.Plan{
		LayoutID: layout, Revision: 2, SHA256: domain.Hash{1}, WidthPX: 4000, HeightPX: 3000, MicrometrePerPX: 3000,
		Rooms: []domain.Room{room("ENT1", domain.RoomEntrance, "玄关", "Entrance hall", 0), room("LIV1", domain.RoomLiving, "客厅", "Living room", 1000), room("BTH1", domain.RoomBath, "卫生间", "Bathroom", 2000)},
	})
	s.record(domain.EntityUnit, flat.Any(), unit)
	s.record(domain.EntityUnit, bare.Any(), second)
	s.record(domain.EntityTask, handover.Any(), domain.Task{UnitID: flat, State: domain.TaskOpen, Stage: domain.StageHandover, DueOn: "2026-09-26", Inspector: "样例验房员"})
	s.record(domain.EntityBaseline, baseline.Any(), domain.Baseline{
		LayoutID: layout, State: domain.BaselineFrozen, Version: 1,
		Items: []domain.BaselineItem{{Item: "SF-005", Room: "LIV1", Note: "木饰面"}, {Item: "SF-008", Room: "LIV1", Readings: []int64{7000}}},
	})
	s.record(domain.EntityTask, compare.Any(), domain.Task{UnitID: flat, State: domain.TaskOpen, Stage: domain.StageShowflatCompare, BaselineID: baseline})
	s.begin()
	return s
}

// open starts the app on the tablet's directory.
func (s *site) open() {
	s.t.Helper()
	c, err := core.Open(s.t.Context(), core.Options{Dir: s.dir, Version: "test", Now: func() time.Time { return morning }, Catalogue: catalog.FS, Translations: translations.FS, Changed: s.changed})
	must(s.t, err)
	s.core = c
}

func (s *site) begin() {
	s.t.Helper()
	session, err := field.NewSession(s.t.Context(), oncore.Device(s.t.Context(), s.core, s.dir), "en")
	must(s.t, err)
	session.Navigate(s)
	s.Session = session
	closing, c := session, s.core
	s.t.Cleanup(func() {
		closing.Close()
		if c == s.core { // not killed meanwhile
			must(s.t, c.Close(context.WithoutCancel(s.t.Context())))
		}
	})
}

// killed starts the app again after it ended without closing.
func (s *site) killed() {
	s.t.Helper()
	s.Close()
	must(s.t, s.core.Store.Close()) // the file is released, the orderly end is not noted
	s.open()
	s.begin()
}

// Open and Back note where the session wants to go.
func (s *site) Open(r field.Route) {
	s.mu.Lock()
	s.routes = append(s.routes, r)
	s.mu.Unlock()
	s.moved <- struct{}{}
}

func (s *site) Back() { s.Open(field.Route{}) }

// went waits for the next move and gives it.
func (s *site) went() field.Route {
	s.t.Helper()
	select {
	case <-s.moved:
	case <-time.After(time.Minute):
		s.t.Fatal("the session went nowhere")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.routes[0]
	s.routes = s.routes[1:]
	return next
}

// record brings one record to the tablet as the server would.
func (s *site) record(e domain.Entity, id domain.AnyID, record any) {
	s.t.Helper()
	fields, err := syncproto.Encode(record)
	must(s.t, err)
	s.seq++
	scope := syncproto.Scope{Project: project, Audience: domain.AudienceField}
	op := syncproto.Op{Device: office, Seq: s.seq, Actor: me, CapturedAt: domain.At(morning), HLC: s.seq, Scope: scope, Entity: e, ID: id, Kind: syncproto.Recorded, Fields: fields, Schema: syncproto.SchemaVersion}
	must(s.t, s.core.Store.Update(s.t.Context(), func(t *localstore.Tx) error {
		if err := t.FollowScope(s.t.Context(), syncproto.Head{Scope: scope, Seq: s.seq}); err != nil {
			return err
		}
		ok, err := t.Apply(s.t.Context(), &syncproto.Page{Scope: scope, Epoch: "epoch", PrevSeq: s.seq - 1, LastSeq: s.seq, Head: s.seq, Changes: []syncproto.Logged{{Seq: s.seq, Op: op}}})
		if err == nil && !ok {
			s.t.Fatal("the page does not continue the log")
		}
		return err
	}))
}

// photo is a file of the sample.
func (s *site) photo(name string) string {
	s.t.Helper()
	b, err := sample.FS.ReadFile("photos/" + name)
	must(s.t, err)
	path := filepath.Join(s.t.TempDir(), name)
	must(s.t, os.WriteFile(path, b, 0o600))
	return path
}

// until waits for a State that holds. Each State must come in time.
func until[S any](s *site, m interface {
	Listen(func(S, *field.Problem))
}, what string, holds func(S, *field.Problem) bool,
) S {
	s.t.Helper()
	type shown struct {
		state   S
		problem *field.Problem
	}
	states := make(chan shown, 1000)
	m.Listen(func(state S, problem *field.Problem) { states <- shown{state, problem} })
	defer m.Listen(nil)
	var last shown
	for {
		select {
		case last = <-states:
			if holds(last.state, last.problem) {
				return last.state
			}
		case <-time.After(time.Minute):
			s.t.Fatalf("%s: last state %+v, problem %+v", what, last.state, last.problem)
		}
	}
}

// now is the present State.
func now[S any](s *site, m interface {
	Listen(func(S, *field.Problem))
},
) S {
	s.t.Helper()
	return until(s, m, "state", func(_ S, p *field.Problem) bool {
		if p != nil {
			s.t.Errorf("problem: %+v", *p)
		}
		return true
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func records[T any](s *site, e domain.Entity, parent domain.AnyID) (rows []localstore.Listed[T]) {
	s.t.Helper()
	must(s.t, s.core.Store.View(s.t.Context(), func(t *localstore.Tx) (err error) {
		rows, err = localstore.List[T](s.t.Context(), t, e, localstore.Filter{Parent: parent})
		return err
	}))
	return rows
}
