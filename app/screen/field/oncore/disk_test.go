package oncore_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"keyturn/app/screen/field"
	"keyturn/app/screen/field/oncore"
	"keyturn/shared/domain"
	"keyturn/shared/sqlitedb"
	"keyturn/shared/wording"
)

// fullDisk is SQLite's own word for a full disk.
func fullDisk(t *testing.T) error {
	t.Helper()
	db, err := sql.Open("sqlite3", ":memory:")
	must(t, err)
	defer func() { must(t, db.Close()) }()
	db.SetMaxOpenConns(1)
	for _, setting := range []string{"PRAGMA max_page_count = 2", "CREATE TABLE t (v BLOB)"} {
		_, err = db.ExecContext(t.Context(), setting)
		must(t, err)
	}
	_, err = db.ExecContext(t.Context(), "INSERT INTO t VALUES (zeroblob(100000))")
	if !sqlitedb.IsFull(err) {
		t.Fatalf("%v", err)
	}
	return fmt.Errorf("record defect: %w", err)
}

// noRoom saves nothing for as long as why is set.
type noRoom struct {
	field.Defects
	field.Inspecting

	why error
}

func (n *noRoom) Record(ctx context.Context, form field.Form) (domain.DefectID, error) {
	if n.why != nil {
		return domain.DefectID{}, n.why
	}
	return n.Defects.Record(ctx, form)
}

func (n *noRoom) Start(ctx context.Context, project domain.ProjectID, task domain.TaskID) (domain.InspectionID, error) {
	if n.why != nil {
		return domain.InspectionID{}, n.why
	}
	return n.Inspecting.Start(ctx, project, task)
}

// When the disk is full the inspector is told so, what is safe and what to do;
// the form is as it was and saves when there is room.
func TestSavingOnAFullDisk(t *testing.T) {
	s := newSite(t)
	device := oncore.Device(t.Context(), s.core, s.dir)
	disk := &noRoom{Defects: device.Defects, Inspecting: device.Inspect, why: fullDisk(t)}
	device.Defects, device.Inspect = disk, disk
	session, err := field.NewSession(t.Context(), device, wording.English)
	must(t, err)
	defer session.Close()
	session.Navigate(s)

	session.Unit(flat, handover).AddDefect()
	form := session.Form(s.went().Draft)
	form.ChooseRoom("BTH1")
	form.Pick("PLB-07")
	form.Describe("地漏反坡")
	form.Save()
	checklist := session.Checklist(flat, handover, "ENT1", "")
	rows := now(s, checklist).Rows
	checklist.Answer(rows[0].ID, domain.AnswerPass)
	for locale, want := range map[string]field.Problem{
		wording.English: {
			Happened: "The tablet's storage is full",
			Safe:     "Everything saved before is on this tablet; only the last entry is not saved yet.",
			Next:     "Free some storage on the tablet, then save again.",
		},
		wording.Chinese: {
			Happened: "平板存储空间已满",
			Safe:     "之前保存的内容都在本平板上；只有刚才这一项还没有保存。",
			Next:     "请清理平板的存储空间，然后重新保存。",
		},
	} {
		session.SetLocale(locale)
		form.Save()
		st := until(s, form, "told", func(_ field.FormState, p *field.Problem) bool { return p != nil && *p == want })
		if st.Description != "地漏反坡" {
			t.Errorf("the form lost %q", st.Description)
		}
		checklist.Answer(rows[0].ID, domain.AnswerPass)
		until(s, checklist, "told of the answer", func(_ field.ChecklistState, p *field.Problem) bool { return p != nil && *p == want })
	}
	disk.why = nil
	form.Save()
	s.went()
	if saved := records[domain.Defect](s, domain.EntityDefect, flat.Any()); len(saved) != 1 || saved[0].Record.Description != "地漏反坡" {
		t.Errorf("%+v", saved)
	}
}
