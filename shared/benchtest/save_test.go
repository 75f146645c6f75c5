package benchtest

import (
	"crypto/rand"
	"testing"
	"time"

	"keyturn/app/core"
	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/shared/benchtest/floor"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// save measures a tap on "save": a defect with a photo, recorded and queued in
// one durable transaction, in turn with a bare durable commit of the same bytes.
func save(t *testing.T, b *bench) {
	s := newSite(t, 1, 0, nil)
	p := b.serving(t, s.dir)
	c := tablet(t, p.url, s.codes[0], "tablet")
	c.Connect(t.Context())
	await(t, c, "first download", downloaded(c))
	c.Disconnect()
	w := newWorkload(1, catalogue(t), s.units, s.person)
	tap(t, c, s.project, w.defect(t).defect)
	body := make([]byte, savedBytes(t, c))

	d, err := floor.OpenDevice(t.Context(), t.TempDir())
	must(t, err)
	defer func() { must(t, d.Close()) }()
	var bare, ours []float64
	for range b.saves {
		r := w.defect(t)
		_, err := rand.Read(body)
		must(t, err)
		began := time.Now()
		must(t, d.Save(t.Context(), []floor.Record{{ID: r.id, Body: body}}))
		bare = append(bare, time.Since(began).Seconds()*1000)
		ours = append(ours, tap(t, c, s.project, r.defect))
	}
	if all, _, err := d.Count(t.Context()); err != nil || all != b.saves || count(t, c, domain.EntityDefect) != b.saves+1 {
		t.Errorf("%d bare records and %d defects, want %d and one more: %v", all, count(t, c, domain.EntityDefect), b.saves, err)
	}
	b.figure(t, "save_p50", quantile(ours, 0.5), "ms", quantile(bare, 0.5), target{})
	b.figure(t, "save_p99", quantile(ours, 0.99), "ms", quantile(bare, 0.99), atMostTimes(2))
}

// tap fills in a form and saves it; it gives the milliseconds that saving took.
func tap(t *testing.T, c *core.Core, project domain.ProjectID, d domain.Defect) float64 {
	t.Helper()
	form, err := c.Field.NewDefectForm(project, d.UnitID, d.Stage)
	must(t, err)
	form.Choose(d.LibraryCode, d.Element, d.Trade, d.Type, d.Severity)
	form.Room, form.Description, form.Readings, form.Pin = d.Room, d.Description, d.Readings, d.Pin
	form.Result, form.Inspection = d.ResultID, d.InspectionID
	photo, err := ident.New[domain.Attachment](c.Field.IDs)
	must(t, err)
	var sha domain.Hash
	_, err = rand.Read(sha[:])
	must(t, err)
	form.Photos = []fieldwork.Captured{{ID: photo, Photo: sha.String(), Bytes: 400_000, Format: "jpeg"}}
	began := time.Now()
	_, err = c.Field.RecordDefect(t.Context(), form)
	must(t, err)
	return time.Since(began).Seconds() * 1000
}

// savedBytes is what the first save wrote: ops and records as they are stored.
func savedBytes(t *testing.T, c *core.Core) (n int) {
	t.Helper()
	must(t, c.Store.View(t.Context(), func(tx *localstore.Tx) error {
		sent, err := tx.Sent(t.Context())
		if err != nil {
			return err
		}
		for _, op := range sent {
			body, err := syncproto.Marshal(op.Op)
			if err != nil {
				return err
			}
			records, err := tx.Records(t.Context(), op.Op.Entity, localstore.Filter{})
			if err != nil {
				return err
			}
			n += len(body)
			for _, r := range records {
				if r.ID == op.Op.ID {
					stored, err := r.Encode()
					if err != nil {
						return err
					}
					n += len(stored)
				}
			}
		}
		return nil
	}))
	return n
}
