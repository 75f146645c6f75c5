package intake_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

func TestAppliedOnceHoweverOftenPushed(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	ops := []syncproto.Op{d.defect("d1"), d.defect("d2")}
	first, logged := d.pushed(ops...)
	d.is(first, "", syncproto.Applied, syncproto.Applied)
	if len(logged) != 4 || first.NextSeq != 3 {
		t.Errorf("%d log entries for two defects and their tickets, next op %d", len(logged), first.NextSeq)
	}
	for range 2 {
		again, logged := d.pushed(ops...)
		d.is(again, "", syncproto.Dup, syncproto.Dup)
		if len(logged) != 0 || again.NextSeq != 3 {
			t.Errorf("repeating appended %d entries, next op %d", len(logged), again.NextSeq)
		}
		for i := range ops {
			if again.Answers[i].LogSeq != first.Answers[i].LogSeq || again.Answers[i].LogSeq == 0 {
				t.Errorf("op %d moved in the log from %d to %d", i+1, first.Answers[i].LogSeq, again.Answers[i].LogSeq)
			}
		}
	}
	// Part of it again with something new behind.
	d.is(d.push(ops[1], d.defect("d3")), "", syncproto.Dup, syncproto.Applied)
	w.tickets(3)
	if n := len(w.logOf(domain.AudienceField)); n != 6 {
		t.Errorf("%d log entries for three defects and their tickets", n)
	}
}

// The connection breaks after the commit and before the answer: the device
// pushes again and learns that all is well; every defect has its one ticket.
func TestCutBetweenCommitAndAnswer(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	ops := append(group(d.defect("d1"), d.op(domain.EntityAttachment, "photo", syncproto.Recorded, domain.Attachment{Kind: domain.KindPhoto})), d.defect("d2"))
	d.push(ops...) // nobody hears the answer
	d.is(d.push(ops...), "", syncproto.Dup, syncproto.Dup, syncproto.Dup)
	w.tickets(2)
}

// A failing store answers nothing and takes nothing.
func TestFailureTakesNothing(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	op := d.defect("d1")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if answers, logged, err := w.engine.Push(gone, d.id, &syncproto.Push{Ops: []syncproto.Op{op}}); err == nil || answers != nil || logged != nil {
		t.Fatalf("%+v %v %v", answers, logged, err)
	}
	d.is(d.push(op), "", syncproto.Applied)
	w.tickets(1)
}

func TestGapTakesNothingBehindIt(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	first, second, third := d.defect("d1"), d.defect("d2"), d.defect("d3")
	a := d.push(first, third)
	if a.Code != syncproto.CodeGap || a.NextSeq != 2 {
		t.Errorf("%+v", a)
	}
	if len(a.Answers) != 1 || a.Answers[0].Status != syncproto.Applied {
		t.Errorf("what came before the gap: %+v", a.Answers)
	}
	w.tickets(1)
	d.is(d.push(second, third), "", syncproto.Applied, syncproto.Applied)
	w.tickets(3)
}

// Two devices with one identity: the second's op 1 has other content.
func TestCloneIsNoticed(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	d.push(d.defect("d1"))
	d.seq = 0
	a := d.push(d.defect("somebody else's"))
	if a.Code != syncproto.CodeCloned || len(a.Answers) != 0 || a.NextSeq != 2 {
		t.Errorf("%+v", a)
	}
	if w.record(domain.EntityDefect, "somebody else's").Exists() {
		t.Error("the clone's op was applied")
	}
}

func TestOpsOfAnotherDevice(t *testing.T) {
	w := newWorld(t)
	d, other := w.inspector("tablet"), w.inspector("other")
	alone := d.defect("d1")
	alone.Device = other.id
	if a := d.push(alone); a.Code != syncproto.CodeBadFields || len(a.Answers) != 0 {
		t.Errorf("%+v", a)
	}
	d.seq = 0
	ops := group(d.defect("d1"), d.defect("d2"))
	ops[1].Device = other.id // hidden in a group
	if a := d.push(ops...); a.Code != syncproto.CodeBadFields || len(a.Answers) != 0 {
		t.Errorf("in a group: %+v", a)
	}
	for _, l := range w.logOf(domain.AudienceField) {
		if l.Op.Device == other.id {
			t.Errorf("the log says that %s wrote what another device sent", l.Op.Device)
		}
	}
}

func TestGroupAppliesWhollyOrNotAtAll(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	before := len(w.logOf(domain.AudienceField))
	ops := group(d.defect("d1"), d.defect("d2"), d.op(domain.EntityParty, "party", syncproto.Recorded, domain.Party{Name: "x"}))
	ops = append(ops, d.defect("after"))
	a, logged := d.pushed(ops...)
	if len(a.Answers) != 4 || a.NextSeq != 5 {
		t.Fatalf("%+v", a)
	}
	for i, one := range a.Answers[:3] {
		if one.Seq != uint64(i+1) || one.Status != syncproto.Rejected || one.Code != syncproto.CodeServerOnly || one.LogSeq != 0 {
			t.Errorf("%+v", one)
		}
		if len(w.received(d, one.Seq).Body) == 0 {
			t.Errorf("the body of op %d is not kept", one.Seq)
		}
	}
	if w.record(domain.EntityDefect, "d1").Exists() || w.record(domain.EntityDefect, "d2").Exists() {
		t.Error("part of a refused group was applied")
	}
	if a.Answers[3].Status != syncproto.Applied {
		t.Errorf("the queue does not move on: %+v", a.Answers[3])
	}
	if len(logged) != 2 || len(w.logOf(domain.AudienceField)) != before+2 {
		t.Errorf("%d entries for the one defect behind the group and its ticket", len(logged))
	}
	w.tickets(1) // the numbers of the undone tickets are not lost
	again := d.push(ops...)
	if again.Answers[0].Status != syncproto.Rejected || again.Answers[3].Status != syncproto.Dup {
		t.Errorf("repeated: %+v", again.Answers)
	}
}

// The end of a group has to come with it: nothing is taken of half a group.
func TestHalfAGroupIsNotTaken(t *testing.T) {
	w := newWorld(t)
	d := w.inspector("tablet")
	ops := group(d.defect("d1"), d.defect("d2"), d.defect("d3"))
	if a := d.push(ops[:2]...); a.Code != syncproto.CodeGroup || len(a.Answers) != 0 || a.NextSeq != 1 {
		t.Errorf("%+v", a)
	}
	mixed := slices.Clone(ops)
	mixed[1].Group = 0
	if a := d.push(mixed...); a.Code != syncproto.CodeGroup || a.NextSeq != 1 {
		t.Errorf("mixed: %+v", a)
	}
	d.is(d.push(ops...), "", syncproto.Applied, syncproto.Applied, syncproto.Applied)
}

// Two tablets change one severity without having seen each other: both values
// stay, the worse is in force, and the second is told.
func TestConflictIsAnswered(t *testing.T) {
	w := newWorld(t)
	a, b := w.inspector("a"), w.inspector("b")
	a.push(a.defect("d"))
	seen := w.record(domain.EntityDefect, "d").Seq
	amend := func(d *device, s domain.Severity) syncproto.Op {
		op := d.op(domain.EntityDefect, "d", syncproto.Amended, domain.Defect{Severity: s})
		op.BaseSeq = seen
		return op
	}
	a.is(a.push(amend(a, domain.Major)), "", syncproto.Applied)
	op := amend(b, domain.Cosmetic)
	b.is(b.push(op), "", syncproto.Conflict)
	r := w.record(domain.EntityDefect, "d")
	d, err := merge.As[domain.Defect](r)
	must(t, err)
	if d.Severity != domain.Major || r.OpenContests() != 1 {
		t.Errorf("%d is in force with %d contests", d.Severity, r.OpenContests())
	}
	b.is(b.push(op), "", syncproto.Dup)
	if n := w.record(domain.EntityDefect, "d").OpenContests(); n != 1 {
		t.Errorf("repeating opened %d contests", n)
	}
}

// What a device saw in another epoch, beyond what all share, it has not seen.
func TestBaseOfAnotherEpoch(t *testing.T) {
	for epoch, want := range map[string]syncproto.Status{"epoch-1": syncproto.Applied, "of a lost log": syncproto.Conflict, "": syncproto.Conflict} {
		t.Run(epoch, func(t *testing.T) {
			w := newWorld(t)
			a, b := w.inspector("a"), w.inspector("b")
			a.push(a.defect("d"))
			w.update(func(ctx context.Context, tx *store.Tx) error { return tx.Diverge(ctx) })
			a.push(a.op(domain.EntityDefect, "d", syncproto.Amended, domain.Defect{Severity: domain.Major}))
			op := b.op(domain.EntityDefect, "d", syncproto.Amended, domain.Defect{Severity: domain.Cosmetic})
			op.BaseSeq = w.record(domain.EntityDefect, "d").Seq
			answers, _, err := w.engine.Push(t.Context(), b.id, &syncproto.Push{Ops: []syncproto.Op{op}, Epoch: epoch})
			must(t, err)
			b.is(answers, "", want)
		})
	}
}

// On a server that was never restored there is nothing else that a device can
// have seen, whatever it calls the epoch.
func TestBaseWithoutAnyRestore(t *testing.T) {
	w := newWorld(t)
	a, b := w.inspector("a"), w.inspector("b")
	a.push(a.defect("d"))
	op := b.op(domain.EntityDefect, "d", syncproto.Amended, domain.Defect{Severity: domain.Cosmetic})
	op.BaseSeq = w.record(domain.EntityDefect, "d").Seq
	answers, _, err := w.engine.Push(t.Context(), b.id, &syncproto.Push{Ops: []syncproto.Op{op}})
	must(t, err)
	b.is(answers, "", syncproto.Applied)
}

// The name of an epoch is short; nothing is taken with a long one, least of all
// into the review inbox.
func TestLongEpoch(t *testing.T) {
	w := newReviewWorld(newWorld(t))
	d := w.inspector("tablet")
	w.revoke(d)
	answers, _, err := w.engine.Push(t.Context(), d.id, &syncproto.Push{Ops: []syncproto.Op{d.defect("d")}, Epoch: strings.Repeat("e", 65)})
	must(t, err)
	if answers.Code != syncproto.CodeBadFields || len(answers.Answers) > 0 || answers.NextSeq != 1 || len(w.inbox(store.ReviewFilter{})) > 0 {
		t.Errorf("%+v", answers)
	}
}

// The same holds for work that waited in review meanwhile.
func TestBaseOfAnotherEpochInReview(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		a, b, reviewer := w.inspector("a"), w.inspector("b"), w.person("reviewer", "coordinator")
		a.push(a.defect("d"))
		w.update(func(ctx context.Context, tx *store.Tx) error { return tx.Diverge(ctx) })
		a.push(a.op(domain.EntityDefect, "d", syncproto.Amended, domain.Defect{Severity: domain.Major}))
		op := b.op(domain.EntityDefect, "d", syncproto.Amended, domain.Defect{Severity: domain.Cosmetic})
		op.BaseSeq = w.record(domain.EntityDefect, "d").Seq
		w.takeOff(b.actor)
		answers, _, err := w.engine.Push(t.Context(), b.id, &syncproto.Push{Ops: []syncproto.Op{op}, Epoch: "of a lost log"})
		must(t, err)
		b.is(answers, syncproto.CodeNoMember, syncproto.Quarantined)
		_, err = w.engine.Accept(t.Context(), store.ReviewKey{Device: b.id, First: op.Seq}, reviewer)
		must(t, err)
		if r := w.record(domain.EntityDefect, "d"); r.OpenContests() != 1 {
			t.Errorf("it replaced what its device had not seen: %+v", r)
		}
	})
}

// A clock ten years off wins nothing: neither the time of capture nor the order
// of edits lies beyond what the server allows.
func TestWrongClocks(t *testing.T) {
	const years = domain.Instant(10 * 365 * 24 * time.Hour / time.Millisecond)
	for name, c := range map[string]struct {
		ahead domain.Instant
		hello bool
		want  domain.Instant
	}{
		"ahead, offset known":  {years, true, 0},
		"behind, offset known": {-years, true, 0},
		"ahead, never met":     {years, false, syncproto.MaxAhead},
		"behind, never met":    {-years, false, -years},
		"right":                {0, true, 0},
	} {
		w := newWorld(t)
		d := w.inspector("tablet")
		d.ahead = c.ahead
		if c.hello {
			hello(t, w.session(d), d.w.now+d.ahead)
		}
		_, logged := d.pushed(d.defect("d"))
		op := logged[0].Op
		if op.At != w.now+c.want {
			t.Errorf("%s: captured %s from now", name, op.At.Sub(w.now))
		}
		if op.CapturedAt != w.now+c.ahead {
			t.Errorf("%s: the raw time was not kept", name)
		}
		if limit := syncproto.NextHLC(0, w.now+syncproto.MaxAhead); op.HLC > limit {
			t.Errorf("%s: the hybrid clock is %d, above %d", name, op.HLC, limit)
		}
	}
}

// Several tablets push at once while others page: no page has a hole, nothing is
// missing at the end, and ticket numbers run on.
func TestConcurrentPushesLeaveNoHoles(t *testing.T) {
	const tablets, pushes, each = 4, 6, 5
	w := newWorld(t)
	scope := syncproto.Scope{Project: w.project, Audience: domain.AudienceField}
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for i := range tablets {
		d := w.inspector(string(rune('a' + i)))
		writers.Go(func() {
			for range pushes {
				var ops []syncproto.Op
				for range each {
					ops = append(ops, d.defect(d.id.String()+string(rune('0'+d.seq))))
				}
				if _, _, err := w.engine.Push(t.Context(), d.id, &syncproto.Push{Ops: ops}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	cursors := make([]uint64, 2)
	page := func(i int) bool {
		p, err := w.page(t.Context(), &syncproto.Pull{Scope: scope, Epoch: "epoch-1", After: cursors[i]})
		if err != nil || p.PrevSeq != cursors[i] {
			t.Errorf("page after %d: %+v, %v", cursors[i], p, err)
			return false
		}
		for n, l := range p.Changes {
			if l.Seq != p.PrevSeq+uint64(n)+1 {
				t.Errorf("entry %d follows %d", l.Seq, p.PrevSeq+uint64(n))
				return false
			}
		}
		cursors[i] = p.LastSeq
		return p.LastSeq < p.Head
	}
	for i := range cursors {
		readers.Go(func() {
			for {
				page(i)
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	for i := range cursors {
		for page(i) {
		}
		if want := uint64(2 * tablets * pushes * each); cursors[i] != want {
			t.Errorf("reader %d ended at %d of %d", i, cursors[i], want)
		}
	}
	w.tickets(tablets * pushes * each)
}

// Replaying a scope's log gives the state that the server holds.
func TestReplayingTheLogGivesTheState(t *testing.T) {
	w := newWorld(t)
	a, b := w.inspector("a"), w.inspector("b")
	for range 3 {
		a.push(a.defect("shared"), a.op(domain.EntityDefect, "shared", syncproto.Amended, domain.Defect{Description: a.id.String()[:4]}))
		b.push(b.op(domain.EntityDefect, "shared", syncproto.Amended, domain.Defect{Severity: domain.Critical, Description: "b"}), b.defect("own"))
	}
	replayed := map[domain.AnyID]merge.Record{}
	for _, l := range w.logOf(domain.AudienceField) {
		replayed[l.Op.ID], _ = merge.Apply(replayed[l.Op.ID], l.Op, l.Seq)
	}
	for _, e := range []domain.Entity{domain.EntityDefect, domain.EntityTicket} {
		w.view(func(ctx context.Context, tx *store.Tx) error {
			rows, err := tx.Records(ctx, e, store.Filter{})
			must(t, err)
			if len(rows) != 2 {
				t.Errorf("%d records of %s", len(rows), e)
			}
			for _, r := range rows {
				want, err := r.Encode()
				must(t, err)
				got, err := replayed[r.ID].Encode()
				must(t, err)
				if !bytes.Equal(want, got) {
					t.Errorf("%s: replayed %+v, held %+v", e, replayed[r.ID], r)
				}
			}
			return nil
		})
	}
}
