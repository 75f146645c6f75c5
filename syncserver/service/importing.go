package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/handoverlist"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// Import reads a handover list and compares it with the project; apply writes
// the difference in one transaction, as ops that devices receive like any other.
func (s *Service) Import(ctx context.Context, project domain.ProjectID, path string, apply bool) (preview *handoverlist.Preview, err error) {
	book, err := readBook(ctx, path)
	if err != nil {
		return nil, err
	}
	ids := func(parts ...string) [16]byte { return ident.Derive[any](parts...) }
	if !apply {
		err = s.Store.View(ctx, func(tx *store.Tx) error {
			preview, err = book.Preview(ctx, project, ids, snapshot{tx, project})
			return err
		})
		return preview, err
	}
	var logged []syncproto.Logged
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		logged = nil
		if err := tx.Lock(ctx, project); err != nil {
			return err
		}
		if preview, err = book.Preview(ctx, project, ids, snapshot{tx, project}); err != nil || preview.Refused() {
			return err
		}
		return write(ctx, intake.NewWriter(tx, project, s.now(), &logged), preview)
	})
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", filepath.Base(path), err)
	}
	s.publish(ctx, logged)
	return preview, nil
}

func readBook(ctx context.Context, path string) (book *handoverlist.Book, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("import: %w", err)
	}
	return handoverlist.Read(ctx, filepath.Base(path), f, info.Size())
}

func write(ctx context.Context, w *intake.Writer, preview *handoverlist.Preview) error {
	for _, c := range preview.Changes {
		if len(c.Patch) > 0 {
			if err := w.AmendFields(ctx, c.Entity, c.ID, c.Patch); err != nil {
				return err
			}
		}
		row := store.ImportedRow{Project: w.Project, Entity: c.Entity, ID: c.ID, Name: c.Name, Fields: c.Imported}
		if err := w.Tx.PutImported(ctx, row); err != nil {
			return err
		}
		if c.Entity == domain.EntityAppointment {
			if err := handoverTask(ctx, w, c.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// handoverTask keeps the inspector's task of an appointment in step with it. An
// appointment with another date is another record: it takes over the unit's open
// task, and after a handover that is done it gets one of its own.
func handoverTask(ctx context.Context, w *intake.Writer, id domain.AnyID) error {
	a, ok, err := intake.Get[domain.Appointment](ctx, w.Tx, domain.EntityAppointment, id)
	if err != nil || !ok {
		return err
	}
	task := ident.Derive[any]("handover-task", id.String())
	held, exists, err := intake.Get[domain.Task](ctx, w.Tx, domain.EntityTask, task)
	if err != nil {
		return err
	}
	if !exists {
		open, err := intake.List[domain.Task](ctx, w.Tx, domain.EntityTask, store.Filter{Parent: a.UnitID.Any(), States: []string{string(domain.TaskOpen)}})
		if err != nil {
			return err
		}
		for _, t := range open {
			if t.Record.Stage == domain.StageHandover {
				task, held, exists = t.ID.Any(), t.Record, true
			}
		}
	}
	next := held
	next.UnitID, next.Stage, next.DueOn, next.Inspector = a.UnitID, domain.StageHandover, a.Date, a.Inspector
	if !exists {
		next.State = domain.TaskOpen
	}
	return w.Amend(ctx, domain.EntityTask, task, held, next)
}

// snapshot shows the importer one moment of one project.
type snapshot struct {
	tx      *store.Tx
	project domain.ProjectID
}

func (s snapshot) Current(ctx context.Context, e domain.Entity, id domain.AnyID) (syncproto.Fields, bool, error) {
	r, err := s.tx.Record(ctx, e, id)
	return r.Fields, r.Exists() && !r.Withdrawn, err
}

func (s snapshot) Imported(ctx context.Context, e domain.Entity, id domain.AnyID) (syncproto.Fields, bool, error) {
	return s.tx.Imported(ctx, e, id)
}

func (s snapshot) ImportedKeys(ctx context.Context) ([]handoverlist.ImportedKey, error) {
	rows, err := s.tx.ImportedRows(ctx, s.project)
	keys := make([]handoverlist.ImportedKey, len(rows))
	for i, r := range rows {
		keys[i] = handoverlist.ImportedKey{Entity: r.Entity, ID: r.ID, Name: r.Name}
	}
	return keys, err
}
