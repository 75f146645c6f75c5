package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// ErrNothingPersonal says that a record does not exist in the project, or holds
// no personal values.
var ErrNothingPersonal = errors.New("there is no such record with personal values")

// Erase overwrites the personal values of a homeowner, of a contractor's contact
// or of an attachment, in the record, in what devices have sent and in what was
// imported, and lets the log of the people begin anew behind it. With a homeowner
// go the signatures of the unit. Devices do the same when they hear of it. gone
// are the blobs that nothing names any more: their bytes are to be deleted. by
// needs to administer the project; the server itself may. Repeating it changes
// nothing but the log.
func (e *Engine) Erase(ctx context.Context, project domain.ProjectID, entity domain.Entity, id domain.AnyID, by domain.PersonID) (logged []syncproto.Logged, gone []domain.Hash, err error) {
	err = e.Store.Update(ctx, func(tx *store.Tx) error {
		logged, gone = nil, nil
		if err := tx.Lock(ctx, project); err != nil {
			return err
		}
		held, err := erasable(ctx, tx, project, entity, id, by, e.Now())
		if err != nil {
			return err
		}
		w := NewWriter(tx, project, e.Now(), &logged)
		w.Actor = by
		if err := w.erase(ctx, held); err != nil {
			return err
		}
		at, err := tx.Head(ctx, held.Scope)
		if err != nil {
			return err
		}
		switch entity {
		case domain.EntityAttachment:
			gone, err = w.forgetBlobs(ctx, held)
			return err
		case domain.EntityHomeowner:
			if gone, err = w.eraseOfUnit(ctx, domain.UnitID(held.Fields.Parent())); err != nil {
				return err
			}
		}
		return tx.LetGo(ctx, held.Scope, at-1)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("erase %s %s: %w", entity, id, err)
	}
	return logged, gone, nil
}

// BlobsOf lists the blobs that an erasure would leave unnamed at most, for who
// may erase.
func (e *Engine) BlobsOf(ctx context.Context, project domain.ProjectID, entity domain.Entity, id domain.AnyID, by domain.PersonID) (shas []domain.Hash, err error) {
	err = e.Store.View(ctx, func(tx *store.Tx) error {
		held, err := erasable(ctx, tx, project, entity, id, by, e.Now())
		if err != nil {
			return err
		}
		records := []merge.Record{held}
		if entity == domain.EntityHomeowner {
			if records, err = signatures(ctx, tx, project, domain.UnitID(held.Fields.Parent())); err != nil {
				return err
			}
		}
		shas = nil
		for _, r := range records {
			named, err := named(r)
			if err != nil {
				return err
			}
			shas = append(shas, named...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("blobs of %s %s: %w", entity, id, err)
	}
	return shas, nil
}

// erasable is a record that a person may erase.
func erasable(ctx context.Context, tx *store.Tx, project domain.ProjectID, entity domain.Entity, id domain.AnyID, by domain.PersonID, now domain.Instant) (held merge.Record, err error) {
	if by != ident.ServerPerson {
		rights, err := tx.Rights(ctx, by, now)
		if err != nil {
			return held, err
		}
		if !rights[project][domain.CanAdminister] {
			return held, &Refusal{Code: syncproto.CodeForbidden, Details: []string{string(domain.CanAdminister)}}
		}
	}
	if held, err = tx.Record(ctx, entity, id); err != nil {
		return held, err
	}
	info, _ := entity.Info()
	alone := info.Audience == domain.AudiencePeople || entity == domain.EntityAttachment // not the projection of another
	if !held.Exists() || held.Scope.Project != project || !alone || len(info.Personal) == 0 {
		return held, ErrNothingPersonal
	}
	return held, nil
}

// eraseOfUnit erases what a unit has of its homeowners: the masked projection,
// and the signatures.
func (w *Writer) eraseOfUnit(ctx context.Context, id domain.UnitID) (gone []domain.Hash, err error) {
	unit, err := w.Tx.Record(ctx, domain.EntityUnit, id.Any())
	if err != nil {
		return nil, err
	}
	if unit.Exists() && unit.Scope.Project == w.Project {
		if err := w.erase(ctx, unit); err != nil {
			return nil, err
		}
	}
	signed, err := signatures(ctx, w.Tx, w.Project, id)
	if err != nil {
		return nil, err
	}
	for _, r := range signed {
		if err := w.erase(ctx, r); err != nil {
			return nil, err
		}
		more, err := w.forgetBlobs(ctx, r)
		if err != nil {
			return nil, err
		}
		gone = append(gone, more...)
	}
	return gone, nil
}

// signatures lists what homeowners have signed with in a unit.
func signatures(ctx context.Context, tx *store.Tx, project domain.ProjectID, unit domain.UnitID) (list []merge.Record, err error) {
	all, err := tx.Records(ctx, domain.EntityAttachment, store.Filter{Project: project})
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		a, err := merge.As[domain.Attachment](r)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", r.Entity, r.ID, err)
		}
		if a.Kind == domain.KindSignature && a.UnitID == unit && a.State != domain.AttachmentErased {
			list = append(list, r)
		}
	}
	return list, nil
}

// named lists the blobs of a record.
func named(r merge.Record) ([]domain.Hash, error) {
	shas, err := hashesOf(r)
	return slices.DeleteFunc(shas, domain.Hash.IsZero), err
}

// forgetBlobs marks an attachment, as it was before its erasure, as erased.
func (w *Writer) forgetBlobs(ctx context.Context, before merge.Record) ([]domain.Hash, error) {
	shas, err := named(before)
	if err != nil {
		return nil, err
	}
	now, _, err := Get[domain.Attachment](ctx, w.Tx, before.Entity, before.ID)
	if err != nil {
		return nil, err
	}
	marked := now
	marked.State = domain.AttachmentErased
	if err := w.Amend(ctx, before.Entity, before.ID, now, marked); err != nil {
		return nil, err
	}
	return w.Tx.ForgetBlobs(ctx, store.BlobRef{Entity: before.Entity, ID: before.ID}, shas)
}

// erase clears a record's personal values wherever the server holds them.
func (w *Writer) erase(ctx context.Context, held merge.Record) error {
	info, _ := held.Entity.Info()
	fields := syncproto.Fields{}
	for _, key := range info.Personal {
		fields[key] = syncproto.Null
	}
	if err := w.write(ctx, held.Entity, held.ID, held, syncproto.Erased, fields); err != nil {
		return err
	}
	if err := w.Tx.EraseReceived(ctx, held.Entity, held.ID); err != nil {
		return err
	}
	return w.Tx.EraseImported(ctx, held.Entity, held.ID, info.Personal)
}
