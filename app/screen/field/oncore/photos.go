package oncore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"keyturn/app/core"
	"keyturn/app/screen/field"
	"keyturn/shared/domain"
	"keyturn/shared/photo"
)

type photos struct{ *core.Core }

// Capture takes a camera's file. Cameras that write no offset are on the
// device's own time.
func (p photos) Capture(ctx context.Context, path string) (field.Captured, error) {
	c, err := p.Field.Capture(ctx, path, photo.Meta{Zone: time.Local})
	return field.Captured(c), err
}

func (p photos) CaptureImage(ctx context.Context, image []byte) (_ field.Captured, err error) {
	f, err := os.CreateTemp("", "keyturn-capture-*")
	if err != nil {
		return field.Captured{}, fmt.Errorf("capture: %w", err)
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.Write(image)
	if err = errors.Join(err, f.Close()); err != nil {
		return field.Captured{}, fmt.Errorf("capture: %w", err)
	}
	return p.Capture(ctx, f.Name())
}

func (p photos) Attach(ctx context.Context, project domain.ProjectID, unit domain.UnitID, parent domain.AnyID, role domain.AttachmentRole, all ...field.Captured) error {
	return p.Field.Attach(ctx, project, unit, parent, role, captured(all)...)
}

type pictures struct{ *core.Core }

// Has reports whether a picture can be shown without a network.
func (p pictures) Has(pic field.Picture) bool { return p.path(pic) != "" }

// path finds a picture: this device's own photos lie in the vault, those of
// others in the cache.
func (p pictures) path(pic field.Picture) string {
	if own := p.Vault.Path(pic.Original, photo.Work); own != "" {
		if _, err := os.Stat(own); err == nil {
			return own
		}
	}
	for _, sha := range []domain.Hash{pic.Work, pic.Blob} {
		if !sha.IsZero() && p.Photos.Cache.Has(sha) {
			return p.Photos.Cache.Path(sha)
		}
	}
	return ""
}

// Open reads a picture upright. A blob as a camera made it goes through the
// vault, which turns it and makes it smaller; a plan stays as it is drawn.
func (p pictures) Open(ctx context.Context, pic field.Picture) (io.ReadCloser, error) {
	path := p.path(pic)
	if path == "" {
		return nil, fmt.Errorf("picture: %w", os.ErrNotExist)
	}
	if !pic.Blob.IsZero() && pic.Upright {
		kept, err := p.Vault.ImportFile(ctx, path, photo.Meta{})
		if err != nil {
			return nil, fmt.Errorf("picture: %w", err)
		}
		path = p.Vault.Path(kept.SHA256, photo.Work)
	}
	return os.Open(path)
}

// Fetch downloads a picture of another device.
func (p pictures) Fetch(ctx context.Context, pic field.Picture) error {
	sha := pic.Work
	if sha.IsZero() {
		sha = pic.Blob
	}
	id, err := p.Store.Identity(ctx)
	if err != nil {
		return fmt.Errorf("fetch: %w", err)
	}
	if err := p.Photos.Fetch(ctx, id, sha); err != nil {
		return &field.Refused{Code: field.CodeUnreachable}
	}
	return nil
}
