package localstore_test

import (
	"bytes"
	"context"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// A device that hears of an erasure keeps no personal value of what it has sent,
// and none of what it sends too late once that is answered. Until then it is its
// person's work.
func TestErasureReachesTheOutbox(t *testing.T) {
	w := newWorld(t)
	people := syncproto.Scope{Project: project, Audience: domain.AudiencePeople}
	w.update(func(ctx context.Context, tx *localstore.Tx) error {
		must(t, tx.MeetEpoch(ctx, "e"))
		return tx.FollowScope(ctx, syncproto.Head{Scope: people})
	})
	owner := ident.Derive[any]("owner")
	save := func(kind syncproto.Kind, phone string) uint64 {
		t.Helper()
		f, err := syncproto.Encode(domain.Homeowner{Phone: phone})
		must(t, err)
		return w.record(localstore.Change{Project: project, Entity: domain.EntityHomeowner, ID: owner, Kind: kind, Fields: f})
	}
	holds := func(phone string, want bool) {
		t.Helper()
		held := false
		w.view(func(ctx context.Context, tx *localstore.Tx) error {
			sent, err := tx.Sent(ctx)
			for _, o := range sent {
				held = held || bytes.Contains(o.Op.Fields[4], []byte(phone))
			}
			return err
		})
		if held != want {
			t.Errorf("the outbox holds %s: %v", phone, held)
		}
	}
	first := save(syncproto.Recorded, "12000000001")
	op := w.sent(first).Op
	w.answer(syncproto.Answer{Seq: first, Status: syncproto.Applied, LogSeq: 1})
	lost := save(syncproto.Amended, "12000000003")
	erasure := syncproto.Op{
		Device: ident.ServerDevice, Seq: 2, Actor: ident.ServerPerson, Scope: people, Entity: domain.EntityHomeowner, ID: owner, BaseSeq: 1,
		Kind: syncproto.Erased, Fields: syncproto.Fields{3: syncproto.Null, 4: syncproto.Null}, Schema: 1,
	}
	late := save(syncproto.Amended, "12000000002")
	w.update(func(ctx context.Context, tx *localstore.Tx) error {
		ok, err := tx.Apply(ctx, &syncproto.Page{
			Scope: people, Epoch: "e", LastSeq: 2, Head: 2, Changes: []syncproto.Logged{{Seq: 1, Op: op}, {Seq: 2, Op: erasure}},
		})
		if !ok {
			t.Error("the page does not apply")
		}
		return err
	})
	holds("12000000001", false)
	holds("12000000002", true)
	holds("12000000003", true)
	w.answer(syncproto.Answer{Seq: lost, Status: syncproto.Dup, LogSeq: 1})
	holds("12000000003", false)
	w.answer(syncproto.Answer{Seq: late, Status: syncproto.Rejected, Code: syncproto.CodeErased})
	holds("12000000002", false)
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		o, ok, err := localstore.Get(ctx, tx, domain.EntityHomeowner, domain.ID[domain.Homeowner](owner))
		if !ok || o.Phone != "" {
			t.Errorf("the screen shows %+v, %v", o, ok)
		}
		return err
	})
}
