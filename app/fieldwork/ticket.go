package fieldwork

import (
	"context"
	"fmt"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// Verdict is a re-inspector's judgement of a repair.
type Verdict struct {
	Project     domain.ProjectID
	Task        domain.TaskID
	Pass        bool
	WaterTested bool
	Note        string
	Photos      []Captured
}

// Reinspect records the verdict with its photos as one group.
func (f *Field) Reinspect(ctx context.Context, v Verdict) error {
	who, err := f.Store.Identity(ctx)
	if err != nil {
		return err
	}
	return f.Store.Update(ctx, func(t *localstore.Tx) error {
		task, ok, err := localstore.Get(ctx, t, domain.EntityTask, v.Task)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("task %s: %w", v.Task, ErrGone)
		}
		id, err := ident.New[domain.Reinspection](f.IDs)
		if err != nil {
			return err
		}
		answer := domain.AnswerFail
		if v.Pass {
			answer = domain.AnswerPass
		}
		at, err := corrected(ctx, t, f.Store.Now())
		if err != nil {
			return err
		}
		c, err := record(v.Project, domain.EntityReinspection, id, domain.Reinspection{}, domain.Reinspection{
			TicketID: task.TicketID, Answer: answer, Attempt: task.Attempt, At: at, By: who.Person,
			Note: v.Note, TaskID: v.Task, WaterTested: v.WaterTested,
		}, false)
		if err != nil {
			return err
		}
		changes := []localstore.Change{c}
		for _, p := range v.Photos {
			photo, err := f.attach(ctx, t, v.Project, task.UnitID, id.Any(), domain.RoleEvidence, p, who.Person)
			if err != nil {
				return err
			}
			changes = append(changes, photo)
		}
		_, err = t.Record(ctx, changes...)
		return err
	})
}

// OwnerAnswer is the homeowner's word on a passed repair.
type OwnerAnswer struct {
	Project domain.ProjectID
	Ticket  domain.TicketID
	Method  string
	Refused bool
	Note    string
	// Shown is the hash of exactly what the owner saw.
	Shown domain.Hash
}

// Confirm records the homeowner's answer.
func (f *Field) Confirm(ctx context.Context, a OwnerAnswer) error {
	who, err := f.Store.Identity(ctx)
	if err != nil {
		return err
	}
	return f.Store.Update(ctx, func(t *localstore.Tx) error {
		id, err := ident.New[domain.Confirmation](f.IDs)
		if err != nil {
			return err
		}
		at, err := corrected(ctx, t, f.Store.Now())
		if err != nil {
			return err
		}
		c, err := record(a.Project, domain.EntityConfirmation, id, domain.Confirmation{}, domain.Confirmation{
			TicketID: a.Ticket, Method: a.Method, Refused: a.Refused, At: at, By: who.Person, Note: a.Note, ShownSHA: a.Shown,
		}, false)
		if err != nil {
			return err
		}
		_, err = t.Record(ctx, c)
		return err
	})
}

// Command asks the server for a decision; it is pending until answered.
func (f *Field) Command(ctx context.Context, project domain.ProjectID, e domain.Entity, id domain.AnyID, cmd syncproto.Command) error {
	fields, err := syncproto.Encode(cmd)
	if err != nil {
		return err
	}
	return f.Store.Update(ctx, func(t *localstore.Tx) error {
		_, err := t.Record(ctx, localstore.Change{Project: project, Entity: e, ID: id, Kind: syncproto.Commanded, Fields: fields})
		return err
	})
}
