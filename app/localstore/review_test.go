package localstore_test

import (
	"context"
	"slices"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// Work in review ends when somebody has decided: applied or refused, with the
// reason, and for good.
func TestReviewIsDecided(t *testing.T) {
	for name, c := range map[string]struct {
		answer syncproto.Answer
		pulled bool
		state  localstore.OpState
		shows  string
	}{
		"accepted, on its way": {syncproto.Answer{Status: syncproto.Dup, LogSeq: 1}, false, localstore.OpConfirmed, "mine"},
		"accepted and pulled":  {syncproto.Answer{Status: syncproto.Dup, LogSeq: 1}, true, localstore.OpDone, "mine"},
		"discarded":            {syncproto.Answer{Status: syncproto.Rejected, Code: syncproto.CodeDiscarded, Details: []string{"样例理由"}}, false, localstore.OpRejected, ""},
		"still in review":      {syncproto.Answer{Status: syncproto.Quarantined, Code: syncproto.CodeRevoked}, false, localstore.OpInReview, "mine"},
	} {
		w := newWorld(t)
		w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.MeetEpoch(ctx, "e1") })
		seq := w.creates("d", domain.Defect{Description: "mine"})
		w.answer(syncproto.Answer{Seq: seq, Status: syncproto.Quarantined, Code: syncproto.CodeRevoked})
		if c.pulled {
			w.accept(seq)
			w.pull()
			w.shows("d", "mine")
		}
		c.answer.Seq = seq
		w.answer(c.answer)
		if got := w.sent(seq).State; got != c.state {
			t.Errorf("%s: state %d", name, got)
		}
		w.shows("d", c.shows)
		got := w.attention()
		switch c.state {
		case localstore.OpRejected:
			if len(got) != 1 || got[0].Code != syncproto.CodeDiscarded || !slices.Equal(got[0].Details, c.answer.Details) {
				t.Errorf("%s: %+v", name, got)
			}
		case localstore.OpInReview:
			if len(got) != 1 {
				t.Errorf("%s: %+v", name, got)
			}
			continue
		default:
			if len(got) != 0 {
				t.Errorf("%s: %+v", name, got)
			}
		}
		w.answer(syncproto.Answer{Seq: seq, Status: syncproto.Quarantined, Code: syncproto.CodeRevoked})
		if again := w.sent(seq).State; again != c.state {
			t.Errorf("%s: a late answer changed it to %d", name, again)
		}
	}
}

// The device names what is in review in few words.
func TestInReview(t *testing.T) {
	w := newWorld(t)
	spans := func() (list []syncproto.Span) {
		w.view(func(ctx context.Context, tx *localstore.Tx) (err error) {
			list, err = tx.InReview(ctx)
			return err
		})
		return list
	}
	if got := spans(); got != nil {
		t.Errorf("%v before anything is in review", got)
	}
	const ops = 2*syncproto.MaxSpans + 10
	change := change(t, "d", syncproto.Recorded, domain.Defect{Description: "x"})
	w.update(func(ctx context.Context, tx *localstore.Tx) error {
		for range ops {
			_, err := tx.Record(ctx, change)
			must(t, err)
		}
		return nil
	})
	review := func(from, to, step uint64) {
		w.update(func(ctx context.Context, tx *localstore.Tx) error {
			for seq := from; seq <= to; seq += step {
				must(t, tx.Answer(ctx, syncproto.Answer{Seq: seq, Status: syncproto.Quarantined}))
			}
			return nil
		})
	}
	review(2, 4, 1)
	review(6, 6, 1)
	if got := spans(); !slices.Equal(got, []syncproto.Span{{From: 2, To: 4}, {From: 6, To: 6}}) {
		t.Errorf("%v", got)
	}
	review(8, ops, 2)
	got := spans()
	if n := len(got); n != syncproto.MaxSpans || got[n-2].To-got[n-2].From != 0 || got[n-1].To != ops {
		t.Errorf("%d spans up to %v", n, got[n-1])
	}
}

// Photos of work in review travel too; those of refused work do not.
func TestUploadsInReview(t *testing.T) {
	for status, want := range map[syncproto.Status]int{syncproto.Quarantined: 1, syncproto.Rejected: 0, syncproto.Applied: 1} {
		w := newWorld(t)
		id := ident.Derive[domain.Attachment]("photo")
		fields, err := syncproto.Encode(domain.Attachment{SHA256: domain.Hash{1}})
		must(t, err)
		seq := w.record(localstore.Change{Project: project, Entity: domain.EntityAttachment, ID: id.Any(), Kind: syncproto.Recorded, Fields: fields})
		w.update(func(ctx context.Context, tx *localstore.Tx) error {
			return tx.QueueUpload(ctx, localstore.Upload{SHA256: domain.Hash{1}, Attachment: id, Original: true, Photo: "x", Bytes: 1})
		})
		w.answer(syncproto.Answer{Seq: seq, Status: status, LogSeq: 1})
		w.view(func(ctx context.Context, tx *localstore.Tx) error {
			if queue, err := tx.NextUploads(ctx, 10); err != nil || len(queue) != want {
				t.Errorf("status %d: %d photos, %v", status, len(queue), err)
			}
			return nil
		})
	}
}
