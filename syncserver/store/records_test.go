package store_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

func record(t *testing.T, scope syncproto.Scope, e domain.Entity, name string, seq uint64, content any) merge.Record {
	t.Helper()
	f, err := syncproto.Encode(content)
	must(t, err)
	return merge.Record{Entity: e, ID: ident.Derive[any](name), Scope: scope, Seq: seq, Fields: f}
}

func put(t *testing.T, s *store.Store, rows ...merge.Record) {
	t.Helper()
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		for _, r := range rows {
			must(t, tx.PutRecord(ctx, r))
		}
		return nil
	})
}

func records(t *testing.T, s *store.Store) {
	unit := record(t, field, domain.EntityUnit, "u1", 3, domain.Unit{Building: "1#", Number: "101", State: domain.UnitPending})
	unit.Actor, unit.Contests = person, []merge.Contest{{Field: 3, Open: true, Versions: []merge.Version{{Value: []byte{0x61, 'x'}, Device: tablet}}}}
	put(t, s, unit)
	unit.Seq, unit.Fields = 9, syncproto.Fields{2: unit.Fields[2], 200: {0x18, 0x2a}} // a key of a later schema
	put(t, s, unit)
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.Record(ctx, domain.EntityUnit, unit.ID)
		must(t, err)
		a, err := got.Encode()
		must(t, err)
		b, err := unit.Encode()
		must(t, err)
		if !bytes.Equal(a, b) {
			t.Errorf("%+v came back as %+v", unit, got)
		}
		if other, err := tx.Record(ctx, domain.EntityDefect, unit.ID); err != nil || other.Exists() {
			t.Errorf("the same id of another entity: %+v, %v", other, err)
		}
		return nil
	})
}

// readAhead: what was read ahead is what Record gives without, and what the
// transaction itself has written stays.
func readAhead(t *testing.T, s *store.Store) {
	name := func(i int) string { return fmt.Sprint("u", i) }
	unit := func(i int, building string) merge.Record {
		return record(t, field, domain.EntityUnit, name(i), uint64(i)+1, domain.Unit{Building: building})
	}
	var keys []store.Key
	for i := range 300 { // more than one query takes
		if i%3 != 0 {
			put(t, s, unit(i, "stored"))
		}
		keys = append(keys, store.Key{Entity: domain.EntityUnit, ID: ident.Derive[any](name(i))})
	}
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		must(t, tx.PutRecord(ctx, unit(1, "written")))
		must(t, tx.ReadAhead(ctx, append(keys, store.Key{Entity: domain.EntityDefect, ID: keys[1].ID})))
		for i, k := range keys {
			want := "stored"
			switch {
			case i%3 == 0:
				want = ""
			case i == 1:
				want = "written"
			}
			got, err := tx.Record(ctx, k.Entity, k.ID)
			must(t, err)
			u, err := merge.As[domain.Unit](got)
			if err != nil || u.Building != want || got.Exists() != (want != "") {
				t.Errorf("unit %d is %+v, %v", i, got, err)
			}
		}
		return nil
	})
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		if got, err := tx.Record(ctx, domain.EntityUnit, keys[1].ID); err != nil || got.Seq != 2 {
			t.Errorf("%+v, %v", got, err)
		}
		return nil
	})
}

func recordFilters(t *testing.T, s *store.Store) {
	unit, other := ident.Derive[domain.Unit]("u1"), ident.Derive[domain.Unit]("u2")
	task := func(u domain.UnitID, state domain.TaskState) domain.Task { return domain.Task{UnitID: u, State: state} }
	gone := record(t, field, domain.EntityTask, "withdrawn", 5, task(unit, domain.TaskOpen))
	gone.Withdrawn = true
	put(t, s,
		record(t, field, domain.EntityTask, "open", 1, task(unit, domain.TaskOpen)),
		record(t, field, domain.EntityTask, "done", 2, task(unit, domain.TaskDone)),
		record(t, field, domain.EntityTask, "other", 3, task(other, domain.TaskOpen)),
		record(t, elsewhere, domain.EntityTask, "elsewhere", 1, task(unit, domain.TaskOpen)),
		record(t, field, domain.EntityAppointment, "not a task", 4, domain.Appointment{UnitID: unit}),
		gone,
	)
	for name, c := range map[string]struct {
		filter store.Filter
		want   []string
	}{
		"all":                {store.Filter{}, []string{"open", "done", "other", "elsewhere"}},
		"parent":             {store.Filter{Parent: unit.Any()}, []string{"open", "done", "elsewhere"}},
		"state":              {store.Filter{States: []string{"open"}}, []string{"open", "other", "elsewhere"}},
		"states":             {store.Filter{States: []string{"open", "done", "?"}}, []string{"open", "done", "other", "elsewhere"}},
		"project":            {store.Filter{Project: projectA}, []string{"open", "done", "other"}},
		"all three":          {store.Filter{Parent: unit.Any(), States: []string{"open"}, Project: projectA}, []string{"open"}},
		"a parent of no-one": {store.Filter{Parent: domain.AnyID{9}}, nil},
	} {
		view(t, s, func(ctx context.Context, tx *store.Tx) error {
			rows, err := tx.Records(ctx, domain.EntityTask, c.filter)
			must(t, err)
			var want []domain.AnyID
			for _, n := range c.want {
				want = append(want, ident.Derive[any](n))
			}
			slices.SortFunc(want, func(a, b domain.AnyID) int { return bytes.Compare(a[:], b[:]) })
			var got []domain.AnyID
			for _, r := range rows {
				got = append(got, r.ID)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v in order of id", name, got, want)
			}
			return nil
		})
	}
}

func versions(t *testing.T, s *store.Store) {
	last := "none"
	changed := func(what string, want bool) {
		t.Helper()
		view(t, s, func(ctx context.Context, tx *store.Tx) error {
			now, err := tx.Version(ctx, projectA, domain.EntityConfig, domain.EntityParty)
			must(t, err)
			if (now != last) != want {
				t.Errorf("%s: version %s after %s", what, now, last)
			}
			last = now
			return nil
		})
	}
	changed("the first", true)
	put(t, s, record(t, field, domain.EntityConfig, "c", 1, domain.Config{Key: "k", Value: "1"}))
	changed("a new record", true)
	put(t, s, record(t, field, domain.EntityConfig, "c", 2, domain.Config{Key: "k", Value: "2"}))
	changed("a changed record", true)
	put(t, s, record(t, field, domain.EntityUnit, "u", 3, domain.Unit{Number: "1"}))
	changed("a record of another entity", false)
	put(t, s, record(t, elsewhere, domain.EntityConfig, "d", 9, domain.Config{Key: "k", Value: "3"}))
	changed("a record of another project", false)
}

func spots(t *testing.T, s *store.Store) {
	first, second, third := domain.DefectID{1}, domain.DefectID{2}, domain.DefectID{3}
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		for _, id := range []domain.DefectID{third, second, first} {
			must(t, tx.SetSpot(ctx, id, "here"))
		}
		must(t, tx.SetSpot(ctx, second, "there"))
		if got, err := tx.SameSpot(ctx, "here", 5); err != nil || !slices.Equal(got, []domain.DefectID{first, third}) {
			t.Errorf("%v, %v", got, err)
		}
		if got, err := tx.SameSpot(ctx, "here", 1); err != nil || !slices.Equal(got, []domain.DefectID{first}) {
			t.Errorf("at most one: %v, %v", got, err)
		}
		return nil
	})
}

func logged(seq uint64, scope syncproto.Scope, note string) syncproto.Logged {
	return syncproto.Logged{Seq: seq, Op: syncproto.Op{
		Device: tablet, Seq: seq, Actor: person, Scope: scope, Entity: domain.EntityDefect, ID: domain.AnyID{1}, Kind: syncproto.Amended,
		Fields: syncproto.Fields{8: append([]byte{0x78, byte(len(note))}, note...)}, Schema: 1,
	}}
}

func logPages(t *testing.T, s *store.Store) {
	const note = "a text of some length, to be cut by bytes"
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		for seq := uint64(1); seq <= 20; seq++ {
			must(t, tx.AppendLog(ctx, logged(seq, field, note), 1))
		}
		return tx.AppendLog(ctx, logged(1, office, note), 1)
	})
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.AppendLog(t.Context(), logged(7, field, "again"), 1) }); err == nil {
		t.Error("a place in the log was taken twice")
	}
	one, err := syncproto.Marshal(logged(1, field, note).Op)
	must(t, err)
	for name, c := range map[string]struct {
		scope       syncproto.Scope
		after       uint64
		limit, size int
		first, n    int
	}{
		"all":              {field, 0, 100, 1 << 20, 1, 19},
		"from a cursor":    {field, 15, 100, 1 << 20, 16, 4},
		"at the end":       {field, 19, 100, 1 << 20, 0, 0},
		"by count":         {field, 3, 4, 1 << 20, 4, 4},
		"by bytes":         {field, 0, 100, 3*len(one) + 1, 1, 3},
		"one is never cut": {field, 0, 100, 1, 1, 1},
		"another scope":    {office, 0, 100, 1 << 20, 1, 1},
		"a foreign scope":  {elsewhere, 0, 100, 1 << 20, 0, 0},
	} {
		view(t, s, func(ctx context.Context, tx *store.Tx) error {
			got, err := tx.ReadLog(ctx, c.scope, c.after, 19, c.limit, c.size)
			must(t, err)
			if len(got) != c.n {
				t.Errorf("%s: %d entries, want %d", name, len(got), c.n)
			}
			for i, e := range got {
				var op syncproto.Op
				must(t, syncproto.Unmarshal(e.Op, &op))
				if e.Seq != uint64(c.first+i) || !op.Fields.Equal(logged(1, field, note).Op.Fields) {
					t.Errorf("%s: entry %d is %+v", name, i, e)
				}
			}
			return nil
		})
	}
}

// epochs: what all of them share of a log is what it held at the earliest
// restore.
func epochs(t *testing.T, s *store.Store) {
	common := func(s2 syncproto.Scope, want uint64, wantRestored bool) {
		t.Helper()
		view(t, s, func(ctx context.Context, tx *store.Tx) error {
			if common, restored, err := tx.Common(ctx, s2); err != nil || common != want || restored != wantRestored {
				t.Errorf("all epochs share %d of %s, restored %v, %v; want %d", common, s2, restored, err, want)
			}
			return nil
		})
	}
	common(field, 0, false)
	begin := func(entries int, want uint64) {
		t.Helper()
		update(t, s, func(ctx context.Context, tx *store.Tx) error {
			must(t, tx.Lock(ctx, field.Project))
			for range entries {
				_, err := tx.TakeSeq(ctx, field)
				must(t, err)
			}
			return nil
		})
		update(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.Diverge(ctx) })
		common(field, want, true)
	}
	begin(3, 3)
	begin(4, 3)
	// A scope that the first backup did not have may have been another one then.
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		must(t, tx.Lock(ctx, office.Project))
		_, err := tx.TakeSeq(ctx, office)
		return err
	})
	common(office, 0, true)
	begin(0, 3)
	common(office, 0, true)
}

func receivedOps(t *testing.T, s *store.Store) {
	r := store.Received{Body: []byte("whatever was sent"), Answer: syncproto.Answer{
		Seq: 4, Status: syncproto.Rejected, Code: syncproto.CodeGuard, Details: []string{"guard.a", "guard.b"},
	}}
	update(t, s, func(ctx context.Context, tx *store.Tx) error { return tx.SaveReceived(ctx, tablet, r, 5) })
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		got, err := tx.Received(ctx, tablet, 4)
		must(t, err)
		if !bytes.Equal(got.Body, r.Body) || got.Answer.Code != r.Answer.Code || got.Answer.Seq != 4 || !slices.Equal(got.Answer.Details, r.Answer.Details) {
			t.Errorf("%+v", got)
		}
		return nil
	})
	if err := s.Update(t.Context(), func(tx *store.Tx) error { return tx.SaveReceived(t.Context(), tablet, r, 6) }); err == nil {
		t.Error("one op was received twice")
	}
}

func blobs(t *testing.T, s *store.Store) {
	sha, unnamed := domain.Hash{1}, domain.Hash{2}
	ref := store.BlobRef{Scope: field, Entity: domain.EntityAttachment, ID: domain.AnyID{1}}
	plan := store.BlobRef{Scope: elsewhere, Entity: domain.EntityPlan, ID: domain.AnyID{2}}
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		for range 2 { // naming twice is naming once
			must(t, tx.AddBlobRef(ctx, sha, ref))
			must(t, tx.AddBlobRef(ctx, sha, plan))
		}
		if has, err := tx.HasBlob(ctx, sha); err != nil || has {
			t.Errorf("named is not here: %v, %v", has, err)
		}
		must(t, tx.PutBlob(ctx, sha, 10, 1))
		must(t, tx.PutBlob(ctx, sha, 10, 2))
		return nil
	})
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		refs, err := tx.BlobRefs(ctx, sha)
		must(t, err)
		if len(refs) != 2 || !slices.Contains(refs, ref) || !slices.Contains(refs, plan) {
			t.Errorf("refs %+v", refs)
		}
		if has, err := tx.HasBlob(ctx, sha); err != nil || !has {
			t.Errorf("%v, %v", has, err)
		}
		for name, c := range map[string]struct {
			sha    domain.Hash
			scopes []syncproto.Scope
			want   bool
		}{
			"one of several scopes": {sha, []syncproto.Scope{office, field}, true},
			"other scopes":          {sha, []syncproto.Scope{office}, false},
			"no scope":              {sha, nil, false},
			"unnamed":               {unnamed, []syncproto.Scope{field}, false},
		} {
			if named, err := tx.BlobNamed(ctx, c.sha, c.scopes); err != nil || named != c.want {
				t.Errorf("%s: %v, %v", name, named, err)
			}
		}
		return nil
	})
}

func importedRows(t *testing.T, s *store.Store) {
	row := func(p domain.ProjectID, name, value string) store.ImportedRow {
		return store.ImportedRow{Project: p, Entity: domain.EntityUnit, ID: ident.Derive[any](name), Name: name, Fields: syncproto.Fields{6: append([]byte{0x61}, value...)}}
	}
	update(t, s, func(ctx context.Context, tx *store.Tx) error {
		for _, r := range []store.ImportedRow{row(projectA, "2#102", "a"), row(projectA, "1#101", "b"), row(projectB, "9#901", "c"), row(projectA, "1#101", "d")} {
			must(t, tx.PutImported(ctx, r))
		}
		return nil
	})
	view(t, s, func(ctx context.Context, tx *store.Tx) error {
		f, ok, err := tx.Imported(ctx, domain.EntityUnit, ident.Derive[any]("1#101"))
		if err != nil || !ok || string(f[6]) != "ad" {
			t.Errorf("%v %v %v", f, ok, err)
		}
		if _, ok, err := tx.Imported(ctx, domain.EntityUnit, domain.AnyID{7}); err != nil || ok {
			t.Errorf("never imported: %v, %v", ok, err)
		}
		rows, err := tx.ImportedRows(ctx, projectA)
		must(t, err)
		if len(rows) != 2 || rows[0].Name != "1#101" || rows[1].Name != "2#102" || rows[0].ID != ident.Derive[any]("1#101") {
			t.Errorf("rows of a project: %+v", rows)
		}
		return nil
	})
}
