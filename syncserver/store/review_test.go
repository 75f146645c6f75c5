package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"keyturn/shared/backends"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

func TestReviewsOnPostgres(t *testing.T) {
	for name, check := range map[string]func(*testing.T, *store.Store){"reviews": reviews, "blobs": reviewBlobs, "answers": finalAnswers} {
		t.Run(name, func(t *testing.T) {
			s, err := store.OpenPostgres(t.Context(), backends.Postgres(t))
			must(t, err)
			defer func() { must(t, s.Close()) }()
			check(t, s)
		})
	}
}

func reviews(t *testing.T, s *store.Store) {
	other := domain.DeviceID{9}
	reviewer := domain.PersonID{7}
	add := func(d domain.DeviceID, first, last uint64, p domain.ProjectID, at domain.Instant) store.Review {
		r := store.Review{
			ReviewKey: store.ReviewKey{Device: d, First: first}, Last: last, Project: p, Actor: person, Code: syncproto.CodeRevoked,
			CapturedAt: at - 5, ReceivedAt: at, ClockAhead: -3, Bytes: 100, BlobBytes: 1000,
		}
		update(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.AddReview(ctx, r) })
		return r
	}
	first, second := add(tablet, 1, 2, projectA, 10), add(tablet, 3, 3, projectA, 20)
	third, fourth := add(other, 1, 1, projectA, 20), add(tablet, 4, 4, projectB, 30)
	list := func(f store.ReviewFilter) (keys []store.ReviewKey) {
		t.Helper()
		if f.Limit == 0 {
			f.Limit = 10
		}
		view(t, s, func(ctx context.Context, tx *store.Tx) error {
			rows, err := tx.Reviews(ctx, f)
			for _, r := range rows {
				keys = append(keys, r.ReviewKey)
			}
			return err
		})
		return keys
	}
	keysOf := func(rows ...store.Review) (keys []store.ReviewKey) {
		for _, r := range rows {
			keys = append(keys, r.ReviewKey)
		}
		return keys
	}
	is := func(what string, got, want []store.ReviewKey) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	// Of the two that came at the same moment the lower device id is first.
	byDevice := []store.Review{second, third}
	if slices.Compare(tablet[:], other[:]) > 0 {
		slices.Reverse(byDevice)
	}
	is("all, newest first", list(store.ReviewFilter{}), keysOf(fourth, byDevice[0], byDevice[1], first))
	is("of a project", list(store.ReviewFilter{Project: projectB}), keysOf(fourth))
	is("of a device", list(store.ReviewFilter{Device: other}), keysOf(third))
	var paged []store.ReviewKey
	for page := list(store.ReviewFilter{Limit: 1}); len(page) > 0; page = list(store.ReviewFilter{Limit: 1, After: page[0]}) {
		paged = append(paged, page...)
	}
	is("page by page", paged, list(store.ReviewFilter{}))
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		if got, err := tx.Review(ctx, first.ReviewKey); err != nil || got != first {
			t.Errorf("%+v, %v", got, err)
		}
		if l, err := tx.ReviewLoad(ctx, tablet); err != nil || l != (store.ReviewLoad{Ops: 4, Bytes: 300, BlobBytes: 3000}) {
			t.Errorf("%+v, %v", l, err)
		}
		if n, since, err := tx.WaitingReviews(ctx, projectA, tablet); err != nil || n != 2 || since != 10 {
			t.Errorf("%d since %d, %v", n, since, err)
		}
		if n, since, err := tx.WaitingReviews(ctx, projectB, other); err != nil || n != 0 || since != 0 {
			t.Errorf("%d since %d, %v", n, since, err)
		}
		if _, err := tx.Reviews(ctx, store.ReviewFilter{After: store.ReviewKey{Device: other, First: 99}, Limit: 1}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("behind an unknown one: %v", err)
		}
		return nil
	})
	decide := func(k store.ReviewKey, o store.ReviewOutcome) error {
		return s.Update(t.Context(), func(tx *store.Tx) error { return tx.DecideReview(t.Context(), k, o, 40, reviewer, "why") })
	}
	must(t, decide(second.ReviewKey, store.ReviewDiscarded))
	for _, k := range []store.ReviewKey{second.ReviewKey, {Device: other, First: 99}} {
		if err := decide(k, store.ReviewAccepted); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("deciding %s again: %v", k, err)
		}
	}
	is("what waits", list(store.ReviewFilter{Device: tablet}), keysOf(fourth, first))
	is("all", list(store.ReviewFilter{Device: tablet, Decided: true}), keysOf(fourth, second, first))
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.Review(ctx, second.ReviewKey)
		if err != nil || got.Outcome != store.ReviewDiscarded || got.DecidedAt != 40 || got.DecidedBy != reviewer || got.Reason != "why" {
			t.Errorf("%+v, %v", got, err)
		}
		for at, want := range map[domain.Instant]bool{39: true, 40: false} {
			if since, err := tx.ReviewedSince(ctx, tablet, at); err != nil || since != want {
				t.Errorf("reviewed since %d: %v, %v", at, since, err)
			}
		}
		if l, err := tx.ReviewLoad(ctx, tablet); err != nil || l.Ops != 3 {
			t.Errorf("%+v, %v", l, err)
		}
		return nil
	})
}

// A blob may be handed in by the device whose work names it, until that is
// discarded.
func reviewBlobs(t *testing.T, s *store.Store) {
	sha, unnamed, other := domain.Hash{1}, domain.Hash{2}, domain.DeviceID{9}
	for first, bytes := range map[uint64]int64{1: 400, 2: 700} {
		k := store.ReviewKey{Device: tablet, First: first}
		update(t, s, func(ctx context.Context, tx *store.Tx) error {
			must(t, tx.AddReview(ctx, store.Review{ReviewKey: k, Last: first, Project: projectA, Actor: person}))
			must(t, tx.AddReviewBlob(ctx, k, sha, 1))
			return tx.AddReviewBlob(ctx, k, sha, bytes)
		})
	}
	may := func(d domain.DeviceID, sha domain.Hash) (bytes int64) {
		t.Helper()
		view(t, s, func(ctx context.Context, tx *store.Tx) (err error) {
			bytes, err = tx.ReviewedBlob(ctx, d, sha)
			return err
		})
		return bytes
	}
	if a, b, c := may(tablet, sha), may(other, sha), may(tablet, unnamed); a != 700 || b != 0 || c != 0 {
		t.Errorf("%d, another device %d, another blob %d", a, b, c)
	}
	clone := domain.DeviceID{8}
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		return errors.Join(tx.AddFork(ctx, domain.DeviceID{7}, tablet, 3), tx.AddFork(ctx, clone, domain.DeviceID{7}, 5))
	})
	if got := may(clone, sha); got != 700 {
		t.Errorf("the device that it is now may send %d bytes", got)
	}
	must(t, s.View(t.Context(), func(tx *store.Tx) error {
		for origin, want := range map[domain.DeviceID]uint64{tablet: 3, {7}: 5, other: 0, clone: 0} {
			if seq, err := tx.SharedBefore(t.Context(), clone, origin); err != nil || seq != want {
				t.Errorf("shared with %s up to %d, %v", origin, seq, err)
			}
		}
		return nil
	}))
	for i, c := range []struct {
		outcome  store.ReviewOutcome
		most     int64
		projects int
	}{{store.ReviewAccepted, 700, 1}, {store.ReviewDiscarded, 400, 1}} {
		k := store.ReviewKey{Device: tablet, First: uint64(i + 1)}
		update(t, s, func(ctx context.Context, tx *store.Tx) error {
			return tx.DecideReview(ctx, k, c.outcome, 1, person, "")
		})
		if got := may(tablet, sha); got != c.most {
			t.Errorf("after outcome %d: %d", c.outcome, got)
		}
		view(t, s, func(ctx context.Context, tx *store.Tx) error {
			if p, err := tx.ReviewedBlobProjects(ctx, sha); err != nil || len(p) != c.projects {
				t.Errorf("projects %v, %v", p, err)
			}
			if b, err := tx.ReviewBlobs(ctx, k); err != nil || !slices.Equal(b, []domain.Hash{sha}) {
				t.Errorf("blobs %v, %v", b, err)
			}
			return nil
		})
	}
}

func finalAnswers(t *testing.T, s *store.Store) {
	save := func(a syncproto.Answer) {
		update(t, s, func(ctx context.Context, tx *store.Tx) error {
			return tx.SaveReceived(ctx, tablet, store.Received{Body: []byte("body"), Answer: a}, 1)
		})
	}
	for seq := range uint64(4) {
		save(syncproto.Answer{Seq: seq + 1, Status: syncproto.Quarantined, Code: syncproto.CodeRevoked})
	}
	applied := syncproto.Answer{Seq: 2, Status: syncproto.Applied, LogSeq: 5}
	refused := syncproto.Answer{Seq: 3, Status: syncproto.Rejected, Code: syncproto.CodeDiscarded, Details: []string{"why"}}
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		must(t, tx.AnswerReceived(ctx, tablet, applied))
		return tx.AnswerReceived(ctx, tablet, refused)
	})
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		for name, c := range map[string]struct {
			from, to uint64
			limit    int
			want     []uint64
		}{"all": {1, 4, 9, []uint64{2, 3}}, "limited": {1, 4, 1, []uint64{2}}, "a part": {3, 4, 9, []uint64{3}}, "none": {4, 4, 9, nil}} {
			answers, err := tx.FinalAnswers(ctx, tablet, syncproto.Span{From: c.from, To: c.to}, c.limit)
			must(t, err)
			var got []uint64
			for _, a := range answers {
				got = append(got, a.Seq)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %v", name, got)
			}
		}
		held, err := tx.Received(ctx, tablet, 3)
		if err != nil || string(held.Body) != "body" || held.Answer.Code != refused.Code || !slices.Equal(held.Answer.Details, refused.Details) {
			t.Errorf("%+v, %v", held, err)
		}
		return nil
	})
}

func TestReviewKey(t *testing.T) {
	k := store.ReviewKey{Device: tablet, First: 17}
	if got, err := store.ParseReviewKey(k.String()); err != nil || got != k {
		t.Errorf("%v, %v", got, err)
	}
	for _, text := range []string{"", "x", tablet.String(), tablet.String() + "/", tablet.String() + "/-1", tablet.String() + "/18446744073709551615", "/1"} {
		if got, err := store.ParseReviewKey(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
