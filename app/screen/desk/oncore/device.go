// Package oncore gives the coordinator's desk what it needs of an app core:
// store, use cases, photos and connection behind the interfaces that package
// desk declares.
package oncore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"keyturn/app/core"
	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/app/screen/desk"
	"keyturn/app/syncer"
	"keyturn/shared/domain"
	"keyturn/shared/photo"
	"keyturn/shared/sqlitedb"
	"keyturn/shared/syncproto"
)

// Deps puts a core behind the desk's interfaces. For the connection to show at
// once, the core's Changed option must ring the store's bell.
func Deps(c *core.Core, locale string) desk.Deps {
	return desk.Deps{
		Store: store{c.Store}, Memory: memory{c.Store}, Work: &work{field: c.Field, captured: map[domain.AttachmentID]fieldwork.Captured{}},
		Contests: contests{c}, Inbox: inbox{c}, Connection: &connection{core: c}, Files: files{c}, Catalogue: c.Catalogue, Texts: c.Texts, Locale: locale,
		DiskFull: sqlitedb.IsFull,
	}
}

type store struct{ *localstore.Store }

func (s store) View(ctx context.Context, work func(desk.Snapshot) error) error {
	return s.Store.View(ctx, func(t *localstore.Tx) error { return work(snapshot{t}) })
}

func (s store) Identity(ctx context.Context) (desk.Identity, error) {
	id, err := s.Store.Identity(ctx)
	return desk.Identity{Server: id.Server, Person: id.Person, PersonName: id.PersonName}, err
}

type snapshot struct{ t *localstore.Tx }

func (s snapshot) List(ctx context.Context, e domain.Entity, f desk.Filter) ([]desk.Stored, error) {
	records, err := s.t.Records(ctx, e, localstore.Filter{Parent: f.Parent, Project: f.Project, States: f.States})
	rows := make([]desk.Stored, len(records))
	for i, r := range records {
		rows[i] = desk.Stored{ID: r.ID, Fields: r.Fields}
	}
	return rows, err
}

func (s snapshot) Get(ctx context.Context, e domain.Entity, id domain.AnyID) (syncproto.Fields, bool, error) {
	return localstore.Get(ctx, s.t, e, domain.ID[syncproto.Fields](id))
}

func (s snapshot) Progress(ctx context.Context) (desk.Progress, error) {
	p, err := s.t.Progress(ctx)
	return desk.Progress{
		Have: p.Have, Behind: p.Behind, RecordsWaiting: p.Records - p.RecordsConfirmed, PhotosWaiting: p.Photos - p.PhotosConfirmed,
	}, err
}

func (s snapshot) Waiting(ctx context.Context) ([]syncproto.Op, error) {
	push, err := s.t.Waiting(ctx, 0, syncproto.MaxBatchOps, syncproto.MaxPushBytes)
	return push.Ops, err
}

func (s snapshot) Attention(ctx context.Context) ([]desk.Attention, error) {
	ops, err := s.t.NeedsAttention(ctx)
	all := make([]desk.Attention, len(ops))
	for i, a := range ops {
		all[i] = desk.Attention{Op: a.Op, InReview: a.State == localstore.OpInReview, Code: a.Code, Details: a.Details}
	}
	return all, err
}

// memory keeps notes beside the defect drafts, under keys of their own.
type memory struct{ *localstore.Store }

func (m memory) Keep(ctx context.Context, key string, value any) error {
	return m.SaveDraft(ctx, key, value)
}

func (m memory) Kept(ctx context.Context, key string, value any) (ok bool, err error) {
	err = m.View(ctx, func(t *localstore.Tx) error {
		ok, err = t.Draft(ctx, key, value)
		return err
	})
	return ok, err
}

// work remembers what was captured until it is attached.
type work struct {
	field *fieldwork.Field

	mu       sync.Mutex
	captured map[domain.AttachmentID]fieldwork.Captured
}

func (w *work) Command(ctx context.Context, project domain.ProjectID, e domain.Entity, id domain.AnyID, cmd syncproto.Command) error {
	return w.field.Command(ctx, project, e, id, cmd)
}

func (w *work) Capture(ctx context.Context, path string, zone *time.Location) (domain.AttachmentID, error) {
	c, err := w.field.Capture(ctx, path, photo.Meta{Zone: zone})
	if err != nil {
		return c.ID, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.captured[c.ID] = c
	return c.ID, nil
}

func (w *work) Attach(ctx context.Context, project domain.ProjectID, unit domain.UnitID, parent domain.AnyID, role domain.AttachmentRole, photos ...domain.AttachmentID) error {
	list := make([]fieldwork.Captured, len(photos))
	w.mu.Lock()
	for i, id := range photos {
		list[i] = w.captured[id]
	}
	w.mu.Unlock()
	if err := w.field.Attach(ctx, project, unit, parent, role, list...); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range photos {
		delete(w.captured, id)
	}
	return nil
}

type connection struct {
	core *core.Core
	// enrolling lets one code after the other be tried.
	enrolling sync.Mutex
}

func (c *connection) Retry() { c.core.Runner.Retry() }

func (c *connection) Enrol(ctx context.Context, server, code, name string) error {
	c.enrolling.Lock()
	defer c.enrolling.Unlock()
	c.core.Disconnect()                              // the attempts with what is refused must not cross this one
	defer c.core.Connect(context.WithoutCancel(ctx)) // until the core is closed
	return reached(c.core.Enrol(ctx, server, code, name))
}

func (c *connection) Status() desk.Link {
	s := c.core.Runner.Status()
	return desk.Link{Online: s.Online, Err: reached(s.Err)}
}

// reached is an error of the connection as the desk knows it.
func reached(err error) error {
	var refused *syncer.Refused
	var sent *syncproto.Error
	switch {
	case errors.Is(err, localstore.ErrNotEnrolled):
		return desk.ErrNotEnrolled
	case errors.As(err, &refused):
		return &desk.Refused{Code: refused.Code}
	case errors.As(err, &sent):
		return &desk.Refused{Code: sent.Code}
	case errors.Is(err, syncer.ErrBadAddress):
		return &desk.Refused{Code: "bad_address"}
	case errors.Is(err, syncer.ErrOtherServer):
		return &desk.Refused{Code: "other_server"}
	case errors.Is(err, syncer.ErrUntrusted):
		return &desk.Refused{Code: "untrusted"}
	default:
		return err
	}
}

type files struct{ core *core.Core }

// shown is the rendition to show: the working copy, which is upright, or the
// original where there is none.
func shown(b desk.Blob) (sha domain.Hash, r photo.Rendition) {
	if b.Work.IsZero() {
		return b.Original, photo.Original
	}
	return b.Work, photo.Work
}

// path finds a file in the vault of this device's own photos or among what was
// downloaded.
func (f files) path(b desk.Blob) string {
	sha, rendition := shown(b)
	if has, err := f.core.Vault.Has(b.Original.String(), rendition); err == nil && has {
		return f.core.Vault.Path(b.Original.String(), rendition)
	}
	return f.core.Photos.Cache.Path(sha)
}

func (f files) Has(b desk.Blob) bool {
	_, err := os.Stat(f.path(b))
	return err == nil
}

func (f files) Open(b desk.Blob) (io.ReadCloser, error) {
	file, err := os.Open(f.path(b))
	if err != nil {
		return nil, fmt.Errorf("open picture: %w", err)
	}
	return file, nil
}

func (f files) Fetch(ctx context.Context, b desk.Blob) error {
	id, err := f.core.Store.Identity(ctx)
	if err != nil {
		return err
	}
	sha, _ := shown(b)
	if b.Review != (desk.ReviewID{}) {
		return f.core.Photos.FetchReviewed(ctx, id, b.Review.Device, b.Review.First, sha)
	}
	return f.core.Photos.Fetch(ctx, id, sha)
}
