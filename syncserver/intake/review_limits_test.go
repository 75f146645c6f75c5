package intake_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// Accepting sets aside that the sender was not entitled, and nothing else: what
// is refused stays in the inbox, and nothing of its group is applied.
func TestAcceptIsRefused(t *testing.T) {
	w := newReviewWorld(newWorld(t))
	coordinator, inspector, admin := w.person("coordinator", "coordinator"), w.person("inspector", "inspector"), w.person("admin", "admin")
	left := w.person("left", "coordinator")
	w.takeOff(left)
	member := w.inspector("member")
	member.push(member.op(domain.EntityReinspection, "frozen", syncproto.Recorded, domain.Reinspection{Answer: domain.AnswerPass}))
	for name, c := range map[string]struct {
		reviewer domain.PersonID
		entity   domain.Entity
		record   string
		kind     syncproto.Kind
		body     any
		change   func(*syncproto.Op)
		code     syncproto.Code
	}{
		"by an inspector":     {inspector, domain.EntityDefect, "d1", syncproto.Recorded, domain.Defect{Room: "x"}, nil, syncproto.CodeForbidden},
		"by an admin":         {admin, domain.EntityDefect, "d2", syncproto.Recorded, domain.Defect{Room: "x"}, nil, syncproto.CodeForbidden},
		"by one who has left": {left, domain.EntityDefect, "d3", syncproto.Recorded, domain.Defect{Room: "x"}, nil, syncproto.CodeForbidden},
		"by nobody":           {domain.PersonID{9}, domain.EntityDefect, "d4", syncproto.Recorded, domain.Defect{Room: "x"}, nil, syncproto.CodeForbidden},
		"a frozen record":     {coordinator, domain.EntityReinspection, "frozen", syncproto.Amended, domain.Reinspection{Answer: domain.AnswerFail}, nil, syncproto.CodeFrozen},
		"a change of nothing": {coordinator, domain.EntityDefect, "nowhere", syncproto.Amended, domain.Defect{Room: "x"}, nil, syncproto.CodeMissing},
		"ready by its own word": {
			coordinator, domain.EntityAttachment, "a", syncproto.Recorded,
			domain.Attachment{State: domain.AttachmentReady, SHA256: domain.Hash{1}},
			nil, syncproto.CodeServerOnly,
		},
		"what only the server writes":     {coordinator, domain.EntityCost, "c", syncproto.Recorded, domain.Cost{AmountFen: 1}, nil, syncproto.CodeServerOnly},
		"what the reviewer may not write": {coordinator, domain.EntityConfig, "k", syncproto.Recorded, domain.Config{Key: "k"}, nil, syncproto.CodeForbidden},
		"another project": {
			coordinator, domain.EntityDefect, "d5", syncproto.Recorded,
			domain.Defect{Room: "x"},
			func(o *syncproto.Op) { o.Scope.Project = ident.Derive[domain.Project]("other") }, syncproto.CodeForbidden,
		},
		"a command": {coordinator, domain.EntityTicket, "t", syncproto.Commanded, syncproto.Command{Action: "refuse"}, nil, syncproto.CodeGuard},
	} {
		d := w.inspector("tablet " + name)
		w.revoke(d)
		first, op := d.defect("beside "+name), d.op(c.entity, c.record, c.kind, c.body)
		if c.change != nil {
			c.change(&op)
			c.change(&first)
		}
		if a := d.push(group(first, op)...); a.Answers[0].Status != syncproto.Quarantined {
			t.Fatalf("%s: %+v", name, a)
		}
		before := len(w.logOf(domain.AudienceField))
		var refused *intake.Refusal
		if _, err := w.engine.Accept(t.Context(), key(d, 1), c.reviewer); !errors.As(err, &refused) || refused.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
		if r := w.inbox(store.ReviewFilter{Device: d.id}); len(r) != 1 || w.received(d, 1).Answer.Status != syncproto.Quarantined {
			t.Errorf("%s: it waits no more: %+v", name, r)
		}
		if len(w.logOf(domain.AudienceField)) != before {
			t.Errorf("%s: something was applied", name)
		}
	}
	for name, k := range map[string]store.ReviewKey{"unknown": {Device: member.id, First: 99}, "taken at once": key(member, 1)} {
		if _, err := w.engine.Accept(t.Context(), k, coordinator); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, reviewer := range map[string]domain.PersonID{"inspector": inspector, "admin": admin, "left": left} {
		d := w.inspector("discarding " + name)
		w.revoke(d)
		d.push(d.defect("discarding " + name))
		var refused *intake.Refusal
		if _, err := w.engine.Discard(t.Context(), key(d, 1), reviewer, "x"); !errors.As(err, &refused) || refused.Code != syncproto.CodeForbidden {
			t.Errorf("discarded by %s: %v", name, err)
		}
	}
}

// entitled notes by which capabilities a command is decided.
type entitled struct {
	desk
	by *[]map[domain.Capability]bool
}

func (e entitled) Command(_ context.Context, w *intake.Writer, _ syncproto.Op, _ syncproto.Command) error {
	*e.by = append(*e.by, w.Rights)
	return nil
}

// A command from review needs what its actor and the reviewer both may do:
// neither's rights become the other's.
func TestCommandInReviewNeedsBoth(t *testing.T) {
	for actor, reviewer := range map[string]string{"manager": "coordinator", "coordinator": "manager"} {
		w := newReviewWorld(newWorld(t))
		var by []map[domain.Capability]bool
		w.engine.Decider = entitled{by: &by}
		d := w.device("desk", w.person("actor", actor))
		w.revoke(d)
		d.push(d.op(domain.EntityTicket, "t", syncproto.Commanded, syncproto.Command{Action: "ok"}))
		_, err := w.engine.Accept(t.Context(), key(d, 1), w.person("reviewer", reviewer))
		must(t, err)
		if len(by) != 1 || !by[0][domain.CanWorkTickets] || by[0][domain.CanApproveMoney] {
			t.Errorf("a %s's command accepted by a %s is decided by %v", actor, reviewer, by)
		}
		if got := w.told(d, syncproto.Span{From: 1, To: 1}); len(got) != 1 || got[0].Status != syncproto.Dup || got[0].LogSeq != 0 {
			t.Errorf("%+v", got)
		}
	}
}

// What comes late out of review merges as it would have: others' changes are
// not overwritten unseen, and what the device itself wrote later stays.
func TestAcceptingLate(t *testing.T) {
	w := newReviewWorld(newWorld(t))
	coordinator := w.person("coordinator", "coordinator")
	d, other := w.inspector("tablet"), w.inspector("other")
	d.push(d.defect("d"))
	known := w.record(domain.EntityDefect, "d").Seq
	amend := func(by *device, base uint64, body domain.Defect) syncproto.Op {
		op := by.op(domain.EntityDefect, "d", syncproto.Amended, body)
		op.BaseSeq = base
		return op
	}
	w.takeOff(d.actor)
	w.now += 1000
	d.push(amend(d, known, domain.Defect{Description: "in review", Element: "in review", Quantity: 3}))
	other.push(amend(other, known, domain.Defect{Description: "by another"}))
	w.now += 1000
	w.update(func(ctx context.Context, tx *store.Tx) error {
		return tx.PutGrant(ctx, store.Grant{Person: d.actor, Project: w.project, Role: "inspector", From: w.now})
	})
	d.push(amend(d, known, domain.Defect{Element: "written later"}))
	_, err := w.engine.Accept(t.Context(), key(d, 2), coordinator)
	must(t, err)
	r := w.record(domain.EntityDefect, "d")
	got, err := merge.As[domain.Defect](r)
	must(t, err)
	if got.Element != "written later" || got.Quantity != 3 || got.Description != "by another" {
		t.Errorf("%+v", got)
	}
	told := w.told(d, syncproto.Span{From: 2, To: 2})
	if r.OpenContests() != 1 || len(told) != 1 || told[0].Status != syncproto.Dup || w.received(d, 2).Answer.Status != syncproto.Conflict {
		t.Errorf("%d contests, told %+v", r.OpenContests(), told)
	}
}

// The device's clock is the one that it had when the work arrived, whatever it
// has been set to since.
func TestAcceptKeepsTheClock(t *testing.T) {
	const year = 365 * 24 * 3_600_000
	w := newReviewWorld(newWorld(t))
	d := w.inspector("tablet")
	d.ahead = 10 * year
	w.revoke(d)
	s := w.session(d)
	hello(t, s, w.now+d.ahead)
	captured := w.now
	d.push(d.defect("d"))
	w.now += 3_600_000
	hello(t, s, w.now)
	logged, err := w.engine.Accept(t.Context(), key(d, 1), w.person("coordinator", "coordinator"))
	must(t, err)
	if op := logged[0].Op; op.At != captured || op.HLC > syncproto.NextHLC(0, captured+syncproto.MaxAhead) {
		t.Errorf("captured at %d, hybrid clock %d; want %d", op.At, op.HLC>>16, captured)
	}
}

// A device cannot fill the server: beyond a limit nothing is taken, so nothing
// is lost, and deciding makes room.
func TestReviewIsBounded(t *testing.T) {
	w := newReviewWorld(newWorld(t))
	coordinator := w.person("coordinator", "coordinator")
	photos := w.inspector("photos")
	texts, many := w.inspector("texts"), w.inspector("many")
	for _, d := range []*device{photos, texts, many} {
		w.revoke(d)
	}
	w.update(func(ctx context.Context, tx *store.Tx) error { // a device's worth of ops in one group
		return tx.AddReview(ctx, store.Review{ReviewKey: key(many, 1_000_000), Last: 1_019_998, Project: w.project, Actor: many.actor, ReceivedAt: w.now})
	})
	for name, c := range map[string]struct {
		device *device
		op     func() syncproto.Op
		fit    int
	}{
		"photos of unknown size": {photos, func() syncproto.Op {
			return photos.op(domain.EntityAttachment, "a", syncproto.Recorded, domain.Attachment{SHA256: domain.Hash{1, byte(photos.seq), byte(photos.seq >> 8)}})
		}, (16 << 30) / (50 << 20)},
		"long texts": {texts, func() syncproto.Op {
			return texts.op(domain.EntityDefect, "d", syncproto.Recorded, domain.Defect{Description: strings.Repeat("x", 60<<10)})
		}, (64 << 20) / (60<<10 + 300)},
		"many ops": {many, func() syncproto.Op { return many.defect("d") }, 1},
	} {
		var last *syncproto.Answers
		for last == nil || last.Code == "" && last.NextSeq < 3000 {
			from := c.device.seq
			var ops []syncproto.Op
			for range 200 {
				ops = append(ops, c.op())
			}
			last = c.device.push(ops...)
			c.device.seq = from + uint64(len(last.Answers))
		}
		fits := int(last.NextSeq) - 1
		if last.Code != syncproto.CodeOverloaded || fits < c.fit || fits > c.fit+10 {
			t.Errorf("%s: %d fit, then %q; want %d", name, fits, last.Code, c.fit)
		}
		again := c.op()
		if a := c.device.push(again); a.Code != syncproto.CodeOverloaded || len(a.Answers) != 0 || int(a.NextSeq) != fits+1 {
			t.Errorf("%s: another is answered %+v", name, a)
		}
		_, err := w.engine.Discard(t.Context(), key(c.device, 1), coordinator, "x")
		must(t, err)
		if a := c.device.push(again); a.Code != "" || len(a.Answers) != 1 {
			t.Errorf("%s: with room again it is answered %+v", name, a)
		}
	}
}

// Whatever spans a device asks about, it is told of its own ops only, and only
// what is decided.
func TestAskingForDecisions(t *testing.T) {
	w := newReviewWorld(newWorld(t))
	coordinator := w.person("coordinator", "coordinator")
	d, other := w.inspector("tablet"), w.inspector("other")
	other.push(other.defect("o"))
	w.revoke(d)
	for _, name := range []string{"a", "b", "c"} {
		d.push(d.defect(name))
	}
	_, err := w.engine.Discard(t.Context(), key(d, 2), coordinator, "x")
	must(t, err)
	scattered := make([]syncproto.Span, syncproto.MaxSpans+1)
	scattered[syncproto.MaxSpans] = syncproto.Span{From: 2, To: 2}
	for name, c := range map[string]struct {
		spans []syncproto.Span
		want  int
	}{
		"nothing":     {nil, 0},
		"all":         {[]syncproto.Span{{From: 1, To: 3}}, 1},
		"undecided":   {[]syncproto.Span{{From: 1, To: 1}, {From: 3, To: 3}}, 0},
		"everything":  {[]syncproto.Span{{From: 0, To: ^uint64(0)}}, 1},
		"upside down": {[]syncproto.Span{{From: 3, To: 1}}, 0},
		"beyond":      {[]syncproto.Span{{From: ^uint64(0), To: ^uint64(0)}}, 0},
		"too many":    {scattered, 0},
	} {
		got := w.told(d, c.spans...)
		if len(got) != c.want || slices.ContainsFunc(got, func(a syncproto.Answer) bool { return a.Seq != 2 }) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
