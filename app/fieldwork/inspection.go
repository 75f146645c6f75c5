package fieldwork

import (
	"context"
	"fmt"
	"slices"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// InspectionOf is the id of the one inspection of a task: two tablets that open
// the same task work on the same inspection.
func InspectionOf(task domain.TaskID) domain.InspectionID {
	return ident.Derive[domain.Inspection]("inspection", task.String())
}

// Start opens a task's inspection; one that is open already is continued.
func (f *Field) Start(ctx context.Context, project domain.ProjectID, id domain.TaskID) (domain.InspectionID, error) {
	inspection := InspectionOf(id)
	who, err := f.Store.Identity(ctx)
	if err != nil {
		return inspection, err
	}
	err = f.Store.Update(ctx, func(t *localstore.Tx) error {
		if _, ok, err := localstore.Get(ctx, t, domain.EntityInspection, inspection); err != nil || ok {
			return err
		}
		task, ok, err := localstore.Get(ctx, t, domain.EntityTask, id)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("task %s: %w", id, ErrGone)
		}
		at, err := corrected(ctx, t, f.Store.Now())
		if err != nil {
			return err
		}
		c, err := record(project, domain.EntityInspection, inspection, domain.Inspection{}, domain.Inspection{
			UnitID: task.UnitID, State: domain.InspectionOpen, Stage: task.Stage, TaskID: id, StartedAt: at,
			Inspector: who.Person, CatalogueVersion: f.Catalogue.Version, BaselineID: task.BaselineID,
		}, false)
		if err != nil {
			return err
		}
		_, err = t.Record(ctx, c)
		return err
	})
	return inspection, err
}

// Complete ends an inspection.
func (f *Field) Complete(ctx context.Context, project domain.ProjectID, id domain.InspectionID) error {
	return f.Store.Update(ctx, func(t *localstore.Tx) error {
		held, ok, err := localstore.Get(ctx, t, domain.EntityInspection, id)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("inspection %s: %w", id, ErrGone)
		}
		next := held
		if next.CompletedAt, err = corrected(ctx, t, f.Store.Now()); err != nil {
			return err
		}
		next.State = domain.InspectionCompleted
		c, err := record(project, domain.EntityInspection, id, held, next, true)
		if err != nil {
			return err
		}
		_, err = t.Record(ctx, c)
		return err
	})
}

// Answered is what an inspector says about one item in one room.
type Answered struct {
	Project    domain.ProjectID
	Inspection domain.InspectionID
	Unit       domain.UnitID
	Item, Room string
	Answer     domain.Answer
	// Readings are in thousandths of the item's unit.
	Readings []int64
	Verdict  domain.Reason
	Note     string
}

// ResultOf is the id of the one result of an item in a room of an inspection:
// inspectors who differ amend the same record, and both answers are kept.
func ResultOf(inspection domain.InspectionID, item, room string) domain.ResultID {
	return ident.Derive[domain.Result]("result", inspection.String(), item, room)
}

// Answer records a result or changes it.
func (f *Field) Answer(ctx context.Context, a Answered) (domain.ResultID, error) {
	id := ResultOf(a.Inspection, a.Item, a.Room)
	who, err := f.Store.Identity(ctx)
	if err != nil {
		return id, err
	}
	return id, f.Store.Update(ctx, func(t *localstore.Tx) error {
		held, exists, err := localstore.Get(ctx, t, domain.EntityResult, id)
		if err != nil {
			return err
		}
		next := domain.Result{
			InspectionID: a.Inspection, Answer: a.Answer, Item: a.Item, Room: a.Room, Readings: a.Readings,
			Verdict: a.Verdict, Note: a.Note, UnitID: a.Unit, Inspector: who.Person,
		}
		if next.CapturedAt, err = corrected(ctx, t, f.Store.Now()); err != nil {
			return err
		}
		c, err := record(a.Project, domain.EntityResult, id, held, next, exists)
		if err != nil || len(c.Fields) == 0 {
			return err
		}
		if err := whole(c.Fields, next); err != nil {
			return err
		}
		_, err = t.Record(ctx, c)
		return err
	})
}

// statement lists the keys of a result that are one statement: answer, readings,
// verdict and note, and who made it when.
var statement = []uint64{2, 5, 6, 7, 9, 10}

// whole completes a patch of a result that changes the statement: where another
// tablet answers differently, each answer then comes with the reading that it
// rests on (PROTOCOL.md, section 10).
func whole(patch syncproto.Fields, r domain.Result) error {
	said := func(key uint64) bool { return patch[key] != nil }
	if !slices.ContainsFunc(statement[:4], said) {
		return nil
	}
	all, err := syncproto.Encode(r)
	if err != nil {
		return err
	}
	for _, key := range statement {
		if patch[key] = all[key]; patch[key] == nil {
			patch[key] = syncproto.Null
		}
	}
	return nil
}
