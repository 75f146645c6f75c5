package localstore_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
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

// The photos of an erased attachment are not sent any more, and their files are
// named for deletion; a photo that another attachment needs is not.
func TestErasureReachesThePhotos(t *testing.T) {
	attachment := func(name string, sha domain.Hash) syncproto.Op {
		f, err := syncproto.Encode(domain.Attachment{State: domain.AttachmentPending, Kind: domain.KindSignature, SHA256: sha, WorkSHA256: domain.Hash{9, sha[0]}})
		must(t, err)
		return syncproto.Op{
			Device: ident.Derive[domain.Device]("another"), Seq: 1, Actor: person, Scope: field, Entity: domain.EntityAttachment,
			ID: ident.Derive[any](name), Kind: syncproto.Recorded, Fields: f, Schema: 1,
		}
	}
	erased := func(name string) []syncproto.Op {
		state, err := syncproto.Encode(domain.Attachment{State: domain.AttachmentErased})
		must(t, err)
		by := syncproto.Op{Device: ident.ServerDevice, Seq: 9, Actor: ident.ServerPerson, Scope: field, Entity: domain.EntityAttachment, ID: ident.Derive[any](name), Schema: 1}
		values, mark := by, by
		values.Kind, values.Fields = syncproto.Erased, syncproto.Fields{5: syncproto.Null, 7: syncproto.Null}
		mark.Kind, mark.Fields, mark.BaseSeq = syncproto.Amended, state, 99
		return []syncproto.Op{values, mark}
	}
	queue := func(w *world, name string, sha domain.Hash) {
		w.update(func(ctx context.Context, tx *localstore.Tx) error {
			for _, u := range []localstore.Upload{{SHA256: domain.Hash{9, sha[0]}}, {SHA256: sha, Original: true}} {
				u.Attachment, u.Photo, u.Bytes = domain.AttachmentID(ident.Derive[any](name)), sha.String(), 10
				must(t, tx.QueueUpload(ctx, u))
			}
			return nil
		})
	}
	purges := func(w *world, want ...domain.Hash) {
		t.Helper()
		w.view(func(ctx context.Context, tx *localstore.Tx) error {
			got, err := tx.Purges(ctx)
			slices.SortFunc(got, func(a, b domain.Hash) int { return bytes.Compare(a[:], b[:]) })
			if !slices.Equal(got, want) {
				t.Errorf("to be deleted: %v, want %v", got, want)
			}
			return err
		})
	}
	page := func(ops ...syncproto.Op) *syncproto.Page {
		p := &syncproto.Page{Scope: field, Epoch: "e", LastSeq: uint64(len(ops)), Head: uint64(len(ops))}
		for i, op := range ops {
			p.Changes = append(p.Changes, syncproto.Logged{Seq: uint64(i + 1), Op: op})
		}
		return p
	}
	t.Run("by the log", func(t *testing.T) {
		w := newWorld(t)
		queue(w, "own", domain.Hash{1})
		queue(w, "twice", domain.Hash{2})
		queue(w, "the same", domain.Hash{2})
		ops := slices.Concat([]syncproto.Op{attachment("own", domain.Hash{1}), attachment("twice", domain.Hash{2}), attachment("another's", domain.Hash{3})},
			erased("own"), erased("twice"), erased("another's"))
		w.update(func(ctx context.Context, tx *localstore.Tx) error {
			must(t, tx.FollowScope(ctx, syncproto.Head{Scope: field}))
			_, err := tx.Apply(ctx, page(ops...))
			return err
		})
		purges(w, domain.Hash{1}, domain.Hash{3}, domain.Hash{9, 1}, domain.Hash{9, 3})
		w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.Purged(ctx, domain.Hash{1}) })
		purges(w, domain.Hash{3}, domain.Hash{9, 1}, domain.Hash{9, 3})
	})
	t.Run("by a snapshot", func(t *testing.T) {
		w := newWorld(t)
		queue(w, "own", domain.Hash{1})
		var r merge.Record
		for i, op := range append([]syncproto.Op{attachment("own", domain.Hash{1})}, erased("own")...) {
			r, _ = merge.Apply(r, op, uint64(i+1))
		}
		s, content := snapshotOf(t, "e", 3, r)
		w.update(func(ctx context.Context, tx *localstore.Tx) error {
			must(t, tx.FollowScope(ctx, syncproto.Head{Scope: field}))
			return tx.Restore(ctx, s, content)
		})
		purges(w, localstore.AnyDownload, domain.Hash{1}, domain.Hash{9, 1})
	})
}
