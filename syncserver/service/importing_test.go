package service_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/handoverlist"
	"keyturn/syncserver/store"
)

// Looking writes nothing, applying writes the list, applying again changes
// nothing, neither records nor log. The shipped list does so in TestLoadSample.
func TestImportTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := len(w.log())
	path := w.workbook(map[string]table{"房屋清单": units(), "交付预约": appointments()})
	for i, c := range []struct {
		apply     bool
		writes    bool
		announced bool
	}{{false, false, true}, {true, true, true}, {true, false, false}, {false, false, false}} {
		preview, err := w.Import(t.Context(), w.project, path, c.apply)
		must(t, err)
		wrote := len(w.log()) - before
		if preview.Refused() || (wrote > 0) != c.writes || (len(preview.Changes) > 0) != c.announced || len(preview.Kept)+len(preview.Missing) > 0 {
			t.Errorf("round %d: %d entries, %d changes announced", i+1, wrote, len(preview.Changes))
		}
		before += wrote
		w.now = w.now.Add(time.Hour)
	}
	if n := len(list[domain.Unit](w, domain.EntityUnit)); n != 3 {
		t.Errorf("%d units", n)
	}
	if n := len(list[domain.Task](w, domain.EntityTask)); n != 2 {
		t.Errorf("%d handover tasks for 2 appointments", n)
	}
}

// An edited file changes what was edited and no other record.
func TestEditedWorkbook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.imports(units(), appointments())
	before := w.heads()
	u, a := units(), appointments()
	u[1][6] = 120.5         // area of 1-101
	u[2][8] = "12000000009" // phone of 1-102
	a[2][5] = "验房员丙"        // inspector of 1-102
	w.imports(u, a)
	changed := w.since(before)
	first, second := w.unit("1单元", "101"), w.unit("1单元", "102")
	if first.Record.ContractAreaCM2 != 1_205_000 || second.Record.ContractAreaCM2 != 1_186_200 {
		t.Errorf("areas %d and %d", first.Record.ContractAreaCM2, second.Record.ContractAreaCM2)
	}
	if op := changed[first.ID.Any()]; len(op.Fields) != 1 || op.Kind != syncproto.Amended {
		t.Errorf("1-101 was written as %+v", op)
	}
	kinds := map[domain.Entity]int{}
	for _, op := range changed {
		kinds[op.Entity]++
	}
	// The masked phone stands on the unit, the full one with the homeowner.
	want := map[domain.Entity]int{domain.EntityUnit: 2, domain.EntityHomeowner: 1, domain.EntityAppointment: 1, domain.EntityTask: 1}
	for e := range want {
		if kinds[e] != want[e] {
			t.Errorf("%d records of %s changed, want %d", kinds[e], e, want[e])
		}
	}
	if len(changed) != 5 {
		t.Errorf("%d records changed: %v", len(changed), kinds)
	}
}

// What people changed in the app is kept and shown; what the file changed beside
// it is taken.
func TestAppEditsAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.imports(units(), nil)
	held := w.unit("1单元", "101")
	edited := held.Record
	edited.Note = "业主已改约"
	w.edit(domain.EntityUnit, held.ID.Any(), held.Record, edited)

	// The file did not touch the note: nothing to decide.
	u := units()
	u[1][6] = 119.0
	if p := w.imports(u, nil); len(p.Kept) != 0 {
		t.Errorf("%+v", p.Kept)
	}
	if got := w.unit("1单元", "101").Record; got.Note != "业主已改约" || got.ContractAreaCM2 != 1_190_000 {
		t.Errorf("%+v", got)
	}
	// Both changed it: the app's stays and the difference is shown, every time.
	u[1][9] = "靠水"
	for range 2 {
		before := len(w.log())
		p := w.imports(u, nil)
		if len(p.Kept) != 1 || p.Kept[0].ID != held.ID.Any() || len(p.Kept[0].Fields) != 1 {
			t.Errorf("%+v", p.Kept)
		}
		if got := w.unit("1单元", "101").Record.Note; got != "业主已改约" || len(w.log()) != before {
			t.Errorf("note %q, %d entries", got, len(w.log())-before)
		}
	}
}

// Rows that are gone from the file are reported, never deleted.
func TestMissingRowsAreReported(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.imports(units(), appointments())
	before := len(w.log())
	u := units()
	p := w.imports(append(u[:2:2], u[3]), appointments()[:2])
	if len(p.Missing) < 2 || len(w.log()) != before || len(list[domain.Unit](w, domain.EntityUnit)) != 3 {
		t.Errorf("%d missing, %d entries, %d units", len(p.Missing), len(w.log())-before, len(list[domain.Unit](w, domain.EntityUnit)))
	}
}

// A faulty file writes nothing at all, not even what it remembers of a file.
func TestBadWorkbookWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := len(w.log())
	for _, apply := range []bool{false, true} {
		preview, err := w.Import(t.Context(), w.project, sample("handover-list-with-errors.xlsx"), apply)
		must(t, err)
		if !preview.Refused() || len(preview.Changes) != 0 || len(w.log()) != before {
			t.Errorf("apply %v: %d changes, %d entries", apply, len(preview.Changes), len(w.log())-before)
		}
		for _, f := range preview.Faults {
			if f.Severity == handoverlist.SeverityError && (f.Sheet == "" || f.Row == 0 || f.Expected.Key == "") {
				t.Errorf("a fault without its place: %+v", f)
			}
		}
	}
	w.view(func(ctx context.Context, tx *store.Tx) error {
		if rows, err := tx.ImportedRows(ctx, w.project); err != nil || len(rows) != 0 {
			t.Errorf("%d rows are remembered, %v", len(rows), err)
		}
		return nil
	})
}

func TestImportOfWhatIsNoList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, content, 0o600))
		return path
	}
	before := len(w.log())
	for name, path := range map[string]string{
		"no file": filepath.Join(dir, "none.xlsx"), "a directory": dir, "nothing": write("empty.xlsx", nil), "text": write("text.xlsx", []byte("not a workbook")),
		"half a zip": write("half.xlsx", []byte("PK\x03\x04 and then nothing")),
	} {
		if preview, err := w.Import(t.Context(), w.project, path, true); err == nil && !preview.Refused() {
			t.Errorf("%s was imported: %+v", name, preview)
		}
	}
	if len(w.log()) != before {
		t.Error("something was written")
	}
}

// The inspector's task follows its appointment, and what was done stays done.
func TestHandoverTasksFollowAppointments(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.imports(units(), appointments())
	tasks := func() map[domain.UnitID]domain.Task {
		found := map[domain.UnitID]domain.Task{}
		for _, k := range list[domain.Task](w, domain.EntityTask) {
			if _, twice := found[k.Record.UnitID]; twice {
				t.Errorf("two tasks for unit %s", k.Record.UnitID)
			}
			found[k.Record.UnitID] = k.Record
		}
		return found
	}
	first, second := w.unit("1单元", "101").ID, w.unit("1单元", "102").ID
	if k := tasks()[first]; k.Stage != domain.StageHandover || k.State != domain.TaskOpen || k.DueOn != "2026-09-26" || k.Inspector != "验房员甲" {
		t.Errorf("%+v", k)
	}
	for _, k := range list[domain.Task](w, domain.EntityTask) {
		if k.Record.UnitID == second {
			done := k.Record
			done.State = domain.TaskDone
			w.edit(domain.EntityTask, k.ID.Any(), k.Record, done)
		}
	}
	a := appointments()
	a[1][0], a[1][5] = "2026-09-28", "验房员丁"
	a[2][1] = "14:00-15:00"
	w.imports(units(), a)
	got := tasks()
	if len(got) != 2 || got[first].DueOn != "2026-09-28" || got[first].Inspector != "验房员丁" || got[first].State != domain.TaskOpen {
		t.Errorf("moved: %+v", got[first])
	}
	if got[second].State != domain.TaskDone {
		t.Errorf("done: %+v", got[second])
	}
	// A second visit after a handover that is done is a task of its own.
	a[2][0] = "2026-10-08"
	w.imports(units(), a)
	var states []domain.TaskState
	for _, k := range list[domain.Task](w, domain.EntityTask) {
		if k.Record.UnitID == second {
			states = append(states, k.Record.State)
		}
	}
	slices.Sort(states)
	if !slices.Equal(states, []domain.TaskState{domain.TaskDone, domain.TaskOpen}) {
		t.Errorf("the second visit: %v", states)
	}
}

// Money and homeowners' data stay out of the audience that tablets hold.
func TestImportedPeopleStayWithPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.imports(units(), nil)
	for _, l := range w.log() {
		info, _ := l.Op.Entity.Info()
		if l.Op.Scope.Audience != info.Audience {
			t.Errorf("%s went to %s", l.Op.Entity, l.Op.Scope.Audience)
		}
	}
	u := w.unit("1单元", "101").Record
	if u.OwnerMasked == "" || u.OwnerMasked == "样例业主甲" || u.PhoneMasked == "12000000001" || u.PhoneMasked == "" {
		t.Errorf("owner %q, phone %q", u.OwnerMasked, u.PhoneMasked)
	}
	owners := list[domain.Homeowner](w, domain.EntityHomeowner)
	if len(owners) != 2 || owners[0].Record.Phone == "" {
		t.Errorf("%+v", owners)
	}
}
