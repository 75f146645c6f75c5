package syncer

import (
	"context"
	"slices"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/syncproto"
)

// The device asks at every connection what became of its work in review, and
// takes the answer as it takes answers to a push.
func TestDeviceAsksAboutItsWorkInReview(t *testing.T) {
	b := newBench(t)
	b.start()
	for range 4 {
		b.record(1)
	}
	b.gets(b.welcomeTo(1, head(field, 0)))
	answers := &syncproto.Answers{Batch: 1, NextSeq: 5}
	for seq, status := range []syncproto.Status{syncproto.Quarantined, syncproto.Rejected, syncproto.Quarantined, syncproto.Quarantined} {
		answers.Answers = append(answers.Answers, syncproto.Answer{Seq: uint64(seq) + 1, Status: status, Code: syncproto.CodeNoMember})
	}
	b.gets(answers)
	if h := b.start(); !slices.Equal(h.InReview, []syncproto.Span{{From: 1, To: 1}, {From: 3, To: 4}}) || h.NextSeq != 5 {
		t.Errorf("%+v", h)
	}
	welcome := b.welcomeTo(5, head(field, 0))
	welcome.Decided = []syncproto.Answer{
		{Seq: 1, Status: syncproto.Dup, LogSeq: 7},
		{Seq: 2, Status: syncproto.Dup, LogSeq: 8},
		{Seq: 4, Status: syncproto.Rejected, Code: syncproto.CodeDiscarded, Details: []string{"why"}},
	}
	b.gets(welcome)
	want := []localstore.OpState{localstore.OpConfirmed, localstore.OpRejected, localstore.OpInReview, localstore.OpRejected}
	b.view(func(ctx context.Context, t *localstore.Tx) error {
		sent, err := t.Sent(ctx)
		for i, s := range sent {
			if s.State != want[i] {
				b.t.Errorf("op %d is in state %d, want %d", i+1, s.State, want[i])
			}
		}
		return err
	})
	if h := b.start(); !slices.Equal(h.InReview, []syncproto.Span{{From: 3, To: 3}}) {
		t.Errorf("%+v", h)
	}
}
