package localstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// A device that forks shows what it showed, sends what waits under its new
// identity, from 1 and with its groups, and keeps what was answered for people to
// see. It waits with that until it has pulled what is confirmed.
func TestFork(t *testing.T) {
	w := newWorld(t)
	forked := ident.Derive[domain.Device]("forked")
	held, err := w.store.Identity(t.Context())
	must(t, err)
	fork := func() error {
		return w.store.Fork(t.Context(), held, localstore.Identity{Server: "http://server", Device: forked, Person: person, DeviceToken: "d2", SessionToken: "s2"})
	}
	done := w.creates("done", domain.Defect{Room: "LIV1"})
	refused := w.creates("refused", domain.Defect{Room: "LIV1"})
	op := w.sent(done).Op
	w.answer(syncproto.Answer{Seq: done, Status: syncproto.Applied, LogSeq: 1})
	w.answer(syncproto.Answer{Seq: refused, Status: syncproto.Rejected, Code: syncproto.CodeForbidden})
	w.record(change(t, "one", syncproto.Recorded, domain.Defect{Room: "BED1"}), change(t, "two", syncproto.Recorded, domain.Defect{Room: "BED2"}))
	w.amends("done", domain.Defect{Room: "KIT1"})
	queued := localstore.Upload{SHA256: domain.Hash{1}, Attachment: domain.AttachmentID(ident.Derive[any]("photo")), Photo: domain.Hash{1}.String(), Bytes: 1}
	w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.QueueUpload(ctx, queued) })
	if err := fork(); !errors.Is(err, localstore.ErrNotYet) {
		t.Fatalf("it forks before it has its confirmed work: %v", err)
	}
	w.update(func(ctx context.Context, tx *localstore.Tx) error {
		must(t, tx.MeetEpoch(ctx, "e"))
		_, err := tx.Apply(ctx, &syncproto.Page{Scope: field, Epoch: "e", LastSeq: 1, Head: 1, Changes: []syncproto.Logged{{Seq: 1, Op: op}}})
		return err
	})
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		if seq, _, ok, err := tx.Evidence(ctx); err != nil || !ok || seq != 3 {
			t.Errorf("the evidence is op %d: %v, %v", seq, ok, err)
		}
		return nil
	})
	must(t, fork())
	if err := fork(); !errors.Is(err, localstore.ErrOtherIdentity) {
		t.Fatalf("it forks again from who it was: %v", err)
	}

	for name, room := range map[string]string{"done": "KIT1", "one": "BED1", "two": "BED2"} {
		if d, ok := w.shown(name); !ok || d.Room != room {
			t.Errorf("%s is shown as %+v, %v", name, d, ok)
		}
	}
	next := w.creates("later", domain.Defect{Room: "BAL1"})
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		push, err := tx.Waiting(ctx, 1, 10, 1<<20)
		must(t, err)
		groups := []uint64{2, 2, 0} // the fourth belongs to another epoch and the next push
		if len(push.Ops) != len(groups) || next != 4 {
			t.Fatalf("op %d is the last of %d", next, len(push.Ops))
		}
		for i, op := range push.Ops {
			if op.Device != forked || op.Seq != uint64(i)+1 || op.Group != groups[i] {
				t.Errorf("op %d of group %d by %s", op.Seq, op.Group, op.Device)
			}
		}
		if n, err := tx.FormerUploads(ctx); err != nil || n != 0 {
			t.Errorf("%d photos of who it was, %v: the only one has no record", n, err)
		}
		attention, err := tx.NeedsAttention(ctx)
		must(t, err)
		if len(attention) != 1 || attention[0].Op.Device != tablet || attention[0].Code != syncproto.CodeForbidden {
			t.Errorf("to be looked at: %+v", attention)
		}
		p, err := tx.Progress(ctx)
		if p.Records != 6 || p.RecordsConfirmed != 2 || p.Attention != 1 {
			t.Errorf("%+v", p)
		}
		return err
	})
	// The next one of the same device is its own, under its new number.
	mine := w.sent(1).Op
	if mine.Device != forked {
		t.Fatalf("op 1 is of %s", mine.Device)
	}
	w.answer(syncproto.Answer{Seq: 1, Status: syncproto.Applied, LogSeq: 2}, syncproto.Answer{Seq: 2, Status: syncproto.Applied, LogSeq: 3})
	w.update(func(ctx context.Context, tx *localstore.Tx) error {
		_, err := tx.Apply(ctx, &syncproto.Page{Scope: field, Epoch: "e", PrevSeq: 1, LastSeq: 2, Head: 3, Changes: []syncproto.Logged{{Seq: 2, Op: mine}}})
		return err
	})
	if got := w.sent(1); got.State != localstore.OpDone {
		t.Errorf("its own op is in state %d", got.State)
	}
}

// Confirmed work of a scope that the device lost ends with the fork: nothing tells
// the device any more how it went on.
func TestForkWithoutItsScope(t *testing.T) {
	w := newWorld(t)
	gone := w.creates("gone", domain.Defect{Room: "LIV1"})
	w.answer(syncproto.Answer{Seq: gone, Status: syncproto.Applied, LogSeq: 1})
	w.creates("waits", domain.Defect{Room: "BED1"})
	w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.Follow(ctx, nil) })
	held, err := w.store.Identity(t.Context())
	must(t, err)
	next := held
	next.Device, next.DeviceToken = ident.Derive[domain.Device]("forked"), "d2"
	must(t, w.store.Fork(t.Context(), held, next))
	if d, ok := w.shown("gone"); ok {
		t.Errorf("%+v is still shown", d)
	}
	if _, ok := w.shown("waits"); !ok {
		t.Error("what waits is not shown")
	}
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		sent, err := tx.Sent(ctx)
		if len(sent) != 2 || sent[0].State != localstore.OpDone || sent[1].State != localstore.OpWaiting {
			t.Errorf("%+v", sent)
		}
		return err
	})
}

// What lies in review of who the device was is asked about on, by its former
// number, and ends as a person decides. A photo of what was discarded travels no
// more.
func TestForkWithWorkInReview(t *testing.T) {
	w := newWorld(t)
	meet := func(epoch string) {
		w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.MeetEpoch(ctx, epoch) })
	}
	meet("first")
	photo := w.attachment("photo", domain.Hash{1}, domain.Hash{2})
	taken := w.creates("taken", domain.Defect{Room: "LIV1"})
	ofPhoto, ofTaken := w.sent(photo).Op, w.sent(taken).Op
	w.answer(syncproto.Answer{Seq: photo, Status: syncproto.Quarantined, Code: syncproto.CodeNoMember},
		syncproto.Answer{Seq: taken, Status: syncproto.Quarantined, Code: syncproto.CodeNoMember})
	w.creates("waits", domain.Defect{Room: "BED1"})
	held, err := w.store.Identity(t.Context())
	must(t, err)
	next := held
	next.Device, next.DeviceToken = ident.Derive[domain.Device]("forked"), "d2"
	must(t, w.store.Fork(t.Context(), held, next))
	w.answer(syncproto.Answer{Seq: 1, Status: syncproto.Quarantined, Code: syncproto.CodeNoMember})
	asked := func(want ...syncproto.Span) {
		t.Helper()
		w.view(func(ctx context.Context, tx *localstore.Tx) error {
			got, err := tx.InReview(ctx)
			if !slices.Equal(got, want) {
				t.Errorf("asked about %v", got)
			}
			return err
		})
	}
	asked(syncproto.Span{From: 1, To: 1}, syncproto.Span{From: photo, To: taken, Device: tablet})
	w.update(func(ctx context.Context, tx *localstore.Tx) error {
		for _, a := range []syncproto.Answer{
			{Seq: photo, Status: syncproto.Rejected, Code: syncproto.CodeDiscarded, Details: []string{"样例理由"}, Device: tablet},
			{Seq: taken, Status: syncproto.Dup, LogSeq: 2, Device: tablet},
			{Seq: 99, Status: syncproto.Rejected, Device: tablet},
		} {
			must(t, tx.Decided(ctx, a))
		}
		return nil
	})
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		uploads, err := tx.NextUploads(ctx, 10)
		must(t, err)
		attention, err := tx.NeedsAttention(ctx)
		if len(uploads) > 0 || len(attention) != 3 || attention[0].Code != syncproto.CodeDiscarded || !slices.Equal(attention[0].Details, []string{"样例理由"}) {
			t.Errorf("%d uploads, to be looked at: %+v", len(uploads), attention)
		}
		return err
	})
	if _, ok := w.shown("taken"); !ok {
		t.Error("what was taken is gone before the log has brought it")
	}

	// A backup may be restored from before it was discarded: so that is asked, too,
	// and the log counts for more.
	asked(syncproto.Span{From: 1, To: 1}, syncproto.Span{From: photo, To: taken, Device: tablet})
	ops := []syncproto.Logged{{Seq: 1, Op: ofPhoto}, {Seq: 2, Op: ofTaken}}
	w.update(func(ctx context.Context, tx *localstore.Tx) error {
		_, err := tx.Apply(ctx, &syncproto.Page{Scope: field, Epoch: "first", LastSeq: 2, Head: 2, Changes: ops})
		return err
	})
	asked(syncproto.Span{From: 1, To: 1})
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		sent, err := tx.Sent(ctx)
		must(t, err)
		for i, o := range sent[:2] {
			if o.State != localstore.OpDone || o.LogSeq != uint64(i)+1 {
				t.Errorf("%+v", o)
			}
		}
		uploads, err := tx.NextUploads(ctx, 10)
		if len(uploads) != 2 {
			t.Errorf("%d uploads of a photo that was taken after all", len(uploads))
		}
		return err
	})
	if d, ok := w.shown("taken"); !ok || d.Room != "LIV1" {
		t.Errorf("%+v is shown", d)
	}
}

// Whoever saves while the device forks is not left behind under the old identity.
func TestSavingWhileForking(t *testing.T) {
	w := newWorld(t)
	for i := range 300 {
		w.creates(fmt.Sprint("before ", i), domain.Defect{Room: "LIV1"})
	}
	held, err := w.store.Identity(t.Context())
	must(t, err)
	next := held
	next.Device, next.DeviceToken = ident.Derive[domain.Device]("forked"), "d2"
	var saving sync.WaitGroup
	begun := make(chan struct{})
	changes := make([]localstore.Change, 100)
	for i := range changes {
		changes[i] = change(t, fmt.Sprint("meanwhile ", i), syncproto.Recorded, domain.Defect{Room: "LIV1"})
	}
	saving.Go(func() {
		close(begun)
		for _, c := range changes {
			err := w.store.Update(t.Context(), func(tx *localstore.Tx) error {
				_, err := tx.Record(t.Context(), c)
				return err
			})
			if err != nil {
				t.Error(err)
			}
		}
	})
	<-begun
	must(t, w.store.Fork(t.Context(), held, next))
	saving.Wait()
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		sent, err := tx.Sent(ctx)
		for i, o := range sent {
			if o.Op.Device != next.Device || o.Op.Seq != uint64(i)+1 {
				t.Errorf("op %d is op %d of %s", i+1, o.Op.Seq, o.Op.Device)
			}
		}
		if len(sent) != 400 {
			t.Errorf("%d ops", len(sent))
		}
		return err
	})
}
