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

// Only what has certainly never been sent is sent without asking: neither what
// was begun, nor what became free later, nor what another record names as well,
// nor what a server that lost it is asked about again.
func TestBegunUploads(t *testing.T) {
	w := newWorld(t)
	next := func(limit int) (list []localstore.Upload) {
		t.Helper()
		w.view(func(ctx context.Context, tx *localstore.Tx) (err error) {
			list, err = tx.NextUploads(ctx, limit)
			return err
		})
		return list
	}
	begun := func(when string, want ...domain.Hash) {
		t.Helper()
		var got []domain.Hash
		for _, u := range next(100) {
			if u.Begun {
				got = append(got, u.SHA256)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: begun are %v, want %v", when, got, want)
		}
	}
	late := w.attachment("late", domain.Hash{1}, domain.Hash{2})
	w.answer(w.accept(w.attachment("first", domain.Hash{3}, domain.Hash{4})), w.accept(w.attachment("second", domain.Hash{5}, domain.Hash{6})))
	begun("at first")
	w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.BeginUploads(ctx, next(1)) })
	begun("a working copy", domain.Hash{4})
	w.answer(w.accept(late))
	begun("one that waited", domain.Hash{2}, domain.Hash{4})
	w.update(func(ctx context.Context, tx *localstore.Tx) error { return tx.BeginUploads(ctx, nil) })
	w.answer(w.accept(w.attachment("same photo", domain.Hash{5}, domain.Hash{7})))
	begun("the same photo again", domain.Hash{2}, domain.Hash{4}, domain.Hash{5})
	w.update(func(ctx context.Context, tx *localstore.Tx) error {
		if err := tx.MeetEpoch(ctx, "before"); err != nil {
			return err
		}
		if err := tx.BeginUploads(ctx, next(100)); err != nil {
			return err
		}
		for _, u := range next(100) {
			if err := tx.ConfirmUpload(ctx, u.SHA256); err != nil {
				return err
			}
		}
		return tx.MeetEpoch(ctx, "restored")
	})
	for seq := uint64(1); seq <= 4; seq++ { // the restored server says again that it has the records
		w.answer(syncproto.Answer{Seq: seq, Status: syncproto.Dup, LogSeq: seq})
	}
	all := next(100)
	if len(all) != 8 || slices.ContainsFunc(all, func(u localstore.Upload) bool { return !u.Begun }) {
		t.Errorf("after a restore %+v", all)
	}
	w.answer(w.accept(w.attachment("new", domain.Hash{8}, domain.Hash{9})))
	if fresh := slices.DeleteFunc(next(100), func(u localstore.Upload) bool { return u.Begun }); len(fresh) != 2 {
		t.Errorf("new are %+v", fresh)
	}
}

// A photo counts as long as one op about it may still be accepted.
func TestProgressWithRefusedCorrection(t *testing.T) {
	w := newWorld(t)
	seq := w.attachment("first", domain.Hash{1}, domain.Hash{2})
	w.answer(w.accept(seq))
	fields, err := syncproto.Encode(domain.Attachment{Format: "jpeg"})
	must(t, err)
	correction := w.record(localstore.Change{
		Project: project, Entity: domain.EntityAttachment, ID: ident.Derive[any]("first"), Kind: syncproto.Amended, Fields: fields,
	})
	w.answer(syncproto.Answer{Seq: correction, Status: syncproto.Rejected, Code: syncproto.CodeForbidden})
	if p := w.progress(); p.Photos != 1 {
		t.Errorf("%+v", p)
	}
}
