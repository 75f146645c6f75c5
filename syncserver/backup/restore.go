package backup

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// Target is where a backup is restored to.
type Target struct {
	// Create opens the empty database with a version of the schema, Open brings it
	// to this program's.
	Create func(ctx context.Context, schema int64) (*store.Store, error)
	Open   func(ctx context.Context) (*store.Store, error)
	Photos blobs.Store
	// Keys is the folder for the receipts' keys.
	Keys   string
	Now    func() time.Time
	Random io.Reader
}

// Restored is what a restore did.
type Restored struct {
	*Contents
	// Epoch is the log's new incarnation; devices rebase onto it.
	Epoch string
	// Held and Copied count the photos that the photo store had and those that came
	// from the backup.
	Held, Copied int
	// Missing photos are in neither: devices that still have them send them again.
	Missing []Missing
	// Devices are those that the backup knows; all others must be enrolled.
	Devices []store.Device
}

// ErrOtherKey says that the target has a receipt key of its own.
var ErrOtherKey = errors.New("the data directory has another receipt key than the backup")

// Restore brings a backup into an empty database, as the beginning of a new
// epoch. Photos and keys come first, the database last and wholly or not at all,
// so that a restore that was interrupted can be repeated.
func (t Target) Restore(ctx context.Context, path string) (r *Restored, err error) {
	v, err := open(ctx, path)
	if err != nil {
		return nil, err
	}
	s, err := t.Create(ctx, v.Schema)
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	r, err = t.fill(ctx, s, v, path)
	if err := errors.Join(err, s.Close()); err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	if s, err = t.Open(ctx); err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	err = r.finish(ctx, s, domain.At(t.Now()))
	if err := errors.Join(err, s.Close()); err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	return r, nil
}

func (t Target) fill(ctx context.Context, s *store.Store, v *Verified, path string) (*Restored, error) {
	err := s.View(ctx, func(tx *store.Tx) error {
		_, err := tx.Loader(ctx, v.Tables) // refuses before anything is copied
		return err
	})
	if err != nil {
		return nil, err
	}
	var raw [8]byte
	if _, err := io.ReadFull(t.Random, raw[:]); err != nil {
		return nil, fmt.Errorf("epoch: %w", err)
	}
	r := &Restored{Contents: v.Contents, Epoch: hex.EncodeToString(raw[:])}
	if err := t.copyKeys(path, v.KeyFiles); err != nil {
		return nil, err
	}
	if err := t.copyPhotos(ctx, path, r); err != nil {
		return nil, err
	}
	return r, s.Update(ctx, func(tx *store.Tx) error { return r.load(ctx, tx, path, domain.At(t.Now())) })
}

// copyKeys never replaces a key.
func (t Target) copyKeys(path string, names []string) error {
	if err := os.MkdirAll(t.Keys, 0o700); err != nil {
		return err
	}
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(path, keysDir, name))
		if err != nil {
			return err
		}
		_, err = writeFile(filepath.Join(t.Keys, name), func(to io.Writer) error {
			_, err := to.Write(content)
			return err
		})
		if !errors.Is(err, fs.ErrExist) {
			if err != nil {
				return err
			}
			continue
		}
		held, err := os.ReadFile(filepath.Join(t.Keys, name))
		if err != nil {
			return err
		}
		if !bytes.Equal(held, content) {
			return fmt.Errorf("%w: %s", ErrOtherKey, name)
		}
	}
	return syncDir(t.Keys)
}

// copyPhotos gives the photo store what it lacks and the backup has.
func (t Target) copyPhotos(ctx context.Context, path string, r *Restored) error {
	held, err := holds(ctx, t.Photos)
	if err != nil {
		return err
	}
	for _, b := range r.Blobs {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if bytes, ok := held[b.SHA256]; ok && bytes == b.Bytes {
			r.Held++
			continue
		}
		content, ok, err := readPhoto(path, b)
		if err == nil && ok {
			_, err = t.Photos.Put(ctx, content)
		}
		if err != nil {
			return fmt.Errorf("photo %s: %w", b.SHA256, err)
		}
		if ok {
			r.Copied++
		} else {
			r.Missing = append(r.Missing, Missing{Blob: b})
		}
	}
	return nil
}

// load is one transaction: every row, the new epoch, and what must not come
// back with them.
func (r *Restored) load(ctx context.Context, tx *store.Tx, path string, now domain.Instant) error {
	into, err := tx.Loader(ctx, r.Tables)
	if err != nil {
		return err
	}
	err = withDump(path, func(f io.ReaderAt, size int64) error {
		again, err := readDump(ctx, f, size, func(table int, rows [][]any) error { return into.Load(ctx, table, rows) })
		if err == nil && (again.Epoch != r.Contents.Epoch || again.CreatedAt != r.CreatedAt) {
			err = fmt.Errorf("%w: it changed meanwhile", ErrDamaged)
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := errors.Join(tx.SetMeta(ctx, intake.MetaEpoch, r.Epoch), tx.SetMeta(ctx, intake.MetaRestoring, r.Epoch)); err != nil {
		return err
	}
	if err := tx.VoidEnrolments(ctx, now); err != nil {
		return err
	}
	for _, m := range r.Missing {
		if err := tx.ForgetBlob(ctx, m.SHA256); err != nil {
			return err
		}
	}
	return nil
}
