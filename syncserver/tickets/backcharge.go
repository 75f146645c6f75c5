package tickets

import (
	"context"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/policy"
	"keyturn/shared/syncproto"
)

// chargeIfOpen draws the back-charge as soon as the charge gate is met. While it
// is not, the settled ticket waits and the timeline says what is missing.
func (d *desk) chargeIfOpen(ctx context.Context, id domain.MaintenanceID, m domain.Maintenance, t domain.Ticket) error {
	gate, err := d.gate(ctx, m.TicketID, t)
	if err != nil {
		return err
	}
	if missing := policy.Missing(policy.ChargeGate(gate)); len(missing) > 0 {
		return d.event(ctx, m.TicketID.Any(), domain.Event{What: domain.Because("event.charge_waits"), Why: domain.Because(missing[0].Key)})
	}
	charged := m
	charged.Status = domain.MaintenanceCharged
	if err := d.Amend(ctx, domain.EntityMaintenance, id.Any(), m, charged); err != nil {
		return err
	}
	return d.draftBackCharge(ctx, id, charged, t)
}

// draftBackCharge is settled cost × (1 + fee) + penalty, held against the
// contract's retention money (domain spec 3.5).
func (d *desk) draftBackCharge(ctx context.Context, id domain.MaintenanceID, m domain.Maintenance, t domain.Ticket) error {
	costs, err := children[domain.Cost](ctx, d, domain.EntityCost, id.Any())
	if err != nil {
		return err
	}
	settled := domain.Fen(0)
	for _, c := range costs {
		if c.Record.Kind == domain.CostSettlement {
			settled += c.Record.AmountFen
		}
	}
	rate, source, err := d.feeRate(ctx, t.ScopeID)
	if err != nil {
		return err
	}
	fee, total := policy.BackCharge(settled, rate, 0)
	charge := domain.BackCharge{
		TicketID: m.TicketID, State: domain.BackChargeDraft, PartyID: t.ContractorID, ScopeID: t.ScopeID, MaintenanceID: id,
		CostFen: settled, FeeRate: rate, FeeFen: fee, TotalFen: total, At: d.At,
		Reason: domain.Because("reason.back_charge", "cost", settled.Yuan(), "rate", percent(rate), "fee", fee.Yuan(), "total", total.Yuan(), "source", source),
	}
	chargeID := ident.Derive[domain.BackCharge]("back-charge", id.String())
	if _, err := d.Create(ctx, domain.EntityBackCharge, chargeID.Any(), charge); err != nil {
		return err
	}
	if err := d.openLedger(ctx, t.ScopeID); err != nil {
		return err
	}
	if err := d.ledger(ctx, t.ScopeID, domain.LedgerHeld, total, chargeID); err != nil {
		return err
	}
	return d.event(ctx, m.TicketID.Any(), domain.Event{To: string(domain.BackChargeDraft), What: domain.Because("event.back_charge.draft"), Why: domain.Because("reason.charge_gate_met")})
}

func percent(r domain.BasisPoints) string { return domain.Fen(r).Yuan() + " %" }

// feeRate is the contract's, else the configured one; source names which.
func (d *desk) feeRate(ctx context.Context, scope domain.ScopeID) (rate domain.BasisPoints, source string, err error) {
	terms, ok, err := d.terms(ctx, scope)
	if err != nil || ok && terms.FeeRate > 0 {
		return terms.FeeRate, "contract", err
	}
	return d.contractConfig(scope).Rate("backcharge.fee_rate"), "configuration", nil
}

func (d *desk) terms(ctx context.Context, scope domain.ScopeID) (domain.ContractTerms, bool, error) {
	list, err := children[domain.ContractTerms](ctx, d, domain.EntityTerms, scope.Any())
	if err != nil || len(list) == 0 {
		return domain.ContractTerms{}, false, err
	}
	return list[0].Record, true, nil
}

// openLedger enters what a contract withholds, once.
func (d *desk) openLedger(ctx context.Context, scope domain.ScopeID) error {
	terms, ok, err := d.terms(ctx, scope)
	if err != nil || !ok || terms.RetentionRate == 0 {
		return err
	}
	_, err = d.Create(ctx, domain.EntityLedgerEntry, derive("ledger", scope.String(), "withheld"), domain.LedgerEntry{
		ScopeID: scope, Kind: domain.LedgerWithheld, AmountFen: terms.RetentionRate.Of(terms.SettlementFen), At: d.Now,
		Reason: domain.Because("reason.ledger.withheld", "settlement", terms.SettlementFen.Yuan(), "rate", percent(terms.RetentionRate)),
	})
	return err
}

func (d *desk) ledger(ctx context.Context, scope domain.ScopeID, kind domain.LedgerKind, amount domain.Fen, charge domain.BackChargeID) error {
	_, err := d.Create(ctx, domain.EntityLedgerEntry, derive("ledger", charge.String(), string(kind)), domain.LedgerEntry{
		ScopeID: scope, Kind: kind, AmountFen: amount, At: d.Now, BackChargeID: charge,
		Reason: domain.Because("reason.ledger." + string(kind)),
	})
	return err
}

// backChargeCommand moves a back-charge; posting takes the money from the
// retention ledger, reversing gives it back.
func (d *desk) backChargeCommand(ctx context.Context, id domain.BackChargeID, cmd syncproto.Command) error {
	if err := d.may(domain.CanApproveMoney); err != nil {
		return err
	}
	charge, ok, err := get[domain.BackCharge](ctx, d, domain.EntityBackCharge, id.Any())
	if err != nil || !ok {
		return orRefuse(err, syncproto.CodeMissing, "back_charge")
	}
	next := charge
	next.State = domain.BackChargeState(cmd.Action)
	if !charge.State.CanBecome(next.State) {
		return refuse(syncproto.CodeBadTransition, string(charge.State), cmd.Action)
	}
	if (next.State == domain.BackChargeRuled || next.State == domain.BackChargeReversed) && cmd.Note == "" {
		return refuse(syncproto.CodeGuard, "guard.reason_given")
	}
	if err := d.Amend(ctx, domain.EntityBackCharge, id.Any(), charge, next); err != nil {
		return err
	}
	switch next.State {
	case domain.BackChargePosted:
		err = d.ledger(ctx, charge.ScopeID, domain.LedgerPosted, charge.TotalFen, id)
	case domain.BackChargeReversed:
		err = d.ledger(ctx, charge.ScopeID, domain.LedgerReversed, charge.TotalFen, id)
	}
	if err != nil {
		return err
	}
	return d.event(ctx, charge.TicketID.Any(), domain.Event{
		From: string(charge.State), To: string(next.State), What: domain.Because("event.back_charge.moved"), Why: domain.Because("reason.said", "note", cmd.Note),
	})
}
