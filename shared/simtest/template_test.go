package simtest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"keyturn/app/localstore"
	"keyturn/app/syncer"
	"keyturn/assets/catalog"
	reference "keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// opening is when every world begins: the morning of a handover day in Shanghai.
const opening domain.Instant = 1_790_384_400_000 // 2026-09-26T01:00:00Z

// member is somebody with a part in the projects, by role; none is "".
type member struct {
	name  string
	roles [2]string
	id    domain.PersonID
}

var members = []member{
	named("inspector", "inspector", "inspector"),
	named("second inspector", "inspector", ""),
	named("coordinator", "coordinator", "inspector"),
	named("manager", "manager", "manager"),
	named("stranger", "", "inspector"),
}

func named(name string, roles ...string) member {
	return member{name: name, roles: [2]string(roles), id: ident.Derive[domain.Person](name)}
}

// projects and what stands on each.
var projects = [2]domain.ProjectID{ident.Derive[domain.Project]("first"), ident.Derive[domain.Project]("second")}

func unitOf(p domain.ProjectID) domain.UnitID { return ident.Derive[domain.Unit]("flat", p.String()) }

func ownerOf(p domain.ProjectID) domain.AnyID { return ident.Derive[any]("owner", p.String()) }

// scopes are all streams of the world.
func scopes() (list []syncproto.Scope) {
	for _, p := range projects {
		for _, a := range domain.Audiences() {
			list = append(list, syncproto.Scope{Project: p, Audience: a})
		}
	}
	return list
}

// maxDevices is how many devices the server knows from the start.
const maxDevices = 4

func deviceID(n int) domain.DeviceID { return ident.Derive[domain.Device](fmt.Sprint("device ", n)) }
func deviceToken(n int) string       { return fmt.Sprint("device token ", n) }
func sessionToken(n, person int) string {
	return fmt.Sprint("session token ", n, " of ", person)
}

// usersOf are the two people who have signed in on a device.
func usersOf(n int) [2]int { return [2]int{n % len(members), (n + 1) % len(members)} }

func hashed(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// template is what every world starts from: opening and migrating a database
// takes longer than a short schedule.
type template struct {
	// server is the founded server's database; devices are enrolled devices'
	// before they have met the server, synced ones after it.
	server          []byte
	devices, synced [maxDevices][]byte
	catalogue       *reference.Catalogue
}

// begun gives the template, made once.
var begun = sync.OnceValues(func() (t template, err error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "simulated-*")
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if t.catalogue, err = reference.Load(catalog.FS); err != nil {
		return t, err
	}
	path := filepath.Join(dir, "server.db")
	s, err := store.Open(ctx, path)
	if err != nil {
		return t, err
	}
	if err := s.Update(ctx, func(tx *store.Tx) error { return found(ctx, tx) }); err != nil {
		return t, errors.Join(err, s.Close())
	}
	for n := range maxDevices {
		if err := t.enrolled(ctx, filepath.Join(dir, fmt.Sprint(n)), s, n); err != nil {
			return t, err
		}
	}
	if err := s.Close(); err != nil {
		return t, err
	}
	t.server, err = os.ReadFile(path)
	return t, err
})

// enrolled makes a device's database, before and after it has met the server.
func (t *template) enrolled(ctx context.Context, dir string, s *store.Store, n int) error {
	now := func() domain.Instant { return opening }
	d, err := localstore.Open(ctx, dir, now)
	if err != nil {
		return err
	}
	if err := errors.Join(d.SetIdentity(ctx, identityOf(n, usersOf(n)[0])), d.Close()); err != nil {
		return err
	}
	path := filepath.Join(dir, localstore.FileName)
	if t.devices[n], err = os.ReadFile(path); err != nil {
		return err
	}
	if d, err = localstore.Open(ctx, dir, now); err != nil {
		return err
	}
	session := &intake.Session{Engine: &intake.Engine{Store: s, Now: now}, Device: deviceID(n), Person: members[usersOf(n)[0]].id}
	engine := &syncer.Engine{Store: d, AppVersion: "simulated"}
	frames, err := engine.Start(ctx)
	for err == nil && len(frames) > 0 {
		var answers []syncproto.Frame
		if answers, err = session.Handle(ctx, frames[0]); err != nil {
			break
		}
		frames = frames[1:]
		for _, f := range answers {
			var more []syncproto.Frame
			if more, err = handed(ctx, engine, f); err != nil {
				break
			}
			frames = append(frames, more...)
		}
	}
	if err := errors.Join(err, d.Close()); err != nil {
		return err
	}
	t.synced[n], err = os.ReadFile(path)
	return err
}

// handed brings a device a frame as it looks on the wire.
func handed(ctx context.Context, to *syncer.Engine, f syncproto.Frame) ([]syncproto.Frame, error) {
	b, err := syncproto.EncodeFrame(f)
	if err != nil {
		return nil, err
	}
	if f, err = syncproto.DecodeFrame(b); err != nil {
		return nil, err
	}
	return to.Handle(ctx, f)
}

// identityOf is what an enrolled device keeps.
func identityOf(n, person int) localstore.Identity {
	return localstore.Identity{
		Server: "http://server", Device: deviceID(n), DeviceToken: deviceToken(n), Person: members[person].id,
		PersonName: members[person].name, SessionToken: sessionToken(n, person),
	}
}

// found writes people, devices and the two building sites.
func found(ctx context.Context, tx *store.Tx) error {
	if err := tx.Lock(ctx, projects[:]...); err != nil {
		return err
	}
	if err := tx.SetMeta(ctx, intake.MetaEpoch, firstEpoch); err != nil {
		return err
	}
	for role, caps := range domain.DefaultRoles() {
		if err := tx.SetRole(ctx, role, caps); err != nil {
			return err
		}
	}
	for _, m := range members {
		if err := tx.PutPerson(ctx, store.Person{ID: m.id, Login: m.name, Name: m.name}); err != nil {
			return err
		}
		for i, role := range m.roles {
			if role == "" {
				continue
			}
			if err := tx.PutGrant(ctx, store.Grant{Person: m.id, Project: projects[i], Role: role, From: 1}); err != nil {
				return err
			}
		}
	}
	for n := range maxDevices {
		if err := enrol(ctx, tx, n); err != nil {
			return err
		}
	}
	for _, p := range projects {
		if err := build(ctx, tx, p); err != nil {
			return err
		}
	}
	return nil
}

func enrol(ctx context.Context, tx *store.Tx, n int) error {
	err := tx.AddDevice(ctx, store.Device{ID: deviceID(n), Name: fmt.Sprint("device ", n), TokenHash: hashed(deviceToken(n)), EnrolledAt: 1, NextSeq: 1})
	for _, p := range usersOf(n) {
		err = errors.Join(err, tx.AddSession(ctx, store.Session{
			TokenHash: hashed(sessionToken(n, p)), Person: members[p].id, Device: deviceID(n), StartedAt: 1, ExpiresAt: 1 << 60,
		}))
	}
	return err
}

// build writes one project with a flat, its owner and a contractor.
func build(ctx context.Context, tx *store.Tx, p domain.ProjectID) error {
	party := ident.Derive[domain.Party]("doors", p.String())
	var logged []syncproto.Logged
	w := intake.NewWriter(tx, p, opening, &logged)
	for _, r := range []struct {
		e      domain.Entity
		id     domain.AnyID
		record any
	}{
		{domain.EntityProject, p.Any(), domain.Project{Name: "Sample " + p.String(), Zone: "Asia/Shanghai"}},
		{domain.EntityParty, party.Any(), domain.Party{ProjectID: p, Kind: domain.PartySub, Name: "Sample Doors"}},
		{domain.EntityScope, ident.Derive[any]("scope", p.String()), domain.ContractScope{PartyID: party, Trades: []string{"门窗"}, WarrantyStart: "2026-08-01"}},
		{domain.EntityUnit, unitOf(p).Any(), domain.Unit{Building: "1#", Number: "101", DeliveredOn: "2026-09-01", CompletedOn: "2026-08-01"}},
		{domain.EntityHomeowner, ownerOf(p), domain.Homeowner{UnitID: unitOf(p), Phone: "000"}},
		{domain.EntityTerms, ident.Derive[any]("terms", p.String()), domain.ContractTerms{}},
	} {
		if _, err := w.Create(ctx, r.e, r.id, r.record); err != nil {
			return err
		}
	}
	return nil
}

// firstEpoch is the log's incarnation until a backup is restored.
const firstEpoch = "first"
