package intake

import (
	"context"
	"errors"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// ErrNothingPersonal says that a record does not exist in the project, or holds
// no personal values.
var ErrNothingPersonal = errors.New("there is no such record with personal values")

// Erase overwrites the personal values of a homeowner or of a contractor's
// contact, in the record, in what devices have sent and in what was imported,
// and lets the log of their audience begin anew behind it. Devices do the same
// when they hear of it. by needs to administer the project; the server itself
// may. Repeating it changes nothing but the log.
func (e *Engine) Erase(ctx context.Context, project domain.ProjectID, entity domain.Entity, id domain.AnyID, by domain.PersonID) (logged []syncproto.Logged, err error) {
	err = e.Store.Update(ctx, func(tx *store.Tx) error {
		logged = nil
		if err := tx.Lock(ctx, project); err != nil {
			return err
		}
		now := e.Now()
		if by != ident.ServerPerson {
			rights, err := tx.Rights(ctx, by, now)
			if err != nil {
				return err
			}
			if !rights[project][domain.CanAdminister] {
				return &Refusal{Code: syncproto.CodeForbidden, Details: []string{string(domain.CanAdminister)}}
			}
		}
		held, err := tx.Record(ctx, entity, id)
		if err != nil {
			return err
		}
		info, _ := entity.Info()
		if !held.Exists() || held.Scope.Project != project || info.Audience != domain.AudiencePeople || len(info.Personal) == 0 {
			return ErrNothingPersonal
		}
		w := NewWriter(tx, project, now, &logged)
		w.Actor = by
		if err := w.erase(ctx, held); err != nil {
			return err
		}
		at, err := tx.Head(ctx, held.Scope)
		if err != nil {
			return err
		}
		if entity == domain.EntityHomeowner {
			unit, err := tx.Record(ctx, domain.EntityUnit, held.Fields.Parent())
			if err != nil {
				return err
			}
			if unit.Exists() && unit.Scope.Project == project {
				if err := w.erase(ctx, unit); err != nil { // the masked projection
					return err
				}
			}
		}
		return tx.LetGo(ctx, held.Scope, at-1)
	})
	if err != nil {
		return nil, fmt.Errorf("erase %s %s: %w", entity, id, err)
	}
	return logged, nil
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
