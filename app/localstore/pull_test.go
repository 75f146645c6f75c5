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

// The own edit stays on the screen whichever comes first, the page or the
// answer, and whatever others wrote meanwhile.
func TestPendingEditNeverFlickers(t *testing.T) {
	for name, order := range map[string][]string{
		"answer, then page": {"answer", "page"},
		"page, then answer": {"page", "answer"},
	} {
		w := newWorld(t)
		w.answer(w.accept(w.creates("d", domain.Defect{Room: "LIV1", Description: "start"})))
		w.pull()
		seq := w.amends("d", domain.Defect{Room: "BED1"})
		w.others("d", syncproto.Amended, domain.Defect{Element: "wall"})
		w.others("d", syncproto.Amended, domain.Defect{Description: "theirs"})
		w.pull() // before the server has the own edit
		is := func(when string) {
			t.Helper()
			if d, _ := w.shown("d"); d.Room != "BED1" || d.Description != "theirs" || d.Element != "wall" {
				t.Errorf("%s, %s: %+v", name, when, d)
			}
		}
		is("others pulled")
		answer := w.accept(seq)
		for _, step := range order {
			if step == "answer" {
				w.answer(answer)
			} else {
				w.pull()
			}
			is(step)
		}
		if got := w.sent(seq); got.State != localstore.OpDone || got.LogSeq != answer.LogSeq {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// A page that does not continue the cursor changes nothing.
func TestPagesThatDoNotFit(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b", "c"} {
		w.others(name, syncproto.Recorded, domain.Defect{Description: name})
	}
	if !w.apply(w.page("e1", 0, 2)) {
		t.Fatal("the first page was not applied")
	}
	for name, p := range map[string]*syncproto.Page{
		"again":         w.page("e1", 0, 2),
		"a gap":         {Scope: field, Epoch: "e1", PrevSeq: 3, LastSeq: 3, Head: 3},
		"another epoch": w.page("e2", 2, 3),
		"not followed":  {Scope: office, Epoch: "e1", LastSeq: 1, Head: 1, Changes: w.log[:1]},
	} {
		if w.apply(p) {
			t.Errorf("%s: applied", name)
		}
	}
	w.shows("b", "b")
	w.shows("c", "")
	if c := w.cursor(field); c.Epoch != "e1" || c.Seq != 2 {
		t.Errorf("%+v", c)
	}
	if p := w.progress(); p.Have != 2 || p.Behind != 1 {
		t.Errorf("%+v", p)
	}
	w.pull()
	w.shows("c", "c")
}

// Losing a scope deletes its copy, and nothing that was not handed in.
func TestDropScopeKeepsUnsentWork(t *testing.T) {
	w := newWorld(t)
	w.answer(w.accept(w.creates("sent", domain.Defect{Description: "sent"})))
	w.others("foreign", syncproto.Recorded, domain.Defect{Description: "foreign"})
	w.others("edited", syncproto.Recorded, domain.Defect{Description: "theirs", Room: "LIV1"})
	w.pull()
	w.creates("unsent", domain.Defect{Description: "unsent"})
	w.amends("edited", domain.Defect{Description: "my edit"})
	w.update(func(ctx context.Context, tx *localstore.Tx) error {
		must(t, tx.FollowScope(ctx, syncproto.Head{Scope: office}))
		return tx.Follow(ctx, []syncproto.Head{{Scope: office, Seq: 7}})
	})
	w.shows("sent", "")
	w.shows("foreign", "")
	w.shows("unsent", "unsent")
	if d, ok := w.shown("edited"); !ok || d.Description != "my edit" || d.Room != "" {
		t.Errorf("of the edited record only the edit may stay: %+v", d)
	}
	if w.cursor(field) != nil || w.cursor(office) == nil {
		t.Error("the scopes are not those that the server named")
	}
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		push, err := tx.Waiting(ctx, 1, 10, 1<<20)
		if err != nil || len(push.Ops) != 2 {
			t.Errorf("%d ops wait, %v", len(push.Ops), err)
		}
		return nil
	})
	// Rejected work is still there to be seen.
	w.answer(syncproto.Answer{Seq: 2, Status: syncproto.Quarantined, Code: syncproto.CodeNoMember})
	if len(w.attention()) != 1 {
		t.Errorf("%+v", w.attention())
	}
}

// A new epoch starts the copy over; own unanswered work is put on top of it.
func TestEpochChangeRebases(t *testing.T) {
	w := newWorld(t)
	w.others("gone", syncproto.Recorded, domain.Defect{Description: "gone"})
	w.others("kept", syncproto.Recorded, domain.Defect{Description: "old", Room: "LIV1"})
	w.pull()
	w.amends("kept", domain.Defect{Description: "mine"})
	w.log = nil
	w.others("kept", syncproto.Recorded, domain.Defect{Description: "restored", Element: "wall"})
	if !w.apply(w.page("e2", 0, 1)) {
		t.Fatal("the new epoch's first page was not applied")
	}
	w.shows("gone", "")
	if d, _ := w.shown("kept"); d.Description != "mine" || d.Element != "wall" || d.Room != "" {
		t.Errorf("%+v", d)
	}
	if c := w.cursor(field); c.Epoch != "e2" || c.Seq != 1 {
		t.Errorf("%+v", c)
	}
	if p := w.progress(); p.Records != 1 || p.RecordsConfirmed != 0 {
		t.Errorf("%+v", p)
	}
}

// An epoch that begins with nothing empties the copy.
func TestEmptyEpoch(t *testing.T) {
	w := newWorld(t)
	w.others("gone", syncproto.Recorded, domain.Defect{Description: "gone"})
	w.pull()
	if !w.apply(&syncproto.Page{Scope: field, Epoch: "e2"}) {
		t.Fatal("not applied")
	}
	w.shows("gone", "")
	if c := w.cursor(field); c.Epoch != "e2" || c.Seq != 0 {
		t.Errorf("%+v", c)
	}
}

func TestWithdrawn(t *testing.T) {
	w := newWorld(t)
	w.others("theirs", syncproto.Recorded, domain.Defect{Description: "theirs"})
	w.answer(w.accept(w.creates("mine", domain.Defect{Description: "mine"})))
	w.pull()
	w.record(change(t, "mine", syncproto.Withdrawn, domain.Defect{}))
	w.shows("mine", "")
	w.others("theirs", syncproto.Withdrawn, domain.Defect{})
	w.pull()
	w.shows("theirs", "")
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		if rows, err := tx.Records(ctx, domain.EntityDefect, localstore.Filter{}); err != nil || len(rows) != 0 {
			t.Errorf("%+v, %v", rows, err)
		}
		return nil
	})
}

// What a device holds after pulling is byte for byte what the log gives.
func TestPulledStateEqualsTheLog(t *testing.T) {
	w := newWorld(t)
	w.others("d", syncproto.Recorded, domain.Defect{Description: "a", Severity: domain.Minor})
	seq := w.creates("d", domain.Defect{Description: "b", Severity: domain.Major})
	w.answer(w.accept(seq))
	w.others("d", syncproto.Amended, domain.Defect{Room: "LIV1"})
	w.pull()
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		rows, err := tx.Records(ctx, domain.EntityDefect, localstore.Filter{})
		must(t, err)
		if len(rows) != 1 {
			t.Fatalf("%d rows", len(rows))
		}
		same(t, "d", rows[0], w.merged("d"))
		return nil
	})
}

func same(t testing.TB, what string, got, want merge.Record) {
	t.Helper()
	a, err := got.Encode()
	must(t, err)
	b, err := want.Encode()
	must(t, err)
	if !bytes.Equal(a, b) {
		t.Errorf("%s: %+v, want %+v", what, got, want)
	}
}

func TestRecordsFilters(t *testing.T) {
	w := newWorld(t)
	unit := ident.Derive[domain.Unit]("u")
	w.creates("open", domain.Defect{UnitID: unit, State: domain.DefectOpen, Description: "x"})
	w.creates("done", domain.Defect{UnitID: unit, State: domain.DefectWithdrawn, Description: "x"})
	w.creates("elsewhere", domain.Defect{State: domain.DefectOpen, Description: "x"})
	for name, c := range map[string]struct {
		filter localstore.Filter
		want   []string
	}{
		"all":     {localstore.Filter{}, []string{"open", "done", "elsewhere"}},
		"parent":  {localstore.Filter{Parent: unit.Any()}, []string{"open", "done"}},
		"state":   {localstore.Filter{States: []string{"open"}}, []string{"open", "elsewhere"}},
		"states":  {localstore.Filter{States: []string{"open", "withdrawn"}}, []string{"open", "done", "elsewhere"}},
		"project": {localstore.Filter{Project: project}, []string{"open", "done", "elsewhere"}},
		"foreign": {localstore.Filter{Project: domain.ProjectID{1}}, nil},
	} {
		w.view(func(ctx context.Context, tx *localstore.Tx) error {
			rows, err := tx.Records(ctx, domain.EntityDefect, c.filter)
			must(t, err)
			var got, want []string
			for _, r := range rows {
				got = append(got, r.ID.String())
			}
			for _, n := range c.want {
				want = append(want, ident.Derive[any](n).String())
			}
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", name, got, want)
			}
			return nil
		})
	}
}
