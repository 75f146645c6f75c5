package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"keyturn/shared/backends"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// onBoth runs a check on either database.
func onBoth(t *testing.T, check func(*testing.T, *world)) {
	t.Run("SQLite", func(t *testing.T) { check(t, newReviewWorld(newWorld(t))) })
	t.Run("Postgres", func(t *testing.T) {
		s, err := store.OpenPostgres(t.Context(), backends.Postgres(t))
		must(t, err)
		check(t, newReviewWorld(newWorldOn(t, s)))
	})
}

// newReviewWorld has a project that people can be told about.
func newReviewWorld(w *world) *world {
	w.t.Helper()
	w.update(func(ctx context.Context, tx *store.Tx) error {
		var logged []syncproto.Logged
		must(w.t, tx.Lock(ctx, w.project))
		_, err := intake.NewWriter(tx, w.project, w.now, &logged).Create(ctx, domain.EntityProject, w.project.Any(), domain.Project{Name: "Sample Court"})
		return err
	})
	return w
}

func (w *world) revoke(d *device) {
	w.t.Helper()
	w.update(func(ctx context.Context, tx *store.Tx) error { return tx.RevokeDevice(ctx, d.id, w.now) })
}

func (w *world) takeOff(p domain.PersonID) {
	w.t.Helper()
	w.update(func(ctx context.Context, tx *store.Tx) error { return tx.EndGrants(ctx, p, w.project, w.now) })
}

func (w *world) inbox(f store.ReviewFilter) (list []store.Review) {
	w.t.Helper()
	f.Limit = 1000
	w.view(func(ctx context.Context, tx *store.Tx) (err error) {
		list, err = tx.Reviews(ctx, f)
		return err
	})
	return list
}

// notice is what coordinators' devices hear of a device's work in review.
func (w *world) notice(d *device) (r domain.Review) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *store.Tx) (err error) {
		r, _, err = intake.Get[domain.Review](ctx, tx, domain.EntityReview, ident.Derive[any]("review", w.project.String(), d.id.String()))
		return err
	})
	return r
}

// evidence is a group of a defect with one photo of it.
func (d *device) evidence(name string, sha domain.Hash) []syncproto.Op {
	d.w.t.Helper()
	defect := d.defect(name)
	return group(defect, d.op(domain.EntityAttachment, name+"'s photo", syncproto.Recorded, domain.Attachment{
		ParentID: defect.ID, State: domain.AttachmentPending, Kind: domain.KindPhoto, SHA256: sha, Bytes: 400_000,
	}))
}

func (w *world) photoState(name string) domain.AttachmentState {
	w.t.Helper()
	a, err := merge.As[domain.Attachment](w.record(domain.EntityAttachment, name+"'s photo"))
	must(w.t, err)
	return a.State
}

// told asks what became of ops in review, as a device does when it connects.
func (w *world) told(d *device, spans ...syncproto.Span) []syncproto.Answer {
	w.t.Helper()
	s := w.session(d)
	s.Revoked = true
	return handle[*syncproto.Welcome](w.t.(*testing.T), s, &syncproto.Hello{Version: syncproto.Version, Device: d.id, WallClock: w.now, InReview: spans}).Decided
}

func key(d *device, first uint64) store.ReviewKey { return store.ReviewKey{Device: d.id, First: first} }

// A reviewer lets a group in: it has the effect that it would have had, by whom
// and when it was captured, and the device is told.
func TestAccept(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		coordinator := w.person("coordinator", "coordinator")
		for name, bar := range map[string]func(*device){
			"revoked": w.revoke, "taken off": func(d *device) { w.takeOff(d.actor) }, "never signed in": func(d *device) { d.actor = w.person("guest", "inspector") },
		} {
			before := w.logOf(domain.AudienceField)
			d := w.inspector(name)
			d.push(d.defect(name + " before"))
			captured := w.now
			ops := d.evidence(name, domain.Hash{1, byte(len(name))})
			w.now = w.now.Add(3_600_000_000_000)
			bar(d)
			for i := range ops {
				ops[i].Actor = d.actor
			}
			if a := d.push(ops...); a.Answers[0].Status != syncproto.Quarantined || a.Answers[1].Status != syncproto.Quarantined {
				t.Fatalf("%s: %+v", name, a)
			}
			waiting := w.inbox(store.ReviewFilter{Project: w.project})
			if len(waiting) != 1 || waiting[0].ReviewKey != key(d, 2) || waiting[0].Last != 3 || waiting[0].Actor != d.actor || waiting[0].CapturedAt != captured || waiting[0].ReceivedAt != w.now || waiting[0].BlobBytes != 400_000 {
				t.Fatalf("%s: %+v", name, waiting)
			}
			if n := w.notice(d); n.State != domain.ReviewOpen || n.Waiting != 1 || n.Since != w.now || n.DeviceID != d.id {
				t.Errorf("%s: the coordinator is told %+v", name, n)
			}
			if got := w.told(d, syncproto.Span{From: 2, To: 3}); len(got) != 0 {
				t.Errorf("%s: told before anybody decided: %+v", name, got)
			}
			_, err := w.engine.BlobArrived(t.Context(), domain.Hash{1, byte(len(name))}, 400_000)
			must(t, err)
			w.now = w.now.Add(3_600_000_000_000)

			logged, err := w.engine.Accept(t.Context(), key(d, 2), coordinator)
			must(t, err)
			if len(logged) == 0 || !slices.EqualFunc(logged[:1], []syncproto.Op{ops[0]}, func(l syncproto.Logged, op syncproto.Op) bool {
				return l.Op.Device == op.Device && l.Op.Seq == op.Seq && l.Op.Actor == op.Actor && l.Op.At == captured && l.Op.HLC == op.HLC
			}) {
				t.Errorf("%s: published %+v", name, logged)
			}
			if r := w.record(domain.EntityDefect, name); !r.Exists() || r.Actor != d.actor {
				t.Errorf("%s: the defect is %+v", name, r)
			}
			if got := w.photoState(name); got != domain.AttachmentReady {
				t.Errorf("%s: the photo is %s", name, got)
			}
			if n := w.notice(d); n.State != domain.ReviewDone || n.Waiting != 0 {
				t.Errorf("%s: afterwards the coordinator is told %+v", name, n)
			}
			done := w.inbox(store.ReviewFilter{Device: d.id, Decided: true})
			if len(w.inbox(store.ReviewFilter{})) != 0 || done[0].Outcome != store.ReviewAccepted || done[0].DecidedBy != coordinator || done[0].DecidedAt != w.now {
				t.Errorf("%s: the inbox says %+v", name, done)
			}
			again := d.push(ops...)
			told := w.told(d, syncproto.Span{From: 2, To: 3})
			if !slices.EqualFunc(again.Answers, told, sameAnswer) || told[0].Status != syncproto.Dup || told[0].LogSeq != w.record(domain.EntityDefect, name).Seq || told[0].Code != "" {
				t.Errorf("%s: repeated %+v, told %+v", name, again.Answers, told)
			}
			for what, decide := range map[string]func() ([]syncproto.Logged, error){
				"accept":  func() ([]syncproto.Logged, error) { return w.engine.Accept(t.Context(), key(d, 2), coordinator) },
				"discard": func() ([]syncproto.Logged, error) { return w.engine.Discard(t.Context(), key(d, 2), coordinator, "x") },
			} {
				if _, err := decide(); !errors.Is(err, intake.ErrDecided) {
					t.Errorf("%s: %s after accepting: %v", name, what, err)
				}
			}
			// Two defects with their tickets, the photo, and that it is ready.
			if grew := len(w.logOf(domain.AudienceField)) - len(before); grew != 6 {
				t.Errorf("%s: the log grew by %d", name, grew)
			}
		}
		w.tickets(6)
	})
}

func sameAnswer(a, b syncproto.Answer) bool {
	return a.Seq == b.Seq && a.Status == b.Status && a.LogSeq == b.LogSeq && a.Code == b.Code && slices.Equal(a.Details, b.Details)
}

// A photo may also arrive after its record was accepted.
func TestPhotoAfterAccepting(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		d := w.inspector("tablet")
		w.revoke(d)
		d.push(d.evidence("d", domain.Hash{7})...)
		_, err := w.engine.Accept(t.Context(), key(d, 1), w.person("coordinator", "coordinator"))
		must(t, err)
		if got := w.photoState("d"); got != domain.AttachmentPending {
			t.Errorf("the photo is %s before it is here", got)
		}
		_, err = w.engine.BlobArrived(t.Context(), domain.Hash{7}, 400_000)
		must(t, err)
		if got := w.photoState("d"); got != domain.AttachmentReady {
			t.Errorf("the photo is %s", got)
		}
	})
}

// Or at the very moment of accepting.
func TestPhotoWhileAccepting(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		coordinator := w.person("coordinator", "coordinator")
		d := w.inspector("tablet")
		w.revoke(d)
		for round := range byte(25) {
			name, sha := fmt.Sprint("d", round), domain.Hash{7, round}
			ops := d.evidence(name, sha)
			d.push(ops...)
			var both sync.WaitGroup
			errs := make([]error, 2)
			both.Go(func() { _, errs[0] = w.engine.Accept(t.Context(), key(d, ops[0].Seq), coordinator) })
			both.Go(func() { _, errs[1] = w.engine.BlobArrived(t.Context(), sha, 400_000) })
			both.Wait()
			must(t, errors.Join(errs...))
			if got := w.photoState(name); got != domain.AttachmentReady {
				t.Errorf("round %d: the photo is %s", round, got)
			}
		}
	})
}

// What is discarded has no effect, keeps its body, and the device is told why.
func TestDiscard(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		coordinator := w.person("coordinator", "coordinator")
		d := w.inspector("tablet")
		w.revoke(d)
		ops := d.evidence("d", domain.Hash{7})
		d.push(ops...)
		before := len(w.logOf(domain.AudienceField))
		for name, reason := range map[string]string{"none": "", "blank": " \n", "endless": strings.Repeat("x", 501), "no text": "\xff", "with a zero": "a\x00b"} {
			if _, err := w.engine.Discard(t.Context(), key(d, 1), coordinator, reason); !errors.Is(err, intake.ErrReason) {
				t.Errorf("reason %s: %v", name, err)
			}
		}
		_, err := w.engine.Discard(t.Context(), key(d, 1), coordinator, " 样例：重复记录 ")
		must(t, err)
		want := syncproto.Answer{Seq: 1, Status: syncproto.Rejected, Code: syncproto.CodeDiscarded, Details: []string{"样例：重复记录"}}
		again, told := d.push(ops...), w.told(d, syncproto.Span{From: 1, To: 2})
		if !slices.EqualFunc(again.Answers, told, sameAnswer) || !sameAnswer(told[0], want) || len(told) != 2 {
			t.Errorf("repeated %+v, told %+v", again.Answers, told)
		}
		for _, op := range ops {
			body, err := syncproto.Marshal(op)
			must(t, err)
			if !bytes.Equal(w.received(d, op.Seq).Body, body) {
				t.Errorf("op %d is not kept", op.Seq)
			}
		}
		if len(w.logOf(domain.AudienceField)) != before || w.record(domain.EntityDefect, "d").Exists() || w.notice(d).State != domain.ReviewDone {
			t.Error("discarding had an effect")
		}
		if r := w.inbox(store.ReviewFilter{Decided: true}); r[0].Outcome != store.ReviewDiscarded || r[0].Reason != want.Details[0] || r[0].DecidedBy != coordinator {
			t.Errorf("%+v", r)
		}
		if _, err := w.engine.Accept(t.Context(), key(d, 1), coordinator); !errors.Is(err, intake.ErrDecided) {
			t.Errorf("accepting what was discarded: %v", err)
		}
	})
}

// Who was a device's clone hears what became of work that it sent as that device,
// and of nothing later; any other device hears nothing.
func TestForkAsksAboutWorkInReview(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		coordinator := w.person("coordinator", "coordinator")
		d := w.inspector("tablet")
		fork, second, stranger := w.device("fork", d.actor), w.device("fork of the fork", d.actor), w.device("stranger", d.actor)
		w.revoke(d)
		d.push(d.evidence("d", domain.Hash{7})...)
		w.update(func(ctx context.Context, tx *store.Tx) error {
			must(t, tx.AddFork(ctx, fork.id, d.id, 3))
			return tx.AddFork(ctx, second.id, fork.id, 1)
		})
		d.push(d.evidence("later", domain.Hash{8})...)
		asked := syncproto.Span{From: 1, To: 1 << 40, Device: d.id}
		if told := w.told(fork, asked); len(told) > 0 {
			t.Errorf("told %+v before anybody has decided", told)
		}
		for _, first := range []uint64{1, 3} {
			_, err := w.engine.Discard(t.Context(), key(d, first), coordinator, "样例：重复记录")
			must(t, err)
		}
		for _, f := range []*device{fork, second} {
			told := w.told(f, asked)
			if len(told) != 2 || told[1].Seq != 2 || told[1].Code != syncproto.CodeDiscarded || told[1].Device != d.id {
				t.Errorf("told %+v", told)
			}
		}
		for _, o := range []*device{stranger, d} {
			if told := w.told(o, asked, syncproto.Span{From: 1, To: 9, Device: fork.id}); len(told) > 0 {
				t.Errorf("another device is told %+v", told)
			}
		}
	})
}

// Of two reviewers at the same moment one decides.
func TestTwoReviewersAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		d := w.inspector("tablet")
		w.revoke(d)
		d.push(d.evidence("d", domain.Hash{7})...)
		errs := make([]error, 6)
		var all sync.WaitGroup
		for i := range errs {
			reviewer := w.person(fmt.Sprint("coordinator", i), "coordinator")
			all.Go(func() { _, errs[i] = w.engine.Accept(t.Context(), key(d, 1), reviewer) })
		}
		all.Wait()
		done := 0
		for _, err := range errs {
			switch {
			case err == nil:
				done++
			case !errors.Is(err, intake.ErrDecided):
				t.Error(err)
			}
		}
		if done != 1 {
			t.Errorf("%d of %d decided", done, len(errs))
		}
		w.tickets(1)
	})
}
