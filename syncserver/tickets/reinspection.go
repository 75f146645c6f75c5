package tickets

import (
	"context"
	"strconv"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

func numeral(n int64) string { return strconv.FormatInt(n, 10) }

// taskOf is the id of the one re-inspection task of an attempt.
func taskOf(id domain.TicketID, attempt int) domain.AnyID {
	return derive("task", id.String(), strconv.Itoa(attempt))
}

// askReinspection gives the tablets a task for the finished repair.
func (d *desk) askReinspection(ctx context.Context, id domain.TicketID, t domain.Ticket) error {
	task := domain.Task{
		UnitID: t.UnitID, State: domain.TaskOpen, Stage: domain.StageReinspect, DueOn: d.calendar.Date(d.Now),
		TicketID: id, Attempt: t.Attempt,
	}
	_, err := d.Create(ctx, domain.EntityTask, taskOf(id, t.Attempt), task)
	return err
}

// reinspected derives the transition from a re-inspector's verdict. The verdict
// stays on record even where a guard does not let it through; then its task is
// still to be done.
func (d *desk) reinspected(ctx context.Context, r merge.Record) error {
	verdict, err := merge.As[domain.Reinspection](r)
	if err != nil {
		return err
	}
	t, ok, err := get[domain.Ticket](ctx, d, domain.EntityTicket, verdict.TicketID.Any())
	if err != nil || !ok {
		return err
	}
	action := domain.RepairPass
	if verdict.Answer == domain.AnswerFail {
		action = domain.RepairFail
	}
	row, ok := domain.RepairMove(t.Status, action)
	if !ok || verdict.Attempt != t.Attempt {
		return d.review(ctx, verdict.TicketID, t, []string{"review.verdict_out_of_turn"})
	}
	lib, _ := d.catalogue.Defect(t.LibraryCode)
	unmet := row.Unmet(domain.RepairFacts{SamePerson: t.FinishedBy == d.Actor, Leak: lib.Leak, WaterTested: verdict.WaterTested})
	if len(unmet) > 0 {
		return d.review(ctx, verdict.TicketID, t, unmet)
	}
	return d.take(ctx, verdict.TicketID, t, row.To, action, syncproto.Command{Note: verdict.Note})
}

func (d *desk) taskDone(ctx context.Context, id domain.TicketID, attempt int) error {
	task, ok, err := get[domain.Task](ctx, d, domain.EntityTask, taskOf(id, attempt))
	if err != nil || !ok || task.State == domain.TaskDone {
		return err
	}
	done := task
	done.State = domain.TaskDone
	return d.Amend(ctx, domain.EntityTask, taskOf(id, attempt), task, done)
}

// ownerAnswered derives the transition from the homeowner's word.
func (d *desk) ownerAnswered(ctx context.Context, r merge.Record) error {
	answer, err := merge.As[domain.Confirmation](r)
	if err != nil {
		return err
	}
	t, ok, err := get[domain.Ticket](ctx, d, domain.EntityTicket, answer.TicketID.Any())
	if err != nil || !ok {
		return err
	}
	action := domain.RepairConfirm
	if answer.Refused {
		action = domain.RepairRefuse
	}
	row, ok := domain.RepairMove(t.Status, action)
	if !ok {
		return d.review(ctx, answer.TicketID, t, []string{"review.answer_out_of_turn"})
	}
	if unmet := row.Unmet(domain.RepairFacts{Reason: answer.Note != ""}); len(unmet) > 0 {
		return d.review(ctx, answer.TicketID, t, unmet)
	}
	return d.take(ctx, answer.TicketID, t, row.To, action, syncproto.Command{Note: answer.Note})
}

// confirmWithoutOwner confirms at once where nobody owns the flat yet (domain
// spec 3.3).
func (d *desk) confirmWithoutOwner(ctx context.Context, id domain.TicketID, t domain.Ticket) error {
	unit, ok, err := get[domain.Unit](ctx, d, domain.EntityUnit, t.UnitID.Any())
	if err != nil || ok && unit.DeliveredOn != "" {
		return err
	}
	return d.confirmed(ctx, id, t, "no_owner")
}

// confirmed records a confirmation that no person gave and moves the ticket.
func (d *desk) confirmed(ctx context.Context, id domain.TicketID, t domain.Ticket, method string) error {
	confirmation := domain.Confirmation{TicketID: id, Method: method, At: d.Now, By: d.Actor}
	key := derive("confirmation", id.String(), strconv.Itoa(t.Attempt), method)
	if _, err := d.Create(ctx, domain.EntityConfirmation, key, confirmation); err != nil {
		return err
	}
	next := t
	next.Status = domain.RepairOwnerConfirmed
	if err := d.moved(ctx, id, t, next, domain.Because("event.repair.confirm"), domain.Because("reason.confirmed."+method)); err != nil {
		return err
	}
	return d.follow(ctx, id, next)
}
