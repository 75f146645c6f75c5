package walktest

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// A tablet comes back after longer than the server keeps its log, with work that
// it never sent: it gets a snapshot, its work stays on top and reaches everybody,
// and it ends up with the same records as a tablet that is new.
func TestLongAbsence(t *testing.T) {
	w := newWorld(t)
	desk := w.enrol("coordinator1")
	old := w.open(filepath.Join(t.TempDir(), "old"))
	t.Cleanup(old.close)
	must(t, old.Enrol(t.Context(), w.network.URL(), w.code("inspector1"), "old tablet"))
	old.Connect(context.WithoutCancel(t.Context()))
	old.allConfirmed()
	desk.allConfirmed()
	old.Disconnect()

	unit := list[domain.Unit](old, domain.EntityUnit, localstore.Filter{})[0].ID
	mine := recordDefect(t, old, w.project, unit, "recorded before the absence")
	w.pass(time.Hour)
	theirs := recordDefect(t, desk, w.project, unit, "recorded meanwhile")
	desk.allConfirmed()
	w.clock.Advance(200 * 24 * time.Hour)
	later := recordDefect(t, desk, w.project, unit, "recorded long after")
	desk.allConfirmed()
	must(t, w.server.Tidy(t.Context()))

	old.Connect(context.WithoutCancel(t.Context()))
	old.allConfirmed()
	fresh := w.enrol("inspector2")
	fresh.allConfirmed()
	desk.until("the old tablet's work", func(ctx context.Context, tx *localstore.Tx) (bool, error) {
		_, ok, err := localstore.Get(ctx, tx, domain.EntityDefect, mine)
		return ok, err
	})
	for _, d := range []*device{old, fresh} {
		d.until("everybody's work", func(ctx context.Context, tx *localstore.Tx) (bool, error) {
			for _, id := range []domain.DefectID{mine, theirs, later} {
				if _, ok, err := localstore.Get(ctx, tx, domain.EntityDefect, id); err != nil || !ok {
					return false, err
				}
			}
			return true, nil
		})
	}
	sameRecords(t, old, fresh)
}

func recordDefect(t *testing.T, d *device, project domain.ProjectID, unit domain.UnitID, description string) domain.DefectID {
	t.Helper()
	form, err := d.Field.NewDefectForm(project, unit, domain.StageHandover)
	must(t, err)
	lib, _ := d.Catalogue.Defect("PLA-02")
	form.Choose(lib.Code, lib.Element, lib.Trade, lib.Type, lib.Severity)
	form.Room, form.Description = "LIV1", description
	id, err := d.Field.RecordDefect(t.Context(), form)
	must(t, err)
	return id
}

// sameRecords compares everything that two tablets of the same audience hold.
func sameRecords(t *testing.T, a, b *device) {
	t.Helper()
	for e := domain.Entity(1); ; e++ {
		if _, known := e.Info(); !known {
			break
		}
		var rows [2]map[string]string
		for i, d := range []*device{a, b} {
			rows[i] = map[string]string{}
			must(t, d.Store.View(t.Context(), func(tx *localstore.Tx) error {
				list, err := tx.Records(t.Context(), e, localstore.Filter{})
				for _, r := range list {
					body, err := r.Encode()
					must(t, err)
					rows[i][r.ID.String()] = string(body)
				}
				return err
			}))
		}
		if len(rows[0]) != len(rows[1]) {
			t.Errorf("%s: %d and %d records", e, len(rows[0]), len(rows[1]))
		}
		for id, body := range rows[0] {
			if rows[1][id] != body {
				t.Errorf("%s %s differs", e, id)
			}
		}
	}
}

// A copy that is not what the log gives, whatever the reason, is found within a
// day of work and replaced.
func TestDivergenceHeals(t *testing.T) {
	w := newWorld(t)
	d := w.enrol("inspector1")
	d.allConfirmed()
	unit := list[domain.Unit](d, domain.EntityUnit, localstore.Filter{})[0]
	d.Disconnect()
	number := func() string { return one(d, domain.EntityUnit, unit.ID).Number }
	right := number()
	fields, err := syncproto.Encode(domain.Unit{Number: "wrong"})
	must(t, err)
	scope := syncproto.Scope{Project: w.project, Audience: domain.AudienceField}
	must(t, d.Store.Update(t.Context(), func(tx *localstore.Tx) error {
		c, _, err := tx.Cursor(t.Context(), scope)
		must(t, err)
		forged := syncproto.Op{Device: ident.ServerDevice, Scope: scope, Entity: domain.EntityUnit, ID: unit.ID.Any(), Kind: syncproto.Amended, Fields: fields}
		_, err = tx.Apply(t.Context(), &syncproto.Page{
			Scope: scope, Epoch: c.Epoch, PrevSeq: c.Seq, LastSeq: c.Seq, Head: c.Seq, Changes: []syncproto.Logged{{Seq: c.Seq, Op: forged}},
		})
		return err
	}))
	if number() == right {
		t.Fatal("the copy was not changed")
	}
	w.clock.Advance(25 * time.Hour)
	d.Connect(context.WithoutCancel(t.Context()))
	d.until("the right number", func(ctx context.Context, tx *localstore.Tx) (bool, error) {
		u, _, err := localstore.Get(ctx, tx, domain.EntityUnit, unit.ID)
		return u.Number == right, err
	})
}
