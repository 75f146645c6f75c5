package service_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"keyturn/shared/domain"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
)

// holds counts the values in all tables that contain a text.
func (w *world) holds(text string) (n int) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *store.Tx) error {
		for _, table := range store.DumpTables() {
			err := tx.DumpRows(ctx, table, func(row []any) error {
				for _, value := range row {
					if b, ok := value.([]byte); ok && bytes.Contains(b, []byte(text)) || fmt.Sprint(value) == text {
						n++
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return n
}

// erases lets somebody erase the data of whoever is found by a text.
func (w *world) erases(text string) {
	w.t.Helper()
	by, err := w.AddStaff(w.t.Context(), w.project, service.Staff{Login: "admin", Name: "Sample admin", Role: "admin"})
	must(w.t, err)
	found, err := w.FindPersonal(w.t.Context(), w.project, text)
	must(w.t, err)
	if len(found) != 1 {
		w.t.Fatalf("found %+v", found)
	}
	must(w.t, w.Erase(w.t.Context(), w.project, found[0].Entity, found[0].ID, by))
}

// After an erasure no table holds the person's values any more, others' are
// untouched, and importing the same file again does not bring them back. What
// somebody types later is another person's, and stays.
func TestErase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.imports(units(), nil)
	w.erases("12000000001")
	for text, want := range map[string]bool{"12000000001": false, "样例业主甲": false, "12000000002": true, "样例业主乙": true} {
		if got := w.holds(text); (got > 0) != want {
			t.Errorf("%q stands in %d places", text, got)
		}
	}
	unit := w.unit("1单元", "101")
	if unit.Record.OwnerMasked != "" || unit.Record.PhoneMasked != "" || unit.Record.Note != "靠山" {
		t.Errorf("%+v", unit.Record)
	}
	w.now = w.now.Add(time.Hour)
	p := w.imports(units(), nil)
	if len(p.Kept) == 0 || w.holds("12000000001") > 0 {
		t.Errorf("the import kept %+v; the number stands in %d places", p.Kept, w.holds("12000000001"))
	}
	for _, o := range list[domain.Homeowner](w, domain.EntityHomeowner) {
		if o.Record.UnitID == unit.ID {
			next := o.Record
			next.Phone = "12000000003"
			w.edit(domain.EntityHomeowner, o.ID.Any(), o.Record, next)
		}
	}
	if w.holds("12000000003") == 0 {
		t.Error("the next owner has no phone number")
	}
}

// A database from before the erasure is erased again when it is opened, once.
func TestErasuresOutliveARestore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := func() time.Time { return time.Date(2026, 9, 26, 1, 0, 0, 0, time.UTC) }
	w := &world{t: t, now: now()}
	open := func() {
		t.Helper()
		var err error
		w.Service, err = service.Open(t.Context(), options(dir, now))
		must(t, err)
	}
	open()
	var err error
	w.project, err = w.AddProject(t.Context(), domain.Project{Name: projectName, Zone: "Asia/Shanghai"})
	must(t, err)
	w.imports(units(), nil)
	must(t, w.Close())
	path := filepath.Join(dir, service.DatabaseFile)
	before, err := os.ReadFile(path)
	must(t, err)
	open()
	w.erases("12000000001")
	must(t, w.Close())
	must(t, os.WriteFile(path, before, 0o600))
	for range 2 {
		open()
		if n := w.holds("12000000001"); n > 0 {
			t.Errorf("the number stands in %d places again", n)
		}
		must(t, w.Close())
	}
	noted, err := os.ReadFile(filepath.Join(dir, service.ErasuresFile))
	must(t, err)
	if n := bytes.Count(noted, []byte("\n")); n != 2 {
		t.Errorf("%d erasures are noted: one by hand and one again", n)
	}
}

// Only who administers the project erases, and only people's data.
func TestEraseIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.imports(units(), nil)
	coordinator, err := w.AddStaff(t.Context(), w.project, service.Staff{Login: "c", Name: "Sample coordinator", Role: "coordinator"})
	must(t, err)
	found, err := w.FindPersonal(t.Context(), w.project, "12000000001")
	must(t, err)
	if err := w.Erase(t.Context(), w.project, found[0].Entity, found[0].ID, coordinator); err == nil {
		t.Error("a coordinator may erase")
	}
	admin, err := w.AddStaff(t.Context(), w.project, service.Staff{Login: "a", Name: "Sample admin", Role: "admin"})
	must(t, err)
	if err := w.Erase(t.Context(), w.project, domain.EntityUnit, w.unit("1单元", "101").ID.Any(), admin); err == nil {
		t.Error("a flat is a person")
	}
	if w.holds("12000000001") == 0 {
		t.Error("it was erased all the same")
	}
}
