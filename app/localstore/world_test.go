package localstore_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

var (
	project = ident.Derive[domain.Project]("project")
	tablet  = ident.Derive[domain.Device]("tablet")
	other   = ident.Derive[domain.Device]("other")
	person  = ident.Derive[domain.Person]("person")
	field   = syncproto.Scope{Project: project, Audience: domain.AudienceField}
	office  = syncproto.Scope{Project: project, Audience: domain.AudienceOffice}
)

// world is a device's store with its own clock, and what the server has.
type world struct {
	t     testing.TB
	store *localstore.Store
	dir   string
	now   domain.Instant
	// log is the server's field scope.
	log []syncproto.Logged
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), now: domain.At(time.Date(2026, 9, 26, 1, 0, 0, 0, time.UTC))}
	w.open()
	t.Cleanup(func() { must(t, w.store.Close()) })
	must(t, w.store.SetIdentity(t.Context(), localstore.Identity{Server: "http://server", Device: tablet, Person: person, DeviceToken: "d", SessionToken: "s"}))
	w.update(func(ctx context.Context, tx *localstore.Tx) error {
		return tx.FollowScope(ctx, syncproto.Head{Scope: field})
	})
	return w
}

func (w *world) open() {
	w.t.Helper()
	var err error
	w.store, err = localstore.Open(w.t.Context(), w.dir, func() domain.Instant { return w.now })
	must(w.t, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) update(work func(context.Context, *localstore.Tx) error) {
	w.t.Helper()
	must(w.t, w.store.Update(w.t.Context(), func(tx *localstore.Tx) error { return work(w.t.Context(), tx) }))
}

func (w *world) view(work func(context.Context, *localstore.Tx) error) {
	w.t.Helper()
	must(w.t, w.store.View(w.t.Context(), func(tx *localstore.Tx) error { return work(w.t.Context(), tx) }))
}

// change is an edit of a defect that is known by a name.
func change(t testing.TB, name string, kind syncproto.Kind, d domain.Defect) localstore.Change {
	t.Helper()
	c := localstore.Change{Project: project, Entity: domain.EntityDefect, ID: ident.Derive[any](name), Kind: kind}
	if kind != syncproto.Withdrawn {
		var err error
		c.Fields, err = syncproto.Encode(d)
		must(t, err)
	}
	return c
}

// record puts changes into the outbox as one group.
func (w *world) record(changes ...localstore.Change) (first uint64) {
	w.t.Helper()
	w.update(func(ctx context.Context, tx *localstore.Tx) (err error) {
		first, err = tx.Record(ctx, changes...)
		return err
	})
	return first
}

func (w *world) creates(name string, d domain.Defect) uint64 {
	w.t.Helper()
	return w.record(change(w.t, name, syncproto.Recorded, d))
}

func (w *world) amends(name string, d domain.Defect) uint64 {
	w.t.Helper()
	return w.record(change(w.t, name, syncproto.Amended, d))
}

// shown is what the screen shows of a defect.
func (w *world) shown(name string) (d domain.Defect, ok bool) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *localstore.Tx) (err error) {
		d, ok, err = localstore.Get(ctx, tx, domain.EntityDefect, ident.Derive[domain.Defect](name))
		return err
	})
	return d, ok
}

// shows expects a description on the screen, "" for no defect at all.
func (w *world) shows(name, want string) {
	w.t.Helper()
	if d, ok := w.shown(name); d.Description != want || ok != (want != "") {
		w.t.Errorf("%s shows %q (%v), want %q", name, d.Description, ok, want)
	}
}

// sent is an op of the outbox by its number.
func (w *world) sent(seq uint64) (found localstore.SentOp) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		list, err := tx.Sent(ctx)
		for _, s := range list {
			if s.Op.Seq == seq {
				found = s
			}
		}
		return err
	})
	return found
}

// accept appends an op to the server's log and gives the answer to it.
func (w *world) accept(seq uint64) syncproto.Answer {
	w.t.Helper()
	place := uint64(len(w.log) + 1)
	w.log = append(w.log, syncproto.Logged{Seq: place, Op: w.sent(seq).Op})
	return syncproto.Answer{Seq: seq, Status: syncproto.Applied, LogSeq: place}
}

// others appends somebody else's edit to the server's log.
func (w *world) others(name string, kind syncproto.Kind, d domain.Defect) {
	w.t.Helper()
	c := change(w.t, name, kind, d)
	place := uint64(len(w.log) + 1)
	w.log = append(w.log, syncproto.Logged{Seq: place, Op: syncproto.Op{
		Device: other, Seq: place, Actor: person, Scope: field, Entity: c.Entity, ID: c.ID, Kind: kind, Fields: c.Fields, HLC: place << 16, BaseSeq: place, Schema: 1,
	}})
}

func (w *world) answer(a ...syncproto.Answer) {
	w.t.Helper()
	w.update(func(ctx context.Context, tx *localstore.Tx) error {
		for _, one := range a {
			must(w.t, tx.Answer(ctx, one))
		}
		return nil
	})
}

func (w *world) cursor(scope syncproto.Scope) (found *syncproto.Cursor) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		list, err := tx.Cursors(ctx)
		for i := range list {
			if list[i].Scope == scope {
				found = &list[i]
			}
		}
		return err
	})
	return found
}

// page is a run of the server's log.
func (w *world) page(epoch string, after, last uint64) *syncproto.Page {
	return &syncproto.Page{
		Scope: field, Epoch: epoch, PrevSeq: after, LastSeq: last, Head: uint64(len(w.log)), Changes: slices.Clone(w.log[after:last]),
	}
}

func (w *world) apply(p *syncproto.Page) (ok bool) {
	w.t.Helper()
	w.update(func(ctx context.Context, tx *localstore.Tx) (err error) {
		ok, err = tx.Apply(ctx, p)
		return err
	})
	return ok
}

// pull brings the device up to date with the server's log.
func (w *world) pull() {
	w.t.Helper()
	if !w.apply(w.page("e1", w.cursor(field).Seq, uint64(len(w.log)))) {
		w.t.Fatal("the page was not applied")
	}
}

func (w *world) progress() (p localstore.Progress) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *localstore.Tx) (err error) {
		p, err = tx.Progress(ctx)
		return err
	})
	return p
}

func (w *world) attention() (list []localstore.Attention) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *localstore.Tx) (err error) {
		list, err = tx.NeedsAttention(ctx)
		return err
	})
	return list
}

// merged is the server's record after its whole log.
func (w *world) merged(name string) (r merge.Record) {
	for _, l := range w.log {
		if l.Op.ID == ident.Derive[any](name) {
			r, _ = merge.Apply(r, l.Op, l.Seq)
		}
	}
	return r
}
