package tickets

import (
	"context"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/policy"
	"keyturn/shared/syncproto"
)

// propose opens a third-party ticket. A trigger must hold and the evidence of
// the engagement gate must exist; only the approval is still to come.
func (d *desk) propose(ctx context.Context, id domain.TicketID, t domain.Ticket, cmd syncproto.Command) error {
	row, _ := domain.MaintenanceMove("", domain.MaintenancePropose)
	if err := d.may(row.Capability); err != nil {
		return err
	}
	if !t.Status.Active() {
		return refuse(syncproto.CodeBadTransition, string(t.Status), cmd.Action)
	}
	if open, err := d.openMaintenance(ctx, t); err != nil || open {
		return orRefuse(err, syncproto.CodeBadTransition, "maintenance_open")
	}
	gate, err := d.gate(ctx, id, t)
	if err != nil {
		return err
	}
	hit, ok := chosenTrigger(gate.Triggers, cmd.Trigger)
	if !ok {
		gate.Triggers = nil
	}
	gate.Approved = true
	if err := unmetGate(policy.EngagementGate(gate)); err != nil {
		return err
	}
	if unmet := row.Unmet(domain.MaintenanceFacts{FirmKnown: d.isThirdParty(cmd.PartyID)}); len(unmet) > 0 {
		return refuse(syncproto.CodeGuard, unmet...)
	}
	return d.openThirdParty(ctx, id, t, hit, cmd)
}

func (d *desk) openThirdParty(ctx context.Context, id domain.TicketID, t domain.Ticket, hit policy.TriggerHit, cmd syncproto.Command) error {
	number, err := d.number(ctx, "WT")
	if err != nil {
		return err
	}
	m := domain.Maintenance{
		TicketID: id, Status: domain.MaintenanceProposed, Number: number, Trigger: hit.Trigger, TriggerWhy: hit.Reason,
		FirmID: cmd.PartyID, ProposedBy: d.Actor, ProposedAt: d.At,
	}
	mid := ident.Derive[domain.Maintenance]("maintenance", number, d.Project.String())
	if _, err := d.Create(ctx, domain.EntityMaintenance, mid.Any(), m); err != nil {
		return err
	}
	next := t
	next.MaintenanceID = mid
	return d.moved(ctx, id, t, next, domain.Because("event.maintenance.propose", "number", number, "firm", d.parties[cmd.PartyID].Name), hit.Reason)
}

func orRefuse(err error, code syncproto.Code, details ...string) error {
	if err != nil {
		return err
	}
	return refuse(code, details...)
}

// chosenTrigger is the named one of those that hold, or the first.
func chosenTrigger(hits []policy.TriggerHit, wanted domain.Trigger) (policy.TriggerHit, bool) {
	i := slices.IndexFunc(hits, func(h policy.TriggerHit) bool { return wanted == "" || h.Trigger == wanted })
	if i < 0 {
		return policy.TriggerHit{}, false
	}
	return hits[i], true
}

func (d *desk) isThirdParty(id domain.PartyID) bool {
	return d.parties[id].Kind == domain.PartyThirdParty
}

// endedMaintenance leaves the way free for another third-party ticket.
var endedMaintenance = []domain.MaintenanceStatus{domain.MaintenanceRejected, domain.MaintenanceCancelled, domain.MaintenanceClosed}

func (d *desk) openMaintenance(ctx context.Context, t domain.Ticket) (bool, error) {
	if t.MaintenanceID.IsZero() {
		return false, nil
	}
	m, ok, err := get[domain.Maintenance](ctx, d, domain.EntityMaintenance, t.MaintenanceID.Any())
	return ok && !slices.Contains(endedMaintenance, m.Status), err
}

// maintenanceCommand moves a third-party ticket by its state machine.
func (d *desk) maintenanceCommand(ctx context.Context, id domain.MaintenanceID, cmd syncproto.Command) error {
	m, ok, err := get[domain.Maintenance](ctx, d, domain.EntityMaintenance, id.Any())
	if err != nil || !ok {
		return orRefuse(err, syncproto.CodeMissing, "maintenance")
	}
	action := domain.MaintenanceAction(cmd.Action)
	row, ok := domain.MaintenanceMove(m.Status, action)
	if !ok || action == domain.MaintenancePropose {
		return refuse(syncproto.CodeBadTransition, string(m.Status), cmd.Action)
	}
	if err := d.may(row.Capability); err != nil {
		return err
	}
	t, err := d.ticket(ctx, m.TicketID)
	if err != nil {
		return err
	}
	gate, err := d.gate(ctx, m.TicketID, t)
	if err != nil {
		return err
	}
	facts, err := d.maintenanceFacts(ctx, id, m, t, gate, cmd)
	if err != nil {
		return err
	}
	if unmet := row.Unmet(facts); len(unmet) > 0 {
		return refuse(syncproto.CodeGuard, d.explain(unmet, gate)...)
	}
	return d.takeMaintenance(ctx, id, m, t, row.To, action, cmd)
}

// explain replaces a closed gate by the facts that are missing from it.
func (d *desk) explain(unmet []string, gate policy.GateFacts) []string {
	var keys []string
	for _, key := range unmet {
		var facts []policy.Fact
		switch key {
		case "guard.engagement_gate":
			facts = policy.Missing(policy.EngagementGate(gate))
		case "guard.charge_gate":
			facts = policy.Missing(policy.ChargeGate(gate))
		}
		keys = append(keys, key)
		for _, f := range facts {
			keys = append(keys, f.Key)
		}
	}
	return keys
}

func (d *desk) maintenanceFacts(ctx context.Context, id domain.MaintenanceID, m domain.Maintenance, t domain.Ticket, gate policy.GateFacts, cmd syncproto.Command) (domain.MaintenanceFacts, error) {
	after, err := d.photos(ctx, id.Any(), domain.RoleAfter)
	if err != nil {
		return domain.MaintenanceFacts{}, err
	}
	charged, err := children[domain.BackCharge](ctx, d, domain.EntityBackCharge, m.TicketID.Any())
	if err != nil {
		return domain.MaintenanceFacts{}, err
	}
	quoted := gate.QuoteGiven || domain.MaintenanceAction(cmd.Action) == domain.MaintenanceQuote && cmd.AmountFen > 0
	return domain.MaintenanceFacts{
		Emergency: gate.Emergency, SamePerson: d.Actor == m.ProposedBy, Reason: cmd.Note != "", FirmKnown: !m.FirmID.IsZero(),
		Approved: m.ApprovedAt.Set() && m.QuoteAgreedAt.Set(), QuoteGiven: quoted,
		GateOpen: policy.Open(policy.EngagementGate(gate)), ChargeGateOpen: policy.Open(policy.ChargeGate(gate)),
		AfterPhotos: after, SettlementGiven: cmd.AmountFen > 0, RepairPassed: t.PassedAt.Set(), BackCharged: len(charged) > 0,
	}, nil
}

// takeMaintenance carries out a transition whose guards hold, with what it
// means for the repair ticket.
func (d *desk) takeMaintenance(ctx context.Context, id domain.MaintenanceID, m domain.Maintenance, t domain.Ticket, to domain.MaintenanceStatus, action domain.MaintenanceAction, cmd syncproto.Command) error {
	next := m
	if to != "" {
		next.Status = to
	}
	switch action {
	case domain.MaintenanceApprove:
		next.ApprovedBy, next.ApprovedAt = d.Actor, d.At
	case domain.MaintenanceAgree:
		next.QuoteAgreedBy, next.QuoteAgreedAt = d.Actor, d.At
	case domain.MaintenanceDispatch:
		next.DispatchedAt, next.VisitDue = d.At, d.At.Add(d.config.Hours("tp.t1.visit_hours"))
	case domain.MaintenanceFinish:
		next.FinishedAt, next.FinishedBy = d.At, d.Actor
	case domain.MaintenanceAccept:
		next.AcceptedAt = d.At
	}
	if err := d.Amend(ctx, domain.EntityMaintenance, id.Any(), m, next); err != nil {
		return err
	}
	why := domain.Reason{}
	if cmd.Note != "" {
		why = domain.Because("reason.said", "note", cmd.Note)
	}
	if err := d.event(ctx, m.TicketID.Any(), domain.Event{What: domain.Because("event.maintenance."+string(action), "number", m.Number), Why: why}); err != nil {
		return err
	}
	return d.followMaintenance(ctx, id, next, t, action, cmd)
}

// followMaintenance does what a third party's progress brings about.
func (d *desk) followMaintenance(ctx context.Context, id domain.MaintenanceID, m domain.Maintenance, t domain.Ticket, action domain.MaintenanceAction, cmd syncproto.Command) error {
	switch action {
	case domain.MaintenanceDispatch:
		return d.take(ctx, m.TicketID, t, domain.RepairThirdParty, domain.RepairEngage, syncproto.Command{})
	case domain.MaintenanceAccept:
		reported := t
		reported.FinishedBy = m.FinishedBy
		if err := d.Amend(ctx, domain.EntityTicket, m.TicketID.Any(), t, reported); err != nil {
			return err
		}
		return d.take(ctx, m.TicketID, reported, domain.RepairPendingReinspect, domain.RepairReturn, syncproto.Command{})
	case domain.MaintenanceQuote:
		return d.cost(ctx, id, domain.CostQuote, cmd.AmountFen)
	case domain.MaintenanceSettle:
		if err := d.cost(ctx, id, domain.CostSettlement, cmd.AmountFen); err != nil {
			return err
		}
		return d.chargeIfOpen(ctx, id, m, t)
	case domain.MaintenanceCharge:
		return d.draftBackCharge(ctx, id, m, t)
	default:
		return nil
	}
}

func (d *desk) cost(ctx context.Context, id domain.MaintenanceID, kind domain.CostKind, amount domain.Fen) error {
	n, err := d.Tx.NextNumber(ctx, d.Project, "costs/"+id.String())
	if err != nil {
		return err
	}
	_, err = d.Create(ctx, domain.EntityCost, derive("cost", id.String(), numeral(n)), domain.Cost{
		MaintenanceID: id, Kind: kind, AmountFen: amount, At: d.At, By: d.Actor,
	})
	return err
}
