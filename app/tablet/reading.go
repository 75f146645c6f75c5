package tablet

import (
	"context"

	"keyturn/app/core"
	"keyturn/app/localstore"
	"keyturn/app/screen/field"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

type records struct{ *core.Core }

// View implements field.Records.
func (r records) View(ctx context.Context, work func(field.Snapshot) error) error {
	return r.Store.View(ctx, func(t *localstore.Tx) error { return work(snapshot{t}) })
}

// Subscribe implements field.Records.
func (r records) Subscribe() (<-chan struct{}, func()) { return r.Store.Subscribe() }

// Now implements field.Records.
func (r records) Now() domain.Instant { return r.Store.Now() }

type snapshot struct{ tx *localstore.Tx }

// List implements field.Snapshot.
func (s snapshot) List(ctx context.Context, e domain.Entity, f field.Filter) ([]field.Row, error) {
	list, err := s.tx.Records(ctx, e, localstore.Filter{Parent: f.Parent, States: f.States})
	rows := make([]field.Row, len(list))
	for i, r := range list {
		rows[i] = field.Row{ID: r.ID, Project: r.Scope.Project, Fields: r.Fields, Confirmed: r.Seq != 0}
	}
	return rows, err
}

// Get implements field.Snapshot.
func (s snapshot) Get(ctx context.Context, e domain.Entity, id domain.AnyID) (syncproto.Fields, bool, error) {
	return s.tx.Fields(ctx, e, id)
}

// Wanted implements field.Snapshot.
func (s snapshot) Wanted(ctx context.Context) ([]domain.Hash, error) { return s.tx.WantedBlobs(ctx) }

type outbox struct{ *core.Core }

// Progress implements field.Outbox.
func (o outbox) Progress(ctx context.Context) (out field.Progress, err error) {
	err = o.Store.View(ctx, func(t *localstore.Tx) error {
		p, err := t.Progress(ctx)
		out = field.Progress(p)
		return err
	})
	return out, err
}

// Sent implements field.Outbox.
func (o outbox) Sent(ctx context.Context) (out []field.SentOp, err error) {
	err = o.Store.View(ctx, func(t *localstore.Tx) error {
		list, err := t.Sent(ctx)
		for _, s := range list {
			out = append(out, field.SentOp{Op: s.Op, State: field.OpState(s.State), LogSeq: s.LogSeq})
		}
		return err
	})
	return out, err
}

// SentPhotos implements field.Outbox.
func (o outbox) SentPhotos(ctx context.Context) (out []field.SentPhoto, err error) {
	err = o.Store.View(ctx, func(t *localstore.Tx) error {
		list, err := t.SentPhotos(ctx)
		for _, p := range list {
			out = append(out, field.SentPhoto{Attachment: p.Attachment, SHA256: p.Photo, Confirmed: p.Confirmed})
		}
		return err
	})
	return out, err
}

// Attention implements field.Outbox.
func (o outbox) Attention(ctx context.Context) (out []field.Attention, err error) {
	err = o.Store.View(ctx, func(t *localstore.Tx) error {
		list, err := t.NeedsAttention(ctx)
		for _, a := range list {
			out = append(out, field.Attention{Op: a.Op, State: field.OpState(a.State), Code: a.Code, Details: a.Details})
		}
		return err
	})
	return out, err
}

type settings struct{ *core.Core }

// Identity implements field.Settings.
func (s settings) Identity(ctx context.Context) (field.Identity, error) {
	id, err := s.Store.Identity(ctx)
	return field.Identity{Server: id.Server, Device: id.Device, Person: id.Person, PersonName: id.PersonName}, err
}

// Locale implements field.Settings.
func (s settings) Locale(ctx context.Context) (string, error) { return s.Store.Locale(ctx) }

// SetLocale implements field.Settings.
func (s settings) SetLocale(ctx context.Context, locale string) error {
	return s.Store.SetLocale(ctx, locale)
}

type line struct {
	*core.Core
	ctx context.Context
}

// Enrol implements field.Line.
func (l line) Enrol(ctx context.Context, server, code, name string) error {
	return told(l.Core.Enrol(ctx, server, code, name))
}

// Connect implements field.Line.
func (l line) Connect() { l.Core.Connect(l.ctx) }

// Retry implements field.Line.
func (l line) Retry() { l.Runner.Retry() }

// Status implements field.Line.
func (l line) Status() field.Link {
	s := l.Runner.Status()
	link := field.Link{Online: s.Online}
	if s.Err != nil {
		link.Code = field.CodeUnreachable
		var refused *field.Refused
		if asRefused(s.Err, &refused) {
			link.Code = refused.Code
		}
	}
	return link
}
