package benchtest

import (
	"database/sql"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"keyturn/app/core"
	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/sqlitedb"
	"keyturn/shared/syncproto"
)

const description = "客厅南墙距地面约1.2米处有一条长约60厘米的斜向裂缝，宽度约0.3毫米，表面乳胶漆同时开裂，需铲除后挂网修补并重新涂刷。"

// record fills in and saves a defect as a tap on "save" does.
func record(b *testing.B, c *core.Core, project domain.ProjectID, unit domain.UnitID) {
	b.Helper()
	form, err := c.Field.NewDefectForm(project, unit, domain.StageHandover)
	must(b, err)
	lib, _ := c.Catalogue.Defect("PLA-02")
	form.Choose(lib.Code, lib.Element, lib.Trade, lib.Type, lib.Severity)
	form.Room, form.Description = "LIV1", description
	_, err = c.Field.RecordDefect(b.Context(), form)
	must(b, err)
}

// BenchmarkDefectSave is tap to durable: record, op and list row in one FULL
// commit, beside a bare FULL commit of the same bytes.
func BenchmarkDefectSave(b *testing.B) {
	w := newWorld(b)
	c := w.device("inspector1", "save")
	c.Connect(b.Context())
	settled(b, c, func(localstore.Progress) bool { return true })
	c.Disconnect()
	all := units(b, c)
	floor := bareCommits(b)
	var saved []time.Duration
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		record(b, c, w.project, all[i%len(all)])
		saved = append(saved, time.Since(began))
	}
	bare := floor(len(saved))
	b.ReportMetric(quantile(saved, .5), "p50-ms")
	b.ReportMetric(quantile(saved, .99), "p99-ms")
	b.ReportMetric(quantile(saved, .5)/quantile(bare, .5), "p50/bare")
	b.ReportMetric(quantile(saved, .99)/quantile(bare, .99), "p99/bare")
}

// bareCommits measures one-row FULL commits of a defect's bytes.
func bareCommits(b *testing.B) func(n int) []time.Duration {
	b.Helper()
	db, err := sqlitedb.Open(b.Context(), filepath.Join(b.TempDir(), "bare.db"), fstest.MapFS{
		"00001_bare.sql": {Data: []byte("-- +goose Up\nCREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB NOT NULL) STRICT;\n")},
	})
	must(b, err)
	b.Cleanup(func() { must(b, db.Close()) })
	fields, err := syncproto.Encode(domain.Defect{Room: "LIV1", Description: description, State: domain.DefectOpen})
	must(b, err)
	body, err := syncproto.Marshal(fields)
	must(b, err)
	return func(n int) []time.Duration {
		times := make([]time.Duration, n)
		for i := range times {
			began := time.Now()
			must(b, db.Tx(b.Context(), func(tx *sql.Tx) error {
				_, err := tx.ExecContext(b.Context(), "INSERT INTO t (v) VALUES (?)", append(body, body...))
				return err
			}))
			times[i] = time.Since(began)
		}
		return times
	}
}
