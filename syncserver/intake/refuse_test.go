package intake_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

func TestRefusals(t *testing.T) {
	w := newWorld(t)
	inspector := w.inspector("tablet")
	coordinator := w.device("desk", w.person("coordinator", "coordinator"))
	admin := w.device("office", w.person("admin", "admin"))
	inspector.push(inspector.op(domain.EntityReinspection, "frozen", syncproto.Recorded, domain.Reinspection{Answer: domain.AnswerPass}))
	wrongTypes := inspector.op(domain.EntityDefect, "x", syncproto.Recorded, domain.Result{Answer: domain.AnswerPass, Item: "x"})
	wrongTypes.Fields[9] = []byte{0x61, 'x'} // a text as severity
	inspector.seq--
	for name, c := range map[string]struct {
		device *device
		entity domain.Entity
		record string
		kind   syncproto.Kind
		body   any
		change func(*syncproto.Op)
		status syncproto.Status
		code   syncproto.Code
	}{
		"a ticket written directly": {coordinator, domain.EntityTicket, "t", syncproto.Recorded, domain.Ticket{Number: "1"}, nil, syncproto.Rejected, syncproto.CodeServerOnly},
		"money written directly":    {coordinator, domain.EntityCost, "c", syncproto.Recorded, domain.Cost{AmountFen: 1}, nil, syncproto.Rejected, syncproto.CodeServerOnly},
		"an event written directly": {coordinator, domain.EntityEvent, "e", syncproto.Recorded, domain.Event{At: 1}, nil, syncproto.Rejected, syncproto.CodeServerOnly},
		"a unit by an inspector":    {inspector, domain.EntityUnit, "u", syncproto.Recorded, domain.Unit{Number: "1"}, nil, syncproto.Rejected, syncproto.CodeForbidden},
		"a setting by the desk":     {coordinator, domain.EntityConfig, "k", syncproto.Recorded, domain.Config{Key: "k"}, nil, syncproto.Rejected, syncproto.CodeForbidden},
		"a defect by an admin":      {admin, domain.EntityDefect, "d", syncproto.Recorded, domain.Defect{Room: "x"}, nil, syncproto.Quarantined, syncproto.CodeForbidden},
		"a frozen record amended":   {inspector, domain.EntityReinspection, "frozen", syncproto.Amended, domain.Reinspection{Answer: domain.AnswerFail}, nil, syncproto.Quarantined, syncproto.CodeFrozen},
		"a frozen record repeated":  {inspector, domain.EntityReinspection, "frozen", syncproto.Recorded, domain.Reinspection{Answer: domain.AnswerFail}, nil, syncproto.Quarantined, syncproto.CodeFrozen},
		"a frozen record withdrawn": {inspector, domain.EntityReinspection, "frozen", syncproto.Withdrawn, nil, nil, syncproto.Quarantined, syncproto.CodeFrozen},
		"a change of nothing":       {inspector, domain.EntityDefect, "nowhere", syncproto.Amended, domain.Defect{Room: "x"}, nil, syncproto.Quarantined, syncproto.CodeMissing},
		"the wrong audience": {
			inspector, domain.EntityDefect, "d", syncproto.Recorded,
			domain.Defect{Room: "x"},
			func(o *syncproto.Op) { o.Scope.Audience = domain.AudienceOffice }, syncproto.Rejected, syncproto.CodeBadScope,
		},
		"an unknown entity": {
			inspector, domain.EntityDefect, "d", syncproto.Recorded,
			domain.Defect{Room: "x"},
			func(o *syncproto.Op) { o.Entity = 250 }, syncproto.Rejected, syncproto.CodeUnknownEntity,
		},
		"an unknown kind": {
			inspector, domain.EntityDefect, "d", syncproto.Recorded,
			domain.Defect{Room: "x"},
			func(o *syncproto.Op) { o.Kind = 99 }, syncproto.Rejected, syncproto.CodeUnknownKind,
		},
		"no fields": {
			inspector, domain.EntityDefect, "d", syncproto.Recorded,
			domain.Defect{Room: "x"},
			func(o *syncproto.Op) { o.Fields = nil }, syncproto.Rejected, syncproto.CodeBadFields,
		},
		"no id": {
			inspector, domain.EntityDefect, "d", syncproto.Recorded,
			domain.Defect{Room: "x"},
			func(o *syncproto.Op) { o.ID = domain.AnyID{} }, syncproto.Rejected, syncproto.CodeBadFields,
		},
		"wrong types": {
			inspector, domain.EntityDefect, "d", syncproto.Recorded,
			domain.Defect{Room: "x"},
			func(o *syncproto.Op) { o.Fields = wrongTypes.Fields }, syncproto.Rejected, syncproto.CodeBadFields,
		},
		"too large": {
			inspector, domain.EntityDefect, "d", syncproto.Recorded,
			domain.Defect{Description: strings.Repeat("x", syncproto.MaxOpBytes)},
			nil, syncproto.Rejected, syncproto.CodeTooLarge,
		},
		"ready without the server's word": {
			inspector, domain.EntityAttachment, "a", syncproto.Recorded,
			domain.Attachment{State: domain.AttachmentReady},
			nil, syncproto.Quarantined, syncproto.CodeServerOnly,
		},
	} {
		op := c.device.op(c.entity, c.record, c.kind, c.body)
		if c.kind == syncproto.Withdrawn {
			op.Fields = nil
		}
		if c.change != nil {
			c.change(&op)
		}
		before := len(w.logOf(domain.AudienceField))
		a := c.device.push(op)
		if len(a.Answers) != 1 || a.Answers[0].Status != c.status || a.Answers[0].Code != c.code {
			t.Errorf("%s: %+v", name, a)
			continue
		}
		body, err := syncproto.Marshal(op)
		must(t, err)
		if !bytes.Equal(w.received(c.device, op.Seq).Body, body) {
			t.Errorf("%s: the server does not keep what was sent", name)
		}
		if len(w.logOf(domain.AudienceField)) != before {
			t.Errorf("%s: the log grew", name)
		}
		if again := c.device.push(op); again.Answers[0].Status != c.status || again.Answers[0].Code != c.code {
			t.Errorf("%s, repeated: %+v", name, again)
		}
	}
}

// Captured work of somebody who may not write any more is kept for review, in
// full, and the queue moves on; what is no capture is rejected.
func TestQuarantine(t *testing.T) {
	w := newWorld(t)
	member, stranger := w.person("member", "inspector"), w.person("stranger", "inspector")
	outsider := w.person("outsider", "")
	for name, c := range map[string]struct {
		device  *device
		prepare func(*device)
		code    syncproto.Code
	}{
		"a revoked device": {w.device("revoked", member), func(d *device) {
			w.update(func(ctx context.Context, tx *store.Tx) error { return tx.RevokeDevice(ctx, d.id, w.now) })
		}, syncproto.CodeRevoked},
		"no member":             {w.device("outside", outsider), func(*device) {}, syncproto.CodeNoMember},
		"never signed in there": {w.device("shared", member), func(d *device) { d.actor = stranger }, syncproto.CodeNoMember},
		"removed meanwhile": {w.device("removed", w.person("removed", "inspector")), func(d *device) {
			w.update(func(ctx context.Context, tx *store.Tx) error { return tx.EndGrants(ctx, d.actor, w.project, w.now) })
		}, syncproto.CodeNoMember},
		"disabled meanwhile": {w.device("disabled", w.person("disabled", "inspector")), func(d *device) {
			w.update(func(ctx context.Context, tx *store.Tx) error {
				p, err := tx.Person(ctx, d.actor)
				must(t, err)
				p.DisabledAt = w.now
				return tx.PutPerson(ctx, p)
			})
		}, syncproto.CodeNoMember},
	} {
		c.prepare(c.device)
		ops := []syncproto.Op{c.device.defect(name), c.device.defect(name + " too")}
		a := c.device.push(ops...)
		c.device.is(a, c.code, syncproto.Quarantined, syncproto.Quarantined)
		if a.NextSeq != 3 {
			t.Errorf("%s: the queue stands at %d", name, a.NextSeq)
		}
		if w.record(domain.EntityDefect, name).Exists() {
			t.Errorf("%s: applied", name)
		}
		for _, op := range ops {
			body, err := syncproto.Marshal(op)
			must(t, err)
			if r := w.received(c.device, op.Seq); !bytes.Equal(r.Body, body) || r.Answer.Status != syncproto.Quarantined {
				t.Errorf("%s: op %d is not kept for review", name, op.Seq)
			}
		}
	}
	outside := w.device("outside again", outsider)
	command := outside.op(domain.EntityTicket, "t", syncproto.Commanded, syncproto.Command{Action: "ok"})
	outside.is(outside.push(command), syncproto.CodeNoMember, syncproto.Rejected)
}

// Somebody who signed in on the tablet once may hand in work after the session
// has ended: tablets are shared and work offline for weeks.
func TestWorkAfterTheSessionEnded(t *testing.T) {
	w := newWorld(t)
	first, second := w.person("first", "inspector"), w.person("second", "inspector")
	d := w.device("shared", first, second)
	w.now += domain.Instant(1 << 40)
	d.actor = second
	d.is(d.push(d.defect("d")), "", syncproto.Applied)
}

func TestRefusedCommandLeavesNothingBehind(t *testing.T) {
	w := newWorld(t)
	d := w.device("desk", w.person("coordinator", "coordinator"))
	command := func(action, note string) syncproto.Op {
		return d.op(domain.EntityTicket, "t", syncproto.Commanded, syncproto.Command{Action: action, Note: note})
	}
	a, logged := d.pushed(command("refuse", "no"), command("do", "yes"))
	if a.Answers[0].Status != syncproto.Rejected || a.Answers[0].Code != syncproto.CodeGuard || a.Answers[0].Details[0] != "guard.x" {
		t.Errorf("%+v", a.Answers[0])
	}
	if a.Answers[1].Status != syncproto.Applied || a.Answers[1].LogSeq != 0 {
		t.Errorf("a command has no place in the log itself: %+v", a.Answers[1])
	}
	if w.record(domain.EntityEvent, "no").Exists() || !w.record(domain.EntityEvent, "yes").Exists() || len(logged) != 1 {
		t.Errorf("%d entries", len(logged))
	}
	repeated := d.push(command("refuse", "again"))
	if len(repeated.Answers[0].Details) != 1 {
		t.Errorf("%+v", repeated.Answers)
	}
}

// What somebody may do in one project gives no hold on another's records.
func TestOtherProjectsRecordsAreOutOfReach(t *testing.T) {
	w := newWorld(t)
	other := ident.Derive[domain.Project]("other project")
	mine := w.inspector("tablet")
	mine.push(mine.defect("d"), mine.op(domain.EntityAttachment, "a", syncproto.Recorded, domain.Attachment{Kind: domain.KindPhoto}))
	thief := w.person("thief", "")
	w.update(func(ctx context.Context, tx *store.Tx) error {
		return tx.PutGrant(ctx, store.Grant{Person: thief, Project: other, Role: "manager", From: 1})
	})
	d := w.device("other tablet", thief)
	before := len(w.logOf(domain.AudienceField))
	ops := []syncproto.Op{
		d.op(domain.EntityDefect, "d", syncproto.Amended, domain.Defect{Description: "taken over"}),
		d.op(domain.EntityDefect, "d", syncproto.Withdrawn, domain.Defect{}),
		d.op(domain.EntityTicket, "", syncproto.Commanded, syncproto.Command{Action: "do", Note: "theft"}),
	}
	ops[2].ID = ticketOf(ident.Derive[any]("d"))
	for i := range ops {
		ops[i].Scope.Project = other
	}
	for i, a := range d.push(ops...).Answers {
		if a.Code != syncproto.CodeBadScope || a.Status == syncproto.Applied {
			t.Errorf("op %d: %+v", i+1, a)
		}
	}
	if r := w.record(domain.EntityDefect, "d"); r.Scope.Project != w.project || r.Withdrawn {
		t.Errorf("%+v", r)
	}
	if w.record(domain.EntityEvent, "theft").Exists() || len(w.logOf(domain.AudienceField)) != before {
		t.Error("the command was carried out")
	}
}
