package tickets_test

import (
	"slices"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/tickets"
)

// accepted is a ticket whose third-party job was done and passed.
func (w *world) accepted(ticket domain.TicketID, m domain.MaintenanceID) {
	w.t.Helper()
	w.manager.maintain(m, domain.MaintenanceApprove, 0)
	w.coordinator.maintain(m, domain.MaintenanceQuote, 90_000)
	w.manager.maintain(m, domain.MaintenanceAgree, 0)
	w.coordinator.maintain(m, domain.MaintenanceDispatch, 0)
	w.coordinator.maintain(m, domain.MaintenanceStart, 0)
	w.coordinator.attach(m.Any(), domain.RoleAfter)
	w.coordinator.maintain(m, domain.MaintenanceFinish, 0)
	w.coordinator.maintain(m, domain.MaintenanceAccept, 0)
	w.inspector.verdict(ticket, domain.AnswerPass, true)
}

// charged is a ticket with a drafted back-charge of 812.51 yuan.
func (w *world) charged(name, code string) (domain.TicketID, domain.MaintenanceID) {
	w.t.Helper()
	ticket, m := w.proposed(name, code)
	w.accepted(ticket, m)
	w.manager.maintain(m, domain.MaintenanceSettle, 81_251)
	return ticket, m
}

func (w *world) charge(ticket domain.TicketID) (domain.BackChargeID, domain.BackCharge) {
	w.t.Helper()
	rows := list[domain.BackCharge](w, domain.EntityBackCharge, ticket.Any())
	if len(rows) != 1 {
		w.t.Fatalf("%d back-charges", len(rows))
	}
	return rows[0].ID, rows[0].Record
}

// balance sums up a contract's retention ledger.
func (w *world) balance(scope domain.ScopeID) policy.Balance {
	w.t.Helper()
	var entries []domain.LedgerEntry
	for _, l := range list[domain.LedgerEntry](w, domain.EntityLedgerEntry, scope.Any()) {
		entries = append(entries, l.Record)
	}
	return policy.RetentionBalance(entries)
}

// The draft is settled cost × (1 + fee of the contract), held against what the
// contract withholds.
func TestBackChargeOfAContractWithAFee(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket, _ := w.charged("d", stiffDoor)
	_, c := w.charge(ticket)
	if c.State != domain.BackChargeDraft || c.PartyID != w.doors || c.ScopeID != w.doorScope || c.CostFen != 81_251 || c.FeeRate != 2000 || c.FeeFen != 16_250 || c.TotalFen != 97_501 {
		t.Errorf("%+v", c)
	}
	if args := c.Reason.Args; c.Reason.Key != "reason.back_charge" || args["source"] != "contract" || args["rate"] != "20.00 %" || args["cost"] != "812.51" || args["total"] != "975.01" {
		t.Errorf("%+v", c.Reason)
	}
	if b := w.balance(w.doorScope); b.Withheld != 3_000_000 || b.Held != 97_501 || b.Posted != 0 || b.Available != 3_000_000-97_501 {
		t.Errorf("%+v", b)
	}
	other, _ := w.charged("e", stiffDoor)
	if _, c := w.charge(other); c.TotalFen != 97_501 {
		t.Errorf("%+v", c)
	}
	if b := w.balance(w.doorScope); b.Withheld != 3_000_000 || b.Held != 2*97_501 {
		t.Errorf("what is withheld was entered again: %+v", b)
	}
}

// Without a rate in the contract the configured one counts: shipped 15 %, or
// what project or contract set.
func TestFeeRateFromConfiguration(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		owner func(*world) domain.AnyID
		rate  domain.BasisPoints
		fee   domain.Fen
	}{
		"shipped":  {nil, 1500, 12_188},
		"project":  {func(w *world) domain.AnyID { return w.project.Any() }, 5000, 40_626},
		"contract": {func(w *world) domain.AnyID { return w.builderScope.Any() }, 5000, 40_626},
		"foreign":  {func(w *world) domain.AnyID { return w.doorScope.Any() }, 1500, 12_188},
	} {
		w := newWorld(t)
		if c.owner != nil {
			w.configure(c.owner(w), "backcharge.fee_rate", "0.5")
		}
		ticket, _ := w.charged("d", plasterCrack)
		_, charge := w.charge(ticket)
		if charge.FeeRate != c.rate || charge.FeeFen != c.fee || charge.TotalFen != 81_251+c.fee || charge.Reason.Args["source"] != "configuration" || charge.PartyID != w.builder {
			t.Errorf("%s: %+v", name, charge)
		}
	}
}

// A contractor named by hand without a contract scope is charged at the
// configured rate, and nobody's retention money is touched for it.
func TestBackChargeWithoutAScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.raised("burst", w.livedIn, pipeBurst)
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: string(domain.RepairAssign), PartyID: w.rival})
	w.evidence(ticket)
	w.now += 10 * day
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), w.proposal(domain.TriggerOverdue))
	m := w.ticket(ticket).MaintenanceID
	w.accepted(ticket, m)
	w.manager.maintain(m, domain.MaintenanceSettle, 81_251)
	_, c := w.charge(ticket)
	if c.FeeRate != 1500 || c.Reason.Args["source"] != "configuration" || c.PartyID != w.rival || !c.ScopeID.IsZero() {
		t.Errorf("%+v", c)
	}
	for _, scope := range []domain.ScopeID{w.doorScope, w.builderScope} {
		if b := w.balance(scope); b != (policy.Balance{}) {
			t.Errorf("%+v", b)
		}
	}
}

// Where the contractor's own liability has ended the developer pays: the job is
// settled and closed, and nothing is charged.
func TestDeveloperIsNotChargedBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := id[domain.Unit]("old")
	w.create(w.project, domain.EntityUnit, old.Any(), domain.Unit{Building: "9#", CompletedOn: "2020-01-01", DeliveredOn: "2026-06-01"})
	w.create(w.project, domain.EntityScope, id[any]("old scope"), domain.ContractScope{PartyID: w.rival, Trades: []string{"给排水"}, WarrantyStart: "2020-01-01"})
	ticket := w.assigned("burst", old, pipeBurst)
	if !w.ticket(ticket).ChargeToDeveloper {
		t.Fatal("the contractor still pays")
	}
	w.evidence(ticket)
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), w.proposal(domain.TriggerLiabilityExpired))
	m := w.ticket(ticket).MaintenanceID
	w.accepted(ticket, m)
	w.manager.maintain(m, domain.MaintenanceSettle, 81_251)
	if k := w.maintenance(m); k.Status != domain.MaintenanceSettled {
		t.Errorf("%s", k.Status)
	}
	w.manager.mayNot(m, domain.MaintenanceCharge, 0, "guard_unmet", "guard.charge_gate", "fact.contractor_liable")
	w.manager.maintain(m, domain.MaintenanceClose, 0)
	if n := len(list[domain.BackCharge](w, domain.EntityBackCharge, ticket.Any())); n != 0 {
		t.Errorf("%d back-charges", n)
	}
}

func (p *person) moveCharge(id domain.BackChargeID, to domain.BackChargeState, note string) {
	p.w.t.Helper()
	p.ask(domain.EntityBackCharge, id.Any(), syncproto.Command{Action: string(to), Note: note})
}

// From draft to posting and back: the ledger holds, then posts, then gives back.
func TestBackChargeThroughItsStates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket, _ := w.charged("d", stiffDoor)
	charge, _ := w.charge(ticket)
	is := func(state domain.BackChargeState, held, posted domain.Fen) {
		t.Helper()
		_, c := w.charge(ticket)
		b := w.balance(w.doorScope)
		if c.State != state || b.Held != held || b.Posted != posted || b.Available != 3_000_000-held-posted {
			t.Errorf("%s: %+v", c.State, b)
		}
	}
	refused := func(who *person, to domain.BackChargeState, want ...string) {
		t.Helper()
		if got := who.refused(domain.EntityBackCharge, charge.Any(), syncproto.Command{Action: string(to)}); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", to, got, want)
		}
	}
	is(domain.BackChargeDraft, 97_501, 0)
	refused(w.coordinator, domain.BackChargeNotified, "forbidden", "approve_money")
	refused(w.manager, domain.BackChargePosted, "bad_transition", "DRAFT", "POSTED")
	w.manager.moveCharge(charge, domain.BackChargeNotified, "")
	w.manager.moveCharge(charge, domain.BackChargeDisputed, "too dear")
	refused(w.manager, domain.BackChargeConfirmed, "bad_transition", "DISPUTED", "CONFIRMED")
	refused(w.manager, domain.BackChargeRuled, "guard_unmet", "guard.reason_given")
	w.manager.moveCharge(charge, domain.BackChargeRuled, "it stands")
	w.manager.moveCharge(charge, domain.BackChargeConfirmed, "")
	is(domain.BackChargeConfirmed, 97_501, 0)
	w.manager.moveCharge(charge, domain.BackChargePosted, "")
	is(domain.BackChargePosted, 0, 97_501)
	refused(w.manager, domain.BackChargeReversed, "guard_unmet", "guard.reason_given")
	w.manager.moveCharge(charge, domain.BackChargeReversed, "another party caused it")
	is(domain.BackChargeReversed, 0, 0)
	refused(w.manager, domain.BackChargePosted, "bad_transition", "REVERSED", "POSTED")
	if n := w.count(ticket.Any(), "event.back_charge.moved"); n != 6 {
		t.Errorf("%d moves in the timeline", n)
	}

	ruled, _ := w.charged("e", stiffDoor)
	charge, _ = w.charge(ruled)
	for _, s := range []domain.BackChargeState{domain.BackChargeNotified, domain.BackChargeDisputed, domain.BackChargeRuled, domain.BackChargeReversed} {
		w.manager.moveCharge(charge, s, "why")
	}
	if b := w.balance(w.doorScope); b.Held != 0 || b.Posted != 0 || b.Available != 3_000_000 {
		t.Errorf("reversed before posting: %+v", b)
	}
}

// Amounts beyond all reason end in a refusal or an answer, never in a crash.
func TestHugeAmounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket, m := w.proposed("d", plasterCrack)
	w.accepted(ticket, m)
	for _, amount := range []domain.Fen{-1, 0} {
		w.manager.mayNot(m, domain.MaintenanceSettle, amount, "guard_unmet", "guard.settlement_given")
	}
	op := w.manager.op(domain.EntityMaintenance, m.Any(), syncproto.Commanded, syncproto.Command{Action: string(domain.MaintenanceSettle), AmountFen: 1 << 61})
	if a := w.manager.push(op); a.Status != syncproto.Applied && a.Status != syncproto.Rejected {
		t.Errorf("%+v", a)
	}
}

// Costs, back-charges and the ledger lie in the office audience alone; the
// timeline that tablets hold names no amount.
func TestMoneyStaysInTheOffice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket, _ := w.charged("d", stiffDoor)
	for _, e := range list[domain.Event](w, domain.EntityEvent, ticket.Any()) {
		for _, reason := range []domain.Reason{e.Record.What, e.Record.Why} {
			for name, value := range reason.Args {
				if slices.Contains([]string{"812.51", "975.01", "162.50", "900.00"}, value) {
					t.Errorf("%s says %s=%s", reason.Key, name, value)
				}
			}
		}
	}
	if len(w.timeline(ticket.Any())) == 0 || tickets.TicketOf(id[domain.Defect]("d")) != ticket {
		t.Error("no timeline")
	}
}
