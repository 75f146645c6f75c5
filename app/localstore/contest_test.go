package localstore_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

// contested counts the records that wait for a person, and those with values to
// look at.
func (w *world) contested() (open, all int) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		conflicts, err := tx.Conflicts(ctx)
		must(w.t, err)
		contested, err := tx.Contested(ctx)
		open, all = len(conflicts), len(contested)
		return err
	})
	return open, all
}

func (w *world) wantContested(when string, open, all int) {
	w.t.Helper()
	if o, a := w.contested(); o != open || a != all {
		w.t.Errorf("%s: %d records wait for a person and %d are contested, want %d and %d", when, o, a, open, all)
	}
}

// A conflict is listed until somebody resolves it: on the device that does at
// once, before the server knows.
func TestConflictsAreListedUntilResolved(t *testing.T) {
	w := newWorld(t)
	w.answer(w.accept(w.creates("d", domain.Defect{Description: "start"})))
	w.answer(w.accept(w.creates("other", domain.Defect{Description: "quiet"})))
	w.pull()
	w.wantContested("before", 0, 0)
	seq := w.amends("d", domain.Defect{Description: "mine"})
	w.others("d", syncproto.Amended, domain.Defect{Description: "theirs"})
	w.pull()
	w.shows("d", "mine")
	w.wantContested("while the own edit waits beside what was pulled", 1, 1)
	w.answer(w.accept(seq))
	w.pull()
	w.shows("d", "theirs") // the first applied is in force
	w.wantContested("after the server's answer", 1, 1)

	seq = w.amends("d", domain.Defect{Description: "mine, theirs"})
	w.wantContested("resolved here", 0, 1)
	w.shows("d", "mine, theirs")
	w.answer(syncproto.Answer{Seq: seq, Status: syncproto.Rejected, Code: syncproto.CodeForbidden})
	w.wantContested("the resolution refused", 1, 1)
	w.shows("d", "theirs")

	w.others("d", syncproto.Amended, domain.Defect{Description: "their decision"})
	w.pull()
	w.wantContested("resolved elsewhere", 0, 1)
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		r, ok, err := tx.Shown(ctx, domain.EntityDefect, ident.Derive[any]("d"))
		if err != nil || !ok || len(r.Contests) != 1 || r.Contests[0].Open || len(r.Contests[0].Versions) != 2 {
			t.Errorf("what lost is not kept: %+v, %v", r.Contests, err)
		}
		return nil
	})
	w.others("d", syncproto.Withdrawn, domain.Defect{})
	w.pull()
	w.wantContested("withdrawn", 0, 0)
}

// The indexed column survives the end of the app, and records that were stored
// before it existed are found.
func TestConflictsOfAnOlderVersionAreFound(t *testing.T) {
	w := newWorld(t)
	w.answer(w.accept(w.creates("d", domain.Defect{Description: "start"})))
	w.answer(w.accept(w.creates("quiet", domain.Defect{Description: "start"})))
	w.pull()
	seq := w.amends("d", domain.Defect{Description: "mine"})
	w.others("d", syncproto.Amended, domain.Defect{Description: "theirs"})
	w.answer(w.accept(seq))
	w.pull()
	for _, older := range []bool{false, true} {
		must(t, w.store.Close())
		if older {
			db, err := sql.Open("sqlite3", filepath.Join(w.dir, localstore.FileName))
			must(t, err)
			_, err = db.ExecContext(t.Context(), "UPDATE records SET contested = -1")
			must(t, err)
			must(t, db.Close())
		}
		w.open()
		w.wantContested("opened again", 1, 1)
	}
}

// A device that holds many records looks only at the contested ones.
func TestConflictsUseTheIndex(t *testing.T) {
	w := newWorld(t)
	db, err := sql.Open("sqlite3", filepath.Join(w.dir, localstore.FileName))
	must(t, err)
	defer func() { must(t, db.Close()) }()
	for _, where := range []string{"contested = 2", "contested IS NOT NULL"} {
		var id, parent, unused int
		var plan string
		must(t, db.QueryRowContext(t.Context(), "EXPLAIN QUERY PLAN SELECT coalesce(body, server) FROM records WHERE "+where).Scan(&id, &parent, &unused, &plan))
		if want := "USING INDEX records_contested"; !strings.Contains(plan, want) {
			t.Errorf("%s: %s", where, plan)
		}
	}
}

// The values of every version are as people gave them.
func TestContestedValuesAreComplete(t *testing.T) {
	w := newWorld(t)
	w.answer(w.accept(w.creates("d", domain.Defect{Severity: domain.Minor})))
	w.pull()
	seq := w.amends("d", domain.Defect{Severity: domain.Major})
	w.others("d", syncproto.Amended, domain.Defect{Severity: domain.Cosmetic})
	w.answer(w.accept(seq))
	w.pull()
	w.view(func(ctx context.Context, tx *localstore.Tx) error {
		list, err := tx.Conflicts(ctx)
		must(t, err)
		var given []domain.Severity
		for _, v := range list[0].Contests[0].Versions {
			s, err := syncproto.DecodeField[domain.Severity](syncproto.Fields{9: v.Value}, 9)
			must(t, err)
			given = append(given, s)
		}
		d, err := merge.As[domain.Defect](list[0])
		if err != nil || len(given) != 2 || given[0] != domain.Cosmetic || given[1] != domain.Major || d.Severity != domain.Major {
			t.Errorf("%v, in force %v, %v", given, d.Severity, err)
		}
		return nil
	})
}
