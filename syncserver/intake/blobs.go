package intake

import (
	"context"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/syncserver/store"
)

// hashesOf lists the blobs that a record names.
func hashesOf(r merge.Record) ([]domain.Hash, error) {
	switch r.Entity {
	case domain.EntityAttachment:
		a, err := merge.As[domain.Attachment](r)
		return []domain.Hash{a.SHA256, a.WorkSHA256}, err
	case domain.EntityPlan:
		p, err := merge.As[domain.Plan](r)
		return []domain.Hash{p.SHA256}, err
	case domain.EntityBaseline:
		b, err := merge.As[domain.Baseline](r)
		var hashes []domain.Hash
		for _, item := range b.Items {
			hashes = append(hashes, item.Photo)
		}
		return hashes, err
	default:
		return nil, nil
	}
}

// noteBlobs remembers which blobs a record names and marks an attachment whose
// bytes are here already.
func (w *Writer) noteBlobs(ctx context.Context, r merge.Record) error {
	hashes, err := hashesOf(r)
	if err != nil {
		return err
	}
	for _, sha := range hashes {
		if sha.IsZero() {
			continue
		}
		if err := w.Tx.AddBlobRef(ctx, sha, store.BlobRef{Scope: r.Scope, Entity: r.Entity, ID: r.ID}); err != nil {
			return err
		}
	}
	if r.Entity == domain.EntityAttachment {
		return w.markReady(ctx, r)
	}
	return nil
}

// markReady moves an attachment to "ready" once the evidence, its original, is
// durable.
func (w *Writer) markReady(ctx context.Context, r merge.Record) error {
	a, err := merge.As[domain.Attachment](r)
	if err != nil || a.State == domain.AttachmentReady || a.SHA256.IsZero() {
		return err
	}
	has, err := w.Tx.HasBlob(ctx, a.SHA256)
	if err != nil {
		return err
	}
	if !has {
		if w.waiting != nil {
			*w.waiting = append(*w.waiting, a.SHA256)
		}
		return nil
	}
	ready := a
	ready.State = domain.AttachmentReady
	return w.Amend(ctx, r.Entity, r.ID, a, ready)
}
