package intake_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// morning is when the tests take place.
var morning = domain.At(time.Date(2026, 9, 26, 1, 0, 0, 0, time.UTC))

// world is an engine over a store, with one project and a stand-in for the desk
// that raises one numbered ticket per defect.
type world struct {
	t       testing.TB
	store   *store.Store
	engine  *intake.Engine
	now     domain.Instant
	project domain.ProjectID
}

func newWorld(t testing.TB) *world {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "server.db"))
	must(t, err)
	return newWorldOn(t, s)
}

func newWorldOn(t testing.TB, s *store.Store) *world {
	t.Helper()
	t.Cleanup(func() { must(t, s.Close()) })
	w := &world{t: t, store: s, now: morning, project: ident.Derive[domain.Project]("project")}
	w.engine = &intake.Engine{Store: s, Decider: desk{}, Now: func() domain.Instant { return w.now }}
	w.update(func(ctx context.Context, tx *store.Tx) error {
		must(t, tx.SetMeta(ctx, intake.MetaEpoch, "epoch-1"))
		for role, caps := range domain.DefaultRoles() {
			must(t, tx.SetRole(ctx, role, caps))
		}
		return nil
	})
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) update(work func(context.Context, *store.Tx) error) {
	w.t.Helper()
	must(w.t, w.store.Update(context.WithoutCancel(w.t.Context()), func(tx *store.Tx) error { return work(w.t.Context(), tx) }))
}

func (w *world) view(work func(context.Context, *store.Tx) error) {
	w.t.Helper()
	must(w.t, w.store.View(w.t.Context(), func(tx *store.Tx) error { return work(w.t.Context(), tx) }))
}

// desk raises a ticket from a defect, as the real one does, and carries out or
// refuses two commands.
type desk struct{}

func ticketOf(defect domain.AnyID) domain.AnyID { return ident.Derive[any]("ticket", defect.String()) }

func (desk) Reads(op syncproto.Op) []store.Key {
	return []store.Key{{Entity: domain.EntityTicket, ID: ticketOf(op.ID)}}
}

func (desk) Fact(ctx context.Context, w *intake.Writer, op syncproto.Op, _, _ merge.Record) error {
	if op.Entity != domain.EntityDefect || op.Kind != syncproto.Recorded {
		return nil
	}
	n, err := w.Tx.NextNumber(ctx, w.Project, "tickets")
	if err != nil {
		return err
	}
	_, err = w.Create(ctx, domain.EntityTicket, ticketOf(op.ID), domain.Ticket{Number: fmt.Sprint(n), Status: domain.RepairRecorded, RecordedAt: w.At})
	return err
}

func (desk) Command(ctx context.Context, w *intake.Writer, op syncproto.Op, cmd syncproto.Command) error {
	if _, err := w.Create(ctx, domain.EntityEvent, ident.Derive[any](cmd.Note), domain.Event{SubjectID: op.ID, At: w.At, Actor: w.Actor}); err != nil {
		return err
	}
	if cmd.Action == "refuse" {
		return &intake.Refusal{Code: syncproto.CodeGuard, Details: []string{"guard.x"}}
	}
	return nil
}

// person has a role in the project, none if it is empty.
func (w *world) person(name, role string) domain.PersonID {
	w.t.Helper()
	id := ident.Derive[domain.Person](name)
	w.update(func(ctx context.Context, tx *store.Tx) error {
		must(w.t, tx.PutPerson(ctx, store.Person{ID: id, Login: name, Name: name}))
		if role == "" {
			return nil
		}
		return tx.PutGrant(ctx, store.Grant{Person: id, Project: w.project, Role: role, From: w.now - 1})
	})
	return id
}

// device is a tablet on which people signed in; the first works on it.
type device struct {
	w     *world
	id    domain.DeviceID
	actor domain.PersonID
	seq   uint64
	// ahead is how wrong its clock is.
	ahead domain.Instant
}

func (w *world) device(name string, people ...domain.PersonID) *device {
	w.t.Helper()
	d := &device{w: w, id: ident.Derive[domain.Device](name), actor: people[0]}
	w.update(func(ctx context.Context, tx *store.Tx) error {
		must(w.t, tx.AddDevice(ctx, store.Device{ID: d.id, Name: name, TokenHash: d.id[:], EnrolledAt: w.now, NextSeq: 1}))
		for i, p := range people {
			must(w.t, tx.AddSession(ctx, store.Session{TokenHash: append(d.id[:], byte(i)), Person: p, Device: d.id, StartedAt: w.now, ExpiresAt: w.now + 1}))
		}
		return nil
	})
	return d
}

// inspector is a tablet with an inspector on it.
func (w *world) inspector(name string) *device {
	w.t.Helper()
	return w.device(name, w.person(name+"'s inspector", "inspector"))
}

// op is the device's next op on a record that is known by a name.
func (d *device) op(e domain.Entity, name string, kind syncproto.Kind, content any) syncproto.Op {
	d.w.t.Helper()
	d.seq++
	fields, err := syncproto.Encode(content)
	must(d.w.t, err)
	info, _ := e.Info()
	now := d.w.now + d.ahead
	return syncproto.Op{
		Device: d.id, Seq: d.seq, Actor: d.actor, CapturedAt: now, HLC: syncproto.NextHLC(0, now) + d.seq,
		Scope: syncproto.Scope{Project: d.w.project, Audience: info.Audience}, Entity: e, ID: ident.Derive[any](name), Kind: kind,
		Fields: fields, Schema: syncproto.SchemaVersion,
	}
}

// defect is an op that records a defect.
func (d *device) defect(name string) syncproto.Op {
	d.w.t.Helper()
	return d.op(domain.EntityDefect, name, syncproto.Recorded, domain.Defect{Room: "LIV1", Description: name, Severity: domain.Minor})
}

// group makes ops one group.
func group(ops ...syncproto.Op) []syncproto.Op {
	for i := range ops {
		ops[i].Group = ops[len(ops)-1].Seq
	}
	return ops
}

func (d *device) push(ops ...syncproto.Op) *syncproto.Answers {
	d.w.t.Helper()
	answers, _ := d.pushed(ops...)
	return answers
}

// pushed also gives what connected devices would hear.
func (d *device) pushed(ops ...syncproto.Op) (*syncproto.Answers, []syncproto.Logged) {
	d.w.t.Helper()
	answers, logged, err := d.w.engine.Push(d.w.t.Context(), d.id, &syncproto.Push{Batch: 1, Ops: ops, Epoch: "epoch-1"})
	must(d.w.t, err)
	return answers, logged
}

// is checks how ops were answered: each status, and one code for all.
func (d *device) is(a *syncproto.Answers, code syncproto.Code, statuses ...syncproto.Status) {
	d.w.t.Helper()
	var got []syncproto.Status
	for _, one := range a.Answers {
		got = append(got, one.Status)
		if one.Code != code {
			d.w.t.Errorf("op %d is answered %s, want %s", one.Seq, one.Code, code)
		}
	}
	if !slices.Equal(got, statuses) {
		d.w.t.Errorf("answers %v, want %v (%+v)", got, statuses, a)
	}
}

// logOf reads a scope's log from the start.
func (w *world) logOf(audience domain.Audience) (all []syncproto.Logged) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *store.Tx) (err error) {
		all, err = readLog(ctx, tx, syncproto.Scope{Project: w.project, Audience: audience})
		return err
	})
	return all
}

func (w *world) record(e domain.Entity, name string) (r merge.Record) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *store.Tx) (err error) {
		r, err = tx.Record(ctx, e, ident.Derive[any](name))
		return err
	})
	return r
}

// received is what the server keeps of an op.
func (w *world) received(d *device, seq uint64) (r store.Received) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *store.Tx) (err error) {
		r, err = tx.Received(ctx, d.id, seq)
		return err
	})
	return r
}

// tickets counts the tickets and checks that their numbers run from 1.
func (w *world) tickets(want int) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *store.Tx) error {
		list, err := intake.List[domain.Ticket](ctx, tx, domain.EntityTicket, store.Filter{})
		must(w.t, err)
		seen := map[string]bool{}
		for _, k := range list {
			seen[k.Record.Number] = true
		}
		for n := 1; n <= want; n++ {
			if !seen[fmt.Sprint(n)] {
				w.t.Errorf("no ticket %d of %d", n, want)
			}
		}
		if len(list) != want {
			w.t.Errorf("%d tickets, want %d", len(list), want)
		}
		return nil
	})
}

// readLog decodes a whole stream.
func readLog(ctx context.Context, tx *store.Tx, scope syncproto.Scope) (all []syncproto.Logged, err error) {
	stored, err := tx.ReadLog(ctx, scope, 0, 1<<62, 1_000_000, 1<<30)
	for _, s := range stored {
		l := syncproto.Logged{Seq: s.Seq}
		if err := syncproto.Unmarshal(s.Op, &l.Op); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, err
}

// page decodes a page.
func (w *world) page(ctx context.Context, pull *syncproto.Pull) (*syncproto.Page, error) {
	encoded, err := w.engine.Page(ctx, pull)
	if err != nil {
		return nil, err
	}
	f, err := syncproto.DecodeFrame(encoded.Encoded)
	if err != nil {
		return nil, err
	}
	return f.(*syncproto.Page), nil //nolint:forcetypeassert // the test fails by it
}
