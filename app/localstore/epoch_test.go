package localstore_test

import (
	"context"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// A server of a new epoch is asked about every photo again, once; the first
// epoch that a device meets is no new one.
func TestPhotosAreAskedAboutInANewEpoch(t *testing.T) {
	w := newWorld(t)
	meet := func(epoch string) {
		t.Helper()
		w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.MeetEpoch(ctx, epoch) })
	}
	confirm := func() {
		t.Helper()
		w.update(func(ctx context.Context, tx *localstore.Tx) error {
			must(t, tx.ConfirmUpload(ctx, domain.Hash{1}))
			return tx.ConfirmUpload(ctx, domain.Hash{2})
		})
	}
	confirmed := func(want int) {
		t.Helper()
		if p := w.progress(); p.Photos != 1 || p.PhotosConfirmed != want {
			t.Errorf("%d of %d photos are confirmed, should be %d", p.PhotosConfirmed, p.Photos, want)
		}
	}
	op := w.attachment("a", domain.Hash{1}, domain.Hash{2})
	w.answer(w.accept(op))
	confirm()
	meet("first")
	confirmed(1)
	meet("first")
	confirmed(1)
	meet("second")
	confirmed(0)
	confirm()
	meet("second")
	confirmed(1)
}

// Photos of ops that the restored server has forgotten wait for these ops.
func TestForgottenPhotosFollowTheirRecord(t *testing.T) {
	w := newWorld(t)
	op := w.attachment("a", domain.Hash{1}, domain.Hash{2})
	w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.MeetEpoch(ctx, "first") })
	w.answer(w.accept(op))
	w.update(func(ctx context.Context, tx *localstore.Tx) error {
		must(t, tx.ConfirmUpload(ctx, domain.Hash{1}))
		must(t, tx.ConfirmUpload(ctx, domain.Hash{2}))
		must(t, tx.MeetEpoch(ctx, "second"))
		return tx.Unanswer(ctx, op)
	})
	next := func() (n int) {
		t.Helper()
		w.view(func(ctx context.Context, tx *localstore.Tx) error {
			list, err := tx.NextUploads(ctx, 10)
			n = len(list)
			return err
		})
		return n
	}
	if n := next(); n != 0 {
		t.Errorf("%d photos travel before their record", n)
	}
	w.answer(syncproto.Answer{Seq: op, Status: syncproto.Applied, LogSeq: 1})
	if n := next(); n != 2 {
		t.Errorf("%d of 2 photos are sent again", n)
	}
}

// A push tells the epoch of the copy that its ops were recorded on; ops of two
// epochs travel in two pushes.
func TestOpsTellTheirEpoch(t *testing.T) {
	w := newWorld(t)
	page := func(epoch string) {
		t.Helper()
		w.update(func(ctx context.Context, tx *localstore.Tx) error {
			ok, err := tx.Apply(ctx, &syncproto.Page{Scope: field, Epoch: epoch})
			if !ok {
				t.Error("the page does not apply")
			}
			return err
		})
	}
	page("first")
	w.creates("a", domain.Defect{Description: "a"})
	w.record(change(t, "b", syncproto.Recorded, domain.Defect{Description: "b"}), change(t, "c", syncproto.Recorded, domain.Defect{Description: "c"}))
	page("second")
	w.creates("d", domain.Defect{Description: "d"})
	waits := func(from uint64, epoch string, ops int) {
		t.Helper()
		w.view(func(ctx context.Context, tx *localstore.Tx) error {
			push, err := tx.Waiting(ctx, from, 10, 1<<20)
			if len(push.Ops) != ops || push.Epoch != epoch {
				t.Errorf("from op %d on %d ops of %q wait", from, len(push.Ops), push.Epoch)
			}
			return err
		})
	}
	waits(1, "first", 3)
	waits(4, "second", 1)
}
