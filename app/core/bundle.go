package core

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"keyturn/app/localstore"
	"keyturn/shared/bundle"
	"keyturn/shared/syncproto"
)

// ErrNothingToExport says that the server has confirmed everything.
var ErrNothingToExport = errors.New("everything is confirmed by the server")

// BundleExport writes what the server has not confirmed into one file, step by
// step, so that whoever drives it can show how far it is and stop. It is used by
// one goroutine.
type BundleExport struct {
	to     *bundle.Writer
	open   func(localstore.Upload) (io.ReadSeekCloser, error)
	photos []localstore.Unconfirmed
	// Records, Photos and Bytes count what has been written, Missing the
	// renditions whose file is gone or damaged.
	Records, Photos, Missing int
	Bytes                    int64
}

// NewBundle begins a bundle: it writes the ops that the server has not answered
// and finds out which photos belong behind them. The error is
// ErrNothingToExport, localstore.ErrNotEnrolled or a failure.
func (c *Core) NewBundle(ctx context.Context, to io.Writer) (*BundleExport, error) {
	id, err := c.Store.Identity(ctx)
	if err != nil {
		return nil, err
	}
	if !id.Enrolled() {
		return nil, localstore.ErrNotEnrolled
	}
	b := &BundleExport{open: c.Photos.Open}
	header := bundle.Header{Device: id.Device, AppVersion: c.Runner.Engine.AppVersion, ExportedAt: c.Store.Now()}
	// One snapshot, so that every photo's op is in the file or was answered.
	err = c.Store.View(ctx, func(t *localstore.Tx) error {
		if header.NextSeq, err = t.NextWaiting(ctx); err != nil {
			return err
		}
		push, err := t.Waiting(ctx, header.NextSeq, syncproto.MaxBatchOps, syncproto.MaxPushBytes)
		if err != nil {
			return err
		}
		if b.photos, err = t.UnconfirmedUploads(ctx); err != nil {
			return err
		}
		if b.Missing, err = t.FormerUploads(ctx); err != nil {
			return err
		}
		if len(push.Ops) == 0 && len(b.photos) == 0 && b.Missing == 0 {
			return ErrNothingToExport
		}
		if b.to, err = bundle.NewWriter(to, header, bundle.SecretOf(id.DeviceToken), rand.Reader); err != nil {
			return err
		}
		return b.ops(ctx, t, push)
	})
	if err != nil {
		return nil, fmt.Errorf("export bundle: %w", err)
	}
	return b, nil
}

func (b *BundleExport) ops(ctx context.Context, t *localstore.Tx, push syncproto.Push) (err error) {
	for len(push.Ops) > 0 {
		if err := b.to.Push(push); err != nil {
			return err
		}
		b.Records += len(push.Ops)
		if push, err = t.Waiting(ctx, push.Ops[len(push.Ops)-1].Seq+1, syncproto.MaxBatchOps, syncproto.MaxPushBytes); err != nil {
			return err
		}
	}
	return nil
}

// Left is how many renditions are still to be written.
func (b *BundleExport) Left() int { return len(b.photos) }

// Step writes one rendition; after the last one it ends the file and is done.
// After an error the file is worthless.
func (b *BundleExport) Step(ctx context.Context) (done bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, fmt.Errorf("export bundle: %w", err)
	}
	if len(b.photos) == 0 {
		_, err := b.to.Close()
		return err == nil, err
	}
	u := b.photos[0]
	b.photos = b.photos[1:]
	err = b.photo(u)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, bundle.ErrPhoto) {
		b.Missing++ // the record goes without it, and the person is told
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("export bundle: %w", err)
	}
	b.Photos++
	b.Bytes += u.Bytes
	return false, nil
}

func (b *BundleExport) photo(u localstore.Unconfirmed) (err error) {
	f, err := b.open(u.Upload)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return b.to.Photo(bundle.Photo{SHA256: u.SHA256, Bytes: u.Bytes, Op: u.Op}, f)
}
