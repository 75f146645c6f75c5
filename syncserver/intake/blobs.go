package intake

import (
	"context"
	"errors"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
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

// BlobArrived records durable bytes and marks the attachments that waited for
// them.
func (e *Engine) BlobArrived(ctx context.Context, sha domain.Hash, bytes int64) ([]syncproto.Logged, error) {
	logged, err := e.arrive(ctx, sha, bytes)
	if err == nil && e.Store.Shared() {
		// A push that names the blob may have been committed beside this: who
		// commits last looks again.
		var late []syncproto.Logged
		late, err = e.arrive(ctx, sha, bytes)
		logged = append(logged, late...)
	}
	return logged, err
}

// lookAgain marks attachments of a push whose bytes arrived while the push was
// being committed.
func (e *Engine) lookAgain(ctx context.Context, waiting []domain.Hash) (logged []syncproto.Logged, err error) {
	if len(waiting) == 0 || !e.Store.Shared() {
		return nil, nil
	}
	here := map[domain.Hash]int64{}
	err = e.Store.View(ctx, func(tx *store.Tx) (err error) {
		here, err = tx.BlobSizes(ctx, waiting)
		return err
	})
	for sha, bytes := range here {
		late, failed := e.arrive(ctx, sha, bytes)
		logged, err = append(logged, late...), errors.Join(err, failed)
	}
	return logged, err
}

func (e *Engine) arrive(ctx context.Context, sha domain.Hash, bytes int64) ([]syncproto.Logged, error) {
	var logged []syncproto.Logged
	err := e.Store.Update(ctx, func(tx *store.Tx) error {
		logged = nil
		now := e.Now()
		if err := tx.PutBlob(ctx, sha, bytes, now); err != nil {
			return err
		}
		refs, err := tx.BlobRefs(ctx, sha)
		if err != nil {
			return err
		}
		// Work in review that names it may have been accepted this very moment.
		projects, err := tx.ReviewedBlobProjects(ctx, sha)
		if err != nil {
			return err
		}
		for _, ref := range refs {
			projects = append(projects, ref.Scope.Project)
		}
		if err := tx.Lock(ctx, projects...); err != nil {
			return err
		}
		if refs, err = tx.BlobRefs(ctx, sha); err != nil {
			return err
		}
		for _, ref := range refs {
			if ref.Entity != domain.EntityAttachment || !slices.Contains(projects, ref.Scope.Project) {
				continue
			}
			r, err := tx.Record(ctx, ref.Entity, ref.ID)
			if err != nil {
				return err
			}
			if err := NewWriter(tx, ref.Scope.Project, now, &logged).markReady(ctx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return logged, nil
}
