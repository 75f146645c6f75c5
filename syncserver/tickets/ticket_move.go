package tickets

import (
	"context"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
	"keyturn/shared/syncproto"
)

// ticketCommand carries out what a coordinator asked of a repair ticket.
func (d *desk) ticketCommand(ctx context.Context, id domain.TicketID, cmd syncproto.Command) error {
	t, err := d.ticket(ctx, id)
	if err != nil {
		return err
	}
	switch cmd.Action {
	case domain.ActionAttend:
		return d.attended(ctx, id, t, cmd)
	case domain.ActionContact:
		return d.contacted(ctx, id, cmd)
	case domain.ActionNotify:
		return d.notifyByHand(ctx, id, t)
	case domain.ActionPropose:
		return d.propose(ctx, id, t, cmd)
	case domain.ActionRefusal:
		return d.refusedInWriting(ctx, id, t, cmd)
	case domain.ActionReviewed:
		return d.reviewed(ctx, id, t, cmd)
	default:
		return d.repair(ctx, id, t, domain.RepairAction(cmd.Action), cmd)
	}
}

// repair moves a ticket by its state machine or refuses, naming what is unmet.
func (d *desk) repair(ctx context.Context, id domain.TicketID, t domain.Ticket, action domain.RepairAction, cmd syncproto.Command) error {
	row, ok := domain.RepairMove(t.Status, action)
	if !ok || action == domain.RepairEngage || action == domain.RepairReturn {
		return refuse(syncproto.CodeBadTransition, string(t.Status), string(action))
	}
	if err := d.may(row.Capability); err != nil {
		return err
	}
	facts, err := d.repairFacts(ctx, id, t, cmd)
	if err != nil {
		return err
	}
	if unmet := row.Unmet(facts); len(unmet) > 0 {
		return refuse(syncproto.CodeGuard, unmet...)
	}
	return d.take(ctx, id, t, row.To, action, cmd)
}

// take carries out a transition whose guards hold.
func (d *desk) take(ctx context.Context, id domain.TicketID, t domain.Ticket, to domain.RepairStatus, action domain.RepairAction, cmd syncproto.Command) error {
	next := d.effect(t, action, cmd)
	if next.Status = to; to == "" {
		next.Status, next.StatusBefore = t.StatusBefore, ""
	}
	why := domain.Reason{}
	if cmd.Note != "" {
		why = domain.Because("reason.said", "note", cmd.Note)
	}
	if err := d.moved(ctx, id, t, next, domain.Because("event.repair."+string(action)), why); err != nil {
		return err
	}
	if t.Status == domain.RepairPendingReinspect && next.Status != domain.RepairSuspended {
		if err := d.taskDone(ctx, id, t.Attempt); err != nil {
			return err
		}
	}
	return d.follow(ctx, id, next)
}

// effect is what a transition changes besides the status.
func (d *desk) effect(t domain.Ticket, action domain.RepairAction, cmd syncproto.Command) domain.Ticket {
	switch action {
	case domain.RepairReopen:
		t.Attempt, t.PassedAt = t.Attempt+1, 0
		return d.assigned(t, cmd)
	case domain.RepairAssign, domain.RepairReassign:
		return d.assigned(t, cmd)
	case domain.RepairAccept:
		t.RespondedAt = d.At
	case domain.RepairSurvey:
		t.AttendedAt = firstOf(t.AttendedAt, d.At)
	case domain.RepairSuspend:
		t.StatusBefore, t.SuspendedAt = t.Status, d.At
	case domain.RepairResume:
		t = policy.Shift(t, d.At.Sub(t.SuspendedAt))
		t.SuspendedAt = 0
	case domain.RepairFinish:
		t.FinishedAt, t.FinishedBy = d.At, d.Actor
	case domain.RepairPass:
		t.PassedAt = d.At
	case domain.RepairFail:
		t.Attempt, t.FailedReinspections = t.Attempt+1, t.FailedReinspections+1
		t.FinishedAt = 0
	case domain.RepairRefuse:
		t.Attempt, t.FinishedAt, t.PassedAt = t.Attempt+1, 0, 0
	case domain.RepairClose, domain.RepairCancel, domain.RepairDeclineExpiry, domain.RepairSettle:
		t.ClosedAt = d.Now
	}
	return t
}

// assigned starts the contractor's clock; a command may name another contractor.
func (d *desk) assigned(t domain.Ticket, cmd syncproto.Command) domain.Ticket {
	if !cmd.PartyID.IsZero() && cmd.PartyID != t.ContractorID {
		t.ContractorID, t.ScopeID = cmd.PartyID, cmd.ScopeID
		t.RaisedReason = t.Raised().Why
		t.LiabilityReason = domain.Because("reason.liability.by_hand", "contractor", d.parties[cmd.PartyID].Name)
	}
	t.AssignedAt, t.RespondedAt, t.AttendedAt, t.FinishedAt, t.ClosedAt = d.At, 0, 0, 0, 0
	t.Escalated = nil
	return d.withDues(t, d.At)
}

// follow does what a new status brings about by itself.
func (d *desk) follow(ctx context.Context, id domain.TicketID, t domain.Ticket) error {
	switch t.Status {
	case domain.RepairPendingReinspect:
		return d.askReinspection(ctx, id, t)
	case domain.RepairPassed:
		return d.confirmWithoutOwner(ctx, id, t)
	case domain.RepairOwnerConfirmed:
		return d.take(ctx, id, t, domain.RepairClosed, domain.RepairClose, syncproto.Command{})
	default:
		return nil
	}
}

func (d *desk) repairFacts(ctx context.Context, id domain.TicketID, t domain.Ticket, cmd syncproto.Command) (domain.RepairFacts, error) {
	after, err := d.photos(ctx, id.Any(), domain.RoleAfter)
	if err != nil {
		return domain.RepairFacts{}, err
	}
	contractor := t.ContractorID
	if !cmd.PartyID.IsZero() {
		contractor = cmd.PartyID
	}
	party, known := d.parties[contractor]
	lib, _ := d.catalogue.Defect(t.LibraryCode)
	return domain.RepairFacts{
		// A third party is paid for its work and is never liable.
		ContractorKnown: known && party.Kind != domain.PartyThirdParty, SamePerson: t.FinishedBy == d.Actor, ContractorChanged: contractor != t.ContractorID, Reason: cmd.Note != "",
		PlanNeeded: lib.NeedsRepairPlan, PlanGiven: cmd.Note != "", AfterPhotos: after, Method: cmd.Note != "",
		Leak: lib.Leak, SettlementAgreed: cmd.AmountFen > 0 || cmd.Note != "",
		WithinReopenWindow: t.ClosedAt.Set() && d.At <= t.ClosedAt.Add(time.Duration(d.config.Days("repair.reopen_window_days"))*24*time.Hour),
	}, nil
}

// photos counts a record's attachments of a role.
func (d *desk) photos(ctx context.Context, parent domain.AnyID, role domain.AttachmentRole) (int, error) {
	list, err := children[domain.Attachment](ctx, d, domain.EntityAttachment, parent)
	n := 0
	for _, a := range list {
		if a.Record.Role == role {
			n++
		}
	}
	return n, err
}

func firstOf(held, now domain.Instant) domain.Instant {
	if held.Set() {
		return held
	}
	return now
}

// attended notes the contractor's visit.
func (d *desk) attended(ctx context.Context, id domain.TicketID, t domain.Ticket, cmd syncproto.Command) error {
	if err := d.may(domain.CanWorkTickets); err != nil {
		return err
	}
	if !t.Status.Active() {
		return refuse(syncproto.CodeBadTransition, string(t.Status), cmd.Action)
	}
	next := t
	next.AttendedAt = firstOf(t.AttendedAt, d.At)
	return d.moved(ctx, id, t, next, domain.Because("event.attended"), domain.Reason{})
}

// contacted adds to the contact log.
func (d *desk) contacted(ctx context.Context, id domain.TicketID, cmd syncproto.Command) error {
	if err := d.may(domain.CanWorkTickets); err != nil {
		return err
	}
	n, err := d.Tx.NextNumber(ctx, d.Project, "contacts/"+id.String())
	if err != nil {
		return err
	}
	contact := domain.Contact{TicketID: id, At: d.At, By: d.Actor, Channel: cmd.Channel, Reached: cmd.Reached, Note: cmd.Note}
	if _, err := d.Create(ctx, domain.EntityContact, derive("contact", id.String(), numeral(n)), contact); err != nil {
		return err
	}
	return d.event(ctx, id.Any(), domain.Event{What: domain.Because("event.contacted", "channel", cmd.Channel), Why: domain.Because("reason.said", "note", cmd.Note)})
}

// refusedInWriting notes the contractor's written refusal (trigger T6).
func (d *desk) refusedInWriting(ctx context.Context, id domain.TicketID, t domain.Ticket, cmd syncproto.Command) error {
	if err := d.may(domain.CanWorkTickets); err != nil {
		return err
	}
	if err := d.proven(ctx, id.Any(), cmd.ProofID); err != nil {
		return err
	}
	next := t
	next.RefusedInWriting = true
	return d.moved(ctx, id, t, next, domain.Because("event.refused_in_writing"), domain.Reason{})
}

// reviewed clears what a coordinator was asked to look at.
func (d *desk) reviewed(ctx context.Context, id domain.TicketID, t domain.Ticket, cmd syncproto.Command) error {
	if err := d.may(domain.CanWorkTickets); err != nil {
		return err
	}
	return d.moved(ctx, id, t, t, domain.Because("event.reviewed"), domain.Because("reason.said", "note", cmd.Note))
}
