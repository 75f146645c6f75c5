package receipts

import (
	"context"
	"fmt"
	"sync"

	"keyturn/shared/domain"
	"keyturn/shared/receipt"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// Issuer signs for one database. Dir is the server's data directory.
type Issuer struct {
	Store *store.Store
	Dir   string
	Now   func() domain.Instant

	mu sync.Mutex // of the key files
}

// Issue signs what the server holds of a device's work, from an op number on and
// as far as one receipt reaches: the next one begins behind its To. The error is
// store.ErrNotFound for an unknown device.
func (i *Issuer) Issue(ctx context.Context, device domain.DeviceID, from uint64) ([]byte, error) {
	s, err := i.signer(ctx)
	if err != nil {
		return nil, err
	}
	var c *collection
	err = i.Store.View(ctx, func(tx *store.Tx) error {
		c = &collection{tx: tx, scopes: map[syncproto.Scope]int{}, named: map[domain.Hash]bool{}}
		c.r = receipt.Receipt{Device: device, SignedAt: i.Now()}
		if c.r.Epoch, err = tx.Meta(ctx, intake.MetaEpoch); err != nil {
			return err
		}
		return c.collect(ctx, max(from, 1))
	})
	if err != nil {
		return nil, fmt.Errorf("receipt for device %s: %w", device, err)
	}
	return s.Seal(c.r)
}

// collection is a receipt in the making, on one snapshot.
type collection struct {
	tx     *store.Tx
	r      receipt.Receipt
	scopes map[syncproto.Scope]int
	named  map[domain.Hash]bool
}

const (
	pageOps = 256
	// maxScopes is far below what a receipt takes.
	maxScopes = 500
)

func (c *collection) collect(ctx context.Context, from uint64) error {
	d, err := c.tx.Device(ctx, c.r.Device)
	if err != nil {
		return err
	}
	end := d.NextSeq - 1
	c.r.From = min(from, d.NextSeq)
	c.r.To = c.r.From - 1
	for full := false; !full && c.r.To < end; {
		page, err := c.tx.ReceivedRange(ctx, c.r.Device, c.r.To+1, end, pageOps)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			c.r.To = end // what is missing has been cleared away
		}
		for _, op := range page {
			if full, err = c.add(op); err != nil || full {
				break
			}
		}
		if err != nil {
			return err
		}
	}
	return c.photos(ctx)
}

// add takes an op up unless the receipt is full.
func (c *collection) add(held store.ReceivedOp) (full bool, err error) {
	var op syncproto.Op
	if err := syncproto.Unmarshal(held.Body, &op); err != nil {
		return false, fmt.Errorf("op %d: %w", held.Seq, err)
	}
	var named []domain.Hash
	if held.Status != syncproto.Rejected {
		named = Named(op)
	}
	if len(c.r.Ops) == receipt.MaxOps || len(c.named)+len(named) > receipt.MaxPhotos || len(c.scopes) == maxScopes {
		return true, nil
	}
	for _, sha := range named {
		c.named[sha] = true
	}
	scope, known := c.scopes[op.Scope]
	if !known {
		scope = len(c.r.Scopes)
		c.scopes[op.Scope], c.r.Scopes = scope, append(c.r.Scopes, op.Scope)
	}
	c.r.Ops = append(c.r.Ops, receipt.Op{
		Seq: held.Seq, SHA256: held.SHA256(), Entity: op.Entity, ID: op.ID, Status: held.Status, Scope: scope,
		LogSeq: held.LogSeq, ReceivedAt: held.ReceivedAt,
	})
	c.r.To = held.Seq
	return false, nil
}

// photos tells the named blobs that are here from those that are awaited.
func (c *collection) photos(ctx context.Context) error {
	asked := make([]domain.Hash, 0, len(c.named))
	for sha := range c.named {
		asked = append(asked, sha)
	}
	held, err := c.tx.HeldBlobs(ctx, asked)
	if err != nil {
		return err
	}
	for _, b := range held {
		c.r.Photos = append(c.r.Photos, receipt.Photo{SHA256: b.SHA256, Bytes: b.Bytes, ReceivedAt: b.ReceivedAt})
		delete(c.named, b.SHA256)
	}
	for sha := range c.named {
		c.r.Awaited = append(c.r.Awaited, sha)
	}
	c.r.Arrange()
	return nil
}

// Named lists the blobs that an op's record names. What cannot be read names
// none: such an op was rejected.
func Named(op syncproto.Op) []domain.Hash {
	var all []domain.Hash
	add := func(hashes ...domain.Hash) {
		for _, sha := range hashes {
			if !sha.IsZero() {
				all = append(all, sha)
			}
		}
	}
	switch {
	case op.Kind == syncproto.Commanded:
	case op.Entity == domain.EntityAttachment:
		if a, err := syncproto.Decode[domain.Attachment](op.Fields); err == nil {
			add(a.SHA256, a.WorkSHA256)
		}
	case op.Entity == domain.EntityBaseline:
		if b, err := syncproto.Decode[domain.Baseline](op.Fields); err == nil {
			for _, item := range b.Items {
				add(item.Photo)
			}
		}
	}
	return all
}
