package drilltest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/photo"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// A homeowner's signature leaves the server, the tablet that took it, the one that
// fetched it, and the photo folder that comes back from a backup. The photo that
// another record needs stays.
func TestErasedSignatureIsNowhere(t *testing.T) {
	w := newWorld(t, onSQLite(t))
	ctx := t.Context()
	owner := ident.Derive[any]("owner")
	must(t, w.server.Store.Update(ctx, func(tx *store.Tx) error {
		must(t, tx.Lock(ctx, w.project))
		var logged []syncproto.Logged // nobody is connected yet
		_, err := intake.NewWriter(tx, w.project, domain.At(now()), &logged).Create(ctx, domain.EntityHomeowner, owner,
			domain.Homeowner{UnitID: w.units[0], Names: []string{"Sample Owner"}})
		return err
	}))
	taker, reader := w.enrol("inspector1"), w.enrol("inspector2")
	signed, kept := taker.sign(w, domain.KindSignature), taker.sign(w, domain.KindPhoto)
	taker.synced()
	reader.synced()
	who, err := reader.Store.Identity(ctx)
	must(t, err)
	for _, sha := range []domain.Hash{signed, kept} {
		must(t, reader.Photos.Fetch(ctx, who, sha))
	}
	f, _, err := w.server.Blobs.Open(ctx, signed)
	must(t, err)
	before, err := io.ReadAll(f)
	must(t, errors.Join(err, f.Close()))

	must(t, w.server.Erase(ctx, w.project, domain.EntityHomeowner, owner, ident.ServerPerson))
	for _, d := range []*device{taker, reader} {
		d.until("the signature is erased", func(ctx context.Context, tx *localstore.Tx) (bool, error) {
			erased, err := localstore.List[domain.Attachment](ctx, tx, domain.EntityAttachment, localstore.Filter{States: []string{string(domain.AttachmentErased)}})
			if err != nil || len(erased) != 1 {
				return false, err
			}
			left, err := tx.Purges(ctx)
			return len(left) == 0, err
		})
	}
	w.holds(signed, false)
	w.holds(kept, true)
	for sha, want := range map[domain.Hash]bool{signed: false, kept: true} {
		here, err := taker.Vault.Has(sha.String(), photo.Original)
		if err != nil || here != want || reader.Photos.Cache.Has(sha) != want {
			t.Errorf("the tablet that took it has %s: %v, %v; the other: %v; want %v", sha, here, err, reader.Photos.Cache.Has(sha), want)
		}
	}

	_, err = w.server.Blobs.Put(ctx, before)
	must(t, err)
	w.holds(signed, true)
	must(t, w.server.Tidy(ctx))
	w.holds(signed, false)
	w.holds(kept, true)
}

// sign ties a picture to the first unit.
func (d *device) sign(w *world, kind domain.AttachmentKind) domain.Hash {
	d.t.Helper()
	c, err := d.Field.CaptureFrom(d.t.Context(), bytes.NewReader(picture(d.t)), photo.Meta{Zone: time.UTC})
	must(d.t, err)
	c.Kind = kind
	must(d.t, d.Field.Attach(d.t.Context(), w.project, w.units[0], w.units[0].Any(), domain.RoleProof, c))
	sha, err := domain.ParseHash(c.Photo)
	must(d.t, err)
	return sha
}

// holds checks whether the server has a blob.
func (w *world) holds(sha domain.Hash, want bool) {
	w.t.Helper()
	f, _, err := w.server.Blobs.Open(w.t.Context(), sha)
	if err == nil {
		must(w.t, f.Close())
	}
	if want && err != nil || !want && !errors.Is(err, blobs.ErrMissing) {
		w.t.Errorf("the server holds %s: %v, want %v", sha, err, want)
	}
}
