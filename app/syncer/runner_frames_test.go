package syncer

import (
	"slices"
	"testing"
	"time"

	"keyturn/shared/syncproto"
)

// Live pages that come quickly share a commit; anything else is stored in its
// place among them, and what answers a question is not kept waiting.
func TestLivePagesShareCommits(t *testing.T) {
	a := newAlbum(t, "http://127.0.0.1:1")
	i := &inflow{Runner: &Runner{Store: a.store, Photos: a.photos, Engine: a.Engine}}
	take := func(f syncproto.Frame, want uint64) []syncproto.Frame {
		t.Helper()
		answers, err := i.take(t.Context(), f)
		must(t, err)
		if seq, _ := a.cursor(field); seq != want {
			t.Errorf("after %T: cursor %d, want %d", f, seq, want)
		}
		return answers
	}
	if asked := take(a.welcomeTo(1, head(field, 2)), 0); len(asked) != 1 {
		t.Fatalf("asked %v", asked)
	}
	i.stored = time.Now().Add(time.Hour) // as if one had been stored this moment, for the whole test
	take(page(field, 0, 2, 2), 2)        // the answer
	take(page(field, 2, 3, 3), 2)
	take(page(field, 3, 5, 5), 2)
	if i.due == nil || len(i.held.Changes) != 3 || i.held.PrevSeq != 2 || i.held.LastSeq != 5 || i.held.Head != 5 {
		t.Errorf("held %+v", i.held)
	}
	take(&syncproto.ScopeAdd{Head: head(field, 5)}, 5)
	delete(a.Engine.pulling, field)
	i.stored = time.Now().Add(time.Hour)
	take(page(field, 5, 6, 6), 5)
	take(page(field, 7, 8, 8), 6) // a gap: each for itself
	if asked, err := i.settle(t.Context()); err != nil || len(asked) != 1 {
		t.Errorf("the gap is not asked for: %v, %v", asked, err)
	}
	take(page(field, 6, 8, 8), 8)
	i.stored = time.Time{}
	take(page(field, 8, 9, 9), 9) // after a pause: at once
	take(page(field, 9, 10, 10), 9)
	if err := i.last(t.Context(), nil, syncproto.ErrBadFrame); err == nil {
		t.Error("the break is forgotten")
	}
	if seq, _ := a.cursor(field); seq != 10 {
		t.Errorf("what had come before the break is not stored: cursor %d", seq)
	}
}

func TestJoin(t *testing.T) {
	full := page(field, 4, 4+joinChanges-1, 4+joinChanges-1)
	other := page(office, 4, 5, 5)
	epoch := page(field, 4, 5, 5)
	epoch.Epoch = "another"
	for name, c := range map[string]struct {
		next *syncproto.Page
		want bool
	}{
		"the next":       {page(field, 4, 5, 9), true},
		"a gap":          {page(field, 5, 6, 6), false},
		"again":          {page(field, 3, 4, 4), false},
		"only a head":    {page(field, 4, 4, 9), false},
		"another stream": {other, false},
		"another epoch":  {epoch, false},
		"too much":       {full, false},
	} {
		p := page(field, 2, 4, 4)
		if got := join(p, c.next); got != c.want {
			t.Errorf("%s: joined %v", name, got)
		}
		if c.want && (p.LastSeq != 5 || p.Head != 9 || !slices.IsSortedFunc(p.Changes, func(a, b syncproto.Logged) int { return int(a.Seq) - int(b.Seq) }) || len(p.Changes) != 3) {
			t.Errorf("%s: %+v", name, p)
		}
	}
}
