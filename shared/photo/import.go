package photo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Meta is what the importer knows beside the bytes.
type Meta struct {
	Zone *time.Location // the project's zone, for cameras that write no offset; nil if unknown
}

// Photo describes a stored photo.
type Photo struct {
	SHA256      string     // of the original, 64 lower-case hex digits: the photo's name in the vault
	Format      Format     // of the original, by content
	Bytes       int64      // of the original
	WorkSHA256  string     // of the working copy; "" for HEIC, which has none
	WorkBytes   int64      // of the working copy; 0 for HEIC
	WidthPx     int        // of the original held upright; 0 for HEIC
	HeightPx    int        // of the original held upright; 0 for HEIC
	Orientation int        // EXIF orientation of the original, 1–8; 1 if it states none
	CapturedAt  *time.Time // by the camera's own clock, from EXIF; nil if unknown
	ZoneAssumed bool       // CapturedAt was read in Meta.Zone, because the camera wrote no offset
}

// Import stores the picture that r yields, and returns when it is durable. The
// same bytes again are the same photo and no error. Refusals and disk failures
// are *Error; then nothing new stays in the vault, except that a disk failing in
// the midst of the final renames may leave some files under their right names,
// which a later Import of the same bytes takes up. An ended context is passed
// on as such. At most MaxBytes+1 bytes are read from r and held in memory while
// Import waits for its turn to decode.
func (v *Vault) Import(ctx context.Context, r io.Reader, meta Meta) (Photo, error) {
	data, err := v.limits.readAll(ctx, r)
	if err != nil {
		return Photo{}, err
	}
	return v.keep(ctx, data, meta)
}

// ImportFile imports the file at path, which it only reads. Anything but a
// regular file is CodeUnreadable: a pipe could keep the import waiting for ever.
func (v *Vault) ImportFile(ctx context.Context, path string, meta Meta) (_ Photo, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return Photo{}, &Error{Code: CodeUnreadable, Err: err}
	}
	if !info.Mode().IsRegular() {
		return Photo{}, &Error{Code: CodeUnreadable, Err: fmt.Errorf("not a regular file: %v", info.Mode().Type())}
	}
	if info.Size() > v.limits.bytes {
		return Photo{}, v.limits.tooLarge() // known without reading it
	}
	f, err := os.Open(path)
	if err != nil {
		return Photo{}, &Error{Code: CodeUnreadable, Err: err}
	}
	defer func() {
		if c := f.Close(); c != nil {
			err = errors.Join(err, &Error{Code: CodeUnreadable, Err: c})
		}
	}()
	return v.Import(ctx, f, meta)
}

// Rederive makes the working copy and thumbnail of a stored photo again where
// they are missing. It fails with CodeNotStored if the original is not in the
// vault, and with CodeDamaged if its bytes no longer have the SHA-256 sha. A
// working copy made by another version of the app may differ in its WorkSHA256.
func (v *Vault) Rederive(ctx context.Context, sha string, meta Meta) (Photo, error) {
	path := v.Path(sha, Original)
	if path == "" {
		return Photo{}, &Error{Code: CodeBadHash}
	}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return Photo{}, &Error{Code: CodeNotStored, Err: err}
	case err != nil:
		return Photo{}, diskError(fmt.Errorf("read original: %w", err))
	case hashOf(data) != sha:
		return Photo{}, &Error{Code: CodeDamaged, Err: errors.New("the original no longer has its hash")}
	}
	return v.keep(ctx, data, meta)
}

// keep stores the bytes of a photo in its turn.
func (v *Vault) keep(ctx context.Context, data []byte, meta Meta) (Photo, error) {
	p, err := inspect(data, meta, v.limits)
	if err != nil {
		return Photo{}, err
	}
	if err := v.acquire(ctx); err != nil {
		return Photo{}, err
	}
	defer v.release()
	if err := v.store(ctx, &p, data); err != nil {
		return Photo{}, err
	}
	return p, nil
}

// inspect learns what can be known without decoding the pixels.
func inspect(data []byte, meta Meta, l limits) (Photo, error) {
	format, err := detect(data)
	if err != nil {
		return Photo{}, err
	}
	p := Photo{SHA256: hashOf(data), Format: format, Bytes: int64(len(data)), Orientation: 1}
	if format == HEIC {
		return p, nil
	}
	if p.WidthPx, p.HeightPx, err = header(data, format, l); err != nil {
		return Photo{}, err
	}
	if format == JPEG {
		e := readEXIF(data)
		p.Orientation = e.orientation
		p.CapturedAt, p.ZoneAssumed = e.capturedAt(meta.Zone)
		if turned(p.Orientation) {
			p.WidthPx, p.HeightPx = p.HeightPx, p.WidthPx
		}
	}
	return p, nil
}

func hashOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
