package intake_test

import (
	"context"
	"slices"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// session is the connection of a device whose actor signed in.
func (w *world) session(d *device) *intake.Session {
	return &intake.Session{Engine: w.engine, Device: d.id, Person: d.actor, Publish: func(context.Context, []syncproto.Logged) {}}
}

// handle expects exactly one frame of a type.
func handle[F syncproto.Frame](t *testing.T, s *intake.Session, f syncproto.Frame) F {
	t.Helper()
	out, err := s.Handle(t.Context(), f)
	must(t, err)
	if len(out) != 1 {
		t.Fatalf("%d answers to %T", len(out), f)
	}
	if page, ok := out[0].(syncproto.EncodedPage); ok {
		var err error
		out[0], err = syncproto.DecodeFrame(page.Encoded)
		must(t, err)
	}
	answer, ok := out[0].(F)
	if !ok {
		t.Fatalf("%T was answered by %+v", f, out[0])
	}
	return answer
}

func hello(t *testing.T, s *intake.Session, wall domain.Instant) *syncproto.Welcome {
	t.Helper()
	return handle[*syncproto.Welcome](t, s, &syncproto.Hello{Version: syncproto.Version, Device: s.Device, WallClock: wall, NextSeq: 1})
}

func audiences(heads []syncproto.Head) (list []domain.Audience) {
	for _, h := range heads {
		list = append(list, h.Scope.Audience)
	}
	return list
}

// A tablet never follows money or homeowners; the desk follows all three.
func TestWelcomeNamesTheScopesOfARole(t *testing.T) {
	w := newWorld(t)
	w.now += 10
	for role, want := range map[string][]domain.Audience{
		"inspector": {domain.AudienceField}, "coordinator": domain.Audiences(), "admin": {domain.AudienceField, domain.AudiencePeople}, "": nil,
	} {
		d := w.device("of "+role, w.person("p "+role, role))
		if role == "inspector" {
			d.push(d.defect("d"))
		}
		welcome := hello(t, w.session(d), w.now)
		if got := audiences(welcome.Scopes); !slices.Equal(got, want) {
			t.Errorf("%q follows %v", role, got)
		}
		if welcome.Epoch != "epoch-1" || welcome.ServerTime != w.now || welcome.NextSeq != d.seq+1 || welcome.Version != syncproto.Version {
			t.Errorf("%+v", welcome)
		}
		if role == "inspector" && welcome.Scopes[0].Seq != 2 {
			t.Errorf("the head is %d", welcome.Scopes[0].Seq)
		}
	}
}

func TestHelloIsRefused(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	s := w.session(d)
	for name, c := range map[string]struct {
		hello syncproto.Hello
		code  syncproto.Code
	}{
		"too old":          {syncproto.Hello{Version: syncproto.MinVersion - 1, Device: d.id}, syncproto.CodeVersion},
		"another's device": {syncproto.Hello{Version: syncproto.Version, Device: domain.DeviceID{1}}, syncproto.CodeUnauthorised},
	} {
		if e := handle[*syncproto.Error](t, s, &c.hello); e.Code != c.code {
			t.Errorf("%s: %+v", name, e)
		}
	}
	newer := handle[*syncproto.Welcome](t, s, &syncproto.Hello{Version: syncproto.Version + 5, Device: d.id, WallClock: w.now})
	if newer.Version != syncproto.Version {
		t.Errorf("speaks %d to a newer app", newer.Version)
	}
}

// A revoked device is told of no scope, so it purges its copy, and may still
// hand in what it captured.
func TestRevokedDeviceMayOnlyHandIn(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	d.push(d.defect("before"))
	w.update(func(ctx context.Context, tx *store.Tx) error { return tx.RevokeDevice(ctx, d.id, w.now) })
	s := w.session(d)
	s.Revoked = true
	if welcome := hello(t, s, w.now); len(welcome.Scopes) != 0 || welcome.NextSeq != 2 {
		t.Errorf("%+v", welcome)
	}
	field := syncproto.Scope{Project: w.project, Audience: domain.AudienceField}
	if drop := handle[*syncproto.ScopeDrop](t, s, &syncproto.Pull{Scope: field}); drop.Scope != field {
		t.Errorf("%+v", drop)
	}
	answers := handle[*syncproto.Answers](t, s, &syncproto.Push{Ops: []syncproto.Op{d.defect("after")}})
	d.is(answers, syncproto.CodeRevoked, syncproto.Quarantined)
}

// Membership is checked at every read.
func TestPullNeedsMembership(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	d.push(d.defect("d"))
	s := w.session(d)
	scope := func(p domain.ProjectID, a domain.Audience) syncproto.Scope {
		return syncproto.Scope{Project: p, Audience: a}
	}
	field := scope(w.project, domain.AudienceField)
	if page := handle[*syncproto.Page](t, s, &syncproto.Pull{Scope: field, Epoch: "epoch-1"}); len(page.Changes) != 2 {
		t.Errorf("%+v", page)
	}
	for _, foreign := range []syncproto.Scope{
		scope(w.project, domain.AudienceOffice), scope(w.project, domain.AudiencePeople), scope(ident.Derive[domain.Project]("other"), domain.AudienceField),
	} {
		if drop := handle[*syncproto.ScopeDrop](t, s, &syncproto.Pull{Scope: foreign}); drop.Scope != foreign {
			t.Errorf("%+v", drop)
		}
	}
	w.update(func(ctx context.Context, tx *store.Tx) error { return tx.EndGrants(ctx, d.actor, w.project, w.now) })
	handle[*syncproto.ScopeDrop](t, s, &syncproto.Pull{Scope: field})
}

func TestOtherFramesAreRefused(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	s := w.session(d)
	for _, f := range []syncproto.Frame{&syncproto.Welcome{}, &syncproto.Answers{}, &syncproto.Page{}, &syncproto.ScopeAdd{}, &syncproto.ScopeDrop{}, &syncproto.Error{}} {
		if e := handle[*syncproto.Error](t, s, f); e.Code != syncproto.CodeBadFrame {
			t.Errorf("%T: %+v", f, e)
		}
	}
	var many []syncproto.Op
	for range syncproto.MaxBatchOps + 1 {
		many = append(many, d.defect("d"))
	}
	if e := handle[*syncproto.Error](t, s, &syncproto.Push{Ops: many}); e.Code != syncproto.CodeTooLarge {
		t.Errorf("%+v", e)
	}
	if n := len(w.logOf(domain.AudienceField)); n != 0 {
		t.Errorf("%d entries of a refused push", n)
	}
}

func TestPushIsPublished(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	s := w.session(d)
	var heard []uint64
	s.Publish = func(_ context.Context, l []syncproto.Logged) {
		for _, e := range l {
			heard = append(heard, e.Seq)
		}
	}
	op := d.defect("d")
	for range 2 {
		handle[*syncproto.Answers](t, s, &syncproto.Push{Ops: []syncproto.Op{op}})
	}
	if !slices.Equal(heard, []uint64{1, 2}) {
		t.Errorf("heard %v", heard)
	}
}

// A cursor of another epoch starts over; one of this epoch goes on.
func TestEpochChangeRestartsPaging(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	d.push(d.defect("d1"), d.defect("d2"))
	scope := syncproto.Scope{Project: w.project, Audience: domain.AudienceField}
	for name, c := range map[string]struct {
		pull        syncproto.Pull
		after, last uint64
	}{
		"from the start":     {syncproto.Pull{Scope: scope, Epoch: "epoch-1"}, 0, 4},
		"from a cursor":      {syncproto.Pull{Scope: scope, Epoch: "epoch-1", After: 3}, 3, 4},
		"at the end":         {syncproto.Pull{Scope: scope, Epoch: "epoch-1", After: 4}, 4, 4},
		"another epoch":      {syncproto.Pull{Scope: scope, Epoch: "epoch-0", After: 3}, 0, 4},
		"a new device":       {syncproto.Pull{Scope: scope}, 0, 4},
		"beyond the old end": {syncproto.Pull{Scope: scope, Epoch: "epoch-0", After: 999}, 0, 4},
	} {
		page, err := w.page(t.Context(), &c.pull)
		must(t, err)
		if page.Epoch != "epoch-1" || page.PrevSeq != c.after || page.LastSeq != c.last || page.Head != 4 || len(page.Changes) != int(c.last-c.after) {
			t.Errorf("%s: (%d,%d] of %d with %d changes", name, page.PrevSeq, page.LastSeq, page.Head, len(page.Changes))
		}
	}
}

// Pages are cut by count and by size and lose nothing at the cut.
func TestLongLogComesInPages(t *testing.T) {
	w := newWorld(t)
	scope := syncproto.Scope{Project: w.project, Audience: domain.AudienceField}
	w.update(func(ctx context.Context, tx *store.Tx) error {
		var logged []syncproto.Logged
		must(t, tx.Lock(t.Context(), w.project))
		writer := intake.NewWriter(tx, w.project, w.now, &logged)
		for i := range 1500 {
			_, err := writer.Create(ctx, domain.EntityUnit, ident.Derive[any](string(rune(i))), domain.Unit{Number: "101", Floor: i})
			must(t, err)
		}
		return nil
	})
	var after uint64
	for n := 0; ; n++ {
		page, err := w.page(t.Context(), &syncproto.Pull{Scope: scope, Epoch: "epoch-1", After: after})
		must(t, err)
		if page.PrevSeq != after || page.Head != 1500 {
			t.Fatalf("%d after %d of %d", page.PrevSeq, after, page.Head)
		}
		if after = page.LastSeq; after == page.Head {
			if n == 0 {
				t.Error("1500 entries came in one page")
			}
			break
		}
	}
}

// What a clone has on its way when it is told is not taken either: it will come
// under another identity.
func TestClonePushesNothingMore(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		d := w.device("tablet", w.person("inspector", "inspector"))
		d.is(d.push(d.op(domain.EntityDefect, "its own", syncproto.Recorded, domain.Defect{Room: "LIV1"})), "", syncproto.Applied)
		s := w.session(d)
		other := d.op(domain.EntityDefect, "the clone's", syncproto.Recorded, domain.Defect{Room: "BED1"})
		next := other
		other.Seq, next.Seq = 1, 2
		for _, op := range []syncproto.Op{other, next} {
			got := handle[*syncproto.Answers](t, s, &syncproto.Push{Batch: 1, Ops: []syncproto.Op{op}})
			if got.Code != syncproto.CodeCloned || len(got.Answers) != 0 {
				t.Errorf("op %d: %+v", op.Seq, got)
			}
		}
		if w.record(domain.EntityDefect, "the clone's").Exists() {
			t.Error("it was taken")
		}
	})
}
