package tablet

import (
	"bytes"
	"context"
	"io"
	"os"

	"keyturn/app/core"
	"keyturn/app/screen/field"
	"keyturn/shared/domain"
	"keyturn/shared/photo"
)

type photos struct{ *core.Core }

// Capture implements field.Photos.
func (p photos) Capture(ctx context.Context, path string) (field.Captured, error) {
	c, err := p.Field.Capture(ctx, path, photo.Meta{})
	return field.Captured(c), err
}

// CaptureImage implements field.Photos.
func (p photos) CaptureImage(ctx context.Context, image []byte) (field.Captured, error) {
	c, err := p.Field.CaptureFrom(ctx, bytes.NewReader(image), photo.Meta{})
	return field.Captured(c), err
}

// Attach implements field.Photos.
func (p photos) Attach(ctx context.Context, project domain.ProjectID, unit domain.UnitID, parent domain.AnyID, role domain.AttachmentRole, list ...field.Captured) error {
	return told(p.Field.Attach(ctx, project, unit, parent, role, taken(list)...))
}

type pictures struct{ *core.Core }

// path is the best rendition of a picture that is on this device, or "".
func (p pictures) path(pic field.Picture) string {
	if pic.Original != "" {
		for _, r := range []photo.Rendition{photo.Work, photo.Original} {
			if ok, err := p.Vault.Has(pic.Original, r); ok && err == nil {
				return p.Vault.Path(pic.Original, r)
			}
		}
	}
	for _, sha := range []domain.Hash{pic.Work, pic.Blob} {
		if !sha.IsZero() && p.Photos.Cache.Has(sha) {
			return p.Photos.Cache.Path(sha)
		}
	}
	return ""
}

// Has implements field.Pictures.
func (p pictures) Has(pic field.Picture) bool { return p.path(pic) != "" }

// Open implements field.Pictures.
func (p pictures) Open(_ context.Context, pic field.Picture) (io.ReadCloser, error) {
	path := p.path(pic)
	if path == "" {
		return nil, field.ErrGone
	}
	return os.Open(path)
}

// Fetch implements field.Pictures.
func (p pictures) Fetch(ctx context.Context, pic field.Picture) error {
	id, err := p.Store.Identity(ctx)
	if err != nil {
		return err
	}
	sha := pic.Work
	if sha.IsZero() {
		sha = pic.Blob
	}
	return told(p.Photos.Fetch(ctx, id, sha))
}
