//go:build linux

package faulttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"strings"
	"time"

	"keyturn/app/localstore"
	"keyturn/app/syncer"
	"keyturn/shared/domain"
	"keyturn/shared/photo"
	"keyturn/shared/sqlitedb"
	"keyturn/shared/syncproto"
)

// reason is the code of a failure, or its text.
func reason(err error) string {
	var refused *syncer.Refused
	var closed *syncproto.Error
	var bad *photo.Error
	switch {
	case errors.As(err, &refused):
		return string(refused.Code)
	case errors.As(err, &closed):
		return string(closed.Code)
	case errors.As(err, &bad):
		return string(bad.Code)
	case sqlitedb.IsFull(err):
		return string(photo.CodeDiskFull)
	default:
		return strings.ReplaceAll(fmt.Sprint(err), "\n", "; ")
	}
}

// save does one thing that an inspector does, and says so once it is durable.
func (d *driver) save(ctx context.Context) error {
	if known, err := d.learn(ctx); err != nil || !known {
		return err
	}
	form, err := d.Field.NewDefectForm(d.project, d.units[d.dice.IntN(len(d.units))], domain.StageHandover)
	if err != nil {
		return err
	}
	lock, _ := d.Catalogue.Defect("DOR-02")
	form.Choose(lock.Code, lock.Element, lock.Trade, lock.Type, lock.Severity)
	form.Room, form.Description = "ENT1", fmt.Sprintf("%s %d", d.plan.Name, d.dice.Uint64())
	var hashes []string
	for range d.dice.IntN(d.plan.Photos + 1) {
		picture, err := d.picture()
		if err != nil {
			return err
		}
		p, err := d.Field.CaptureFrom(ctx, bytes.NewReader(picture), photo.Meta{Zone: time.UTC})
		if err != nil {
			say("refused %s", reason(err))
			return nil
		}
		form.Photos = append(form.Photos, p)
		hashes = append(hashes, p.Photo)
	}
	id, err := d.Field.RecordDefect(ctx, form)
	if err != nil {
		say("refused %s", reason(err))
		return nil
	}
	say("saved %s %s", id, strings.Join(hashes, " "))
	return nil
}

// learn finds out where to work; false before the first download.
func (d *driver) learn(ctx context.Context) (bool, error) {
	if len(d.units) > 0 {
		return true, nil
	}
	err := d.Store.View(ctx, func(t *localstore.Tx) error {
		cursors, err := t.Cursors(ctx)
		if err != nil || len(cursors) == 0 {
			return err
		}
		d.project = cursors[0].Scope.Project
		units, err := localstore.List[domain.Unit](ctx, t, domain.EntityUnit, localstore.Filter{})
		for _, u := range units {
			d.units = append(d.units, u.ID)
		}
		return err
	})
	return len(d.units) > 0, err
}

// picture draws noise that nobody has photographed before.
func (d *driver) picture() ([]byte, error) {
	width, height := 48, 32
	if d.plan.Large > 0 && d.dice.IntN(d.plan.Large) == 0 {
		width, height = 640, 480
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = byte(rand.Uint32())
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 92})
	return b.Bytes(), err
}
