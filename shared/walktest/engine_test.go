package walktest

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"keyturn/app/localstore"
	"keyturn/app/syncer"
	"keyturn/assets/catalog"
	reference "keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
	"keyturn/syncserver/tickets"
)

// The real device engines and the real server engine, joined by a wire that
// loses live pages, breaks at any moment, also between commit and answer, and
// cuts frames in two: whatever happens, in the end all agree.
func TestEnginesAgreeWhateverTheWireDoes(t *testing.T) {
	c, err := reference.Load(catalog.FS)
	must(t, err)
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s := newSimulation(t, c, seed)
			for range 220 {
				s.step()
			}
			s.settle()
			s.check()
		})
	}
}

// simulation is one server, its devices and the dice.
type simulation struct {
	t       *testing.T
	dice    *rand.Rand
	clock   *clock
	project domain.ProjectID
	unit    domain.UnitID
	store   *store.Store
	engine  *intake.Engine
	desk    *tickets.Desk
	devices []*wired
	// defects and photos are what has been recorded so far, by anybody.
	defects []domain.DefectID
	photos  []domain.Hash
	made    int
}

// wired is a device with its end of the wire and the server's.
type wired struct {
	s       *simulation
	id      domain.DeviceID
	person  domain.PersonID
	store   *localstore.Store
	engine  *syncer.Engine
	session *intake.Session
	// up and down are encoded frames on their way; nil session means cut.
	up, down [][]byte
	ahead    time.Duration
}

func newSimulation(t *testing.T, c *reference.Catalogue, seed uint64) *simulation {
	t.Helper()
	s := &simulation{
		t: t, dice: rand.New(rand.NewPCG(seed, 7)), clock: newClock(opening),
		project: ident.Derive[domain.Project]("simulated"), unit: ident.Derive[domain.Unit]("flat"),
	}
	var err error
	s.store, err = store.Open(t.Context(), filepath.Join(t.TempDir(), "server.db"))
	must(t, err)
	t.Cleanup(func() { must(t, s.store.Close()) })
	s.desk = &tickets.Desk{Catalogue: c, Text: func(_, key string, _ map[string]string) string { return key }}
	s.engine = &intake.Engine{Store: s.store, Decider: s.desk, Now: s.clock.Instant}
	s.found()
	s.join("tablet", "inspector", 0)
	s.join("second tablet", "inspector", 10*365*24*time.Hour) // a clock ten years ahead
	s.join("desk", "coordinator", -time.Hour)
	return s
}

func (s *simulation) found() {
	s.t.Helper()
	ctx := s.t.Context()
	party := ident.Derive[domain.Party]("doors")
	must(s.t, s.store.Update(ctx, func(tx *store.Tx) error {
		must(s.t, tx.SetMeta(ctx, intake.MetaEpoch, "epoch-1"))
		for role, caps := range domain.DefaultRoles() {
			must(s.t, tx.SetRole(ctx, role, caps))
		}
		var logged []syncproto.Logged
		w := intake.NewWriter(tx, s.project, s.clock.Instant(), &logged)
		for id, r := range map[domain.AnyID]struct {
			e      domain.Entity
			record any
		}{
			s.project.Any():            {domain.EntityProject, domain.Project{Name: "Simulated", Zone: "Asia/Shanghai"}},
			party.Any():                {domain.EntityParty, domain.Party{ProjectID: s.project, Kind: domain.PartySub, Name: "Sample Doors"}},
			ident.Derive[any]("scope"): {domain.EntityScope, domain.ContractScope{PartyID: party, Trades: []string{"门窗"}, WarrantyStart: "2026-08-01"}},
			s.unit.Any():               {domain.EntityUnit, domain.Unit{Building: "1#", Number: "101", DeliveredOn: "2026-09-01", CompletedOn: "2026-08-01"}},
		} {
			if _, err := w.Create(ctx, r.e, id, r.record); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (s *simulation) join(name, role string, ahead time.Duration) {
	s.t.Helper()
	ctx := s.t.Context()
	d := &wired{s: s, id: ident.Derive[domain.Device](name), person: ident.Derive[domain.Person](name), ahead: ahead}
	must(s.t, s.store.Update(ctx, func(tx *store.Tx) error {
		must(s.t, tx.PutPerson(ctx, store.Person{ID: d.person, Login: name, Name: name}))
		must(s.t, tx.PutGrant(ctx, store.Grant{Person: d.person, Project: s.project, Role: role, From: 1}))
		must(s.t, tx.AddDevice(ctx, store.Device{ID: d.id, Name: name, TokenHash: d.id[:], EnrolledAt: 1, NextSeq: 1}))
		return tx.AddSession(ctx, store.Session{TokenHash: d.id[:], Person: d.person, Device: d.id, StartedAt: 1, ExpiresAt: 1 << 60})
	}))
	var err error
	d.store, err = localstore.Open(ctx, s.t.TempDir(), func() domain.Instant { return domain.At(s.clock.Now().Add(ahead)) })
	must(s.t, err)
	s.t.Cleanup(func() { must(s.t, d.store.Close()) })
	must(s.t, d.store.SetIdentity(ctx, localstore.Identity{Device: d.id, Person: d.person}))
	d.engine = &syncer.Engine{Store: d.store, AppVersion: "simulated"}
	s.devices = append(s.devices, d)
}

// step lets one thing happen somewhere.
func (s *simulation) step() {
	s.t.Helper()
	d := s.devices[s.dice.IntN(len(s.devices))]
	switch s.dice.IntN(20) {
	case 0, 1, 2:
		d.recordDefect()
	case 3:
		d.amendDefect()
	case 4:
		d.command()
	case 5:
		s.photoArrives()
	case 6:
		s.clock.Advance(time.Duration(s.dice.IntN(120)) * time.Minute)
		logged, err := s.desk.Tick(s.t.Context(), s.store, s.clock.Instant())
		must(s.t, err)
		s.publish(logged)
	case 7:
		d.cut()
	case 8:
		d.halfFrame()
	case 9, 10:
		d.work()
	case 11, 12, 13, 14:
		d.deliverUp()
	default:
		d.deliverDown()
	}
}

func (d *wired) update(changes ...localstore.Change) {
	d.s.t.Helper()
	ctx := d.s.t.Context()
	must(d.s.t, d.store.Update(ctx, func(t *localstore.Tx) error {
		_, err := t.Record(ctx, changes...)
		return err
	}))
}

func (s *simulation) change(e domain.Entity, id domain.AnyID, kind syncproto.Kind, content any) localstore.Change {
	s.t.Helper()
	fields, err := syncproto.Encode(content)
	must(s.t, err)
	return localstore.Change{Project: s.project, Entity: e, ID: id, Kind: kind, Fields: fields}
}

// recordDefect saves a defect with a photo as one group.
func (d *wired) recordDefect() {
	s := d.s
	s.made++
	defect := ident.Derive[domain.Defect](fmt.Sprint("defect", s.made))
	sha := domain.Hash{byte(s.made), byte(s.made >> 8), byte(s.dice.IntN(2))}
	if len(s.photos) > 0 && s.dice.IntN(3) == 0 {
		sha = s.photos[s.dice.IntN(len(s.photos))] // the same picture again
	}
	s.defects, s.photos = append(s.defects, defect), append(s.photos, sha)
	d.update(
		s.change(domain.EntityDefect, defect.Any(), syncproto.Recorded, domain.Defect{
			UnitID: s.unit, State: domain.DefectOpen, Room: "ENT1", LibraryCode: []string{"DOR-02", "DOR-05", "PLB-01"}[s.dice.IntN(3)],
			Element: "door", Description: fmt.Sprint("by ", d.person, s.made), Severity: domain.Severity(1 + s.dice.IntN(4)),
		}),
		s.change(domain.EntityAttachment, ident.Derive[any](fmt.Sprint("photo", s.made)), syncproto.Recorded, domain.Attachment{
			ParentID: defect.Any(), State: domain.AttachmentPending, Kind: domain.KindPhoto, Role: domain.RoleEvidence, SHA256: sha,
		}),
	)
}

// amendDefect edits a defect that the device knows, its own or another's.
func (d *wired) amendDefect() {
	s := d.s
	if len(s.defects) == 0 {
		return
	}
	id := s.defects[s.dice.IntN(len(s.defects))]
	known := false
	must(s.t, d.store.View(s.t.Context(), func(t *localstore.Tx) (err error) {
		_, known, err = localstore.Get(s.t.Context(), t, domain.EntityDefect, id)
		return err
	}))
	if !known {
		return
	}
	s.made++
	edit := domain.Defect{Description: fmt.Sprint("edit ", s.made)}
	if s.dice.IntN(2) == 0 {
		edit = domain.Defect{Severity: domain.Severity(1 + s.dice.IntN(4)), Room: fmt.Sprint("R", s.made)}
	}
	d.update(s.change(domain.EntityDefect, id.Any(), syncproto.Amended, edit))
}

// command asks for something that the server may refuse.
func (d *wired) command() {
	s := d.s
	if len(s.defects) == 0 {
		return
	}
	ticket := tickets.TicketOf(s.defects[s.dice.IntN(len(s.defects))])
	action := []domain.RepairAction{domain.RepairAssign, domain.RepairAccept, domain.RepairSuspend, domain.RepairResume}[s.dice.IntN(4)]
	d.update(s.change(domain.EntityTicket, ticket.Any(), syncproto.Commanded, syncproto.Command{Action: string(action), Note: "x"}))
}

func (s *simulation) photoArrives() {
	if len(s.photos) == 0 {
		return
	}
	logged, err := s.engine.BlobArrived(s.t.Context(), s.photos[s.dice.IntN(len(s.photos))], 10)
	must(s.t, err)
	s.publish(logged)
}

// publish tells connected devices what a transaction appended; some of it is
// lost, as when a reader is slow.
func (s *simulation) publish(logged []syncproto.Logged) {
	byScope := map[syncproto.Scope][]syncproto.Logged{}
	for _, l := range logged {
		byScope[l.Op.Scope] = append(byScope[l.Op.Scope], l)
	}
	for _, d := range s.devices {
		for scope, changes := range byScope {
			if d.session == nil || s.dice.IntN(4) == 0 || !d.follows(scope) {
				continue
			}
			last := changes[len(changes)-1].Seq
			d.send(&d.down, &syncproto.Page{Scope: scope, Epoch: "epoch-1", PrevSeq: changes[0].Seq - 1, LastSeq: last, Head: last, Changes: changes})
		}
	}
}

func (d *wired) follows(scope syncproto.Scope) bool {
	heads, err := d.session.Scopes(d.s.t.Context())
	must(d.s.t, err)
	return slices.ContainsFunc(heads, func(h syncproto.Head) bool { return h.Scope == scope })
}

func (d *wired) send(queue *[][]byte, frames ...syncproto.Frame) {
	d.s.t.Helper()
	for _, f := range frames {
		b, err := syncproto.EncodeFrame(f)
		must(d.s.t, err)
		*queue = append(*queue, b)
	}
}

// cut loses everything that is on its way.
func (d *wired) cut() { d.session, d.up, d.down = nil, nil, nil }

// connect opens a new connection unless there is one.
func (d *wired) connect() {
	d.s.t.Helper()
	if d.session != nil {
		return
	}
	d.session = &intake.Session{Engine: d.s.engine, Device: d.id, Person: d.person, Publish: d.s.publish}
	frames, err := d.engine.Start(d.s.t.Context())
	must(d.s.t, err)
	d.send(&d.up, frames...)
}

func (d *wired) work() {
	d.s.t.Helper()
	d.connect()
	frames, err := d.engine.Work(d.s.t.Context())
	must(d.s.t, err)
	d.send(&d.up, frames...)
}

// halfFrame lets only part of a frame through; the receiver ends the connection.
func (d *wired) halfFrame() {
	d.s.t.Helper()
	for _, queue := range [][][]byte{d.up, d.down} {
		if len(queue) == 0 || len(queue[0]) < 3 {
			continue
		}
		if f, err := syncproto.DecodeFrame(queue[0][:len(queue[0])-1]); err == nil {
			d.s.t.Fatalf("half a frame was read as %+v", f)
		}
		d.cut()
		return
	}
}

// deliverUp brings the server one frame.
func (d *wired) deliverUp() bool {
	d.s.t.Helper()
	if d.session == nil || len(d.up) == 0 {
		return false
	}
	f, err := syncproto.DecodeFrame(d.up[0])
	must(d.s.t, err)
	d.up = d.up[1:]
	answers, err := d.session.Handle(d.s.t.Context(), f)
	must(d.s.t, err)
	d.send(&d.down, answers...)
	return true
}

// deliverDown brings the device one frame; one that it cannot use ends the
// connection.
func (d *wired) deliverDown() bool {
	d.s.t.Helper()
	if d.session == nil || len(d.down) == 0 {
		return false
	}
	f, err := syncproto.DecodeFrame(d.down[0])
	must(d.s.t, err)
	d.down = d.down[1:]
	frames, err := d.engine.Handle(d.s.t.Context(), f)
	if err != nil {
		d.s.t.Logf("device %s hangs up: %v", d.id, err)
		d.cut()
		return true
	}
	d.send(&d.up, frames...)
	return true
}

// settle lets everything arrive: first whatever the devices still have to say,
// then what they missed of each other.
func (s *simulation) settle() {
	s.t.Helper()
	for range 3 {
		for _, d := range s.devices {
			d.cut()
		}
		busy, frames := true, 0
		for busy {
			busy = false
			for _, d := range s.devices {
				d.work()
				for d.deliverUp() || d.deliverDown() {
					busy = true
					if frames++; frames > 20_000 {
						s.t.Fatal("the devices and the server talk without end")
					}
				}
			}
		}
	}
}
