package tickets_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"keyturn/assets/catalog"
	catalogue "keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
	"keyturn/syncserver/tickets"
)

// morning is a Saturday, nine o'clock in the project's zone.
var morning = domain.At(time.Date(2026, 9, 26, 1, 0, 0, 0, time.UTC))

const (
	hour = domain.Instant(60 * 60 * 1000)
	day  = 24 * hour
)

// Library defects that the tests use.
const (
	lockFault    = "DOR-02" // P1, trade door
	stiffDoor    = "DOR-05" // P3, trade door
	plasterCrack = "PLA-02" // P3, trade plaster: the general contractor's, without a fee rate
	windowLeak   = "WIN-01" // P2, trade window, a leak with a repair plan
	pipeBurst    = "PLB-01" // P1, critical, trade plumbing: nobody's
)

// world is a project with its contracts and people, decided by the real desk
// behind the real engine.
type world struct {
	t       testing.TB
	store   *store.Store
	desk    *tickets.Desk
	engine  *intake.Engine
	now     domain.Instant
	project domain.ProjectID

	doors, builder, rival, thirdParty domain.PartyID
	doorScope, builderScope           domain.ScopeID
	// empty has no delivered owner, lived-in has.
	empty, livedIn domain.UnitID

	inspector, second, coordinator, manager, admin *person
}

func newWorld(t testing.TB) *world {
	t.Helper()
	path := filepath.Join(t.TempDir(), "server.db")
	must(t, os.WriteFile(path, founded(t), 0o600))
	w := openWorld(t, path)
	t.Cleanup(func() { must(t, w.store.Close()) })
	return w
}

// shared is made once: the database of the world as every test finds it, and
// the shipped catalogue.
var shared struct {
	sync.Mutex
	founded   []byte
	catalogue *catalogue.Catalogue
}

func founded(t testing.TB) []byte {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.founded == nil {
		var err error
		shared.catalogue, err = catalogue.Load(catalog.FS)
		must(t, err)
		path := filepath.Join(t.TempDir(), "founded.db")
		w := openWorld(t, path)
		w.found()
		must(t, w.store.Close())
		shared.founded, err = os.ReadFile(path)
		must(t, err)
	}
	return shared.founded
}

func openWorld(t testing.TB, path string) *world {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	must(t, err)
	w := &world{
		t: t, store: s, now: morning, project: id[domain.Project]("project"),
		doors: id[domain.Party]("doors"), builder: id[domain.Party]("builder"), rival: id[domain.Party]("rival"), thirdParty: id[domain.Party]("third"),
		doorScope: id[domain.ContractScope]("doors"), builderScope: id[domain.ContractScope]("builder"),
		empty: id[domain.Unit]("empty"), livedIn: id[domain.Unit]("lived in"),
	}
	w.inspector, w.second = w.known("inspector"), w.known("second inspector")
	w.coordinator, w.manager, w.admin = w.known("coordinator"), w.known("manager"), w.known("admin")
	w.desk = &tickets.Desk{Catalogue: shared.catalogue, Text: func(locale, key string, args map[string]string) string {
		return fmt.Sprint(locale, " ", key, " ", args)
	}}
	w.engine = &intake.Engine{Store: s, Decider: w.desk, Now: func() domain.Instant { return w.now }}
	return w
}

func id[T any](name string) domain.ID[T] { return ident.Derive[T](name) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) update(work func(context.Context, *store.Tx) error) {
	w.t.Helper()
	must(w.t, w.store.Update(w.t.Context(), func(tx *store.Tx) error { return work(w.t.Context(), tx) }))
}

func (w *world) view(work func(context.Context, *store.Tx) error) {
	w.t.Helper()
	must(w.t, w.store.View(w.t.Context(), func(tx *store.Tx) error { return work(w.t.Context(), tx) }))
}

// create writes a record as an import would.
func (w *world) create(project domain.ProjectID, e domain.Entity, id domain.AnyID, record any) {
	w.t.Helper()
	w.update(func(ctx context.Context, tx *store.Tx) error {
		var logged []syncproto.Logged
		must(w.t, tx.Lock(ctx, project))
		_, err := intake.NewWriter(tx, project, w.now, &logged).Create(ctx, e, id, record)
		return err
	})
}

// found creates the project: a subcontractor for doors and windows with a fee
// rate of its own, a general contractor without, a rival of the first, and a
// third-party firm; one flat without and one with a delivered owner.
func (w *world) found() {
	w.t.Helper()
	w.update(func(ctx context.Context, tx *store.Tx) error {
		must(w.t, tx.SetMeta(ctx, intake.MetaEpoch, "epoch-1"))
		for role, caps := range domain.DefaultRoles() {
			must(w.t, tx.SetRole(ctx, role, caps))
		}
		return nil
	})
	for name, role := range map[string]string{"inspector": "inspector", "second inspector": "inspector", "coordinator": "coordinator", "manager": "manager", "admin": "admin"} {
		w.person(name, role)
	}
	w.create(w.project, domain.EntityProject, w.project.Any(), domain.Project{Name: "Sample Garden", Zone: "Asia/Shanghai", CompanyName: "Sample Estates"})
	for party, p := range map[domain.PartyID]domain.Party{
		w.doors: {Kind: domain.PartySub, Name: "Sample Doors"}, w.builder: {Kind: domain.PartyGeneral, Name: "Sample Builders"},
		w.rival: {Kind: domain.PartySub, Name: "Sample Rival"}, w.thirdParty: {Kind: domain.PartyThirdParty, Name: "Sample Repairs"},
	} {
		p.ProjectID = w.project
		w.create(w.project, domain.EntityParty, party.Any(), p)
	}
	scope := domain.ContractScope{PartyID: w.doors, Trades: []string{"门窗"}, Buildings: []string{"1#"}, WarrantyStart: "2026-08-01", LiabilityEnd: "2027-08-01"}
	w.create(w.project, domain.EntityScope, w.doorScope.Any(), scope)
	w.create(w.project, domain.EntityScope, w.builderScope.Any(), domain.ContractScope{PartyID: w.builder, Trades: []string{"抹灰"}, WarrantyStart: "2026-08-01"})
	w.create(w.project, domain.EntityTerms, id[any]("door terms"), domain.ContractTerms{ScopeID: w.doorScope, SettlementFen: 100_000_000, RetentionRate: 300, FeeRate: 2000})
	w.create(w.project, domain.EntityTerms, id[any]("builder terms"), domain.ContractTerms{ScopeID: w.builderScope, SettlementFen: 900_000_000, RetentionRate: 300})
	unit := domain.Unit{Building: "1#", Entrance: "1", Number: "101", Floor: 1, State: domain.UnitBooked, CompletedOn: "2026-08-01", FitOut: domain.FitOutFitted, Sold: true}
	w.create(w.project, domain.EntityUnit, w.empty.Any(), unit)
	unit.Number, unit.State, unit.DeliveredOn = "102", domain.UnitDelivered, "2026-09-01"
	w.create(w.project, domain.EntityUnit, w.livedIn.Any(), unit)
}

// configure sets a value for the project or for a contract.
func (w *world) configure(owner domain.AnyID, key, value string) {
	w.t.Helper()
	w.create(w.project, domain.EntityConfig, id[any](owner.String()+key), domain.Config{OwnerID: owner, Key: key, Value: value})
}

// tick does what time has made due; pass lets hours go by, ticking each.
func (w *world) tick() (logged []syncproto.Logged) {
	w.t.Helper()
	logged, err := w.desk.Tick(w.t.Context(), w.store, w.now)
	must(w.t, err)
	return logged
}

func (w *world) pass(d domain.Instant) {
	w.t.Helper()
	for end := w.now + d; w.now < end; {
		w.now += hour
		w.tick()
	}
}

// person is somebody at a device of their own.
type person struct {
	w      *world
	id     domain.PersonID
	device domain.DeviceID
	seq    uint64
}

func (w *world) known(name string) *person {
	return &person{w: w, id: id[domain.Person](name), device: id[domain.Device](name)}
}

// person joins the project in a role, none if it is empty.
func (w *world) person(name, role string) *person {
	w.t.Helper()
	p := w.known(name)
	w.update(func(ctx context.Context, tx *store.Tx) error {
		must(w.t, tx.PutPerson(ctx, store.Person{ID: p.id, Login: name, Name: name}))
		if role != "" {
			must(w.t, tx.PutGrant(ctx, store.Grant{Person: p.id, Project: w.project, Role: role, From: 1}))
		}
		must(w.t, tx.AddDevice(ctx, store.Device{ID: p.device, Name: name, TokenHash: p.device[:], EnrolledAt: 1, NextSeq: 1}))
		return tx.AddSession(ctx, store.Session{TokenHash: p.device[:], Person: p.id, Device: p.device, StartedAt: 1, ExpiresAt: 1 << 60})
	})
	return p
}

// push sends ops as one group and gives the last answer.
func (p *person) push(ops ...syncproto.Op) syncproto.Answer {
	p.w.t.Helper()
	for i := range ops {
		if len(ops) > 1 {
			ops[i].Group = ops[len(ops)-1].Seq
		}
	}
	a, _, err := p.w.engine.Push(p.w.t.Context(), p.device, &syncproto.Push{Ops: ops})
	must(p.w.t, err)
	if a.Code != "" || len(a.Answers) != len(ops) {
		p.w.t.Fatalf("the push was not taken: %+v", a)
	}
	return a.Answers[len(ops)-1]
}

// op is the person's next op.
func (p *person) op(e domain.Entity, record domain.AnyID, kind syncproto.Kind, content any) syncproto.Op {
	p.w.t.Helper()
	p.seq++
	info, _ := e.Info()
	op := syncproto.Op{
		Device: p.device, Seq: p.seq, Actor: p.id, CapturedAt: p.w.now, HLC: syncproto.NextHLC(0, p.w.now) + p.seq,
		Scope: syncproto.Scope{Project: p.w.project, Audience: info.Audience}, Entity: e, ID: record, Kind: kind, BaseSeq: 1 << 40,
		Schema: syncproto.SchemaVersion,
	}
	if kind != syncproto.Withdrawn {
		fields, err := syncproto.Encode(content)
		must(p.w.t, err)
		op.Fields = fields
	}
	return op
}

// record writes a fact that must be taken.
func (p *person) record(e domain.Entity, id domain.AnyID, kind syncproto.Kind, content any) {
	p.w.t.Helper()
	if a := p.push(p.op(e, id, kind, content)); a.Status != syncproto.Applied {
		p.w.t.Fatalf("%s was answered %+v", e, a)
	}
}

// attach adds a photo or document to a record.
func (p *person) attach(parent domain.AnyID, role domain.AttachmentRole) domain.AttachmentID {
	p.w.t.Helper()
	photo := id[domain.Attachment](fmt.Sprint(parent, role, p.id, p.seq))
	p.record(domain.EntityAttachment, photo.Any(), syncproto.Recorded, domain.Attachment{ParentID: parent, Role: role, Kind: domain.KindPhoto})
	return photo
}

// ask commands and expects it to be done; refused expects it not to be and
// gives the code with its details.
func (p *person) ask(e domain.Entity, record domain.AnyID, cmd syncproto.Command) {
	p.w.t.Helper()
	if a := p.push(p.op(e, record, syncproto.Commanded, cmd)); a.Status != syncproto.Applied {
		p.w.t.Fatalf("%s was refused: %s %v", cmd.Action, a.Code, a.Details)
	}
}

func (p *person) refused(e domain.Entity, record domain.AnyID, cmd syncproto.Command) []string {
	p.w.t.Helper()
	a := p.push(p.op(e, record, syncproto.Commanded, cmd))
	if a.Status != syncproto.Rejected {
		p.w.t.Errorf("%s was not refused: %+v", cmd.Action, a)
	}
	return append([]string{string(a.Code)}, a.Details...)
}

// move is a repair action by somebody who may.
func (p *person) move(ticket domain.TicketID, action domain.RepairAction, note string) {
	p.w.t.Helper()
	p.ask(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: string(action), Note: note})
}

func (p *person) cannot(ticket domain.TicketID, action domain.RepairAction, note string, want ...string) {
	p.w.t.Helper()
	if got := p.refused(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: string(action), Note: note}); !slices.Equal(got, want) {
		p.w.t.Errorf("%s is refused for %v, want %v", action, got, want)
	}
}
