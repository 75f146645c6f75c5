// Package core is the app without a window: the device's store, photos, use
// cases and connection, put together once for the program and its tests.
package core

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/app/syncer"
	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/photo"
	"keyturn/shared/wording"
)

// Options is what a device is made from. Now is its clock, right or wrong.
type Options struct {
	Dir          string
	Version      string
	Now          func() time.Time
	Catalogue    fs.FS
	Translations fs.FS
	TLS          *tls.Config
	// Changed hears when the device goes online or offline.
	Changed func(syncer.Status)
}

// Core is one device at work.
type Core struct {
	Store     *localstore.Store
	Field     *fieldwork.Field
	Runner    *syncer.Runner
	Photos    *syncer.Photos
	Link      *syncer.Link
	Vault     *photo.Vault
	Receipts  *Receipts
	Catalogue *catalog.Catalogue
	Texts     *wording.Texts
	// Crashed: the last run ended without closing; what was saved is all here.
	Crashed bool

	cancel context.CancelFunc
	work   sync.WaitGroup
}

// Open opens or creates the device's data directory.
func Open(ctx context.Context, o Options) (*Core, error) {
	cat, err := catalog.Load(o.Catalogue)
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	texts, err := wording.Load(o.Translations)
	if err != nil {
		return nil, err
	}
	vault, err := photo.Open(filepath.Join(o.Dir, "photos"))
	if err != nil {
		return nil, err
	}
	if _, err := vault.Sweep(ctx); err != nil {
		return nil, err
	}
	store, err := localstore.Open(ctx, o.Dir, func() domain.Instant { return domain.At(o.Now()) })
	if err != nil {
		return nil, err
	}
	c := &Core{Store: store, Vault: vault, Catalogue: cat, Texts: texts, Link: syncer.NewLink(o.TLS)}
	c.Receipts = newReceipts(o.Dir, store, c.Link)
	if c.Crashed, err = store.MarkRunning(ctx); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	c.Field = &fieldwork.Field{Store: store, Vault: vault, Catalogue: cat, IDs: ident.NewSource(o.Now, nil)}
	c.Photos = &syncer.Photos{Store: store, Link: c.Link, Open: c.Field.OpenUpload, Discard: c.Field.Discard, Cache: &syncer.Cache{Dir: filepath.Join(o.Dir, "cache")}}
	c.Runner = &syncer.Runner{
		Store: store, Link: c.Link, Photos: c.Photos, Engine: &syncer.Engine{Store: store, AppVersion: o.Version}, Changed: o.Changed,
		Snapshots: &syncer.Snapshots{Link: c.Link, Dir: filepath.Join(o.Dir, "snapshots")},
	}
	return c, nil
}

// Enrol gives the device its identity by a one-time code, or a new session if
// it has one.
func (c *Core) Enrol(ctx context.Context, server, code, name string) error {
	held, err := c.Store.Identity(ctx)
	if err != nil {
		return err
	}
	id, err := c.Link.Enrol(ctx, held, server, code, name)
	if err != nil {
		return err
	}
	return c.Store.ReplaceIdentity(ctx, held, id)
}

// Connect starts to keep the device in step; Close ends it.
func (c *Core) Connect(ctx context.Context) {
	if c.cancel != nil {
		return
	}
	ctx, c.cancel = context.WithCancel(ctx)
	c.work.Go(func() { c.Runner.Run(ctx) })
	c.work.Go(func() { c.Receipts.keep(ctx, func() bool { return c.Runner.Status().Online }) })
}

// Disconnect ends the connection; Connect starts it again.
func (c *Core) Disconnect() {
	if c.cancel != nil {
		c.cancel()
		c.work.Wait()
		c.cancel = nil
	}
}

// Close ends the connection and releases the data directory.
func (c *Core) Close(ctx context.Context) error {
	c.Disconnect()
	return errors.Join(c.Store.MarkClosed(ctx), c.Store.Close())
}
