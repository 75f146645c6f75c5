package syncer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
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

// bench is an engine over a device's store; the test is the server.
type bench struct {
	t     *testing.T
	store *localstore.Store
	*Engine
	now domain.Instant
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, now: 1_790_384_400_000}
	var err error
	b.store, err = localstore.Open(t.Context(), t.TempDir(), func() domain.Instant { return b.now })
	must(t, err)
	t.Cleanup(func() { must(t, b.store.Close()) })
	must(t, b.store.SetIdentity(t.Context(), localstore.Identity{Device: tablet, Person: person}))
	b.Engine = &Engine{Store: b.store, AppVersion: "test"}
	return b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// record makes n ops, as one group if they are several.
func (b *bench) record(n int) {
	b.t.Helper()
	var changes []localstore.Change
	for range n {
		fields, err := syncproto.Encode(domain.Defect{Description: "x"})
		must(b.t, err)
		changes = append(changes, localstore.Change{
			Project: project, Entity: domain.EntityDefect, ID: ident.Derive[any](fmt.Sprint(b.next, len(changes), b.count())), Kind: syncproto.Recorded, Fields: fields,
		})
	}
	must(b.t, b.store.Update(b.t.Context(), func(t *localstore.Tx) error {
		_, err := t.Record(b.t.Context(), changes...)
		return err
	}))
}

// recordNoise makes an op that does not shrink in compression.
func (b *bench) recordNoise(bytes int) {
	b.t.Helper()
	value, err := syncproto.Encode(domain.Defect{Description: noise(bytes)})
	must(b.t, err)
	must(b.t, b.store.Update(b.t.Context(), func(t *localstore.Tx) error {
		_, err := t.Record(b.t.Context(), localstore.Change{
			Project: project, Entity: domain.EntityDefect, ID: ident.Derive[any](fmt.Sprint("noise", b.count())), Kind: syncproto.Recorded, Fields: value,
		})
		return err
	}))
}

func (b *bench) view(work func(context.Context, *localstore.Tx) error) {
	b.t.Helper()
	must(b.t, b.store.View(b.t.Context(), func(t *localstore.Tx) error { return work(b.t.Context(), t) }))
}

func (b *bench) count() (n int) {
	b.t.Helper()
	b.view(func(ctx context.Context, t *localstore.Tx) error {
		p, err := t.Progress(ctx)
		n = p.Records
		return err
	})
	return n
}

func (b *bench) start() *syncproto.Hello {
	b.t.Helper()
	frames, err := b.Start(b.t.Context())
	must(b.t, err)
	if len(frames) != 1 {
		b.t.Fatalf("the connection opens with %+v", frames)
	}
	return frames[0].(*syncproto.Hello)
}

// gets hands the engine a frame and describes what it sends.
func (b *bench) gets(f syncproto.Frame) []string {
	b.t.Helper()
	ahead := b.Ahead(f)
	frames, err := b.Handle(b.t.Context(), f)
	frames = append(ahead, frames...)
	must(b.t, err)
	return describe(frames)
}

func (b *bench) works() []string {
	b.t.Helper()
	frames, err := b.Work(b.t.Context())
	must(b.t, err)
	return describe(frames)
}

// describe writes frames as "push 1-3" and "pull field after 4 of e1".
func describe(frames []syncproto.Frame) (list []string) {
	for _, f := range frames {
		switch f := f.(type) {
		case *syncproto.Push:
			list = append(list, fmt.Sprintf("push %d-%d", f.Ops[0].Seq, f.Ops[len(f.Ops)-1].Seq))
		case *syncproto.Pull:
			list = append(list, fmt.Sprintf("pull %s after %d of %q", f.Scope.Audience, f.After, f.Epoch))
		default:
			list = append(list, fmt.Sprintf("%T", f))
		}
	}
	slices.Sort(list)
	return list
}

func (b *bench) is(got []string, want ...string) {
	b.t.Helper()
	if !slices.Equal(got, want) {
		b.t.Errorf("the engine sent %q, want %q", got, want)
	}
}

func (b *bench) welcomeTo(next uint64, heads ...syncproto.Head) *syncproto.Welcome {
	return &syncproto.Welcome{Version: 1, ServerTime: b.now, Epoch: "e1", Scopes: heads, NextSeq: next}
}

func head(s syncproto.Scope, seq uint64) syncproto.Head { return syncproto.Head{Scope: s, Seq: seq} }

func page(s syncproto.Scope, prev, last, newest uint64) *syncproto.Page {
	p := &syncproto.Page{Scope: s, Epoch: "e1", PrevSeq: prev, LastSeq: last, Head: newest}
	for seq := prev + 1; seq <= last; seq++ {
		value, _ := syncproto.Marshal("n")
		p.Changes = append(p.Changes, syncproto.Logged{Seq: seq, Op: syncproto.Op{
			Device: other, Seq: seq, Scope: s, Entity: domain.EntityUnit, ID: ident.Derive[any](fmt.Sprint(s, seq)), Kind: syncproto.Recorded, Fields: syncproto.Fields{6: value},
		}})
	}
	return p
}

// took answers ops as applied.
func took(batch, from, to uint64) *syncproto.Answers {
	a := &syncproto.Answers{Batch: batch, NextSeq: to + 1}
	for seq := from; seq <= to; seq++ {
		a.Answers = append(a.Answers, syncproto.Answer{Seq: seq, Status: syncproto.Applied, LogSeq: seq})
	}
	return a
}

func (b *bench) cursor(s syncproto.Scope) (seq uint64, follows bool) {
	b.t.Helper()
	b.view(func(ctx context.Context, t *localstore.Tx) error {
		list, err := t.Cursors(ctx)
		for _, c := range list {
			if c.Scope == s {
				seq, follows = c.Seq, true
			}
		}
		return err
	})
	return seq, follows
}

func TestHelloTellsWhereTheDeviceStands(t *testing.T) {
	b := newBench(t)
	if h := b.start(); h.Device != tablet || h.NextSeq != 1 || len(h.Cursors) != 0 || h.WallClock != b.now || h.Version != syncproto.Version || h.Schema != syncproto.SchemaVersion || h.AppVersion != "test" {
		t.Errorf("%+v", h)
	}
	b.record(1)
	b.record(1)
	b.gets(b.welcomeTo(1, head(field, 3)))
	b.gets(page(field, 0, 3, 3))
	b.gets(took(1, 1, 1))
	if h := b.start(); h.NextSeq != 2 || len(h.Cursors) != 1 || h.Cursors[0] != (syncproto.Cursor{Scope: field, Epoch: "e1", Seq: 3}) {
		t.Errorf("%+v", h)
	}
}

// Before the welcome nothing is pushed, whatever is recorded.
func TestNothingBeforeTheWelcome(t *testing.T) {
	b := newBench(t)
	b.start()
	b.record(1)
	b.is(b.works())
	b.is(b.gets(b.welcomeTo(1)), "push 1-1")
	b.start() // a new connection
	b.is(b.works())
}

// Scopes that are behind or of another epoch are pulled, the others not; those
// that the server does not name are dropped.
func TestWelcome(t *testing.T) {
	b := newBench(t)
	b.start()
	b.is(b.gets(b.welcomeTo(1, head(field, 4), head(office, 2))), `pull field after 0 of ""`, `pull office after 0 of ""`)
	b.gets(page(field, 0, 4, 4))
	b.gets(page(office, 0, 2, 2))
	b.start()
	b.is(b.gets(b.welcomeTo(1, head(field, 4), head(office, 2))))
	b.start()
	b.is(b.gets(b.welcomeTo(1, head(field, 9), head(office, 2))), `pull field after 4 of "e1"`)
	b.start()
	restored := b.welcomeTo(1, head(field, 2), head(office, 1))
	restored.Epoch = "e2"
	b.is(b.gets(restored), `pull field after 4 of "e1"`, `pull office after 2 of "e1"`)
	b.start()
	b.is(b.gets(b.welcomeTo(1, head(field, 4))))
	if _, follows := b.cursor(office); follows {
		t.Error("a scope that the server did not name is kept")
	}
}

func TestClockIsMeasured(t *testing.T) {
	b := newBench(t)
	b.start()
	w := b.welcomeTo(1)
	w.ServerTime -= 5000
	b.gets(w)
	b.view(func(ctx context.Context, tx *localstore.Tx) error {
		if ahead, err := tx.ClockAhead(ctx); err != nil || ahead != 5000 {
			t.Errorf("%d, %v", ahead, err)
		}
		return nil
	})
}

// Two pushes are on their way at most; groups stay whole.
func TestPushWindow(t *testing.T) {
	b := newBench(t)
	for range 3 {
		b.record(300)
	}
	b.record(1)
	b.start()
	b.is(b.gets(b.welcomeTo(1)), "push 1-300", "push 301-600")
	b.is(b.works())
	b.is(b.gets(took(1, 1, 300)), "push 601-901")
	b.is(b.gets(took(2, 301, 600)))
	b.record(1)
	b.is(b.works(), "push 902-902")
	b.is(b.gets(took(3, 601, 901)))
	b.is(b.gets(took(4, 902, 902)))
	b.is(b.works())
}

// What had no answer when the connection broke is sent again.
func TestUnansweredIsSentAgain(t *testing.T) {
	b := newBench(t)
	b.record(2)
	b.record(1)
	b.start()
	b.is(b.gets(b.welcomeTo(1)), "push 1-3")
	b.start() // cut; the server had taken all of it
	b.is(b.gets(b.welcomeTo(4)), "push 1-3")
	dup := took(1, 1, 3)
	for i := range dup.Answers {
		dup.Answers[i].Status = syncproto.Dup
	}
	b.is(b.gets(dup))
	b.start()
	b.is(b.gets(b.welcomeTo(4)))
}

// A gap starts over from the number that the server expects; with another push
// still on its way, only after its answer.
func TestGap(t *testing.T) {
	b := newBench(t)
	for range 2 {
		b.record(300)
	}
	b.start()
	b.is(b.gets(b.welcomeTo(1)), "push 1-300", "push 301-600")
	gap := &syncproto.Answers{Batch: 1, NextSeq: 1, Code: syncproto.CodeGap}
	b.is(b.gets(gap))
	b.is(b.gets(gap), "push 1-300", "push 301-600")
}

// A server restored from a backup expects an older number: what it has forgotten
// is sent again, though it was answered once. What was recorded on copies of
// different epochs goes in different pushes.
func TestRestoredServerGetsWhatItForgot(t *testing.T) {
	b := newBench(t)
	for range 3 {
		b.record(1)
	}
	b.start()
	b.gets(b.welcomeTo(1, head(field, 0)))
	b.gets(took(1, 1, 3))
	b.gets(page(field, 0, 3, 3))
	b.record(1)
	b.start()
	restored := b.welcomeTo(2, head(field, 1))
	restored.Epoch = "e2"
	got := b.gets(restored)
	b.is(got, `pull field after 3 of "e1"`, "push 1-3", "push 4-4")
}

func TestRefusedPushEndsTheConnection(t *testing.T) {
	for _, code := range []syncproto.Code{syncproto.CodeGroup, syncproto.CodeBadFields} {
		b := newBench(t)
		b.record(1)
		b.start()
		b.gets(b.welcomeTo(1))
		_, err := b.Handle(t.Context(), &syncproto.Answers{Batch: 1, NextSeq: 1, Code: code})
		var refused *syncproto.Error
		if !errors.As(err, &refused) || refused.Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// A cloned device pushes nothing more and goes on reading, until it connects anew.
func TestClonedDeviceReadsOn(t *testing.T) {
	b := newBench(t)
	b.record(1)
	b.start()
	b.gets(b.welcomeTo(1, head(field, 1)))
	b.is(b.gets(&syncproto.Answers{Batch: 1, NextSeq: 2, Code: syncproto.CodeCloned}))
	if !b.Cloned() {
		t.Error("it does not know")
	}
	b.record(1)
	b.is(b.works())
	b.is(b.gets(page(field, 0, 1, 1)))
	if seq, _ := b.cursor(field); seq != 1 {
		t.Errorf("it has read up to %d", seq)
	}
	b.start()
	if b.Cloned() {
		t.Error("the next connection asks nobody")
	}
}

// Pages are applied in order: one that leaves a gap or repeats is not, and the
// engine asks for what is missing, once.
func TestPages(t *testing.T) {
	b := newBench(t)
	b.start()
	b.gets(b.welcomeTo(1, head(field, 10)))
	b.is(b.gets(page(field, 0, 4, 10)), `pull field after 4 of "e1"`)
	b.is(b.gets(page(field, 6, 7, 10))) // a live page beyond the cursor: the question is open already
	b.is(b.gets(page(field, 0, 4, 4)))  // again, and the head was known
	b.is(b.gets(page(field, 4, 10, 10)))
	if seq, _ := b.cursor(field); seq != 10 {
		t.Errorf("the cursor is at %d", seq)
	}
	b.is(b.gets(page(field, 10, 11, 11)))                                // live, in order
	b.is(b.gets(page(field, 20, 20, 20)), `pull field after 11 of "e1"`) // "there is more", without changes
	b.is(b.gets(page(office, 0, 1, 1)))                                  // not followed
	b.is(b.gets(&syncproto.Page{Scope: field, Epoch: "e2", PrevSeq: 3, LastSeq: 3, Head: 3}), `pull field after 11 of "e1"`)
}

func TestScopesComeAndGo(t *testing.T) {
	b := newBench(t)
	b.start()
	b.gets(b.welcomeTo(1, head(field, 1)))
	b.gets(page(field, 0, 1, 1))
	b.is(b.gets(&syncproto.ScopeAdd{Head: head(office, 3)}), `pull office after 0 of ""`)
	b.is(b.gets(page(office, 0, 3, 3)))
	b.is(b.gets(&syncproto.ScopeDrop{Scope: field}))
	if _, follows := b.cursor(field); follows {
		t.Error("the dropped scope is kept")
	}
	if seq, follows := b.cursor(office); !follows || seq != 3 {
		t.Errorf("the added scope is at %d, %v", seq, follows)
	}
	b.is(b.gets(page(field, 1, 2, 2))) // a late page brings nothing back
	if _, follows := b.cursor(field); follows {
		t.Error("a late page brought the scope back")
	}
}

func TestErrorsEndTheConnection(t *testing.T) {
	b := newBench(t)
	b.start()
	_, err := b.Handle(t.Context(), &syncproto.Error{Code: syncproto.CodeStorage, RetryAfterMS: 5})
	var e *syncproto.Error
	if !errors.As(err, &e) || e.Code != syncproto.CodeStorage {
		t.Errorf("%v", err)
	}
	for _, f := range []syncproto.Frame{&syncproto.Hello{}, &syncproto.Push{}, &syncproto.Pull{}} {
		if _, err := b.Handle(t.Context(), f); !errors.Is(err, syncproto.ErrBadFrame) {
			t.Errorf("%T: %v", f, err)
		}
	}
}
