// Package oncore gives the inspector's screens what they need of an app core:
// store, use cases, photos and connection behind the interfaces that package
// field declares.
package oncore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"keyturn/app/core"
	"keyturn/app/localstore"
	"keyturn/app/screen/field"
	"keyturn/app/syncer"
	"keyturn/shared/domain"
	"keyturn/shared/sqlitedb"
	"keyturn/shared/syncproto"
)

// Device puts a core behind the screens' interfaces. Files that a person asks
// for are stored in dir. ctx bounds the connection. For the connection to show
// at once, the core's Changed option must ring the store's bell.
func Device(ctx context.Context, c *core.Core, dir string) field.Device {
	return field.Device{
		Records: records{c.Store}, Outbox: outbox{c.Store}, Settings: settings{c.Store}, Inspect: inspecting{c.Field},
		Drafts: drafts{c.Field}, Defects: defects{c.Field}, Notebook: notebook{c.Store}, Repairs: repairs{c.Field}, Contests: contests{c},
		Photos: photos{c}, Pictures: pictures{c}, Line: &line{ctx: ctx, core: c}, Files: files{c},
		Catalogue: c.Catalogue, Texts: c.Texts, Crashed: c.Crashed, DiskFull: diskFull,
		SaveFile: func(name string, data []byte) (string, error) {
			path := filepath.Join(dir, filepath.Base(name))
			return path, os.WriteFile(path, data, 0o600)
		},
	}
}

// diskFull knows the database's word for it and, for files, the system's.
func diskFull(err error) bool { return sqlitedb.IsFull(err) || errors.Is(err, syscall.ENOSPC) }

type records struct{ *localstore.Store }

func (r records) View(ctx context.Context, work func(field.Snapshot) error) error {
	return r.Store.View(ctx, func(t *localstore.Tx) error { return work(snapshot{t}) })
}

type snapshot struct{ t *localstore.Tx }

func (s snapshot) List(ctx context.Context, e domain.Entity, f field.Filter) ([]field.Row, error) {
	records, err := s.t.Records(ctx, e, localstore.Filter{Parent: f.Parent, States: f.States})
	rows := make([]field.Row, len(records))
	for i, r := range records {
		rows[i] = field.Row{ID: r.ID, Project: r.Scope.Project, Fields: r.Fields, Confirmed: r.Seq != 0}
	}
	return rows, err
}

func (s snapshot) Get(ctx context.Context, e domain.Entity, id domain.AnyID) (syncproto.Fields, bool, error) {
	return localstore.Get(ctx, s.t, e, domain.ID[syncproto.Fields](id))
}

func (s snapshot) UnsettledDefects(ctx context.Context, building domain.BuildingID, settled []string) (map[domain.UnitID]int, error) {
	return s.t.UnsettledDefects(ctx, building, settled)
}

func (s snapshot) Wanted(ctx context.Context) ([]domain.Hash, error) { return s.t.WantedBlobs(ctx) }

type outbox struct{ *localstore.Store }

func (o outbox) Progress(ctx context.Context) (p field.Progress, err error) {
	err = o.View(ctx, func(t *localstore.Tx) error {
		held, err := t.Progress(ctx)
		p = field.Progress(held)
		return err
	})
	return p, err
}

func (o outbox) Sent(ctx context.Context) (ops []field.SentOp, err error) {
	err = o.View(ctx, func(t *localstore.Tx) error {
		sent, err := t.Sent(ctx)
		for _, s := range sent {
			ops = append(ops, field.SentOp{Op: s.Op, State: field.OpState(s.State), LogSeq: s.LogSeq})
		}
		return err
	})
	return ops, err
}

func (o outbox) SentPhotos(ctx context.Context) (sent []field.SentPhoto, err error) {
	err = o.View(ctx, func(t *localstore.Tx) error {
		photos, err := t.SentPhotos(ctx)
		for _, p := range photos {
			sent = append(sent, field.SentPhoto{Attachment: p.Attachment, SHA256: p.Photo, Confirmed: p.Confirmed})
		}
		return err
	})
	return sent, err
}

func (o outbox) Attention(ctx context.Context) (all []field.Attention, err error) {
	err = o.View(ctx, func(t *localstore.Tx) error {
		ops, err := t.NeedsAttention(ctx)
		for _, a := range ops {
			all = append(all, field.Attention{Op: a.Op, State: field.OpState(a.State), Code: a.Code, Details: a.Details})
		}
		return err
	})
	return all, err
}

type settings struct{ *localstore.Store }

func (s settings) Identity(ctx context.Context) (field.Identity, error) {
	id, err := s.Store.Identity(ctx)
	return field.Identity{Server: id.Server, Device: id.Device, Person: id.Person, PersonName: id.PersonName}, err
}

// notebook keeps notes beside the defect drafts, under keys of their own.
type notebook struct{ *localstore.Store }

func (n notebook) Keep(ctx context.Context, key string, value any) error {
	return n.SaveDraft(ctx, key, value)
}

func (n notebook) Kept(ctx context.Context, key string, value any) (ok bool, err error) {
	err = n.View(ctx, func(t *localstore.Tx) error {
		ok, err = t.Draft(ctx, key, value)
		return err
	})
	return ok, err
}

func (n notebook) Forget(ctx context.Context, key string) error {
	return n.Update(ctx, func(t *localstore.Tx) error { return t.DropDraft(ctx, key) })
}

// line is the connection. Its methods are called from the session's goroutine
// and, for Enrol, from one more.
type line struct {
	ctx  context.Context
	core *core.Core
}

func (l *line) Enrol(ctx context.Context, server, code, name string) error {
	if err := l.core.Enrol(ctx, server, code, name); err != nil {
		return &field.Refused{Code: failure(err)}
	}
	return nil
}

// failure names why the server could not be talked to.
func failure(err error) string {
	var refused *syncer.Refused
	var closed *syncproto.Error
	switch {
	case errors.As(err, &refused):
		return string(refused.Code)
	case errors.As(err, &closed):
		return string(closed.Code)
	case errors.Is(err, syncer.ErrBadAddress):
		return "bad_address"
	case errors.Is(err, syncer.ErrOtherServer):
		return "other_server"
	case errors.Is(err, syncer.ErrUntrusted):
		return field.CodeUntrusted
	default:
		return field.CodeUnreachable
	}
}

func (l *line) Connect()    { l.core.Connect(l.ctx) }
func (l *line) Disconnect() { l.core.Disconnect() }
func (l *line) Retry()      { l.core.Runner.Retry() }

func (l *line) Status() field.Link {
	s := l.core.Runner.Status()
	link := field.Link{Online: s.Online}
	if s.FetchBytes > 0 {
		link.Fetching, link.Percent = true, int(s.Fetched*100/s.FetchBytes)
	}
	if !s.Online && s.Err != nil && !errors.Is(s.Err, localstore.ErrNotEnrolled) {
		link.Code = failure(s.Err)
	}
	return link
}
