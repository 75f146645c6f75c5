package tickets

import (
	"context"
	"slices"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// stepSuspendReview asks for a look at a ticket that has been suspended longer
// than allowed.
const stepSuspendReview = "suspend_review"

// Tick does what time has made due in every project: reminders, notices,
// breaches, automatic acceptance and confirmation by silence. Each step is taken
// once. It returns what connected devices should hear of.
func (d *Desk) Tick(ctx context.Context, s *store.Store, now domain.Instant) ([]syncproto.Logged, error) {
	var projects []intake.Listed[domain.Project]
	err := s.View(ctx, func(tx *store.Tx) (err error) {
		projects, err = intake.List[domain.Project](ctx, tx, domain.EntityProject, store.Filter{})
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []syncproto.Logged
	for _, p := range projects {
		logged, err := d.tickProject(ctx, s, p.ID, now)
		if err != nil {
			return all, err // what was done stays done, and is to be heard of
		}
		all = append(all, logged...)
	}
	return all, nil
}

func (d *Desk) tickProject(ctx context.Context, s *store.Store, p domain.ProjectID, now domain.Instant) (logged []syncproto.Logged, err error) {
	err = s.Update(ctx, func(tx *store.Tx) error {
		logged = nil
		if err := tx.Lock(ctx, p); err != nil {
			return err
		}
		c, err := d.open(ctx, intake.NewWriter(tx, p, now, &logged))
		if err != nil {
			return err
		}
		return c.tick(ctx)
	})
	if err != nil {
		return nil, err
	}
	return logged, nil
}

func (d *desk) tick(ctx context.Context) error {
	list, err := intake.List[domain.Ticket](ctx, d.Tx, domain.EntityTicket, store.Filter{
		Project: d.Project,
		States: []string{
			string(domain.RepairAssigned), string(domain.RepairAccepted), string(domain.RepairDisputed), string(domain.RepairSurveyed),
			string(domain.RepairInProgress), string(domain.RepairSuspended), string(domain.RepairPassed),
		},
	})
	if err != nil {
		return err
	}
	for _, t := range list {
		if err := d.tickTicket(ctx, t.ID, t.Record); err != nil {
			return err
		}
	}
	return nil
}

func (d *desk) tickTicket(ctx context.Context, id domain.TicketID, t domain.Ticket) error {
	switch t.Status {
	case domain.RepairSuspended:
		return d.reviewSuspension(ctx, id, t)
	case domain.RepairPassed:
		return d.confirmBySilence(ctx, id, t)
	}
	spans, err := d.suspensions(ctx, id, t)
	if err != nil {
		return err
	}
	for _, step := range policy.Escalations(t, d.Now, d.config, spans...) {
		if t, err = d.escalate(ctx, id, t, step.Step, step.Reason); err != nil {
			return err
		}
	}
	if t.Status == domain.RepairAssigned && t.RespondDue.Set() && d.Now > t.RespondDue {
		next := t
		next.Status = domain.RepairAccepted
		return d.moved(ctx, id, t, next, domain.Because("event.repair.accept"), domain.Because("reason.auto_accept"))
	}
	return nil
}

// escalate takes one step: it stands in the timeline, and a missed visit brings
// the contractor a reminder or a rectification notice.
func (d *desk) escalate(ctx context.Context, id domain.TicketID, t domain.Ticket, step string, why domain.Reason) (domain.Ticket, error) {
	next := t
	next.Escalated = append(slices.Clone(t.Escalated), step)
	if err := d.Amend(ctx, domain.EntityTicket, id.Any(), t, next); err != nil {
		return t, err
	}
	if err := d.event(ctx, id.Any(), domain.Event{What: domain.Because("event.escalated." + step), Why: why}); err != nil {
		return t, err
	}
	switch step {
	case policy.StepOnSiteMissed:
		return next, d.notify(ctx, id, next, domain.NoticeReminder)
	case policy.StepNoAttendance:
		return next, d.notify(ctx, id, next, domain.NoticeRectification)
	default:
		return next, nil
	}
}

const day = 24 * time.Hour

func (d *desk) reviewSuspension(ctx context.Context, id domain.TicketID, t domain.Ticket) error {
	limit := time.Duration(d.config.Days("repair.suspend_max_days")) * day
	if d.Now.Sub(t.SuspendedAt) <= limit || slices.Contains(t.Escalated, stepSuspendReview) {
		return nil
	}
	_, err := d.escalate(ctx, id, t, stepSuspendReview, domain.Because("reason.suspended_too_long", "days", numeral(int64(limit/day))))
	return err
}

// confirmBySilence closes non-critical repairs that the owner did not answer.
func (d *desk) confirmBySilence(ctx context.Context, id domain.TicketID, t domain.Ticket) error {
	limit := time.Duration(d.config.Days("repair.owner_silence_close_days")) * day
	if t.Severity >= domain.Critical || d.Now.Sub(t.PassedAt) <= limit {
		return nil
	}
	return d.confirmed(ctx, id, t, "silence")
}
