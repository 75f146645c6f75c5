// Package service puts the server together: store, blobs, engine, tickets, HTTP
// and the timer, and the use cases of its operator (import, sample, people).
package service

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
	"keyturn/syncserver/accounts"
	"keyturn/syncserver/api"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/live"
	"keyturn/syncserver/receipts"
	"keyturn/syncserver/snapshots"
	"keyturn/syncserver/store"
	"keyturn/syncserver/tickets"
)

// Options is what a server is made from. Now is its clock.
type Options struct {
	// Dir is the data directory: keys, snapshots, and, unless said otherwise, the
	// database and the photos.
	Dir string
	// Database is a postgres:// address; empty is SQLite in Dir.
	Database string
	// Photos is an s3:// address or a directory; empty is in Dir.
	Photos       string
	Now          func() time.Time
	Catalogue    fs.FS
	Translations fs.FS
	Log          *slog.Logger
}

// Service is one running server.
type Service struct {
	Accounts *accounts.Accounts
	Store    *store.Store
	Blobs    blobs.Store
	Texts    *wording.Texts
	Receipts *receipts.Issuer

	dir    string
	engine *intake.Engine
	desk   *tickets.Desk
	hub    *live.Hub
	api    *api.Server
	now    func() domain.Instant
	log    *slog.Logger
	pokes  chan struct{}
	shelf  *snapshots.Shelf
}

// DatabaseFile and BlobDir lie in the data directory.
const (
	DatabaseFile = "keyturn.db"
	BlobDir      = "blobs"
)

// Open opens or creates the data directory.
func Open(ctx context.Context, o Options) (*Service, error) {
	cat, err := catalog.Load(o.Catalogue)
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	texts, err := wording.Load(o.Translations)
	if err != nil {
		return nil, err
	}
	photos, err := blobs.OpenURL(ctx, cmp.Or(o.Photos, filepath.Join(o.Dir, BlobDir)))
	if err != nil {
		return nil, err
	}
	st, err := openStore(ctx, o)
	if err != nil {
		return nil, err
	}
	now := func() domain.Instant { return domain.At(o.Now()) }
	s := &Service{dir: o.Dir, Store: st, Blobs: photos, Texts: texts, now: now, log: o.Log, pokes: make(chan struct{}, 1)}
	s.Accounts = &accounts.Accounts{Store: st, Now: now, Random: rand.Reader, IDs: ident.NewSource(o.Now, nil)}
	s.desk = &tickets.Desk{Catalogue: cat, Text: texts.Text}
	s.shelf = &snapshots.Shelf{Dir: filepath.Join(o.Dir, "snapshots"), Store: st}
	s.engine = &intake.Engine{Store: st, Decider: s.desk, Now: now, Snapshots: s.shelf}
	s.engine.Diverged = func(scope syncproto.Scope) {
		s.log.Error("a device's copy differs from the log", "scope", scope.String())
	}
	s.hub = live.NewHub(s.engine)
	s.api = &api.Server{
		Accounts: s.Accounts, Engine: s.engine, Hub: s.hub, Blobs: photos, Log: o.Log, Metrics: api.NewMetrics(), Poke: s.poke, Snapshots: s.shelf,
	}
	s.Receipts = &receipts.Issuer{Store: st, Dir: o.Dir, Now: now}
	s.api.Receipts = s.Receipts
	s.api.Rotations = filepath.Join(o.Dir, api.RotationsFile)
	for _, prepare := range []func(context.Context) error{s.Accounts.Setup, s.setEpoch, s.eraseAgain} {
		if err := prepare(ctx); err != nil {
			return nil, errors.Join(err, st.Close())
		}
	}
	return s, nil
}

func openStore(ctx context.Context, o Options) (*store.Store, error) {
	if o.Database == "" {
		return store.Open(ctx, filepath.Join(o.Dir, DatabaseFile))
	}
	return store.OpenPostgres(ctx, o.Database)
}

// ErrHalfRestored says that a restore was interrupted after its rows were
// written.
var ErrHalfRestored = errors.New("the database was not restored to the end; restore the backup into an empty one again")

// setEpoch names the log's incarnation once.
func (s *Service) setEpoch(ctx context.Context) error {
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		half, err := tx.Meta(ctx, intake.MetaRestoring)
		if err != nil {
			return err
		}
		if half != "" {
			return ErrHalfRestored
		}
		var raw [8]byte
		if _, err := rand.Read(raw[:]); err != nil {
			return fmt.Errorf("epoch: %w", err)
		}
		return tx.InitMeta(ctx, intake.MetaEpoch, hex.EncodeToString(raw[:]))
	})
}

// Close releases the data directory.
func (s *Service) Close() error { return s.Store.Close() }

// Handler serves devices; ctx ends their sessions.
func (s *Service) Handler(ctx context.Context) http.Handler { return s.api.Handler(ctx) }

// Tick does what time has made due and tells connected devices.
func (s *Service) Tick(ctx context.Context) error {
	logged, err := s.desk.Tick(ctx, s.Store, s.now())
	s.publish(ctx, logged)
	if err != nil {
		return fmt.Errorf("timers: %w", err)
	}
	return s.refresh(ctx)
}

// refresh brings open connections in line with rights that have changed: a
// grant that ended stops its stream, a revoked device is disconnected. So is one
// whose work has been reviewed: it asks for the outcome when it connects.
func (s *Service) refresh(ctx context.Context) error {
	for _, peer := range s.hub.Peers() {
		leave := false
		err := s.Store.View(ctx, func(tx *store.Tx) error {
			d, err := tx.Device(ctx, peer.Device)
			if leave = d.RevokedAt.Set(); err != nil || leave {
				return err
			}
			leave, err = tx.ReviewedSince(ctx, d.ID, d.LastSeenAt)
			return err
		})
		if err != nil {
			return fmt.Errorf("refresh connections: %w", err)
		}
		if leave {
			s.hub.Drop(peer.Device)
			continue
		}
		if err := s.Regrant(ctx, peer.Person); err != nil {
			return fmt.Errorf("refresh connections: %w", err)
		}
	}
	return nil
}

// Revoke ends a device's access: its connection closes, its copy is purged at
// its next hello, and what it still sends waits in review.
func (s *Service) Revoke(ctx context.Context, device domain.DeviceID) error {
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Device(ctx, device); err != nil {
			return err
		}
		return tx.RevokeDevice(ctx, device, s.now())
	})
	if err != nil {
		return fmt.Errorf("revoke %s: %w", device, err)
	}
	s.hub.Drop(device)
	return nil
}

// tidyEvery is how often what is no longer needed is let go.
const tidyEvery domain.Instant = 24 * 60 * 60 * 1000

// keepParts is how long the beginning of an upload waits for the rest.
const keepParts = 30 * 24 * time.Hour

// Tidy lets go of log entries and beginnings of uploads that are older than they
// need to be, and of what was erased and is here again.
func (s *Service) Tidy(ctx context.Context) error {
	entries, err := s.engine.Trim(ctx)
	parts, errParts := s.Blobs.Sweep(ctx, s.now().Time().Add(-keepParts))
	if entries > 0 || parts > 0 {
		s.log.Info("tidied", "log_entries", entries, "uploads", parts)
	}
	return errors.Join(err, errParts, s.sweepErased(ctx))
}

// tickEvery is how late a timer may be noticed.
const tickEvery = 30 * time.Second

// RunTimers ticks until ctx ends. A failed tick is logged and tried again.
func (s *Service) RunTimers(ctx context.Context) {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	if err := s.shelf.Sweep(); err != nil {
		s.log.Warn("snapshots", "error", err)
	}
	tidied := domain.Instant(0)
	for {
		if now := s.now(); now-tidied >= tidyEvery {
			tidied = now
			if err := s.Tidy(ctx); err != nil && ctx.Err() == nil {
				s.log.Error("tidy", "error", err)
			}
		}
		if err := s.Tick(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("timers", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Regrant tells a person's connected devices what they may follow now.
func (s *Service) Regrant(ctx context.Context, p domain.PersonID) error {
	var heads []syncproto.Head
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		heads, err = intake.Scopes(ctx, tx, p, s.now())
		return err
	})
	if err != nil {
		return err
	}
	s.hub.Regrant(p, heads)
	return nil
}
