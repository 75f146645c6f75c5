package core

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"keyturn/app/localstore"
	"keyturn/app/syncer"
	"keyturn/shared/domain"
	"keyturn/shared/receipt"
	"keyturn/shared/syncproto"
)

// Receipts keeps the newest signed receipt of the server for this device's work,
// as a file in the data directory. The server's public key is pinned with the
// first receipt, which comes over the authenticated connection; from then on
// only that key, or one that it leads to, is believed.
type Receipts struct {
	store *localstore.Store
	link  *syncer.Link
	dir   string
	wants chan struct{}
	times times

	fetching sync.Mutex
	mu       sync.Mutex
	newest   Receipt
	refused  error
}

// receiptDir lies in the data directory. Files are named by the device's id: one
// that enrols anew trusts and keeps nothing of the former.
const receiptDir = "receipts"

func newReceipts(dir string, store *localstore.Store, link *syncer.Link) *Receipts {
	return &Receipts{store: store, link: link, dir: filepath.Join(dir, receiptDir), wants: make(chan struct{}, 1), times: usualTimes}
}

// Receipt sums up a verified receipt file of the central server.
type Receipt struct {
	Device   domain.DeviceID
	Server   domain.Hash
	SignedAt domain.Instant
	// From and To are the op numbers that it covers.
	From, To uint64
	// Records are the ops that the server holds, of which some were rejected or
	// wait for review. Photos are the renditions that it holds; Awaited ones it
	// knows of only.
	Records, Rejected, InReview, Photos, Awaited int
}

// Why a device refuses a receipt, besides the reasons of package receipt.
var (
	// ErrNotCentral: a relay's word is no confirmation by the server.
	ErrNotCentral = errors.New("the receipt is not the central server's")
	// ErrOtherDevice: it is about somebody else's work.
	ErrOtherDevice = errors.New("the receipt is for another device")
	// ErrNotMine: it confirms something else than what was recorded here.
	ErrNotMine = errors.New("the receipt does not match what this device has recorded")
)

// Newest gives the newest receipt; ok is false when there is none. The error is
// why the file, or the last one that the server sent, is not believed.
func (r *Receipts) Newest(ctx context.Context) (held Receipt, ok bool, err error) {
	id, err := r.store.Identity(ctx)
	if err != nil {
		return held, false, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.newest.Device != id.Device {
		r.newest, r.refused = Receipt{}, nil
		_, v, err := r.read(id.Device)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return held, false, err
		}
		if err == nil {
			r.newest = summary(v)
		}
	}
	return r.newest, !r.newest.Device.IsZero(), r.refused
}

// File gives the newest receipt as the server signed it, to be handed on; the
// error is fs.ErrNotExist when there is none.
func (r *Receipts) File(ctx context.Context) ([]byte, error) {
	id, err := r.store.Identity(ctx)
	if err != nil {
		return nil, err
	}
	file, _, err := r.read(id.Device)
	return file, err
}

// read verifies what is kept with the pinned keys.
func (r *Receipts) read(device domain.DeviceID) (file []byte, v receipt.Verified, err error) {
	if file, err = os.ReadFile(r.path(device, ".receipt")); err != nil {
		return nil, v, fmt.Errorf("kept receipt: %w", err)
	}
	keys, err := r.pinned(device)
	if err != nil {
		return nil, v, err
	}
	if v, err = receipt.Verify(file, keys); err != nil {
		return nil, v, fmt.Errorf("kept receipt: %w", err)
	}
	return file, v, nil
}

func (r *Receipts) path(device domain.DeviceID, ending string) string {
	return filepath.Join(r.dir, device.String()+ending)
}

// pinned are the keys that this device trusts, none before its first receipt.
func (r *Receipts) pinned(device domain.DeviceID) (receipt.Keys, error) {
	text, err := os.ReadFile(r.path(device, ".keys.pem"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("pinned receipt keys: %w", err)
	}
	return receipt.DecodeKeys(text)
}

// Fetch asks the server for a receipt of everything it has answered so far, and
// keeps it if it may be believed and matches what was recorded here.
func (r *Receipts) Fetch(ctx context.Context) (Receipt, error) {
	r.fetching.Lock()
	defer r.fetching.Unlock()
	held, err := r.fetch(ctx)
	r.note(held, err)
	r.store.Ring() // screens show it, or why there is none
	return held, err
}

func (r *Receipts) note(held Receipt, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused = nil
	if distrusted(err) {
		r.refused = err
	}
	if err == nil {
		r.newest = held
	}
}

// distrusted tells a receipt that came and is not believed from one that did not
// come.
func distrusted(err error) bool {
	for _, why := range []error{
		receipt.ErrFormat, receipt.ErrVersion, receipt.ErrSignature, receipt.ErrUntrusted, receipt.ErrForked, receipt.ErrTime, receipt.ErrKeys,
		ErrNotCentral, ErrOtherDevice, ErrNotMine,
	} {
		if errors.Is(err, why) {
			return true
		}
	}
	return false
}

func (r *Receipts) fetch(ctx context.Context) (Receipt, error) {
	id, err := r.store.Identity(ctx)
	if err != nil {
		return Receipt{}, err
	}
	if !id.Enrolled() {
		return Receipt{}, localstore.ErrNotEnrolled
	}
	answered := uint64(0)
	err = r.store.View(ctx, func(t *localstore.Tx) error {
		next, err := t.NextWaiting(ctx)
		answered = next - 1
		return err
	})
	if err != nil {
		return Receipt{}, err
	}
	keys, err := r.pinned(id.Device)
	if err != nil {
		return Receipt{}, err
	}
	file, v, err := r.ask(ctx, id, keys, answered)
	if err != nil {
		return Receipt{}, err
	}
	if err := r.compare(ctx, v, answered); err != nil {
		return Receipt{}, err
	}
	text, err := v.Keys.Encode()
	if err != nil {
		return Receipt{}, err
	}
	// The keys first: a receipt without them could not be read again.
	if err := errors.Join(r.write(r.path(id.Device, ".keys.pem"), text), r.write(r.path(id.Device, ".receipt"), file)); err != nil {
		return Receipt{}, fmt.Errorf("keep receipt: %w", err)
	}
	return summary(v), nil
}

// ask fetches receipts until they cover what was answered; one is enough for
// receipt.MaxOps ops.
func (r *Receipts) ask(ctx context.Context, id localstore.Identity, keys receipt.Keys, answered uint64) (file []byte, v receipt.Verified, err error) {
	for from := uint64(1); from == 1 || from <= answered; {
		part, err := r.link.Receipt(ctx, id, from)
		if err != nil {
			return nil, v, err
		}
		if keys == nil {
			if keys, err = receipt.KeysIn(part); err != nil {
				return nil, v, err
			}
		}
		file = append(file, part...)
		if v, err = receipt.Verify(file, keys); err != nil {
			return nil, v, err
		}
		last := v.Receipts[len(v.Receipts)-1]
		switch {
		case last.Issuer != receipt.Central:
			return nil, v, ErrNotCentral
		case last.Device != id.Device:
			return nil, v, ErrOtherDevice
		case last.From != from:
			return nil, v, fmt.Errorf("%w: it begins at op %d", ErrNotMine, last.From)
		case last.To < from:
			return file, v, nil
		}
		from = last.To + 1
	}
	return file, v, nil
}

const comparePage = 500

// compare wants every op that the server has answered to be in the receipt, with
// the very content that was recorded here.
func (r *Receipts) compare(ctx context.Context, v receipt.Verified, answered uint64) error {
	confirmed := map[uint64]domain.Hash{}
	for _, part := range v.Receipts {
		for _, op := range part.Ops {
			confirmed[op.Seq] = op.SHA256
		}
	}
	return r.store.View(ctx, func(t *localstore.Tx) error {
		for after := uint64(0); after < answered; {
			page, err := t.AnsweredBodies(ctx, after, comparePage)
			if err != nil || len(page) == 0 {
				return err
			}
			for _, op := range page {
				if op.Seq <= answered && confirmed[op.Seq] != sha256.Sum256(op.Body) {
					return fmt.Errorf("%w: op %d", ErrNotMine, op.Seq)
				}
			}
			after = page[len(page)-1].Seq
		}
		return nil
	})
}

func summary(v receipt.Verified) Receipt {
	last := v.Receipts[len(v.Receipts)-1]
	sum := Receipt{Device: last.Device, Server: last.Server, SignedAt: last.SignedAt, From: v.Receipts[0].From, To: last.To}
	for _, part := range v.Receipts {
		sum.Records += len(part.Ops)
		sum.Rejected += part.Count(syncproto.Rejected)
		sum.InReview += part.Count(syncproto.Quarantined)
		sum.Photos += len(part.Photos)
		sum.Awaited += len(part.Awaited)
	}
	return sum
}

// write replaces a file by a whole one; what a crash takes back is fetched again.
func (r *Receipts) write(path string, content []byte) (err error) {
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(r.dir, "new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
