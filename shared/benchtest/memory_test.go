package benchtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"keyturn/app/core"
	"keyturn/app/localstore"
	"keyturn/assets/catalog"
	"keyturn/assets/translations"
)

// memory is the app core's peak while it uploads a day's photos, in a process of
// its own.
func memory(t *testing.T, b *bench) {
	s := newSite(t, 1, 0, nil)
	p := b.serving(t, s.dir)
	dir := filepath.Join(t.TempDir(), "tablet")
	c := openTablet(t, dir)
	must(t, c.Enrol(t.Context(), p.url, s.codes[0], "tablet"))
	c.Connect(t.Context())
	await(t, c, "first download", downloaded(c))
	c.Disconnect()
	attach(t, c, s, shoot(t, c, b.memoryPhotos, b.photoBytes))
	app := launch(t, child(t, roleApp, dir))
	b.figure(t, "app_peak_uploading", peakOf(t, app.pid()), "MB", none, atMost(150))
	app.stop()
	must(t, c.Store.View(t.Context(), func(tx *localstore.Tx) error {
		p, err := tx.Progress(t.Context())
		if p.PhotosConfirmed != b.memoryPhotos {
			t.Errorf("%d of %d photos confirmed", p.PhotosConfirmed, b.memoryPhotos)
		}
		return err
	}))
}

// uploadAll is that process: it connects, waits until the server holds every
// photo, and says so.
func uploadAll(ctx context.Context, dir string) error {
	c, err := core.Open(ctx, core.Options{
		Dir: dir, Version: "bench", Now: time.Now, Catalogue: catalog.FS, Translations: translations.FS,
	})
	if err != nil {
		return err
	}
	rings, unsubscribe := c.Store.Subscribe()
	defer unsubscribe()
	c.Connect(ctx)
	for done := false; !done; {
		select {
		case <-rings:
		case <-ctx.Done():
			return ctx.Err()
		}
		err := c.Store.View(ctx, func(tx *localstore.Tx) (err error) {
			done, err = confirmed(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	fmt.Fprintln(os.Stdout, "everything is confirmed")
	<-ctx.Done()
	return c.Close(context.WithoutCancel(ctx))
}
