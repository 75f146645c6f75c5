package fieldwork

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/photo"
)

// Captured is a photo in the vault that no record names yet.
type Captured struct {
	ID       domain.AttachmentID `json:"id"`
	Photo    string              `json:"photo"`
	Bytes    int64               `json:"bytes"`
	Work     string              `json:"work,omitempty"`
	WorkSize int64               `json:"work_size,omitempty"`
	Format   string              `json:"format"`
	Width    int                 `json:"width,omitempty"`
	Height   int                 `json:"height,omitempty"`
	TakenAt  domain.Instant      `json:"taken_at,omitempty"`
	// Kind is a photo's if empty.
	Kind domain.AttachmentKind `json:"kind,omitempty"`
}

// Capture takes a picture file into the vault; the file itself is not touched.
// The error is a *photo.Error whose code the screen explains.
func (f *Field) Capture(ctx context.Context, path string, meta photo.Meta) (Captured, error) {
	p, err := f.Vault.ImportFile(ctx, path, meta)
	if err != nil {
		return Captured{}, fmt.Errorf("capture: %w", err)
	}
	return f.captured(p)
}

// CaptureFrom does the same with the bytes of a picture, such as a signature.
func (f *Field) CaptureFrom(ctx context.Context, r io.Reader, meta photo.Meta) (Captured, error) {
	p, err := f.Vault.Import(ctx, r, meta)
	if err != nil {
		return Captured{}, fmt.Errorf("capture: %w", err)
	}
	return f.captured(p)
}

func (f *Field) captured(p photo.Photo) (Captured, error) {
	id, err := ident.New[domain.Attachment](f.IDs)
	if err != nil {
		return Captured{}, err
	}
	c := Captured{
		ID: id, Photo: p.SHA256, Bytes: p.Bytes, Work: p.WorkSHA256, WorkSize: p.WorkBytes, Format: string(p.Format),
		Width: p.WidthPx, Height: p.HeightPx,
	}
	if p.CapturedAt != nil {
		c.TakenAt = domain.At(*p.CapturedAt)
	}
	return c, nil
}

// attach makes the change that ties a captured photo to a record and queues its
// bytes: the working copy first, then the original.
func (f *Field) attach(ctx context.Context, t *localstore.Tx, project domain.ProjectID, unit domain.UnitID, parent domain.AnyID, role domain.AttachmentRole, p Captured, by domain.PersonID) (localstore.Change, error) {
	original, err := domain.ParseHash(p.Photo)
	if err != nil {
		return localstore.Change{}, err
	}
	a := domain.Attachment{
		ParentID: parent, State: domain.AttachmentPending, Kind: cmp.Or(p.Kind, domain.KindPhoto), Role: role, SHA256: original, Bytes: p.Bytes,
		Format: p.Format, CapturedAt: p.TakenAt, UnitID: unit, Inspector: by, WidthPX: p.Width, HeightPX: p.Height,
	}
	if !a.CapturedAt.Set() {
		if a.CapturedAt, err = corrected(ctx, t, f.Store.Now()); err != nil {
			return localstore.Change{}, err
		}
	}
	if p.Work != "" {
		if a.WorkSHA256, err = domain.ParseHash(p.Work); err != nil {
			return localstore.Change{}, err
		}
		a.WorkBytes = p.WorkSize
		work := localstore.Upload{SHA256: a.WorkSHA256, Attachment: p.ID, Photo: p.Photo, Bytes: p.WorkSize}
		if err := t.QueueUpload(ctx, work); err != nil {
			return localstore.Change{}, err
		}
	}
	whole := localstore.Upload{SHA256: original, Attachment: p.ID, Original: true, Photo: p.Photo, Bytes: p.Bytes}
	if err := t.QueueUpload(ctx, whole); err != nil {
		return localstore.Change{}, err
	}
	return record(project, domain.EntityAttachment, p.ID, domain.Attachment{}, a, false)
}

// Attach ties photos to a record that exists already, such as the proof of a
// notice's delivery or pictures of a finished repair.
func (f *Field) Attach(ctx context.Context, project domain.ProjectID, unit domain.UnitID, parent domain.AnyID, role domain.AttachmentRole, photos ...Captured) error {
	who, err := f.Store.Identity(ctx)
	if err != nil {
		return err
	}
	return f.Store.Update(ctx, func(t *localstore.Tx) error {
		var changes []localstore.Change
		for _, p := range photos {
			c, err := f.attach(ctx, t, project, unit, parent, role, p, who.Person)
			if err != nil {
				return err
			}
			changes = append(changes, c)
		}
		if len(changes) == 0 {
			return nil
		}
		_, err := t.Record(ctx, changes...)
		return err
	})
}

// OpenUpload reads the bytes of a queued rendition.
func (f *Field) OpenUpload(u localstore.Upload) (io.ReadSeekCloser, error) {
	rendition := photo.Work
	if u.Original {
		rendition = photo.Original
	}
	return os.Open(f.Vault.Path(u.Photo, rendition))
}

// Discard deletes every rendition of a photo that was erased.
func (f *Field) Discard(sha domain.Hash) error {
	for _, r := range []photo.Rendition{photo.Original, photo.Work, photo.Thumb} {
		if err := f.Vault.Remove(sha.String(), r); err != nil {
			return fmt.Errorf("discard: %w", err)
		}
	}
	return nil
}
