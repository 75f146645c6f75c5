package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"keyturn/shared/bundle"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/receipts"
	"keyturn/syncserver/store"
)

// Bundle is a file of a device's unconfirmed work that has been read through
// once: it is whole and comes from the device.
type Bundle struct {
	Header bundle.Header
	Device store.Device
	Holds  bundle.Totals

	file   *os.File
	opened *bundle.File
	secret bundle.Secret
}

// ErrUnknownDevice says that a bundle comes from a device that never enrolled
// here.
var ErrUnknownDevice = errors.New("the bundle comes from a device that this server does not know")

// OpenBundle checks a whole file before anything of it is used. The error is one
// of package bundle's, or ErrUnknownDevice. The caller closes the bundle.
func (s *Service) OpenBundle(ctx context.Context, path string) (b *Bundle, err error) {
	b = &Bundle{}
	if b.file, err = os.Open(path); err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	if err := s.check(ctx, b); err != nil {
		return nil, errors.Join(fmt.Errorf("bundle %s: %w", path, err), b.file.Close())
	}
	return b, nil
}

func (s *Service) check(ctx context.Context, b *Bundle) error {
	info, err := b.file.Stat()
	if err != nil {
		return err
	}
	if b.opened, err = bundle.Open(b.file, info.Size()); err != nil {
		return err
	}
	b.Header = b.opened.Header
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		b.Device, err = tx.Device(ctx, b.Header.Device)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%w: %s", ErrUnknownDevice, b.Header.Device)
	}
	if err != nil {
		return err
	}
	if b.secret, err = bundle.SecretFrom(b.Device.TokenHash); err != nil {
		return err
	}
	b.Holds, err = b.opened.Check(b.secret)
	return err
}

// Close releases the file.
func (b *Bundle) Close() error { return b.file.Close() }

// BundleTaken counts what became of a bundle's content.
type BundleTaken struct {
	// Applied, Conflicts, Dup and InReview count ops; Dup ones were here before.
	Applied, Conflicts, Dup, InReview int
	Rejected                          []syncproto.Answer
	// Stored, Held and Unnamed count photos: new, here before, and left out
	// because no op that this server accepted or keeps for review names them.
	// Again ones met a broken upload, which is gone now.
	Stored, Held, Unnamed, Again int
}

// Errors of an import that the file alone cannot show.
var (
	// ErrGap: ops before the bundle's first are missing here. The device must
	// sync, or export again after this server lost them.
	ErrGap = errors.New("the server lacks earlier records of this device")
	// ErrPushRefused: the server refuses the device's pushes.
	ErrPushRefused = errors.New("the server refuses the records")
	// ErrAgain: some photos have to be imported once more.
	ErrAgain = errors.New("some photos continued a broken upload, which has been thrown away; import the file again")
)

// ImportBundle takes a bundle's ops and photos as if the device had sent them.
// Doing so again, before or after the device has synced, changes nothing. After
// an error what was counted is taken; the import can be repeated.
func (s *Service) ImportBundle(ctx context.Context, b *Bundle) (BundleTaken, error) {
	t := &bundleTaker{ctx: ctx, service: s, bundle: b}
	if _, err := b.opened.Read(b.secret, t); err != nil {
		return t.taken, fmt.Errorf("import bundle: %w", err)
	}
	if t.taken.Again > 0 {
		return t.taken, ErrAgain
	}
	return t.taken, nil
}

// bundleTaker is one import.
type bundleTaker struct {
	ctx     context.Context
	service *Service
	bundle  *Bundle
	taken   BundleTaken
}

// Push pushes as the device would.
func (t *bundleTaker) Push(p *syncproto.Push) error {
	answers, logged, err := t.service.engine.Push(t.ctx, t.bundle.Device.ID, p)
	if err != nil {
		return err
	}
	t.service.publish(t.ctx, logged)
	for _, a := range answers.Answers {
		switch a.Status {
		case syncproto.Applied:
			t.taken.Applied++
		case syncproto.Conflict:
			t.taken.Conflicts++
		case syncproto.Dup:
			t.taken.Dup++
		case syncproto.Quarantined:
			t.taken.InReview++
		case syncproto.Rejected:
			t.taken.Rejected = append(t.taken.Rejected, a)
		}
	}
	switch answers.Code {
	case "":
		return nil
	case syncproto.CodeGap:
		return fmt.Errorf("%w: it expects op %d and the file begins at op %d", ErrGap, answers.NextSeq, p.Ops[0].Seq)
	default:
		return fmt.Errorf("%w: %s", ErrPushRefused, answers.Code)
	}
}

// Photo stores a blob if an op that is here, and was not rejected, names it: the
// same rule as for uploads, but what waits for review keeps its photos too.
func (t *bundleTaker) Photo(p bundle.Photo, content io.Reader) error {
	named, err := t.named(p)
	if err != nil {
		return err
	}
	if !named {
		t.taken.Unnamed++
		return nil
	}
	stored, err := t.store(p, content)
	if errors.Is(err, blobs.ErrWrongBytes) || errors.Is(err, blobs.ErrOffset) {
		t.taken.Again++
		return nil
	}
	if err != nil {
		return fmt.Errorf("photo %s: %w", p.SHA256, err)
	}
	if stored {
		t.taken.Stored++
	} else {
		t.taken.Held++
	}
	logged, err := t.service.engine.BlobArrived(t.ctx, p.SHA256, p.Bytes)
	if err == nil {
		t.service.publish(t.ctx, logged)
	}
	return err
}

func (t *bundleTaker) named(p bundle.Photo) (named bool, err error) {
	err = t.service.Store.View(t.ctx, func(tx *store.Tx) error {
		held, err := tx.Received(t.ctx, t.bundle.Device.ID, p.Op)
		if errors.Is(err, store.ErrNotFound) || err == nil && held.Answer.Status == syncproto.Rejected {
			return nil
		}
		if err != nil {
			return err
		}
		var op syncproto.Op
		if err := syncproto.Unmarshal(held.Body, &op); err != nil {
			return err
		}
		named = slices.Contains(receipts.Named(op), p.SHA256)
		return nil
	})
	return named, err
}

// blobChunk is the piece in which photos are stored, as large as an upload's.
const blobChunk = 256 << 10

// store appends what the server lacks of a blob; an upload that broke off is
// continued. The blob's own check of the whole is the store's.
func (t *bundleTaker) store(p bundle.Photo, content io.Reader) (stored bool, err error) {
	offset, whole, err := t.service.Blobs.Offset(t.ctx, p.SHA256)
	if err != nil || whole {
		return false, err
	}
	if offset > p.Bytes {
		return false, blobs.ErrOffset
	}
	if _, err := io.CopyN(io.Discard, content, offset); err != nil {
		return false, err
	}
	buffer := make([]byte, blobChunk)
	for done := false; !done; {
		n, err := io.ReadFull(content, buffer[:min(blobChunk, p.Bytes-offset)])
		if err != nil {
			return false, err
		}
		if done, err = t.service.Blobs.Append(t.ctx, p.SHA256, offset, p.Bytes, buffer[:n]); err != nil {
			return false, err
		}
		offset += int64(n)
	}
	return true, nil
}
