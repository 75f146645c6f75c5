package localstore_test

import (
	"context"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// A server of a new epoch is asked by their content about the ops whose fate is
// open, those that a person discarded and the last one that is done; what was
// refused stays so, and a decision of a person that belongs to a number is not taken
// for one on the op.
func TestOpsInDoubtAreSentAgainInANewEpoch(t *testing.T) {
	w := newWorld(t)
	meet := func(epoch string) {
		t.Helper()
		w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.MeetEpoch(ctx, epoch) })
	}
	meet("first")
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		w.creates(name, domain.Defect{Description: name})
	}
	w.accept(1)
	w.accept(2)
	w.pull()
	w.answer(w.accept(3), syncproto.Answer{Seq: 4, Status: syncproto.Quarantined, Code: syncproto.CodeRevoked},
		syncproto.Answer{Seq: 5, Status: syncproto.Rejected, Code: syncproto.CodeForbidden},
		syncproto.Answer{Seq: 6, Status: syncproto.Rejected, Code: syncproto.CodeDiscarded})
	states := func(when string, want ...localstore.OpState) {
		t.Helper()
		for i, s := range want {
			if got := w.sent(uint64(i + 1)).State; got != s {
				t.Errorf("%s: op %d is in state %d instead of %d", when, i+1, got, s)
			}
		}
	}
	states("before", localstore.OpDone, localstore.OpDone, localstore.OpConfirmed, localstore.OpInReview, localstore.OpRejected, localstore.OpRejected)
	meet("first")
	states("in the same epoch", localstore.OpDone, localstore.OpDone, localstore.OpConfirmed, localstore.OpInReview, localstore.OpRejected, localstore.OpRejected)
	meet("second")
	w.update(func(ctx context.Context, tx *localstore.Tx) error {
		return tx.Decided(ctx, syncproto.Answer{Seq: 4, Status: syncproto.Dup, LogSeq: 9})
	})
	states("in a new one", localstore.OpDone, localstore.OpWaiting, localstore.OpWaiting, localstore.OpWaiting, localstore.OpRejected, localstore.OpWaiting)
}
