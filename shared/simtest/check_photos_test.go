package simtest

import (
	"crypto/sha256"
	"errors"
	"io"

	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// checkPhotos: what is called ready is there, byte for byte; what is not is
// called pending, and only because nobody who has it may send it.
func (c *cloud) checkPhotos(tx *store.Tx) {
	for _, p := range projects {
		list, err := intake.List[domain.Attachment](c.w.ctx, tx, domain.EntityAttachment, store.Filter{Project: p})
		c.w.must(err, "attachments")
		for _, k := range list {
			if k.Record.State == domain.AttachmentReady {
				c.checkBytes(k.Record.SHA256)
			} else if d := c.w.sender(tx, k.ID.Any()); d != nil {
				c.w.fail("the photo of attachment %s is %q although %s has it", k.ID, k.Record.State, d.name)
			}
		}
	}
}

// checkBytes: the blob is its name's.
func (c *cloud) checkBytes(sha domain.Hash) {
	f, size, err := c.blobs.Open(c.w.ctx, sha)
	if errors.Is(err, blobs.ErrMissing) {
		c.w.fail("the photo %s is called ready and is not there", sha)
	}
	c.w.must(err, "open a photo")
	h := sha256.New()
	n, err := io.Copy(h, f)
	c.w.must(errors.Join(err, f.Close()), "read a photo")
	if domain.Hash(h.Sum(nil)) != sha || n != size {
		c.w.fail("the bytes of photo %s are not its own", sha)
	}
}

// sender is a device that has an attachment's photo and may send it; nil when
// there is none.
func (w *world) sender(tx *store.Tx, id domain.AnyID) *device {
	for _, a := range w.authored {
		if a.op.ID == id && !a.by.told && w.cloud.history.places[authorOf(a.op)] != 0 && w.cloud.mayRead(tx, a.by)[a.op.Scope] {
			return a.by
		}
	}
	return nil
}
