package service_test

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"keyturn/assets/catalog"
	"keyturn/assets/translations"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/handoverlist"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/service"
	"keyturn/syncserver/store"
)

const projectName = "样例苑"

// world is a server without a listener.
type world struct {
	*service.Service
	t       *testing.T
	now     time.Time
	project domain.ProjectID
}

func options(dir string, now func() time.Time) service.Options {
	return service.Options{Dir: dir, Now: now, Catalogue: catalog.FS, Translations: translations.FS, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 9, 26, 1, 0, 0, 0, time.UTC)}
	var err error
	w.Service, err = service.Open(t.Context(), options(t.TempDir(), func() time.Time { return w.now }))
	must(t, err)
	t.Cleanup(func() { must(t, w.Close()) })
	w.project, err = w.AddProject(t.Context(), domain.Project{Name: projectName, Zone: "Asia/Shanghai"})
	must(t, err)
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// table is a sheet as people type it.
type table [][]any

// Small tables of the kind that the shipped list has.
func units() table {
	return table{
		{"楼栋", "单元", "楼层", "房号", "户型", "装修标准", "预测面积(㎡)", "业主姓名", "联系电话", "备注"},
		{"1#", "1单元", 1, "101", "B户型 三室两厅两卫", "精装", 118.62, "样例业主甲", "12000000001", "靠山"},
		{"1#", "1单元", 1, "102", "B户型 三室两厅两卫", "精装", 118.62, "样例业主乙", "12000000002", ""},
		{"1#", "2单元", 1, "101", "B户型 三室两厅两卫", "毛坯", 99.5, "", "", "未售"},
	}
}

func appointments() table {
	return table{
		{"日期", "时段", "楼栋", "单元", "房号", "验房员"},
		{"2026-09-26", "09:00-10:00", "1#", "1单元", "101", "验房员甲"},
		{"2026-09-27", "09:00-10:00", "1#", "1单元", "102", "验房员乙"},
	}
}

// workbook writes tables into a file.
func (w *world) workbook(sheets map[string]table) string {
	w.t.Helper()
	book := excelize.NewFile()
	for name, rows := range sheets {
		_, err := book.NewSheet(name)
		must(w.t, err)
		for i, row := range rows {
			must(w.t, book.SetSheetRow(name, "A"+string(rune('1'+i)), &row))
		}
	}
	must(w.t, book.DeleteSheet("Sheet1"))
	path := filepath.Join(w.t.TempDir(), "list.xlsx")
	must(w.t, book.SaveAs(path))
	must(w.t, book.Close())
	return path
}

// imports applies tables and expects them to be taken.
func (w *world) imports(u, a table) *handoverlist.Preview {
	w.t.Helper()
	sheets := map[string]table{"房屋清单": u}
	if a != nil {
		sheets["交付预约"] = a
	}
	preview, err := w.Import(w.t.Context(), w.project, w.workbook(sheets), true)
	must(w.t, err)
	if preview.Refused() {
		w.t.Fatalf("refused: %+v", preview.Faults)
	}
	return preview
}

func (w *world) view(work func(context.Context, *store.Tx) error) {
	w.t.Helper()
	must(w.t, w.Store.View(w.t.Context(), func(tx *store.Tx) error { return work(w.t.Context(), tx) }))
}

// log lists every entry of the project's scopes.
func (w *world) log() (all []syncproto.Logged) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *store.Tx) error {
		for _, a := range domain.Audiences() {
			part, err := tx.ReadLog(ctx, syncproto.Scope{Project: w.project, Audience: a}, 0, 1<<62, 1_000_000, 1<<30)
			must(w.t, err)
			for _, stored := range part {
				l := syncproto.Logged{Seq: stored.Seq}
				must(w.t, syncproto.Unmarshal(stored.Op, &l.Op))
				all = append(all, l)
			}
		}
		return nil
	})
	return all
}

// heads tells where the project's streams end.
func (w *world) heads() map[syncproto.Scope]uint64 {
	w.t.Helper()
	heads := map[syncproto.Scope]uint64{}
	for _, l := range w.log() {
		heads[l.Op.Scope] = l.Seq
	}
	return heads
}

// since lists what was written after those ends, by record.
func (w *world) since(before map[syncproto.Scope]uint64) map[domain.AnyID]syncproto.Op {
	w.t.Helper()
	changed := map[domain.AnyID]syncproto.Op{}
	for _, l := range w.log() {
		if l.Seq > before[l.Op.Scope] {
			changed[l.Op.ID] = l.Op
		}
	}
	return changed
}

func list[T any](w *world, e domain.Entity) (rows []intake.Listed[T]) {
	w.t.Helper()
	w.view(func(ctx context.Context, tx *store.Tx) (err error) {
		rows, err = intake.List[T](ctx, tx, e, store.Filter{Project: w.project})
		return err
	})
	return rows
}

// unit finds a flat by entrance and number.
func (w *world) unit(entrance, number string) intake.Listed[domain.Unit] {
	w.t.Helper()
	for _, u := range list[domain.Unit](w, domain.EntityUnit) {
		if u.Record.Entrance == entrance && u.Record.Number == number {
			return u
		}
	}
	w.t.Fatalf("no unit %s %s", entrance, number)
	return intake.Listed[domain.Unit]{}
}

// edit changes a record as somebody at a desk would.
func (w *world) edit(e domain.Entity, id domain.AnyID, prev, next any) {
	w.t.Helper()
	must(w.t, w.Store.Update(w.t.Context(), func(tx *store.Tx) error {
		var logged []syncproto.Logged
		must(w.t, tx.Lock(w.t.Context(), w.project))
		return intake.NewWriter(tx, w.project, domain.At(w.now), &logged).Amend(w.t.Context(), e, id, prev, next)
	}))
}

// sample is a shipped workbook.
func sample(name string) string { return filepath.Join("..", "handoverlist", "testdata", name) }
