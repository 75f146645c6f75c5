package backup

import (
	"context"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// Missing is a photo that the restored server does not have.
type Missing struct {
	blobs.Blob
	// Of are the records that name it. Devices send attachments again; plans are
	// loaded by the operator.
	Of []store.BlobRef
}

// missingBatch is how many photos one transaction takes back.
const missingBatch = 200

// finish does what needs the present schema: attachments whose bytes are gone
// wait for them again, by ordinary ops, so that every device knows.
func (r *Restored) finish(ctx context.Context, s *store.Store, now domain.Instant) error {
	err := s.Update(ctx, func(tx *store.Tx) error { return tx.Diverge(ctx) })
	if err != nil {
		return err
	}
	err = s.View(ctx, func(tx *store.Tx) (err error) {
		if r.Devices, err = tx.Devices(ctx); err != nil {
			return err
		}
		for i := range r.Missing {
			if r.Missing[i].Of, err = tx.BlobRefs(ctx, r.Missing[i].SHA256); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for from := 0; from < len(r.Missing); from += missingBatch {
		batch := r.Missing[from:min(from+missingBatch, len(r.Missing))]
		err := s.Update(ctx, func(tx *store.Tx) error { return waitAgain(ctx, tx, batch, now) })
		if err != nil {
			return err
		}
	}
	return s.Update(ctx, func(tx *store.Tx) error { return tx.SetMeta(ctx, intake.MetaRestoring, "") })
}

func waitAgain(ctx context.Context, tx *store.Tx, missing []Missing, now domain.Instant) error {
	var projects []domain.ProjectID
	for _, m := range missing {
		for _, ref := range m.Of {
			projects = append(projects, ref.Scope.Project)
		}
	}
	if err := tx.Lock(ctx, projects...); err != nil {
		return err
	}
	for _, m := range missing {
		for _, ref := range m.Of {
			if ref.Entity != domain.EntityAttachment {
				continue
			}
			held, ok, err := intake.Get[domain.Attachment](ctx, tx, ref.Entity, ref.ID)
			if err != nil {
				return err
			}
			if !ok || held.SHA256 != m.SHA256 || held.State != domain.AttachmentReady {
				continue // its original, which counts, is here
			}
			waits := held
			waits.State = domain.AttachmentPending
			var logged []syncproto.Logged // nobody is connected yet
			if err := intake.NewWriter(tx, ref.Scope.Project, now, &logged).Amend(ctx, ref.Entity, ref.ID, held, waits); err != nil {
				return err
			}
		}
	}
	return nil
}
