package tickets_test

import (
	"slices"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/tickets"
)

// evidence gathers what the engagement gate wants besides trigger, photos and
// approval: the notice, its proven delivery, and the contact log.
func (w *world) evidence(ticket domain.TicketID) {
	w.t.Helper()
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: domain.ActionNotify})
	for _, n := range list[domain.Notice](w, domain.EntityNotice, ticket.Any()) {
		if n.Record.Kind == domain.NoticeRectification && n.Record.State == domain.NoticeIssued {
			proof := w.coordinator.attach(n.ID.Any(), domain.RoleProof)
			w.coordinator.ask(domain.EntityNotice, n.ID.Any(), syncproto.Command{Action: domain.ActionDelivered, ProofID: proof})
		}
	}
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: domain.ActionContact, Channel: "phone"})
}

func (w *world) proposal(trigger domain.Trigger) syncproto.Command {
	return syncproto.Command{Action: domain.ActionPropose, PartyID: w.thirdParty, Trigger: trigger}
}

// proposed is an overdue ticket with a proposal to engage the third party.
func (w *world) proposed(name, code string) (domain.TicketID, domain.MaintenanceID) {
	w.t.Helper()
	ticket := w.assigned(name, w.livedIn, code)
	w.evidence(ticket)
	w.now = w.ticket(ticket).FinishDue + 3*day
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), w.proposal(domain.TriggerOverdue))
	return ticket, w.ticket(ticket).MaintenanceID
}

func (w *world) maintenance(id domain.MaintenanceID) domain.Maintenance {
	w.t.Helper()
	return get[domain.Maintenance](w, domain.EntityMaintenance, id.Any())
}

func (p *person) maintain(m domain.MaintenanceID, action domain.MaintenanceAction, amount domain.Fen) {
	p.w.t.Helper()
	p.ask(domain.EntityMaintenance, m.Any(), syncproto.Command{Action: string(action), AmountFen: amount, Note: "x"})
}

func (p *person) mayNot(m domain.MaintenanceID, action domain.MaintenanceAction, amount domain.Fen, want ...string) {
	p.w.t.Helper()
	got := p.refused(domain.EntityMaintenance, m.Any(), syncproto.Command{Action: string(action), AmountFen: amount})
	if !slices.Equal(got, want) {
		p.w.t.Errorf("%s is refused for %v, want %v", action, got, want)
	}
}

// Each trigger of domain spec 3.5 that this server can see unlocks the proposal
// once the evidence is there, and not before it holds.
func TestTriggersUnlockTheThirdParty(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		trigger domain.Trigger
		code    string
		// until makes the trigger hold; a step before it must not.
		almost, until func(*world, domain.TicketID)
	}{
		{domain.TriggerNoAttendance, stiffDoor, func(w *world, _ domain.TicketID) { w.now += 2*day - 1 }, func(w *world, _ domain.TicketID) { w.now++ }},
		{domain.TriggerNobodySent, stiffDoor, func(w *world, _ domain.TicketID) { w.now += 7*day - 1 }, func(w *world, _ domain.TicketID) { w.now++ }},
		{domain.TriggerEmergencyMissed, lockFault, func(w *world, _ domain.TicketID) { w.now += 2*hour - 1 }, func(w *world, _ domain.TicketID) { w.now++ }},
		{domain.TriggerEmergencyMissed, stiffDoor, func(w *world, _ domain.TicketID) { w.now += 6 * day }, nil}, // no emergency, never T3
		{
			domain.TriggerFailedTwice, stiffDoor,
			func(w *world, k domain.TicketID) {
				w.coordinator.move(k, domain.RepairAccept, "")
				w.coordinator.move(k, domain.RepairSurvey, "")
				w.repaired(k)
				w.inspector.verdict(k, domain.AnswerFail, false)
				w.repaired(k)
			},
			func(w *world, k domain.TicketID) { w.inspector.verdict(k, domain.AnswerFail, false) },
		},
		{domain.TriggerOverdue, stiffDoor, func(w *world, _ domain.TicketID) { w.now += 10*day - 1 }, func(w *world, _ domain.TicketID) { w.now++ }},
		{domain.TriggerRefusal, stiffDoor, func(*world, domain.TicketID) {}, func(w *world, k domain.TicketID) {
			proof := w.coordinator.attach(k.Any(), domain.RoleProof)
			w.coordinator.ask(domain.EntityTicket, k.Any(), syncproto.Command{Action: domain.ActionRefusal, ProofID: proof})
		}},
		{domain.TriggerRefusal, stiffDoor, func(w *world, _ domain.TicketID) { w.now += 48 * hour }, func(w *world, k domain.TicketID) {
			// Unreachable: a second attempt 48 hours after the first.
			w.coordinator.ask(domain.EntityTicket, k.Any(), syncproto.Command{Action: domain.ActionContact, Channel: "phone"})
		}},
		{domain.TriggerLiabilityDispute, stiffDoor, func(*world, domain.TicketID) {}, func(w *world, k domain.TicketID) { w.coordinator.move(k, domain.RepairDispute, "not ours") }},
	} {
		w := newWorld(t)
		ticket := w.assigned("d", w.livedIn, c.code)
		w.evidence(ticket)
		c.almost(w, ticket)
		if got := w.coordinator.refused(domain.EntityTicket, ticket.Any(), w.proposal(c.trigger)); !slices.Equal(got, []string{"guard_unmet", "fact.trigger"}) {
			t.Errorf("%s before it holds: %v", c.trigger, got)
		}
		if c.until == nil {
			continue
		}
		c.until(w, ticket)
		w.coordinator.ask(domain.EntityTicket, ticket.Any(), w.proposal(c.trigger))
		m := w.maintenance(w.ticket(ticket).MaintenanceID)
		if m.Trigger != c.trigger || m.TriggerWhy.Key == "" || m.Status != domain.MaintenanceProposed || m.FirmID != w.thirdParty || m.ProposedBy != w.coordinator.id || m.Number != "WT-2026-000001" {
			t.Errorf("%s: %+v", c.trigger, m)
		}
	}
}

// The closed gate lists what is missing, fact by fact, until nothing is.
func TestGateNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	defect := id[domain.Defect]("d")
	w.inspector.record(domain.EntityDefect, defect.Any(), syncproto.Recorded, domain.Defect{UnitID: w.livedIn, LibraryCode: lockFault, Element: "entrance door"})
	ticket := tickets.TicketOf(defect)
	w.coordinator.move(ticket, domain.RepairAssign, "")
	missing := func(want ...string) {
		t.Helper()
		if got := w.coordinator.refused(domain.EntityTicket, ticket.Any(), w.proposal("")); !slices.Equal(got, append([]string{"guard_unmet"}, want...)) {
			t.Errorf("missing %v, want %v", got, want)
		}
	}
	missing("fact.trigger", "fact.notice", "fact.delivery_proof", "fact.contact_log", "fact.before_photos")
	w.now += 3 * hour // T3
	missing("fact.notice", "fact.delivery_proof", "fact.contact_log", "fact.before_photos")
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: domain.ActionNotify})
	missing("fact.delivery_proof", "fact.contact_log", "fact.before_photos")
	w.evidence(ticket)
	missing("fact.before_photos")
	w.inspector.attach(defect.Any(), domain.RoleEvidence)
	for name, party := range map[string]domain.PartyID{"the contractor itself": w.doors, "nobody": {}} {
		if got := w.coordinator.refused(domain.EntityTicket, ticket.Any(), syncproto.Command{Action: domain.ActionPropose, PartyID: party}); !slices.Equal(got, []string{"guard_unmet", "guard.firm_known"}) {
			t.Errorf("%s: %v", name, got)
		}
	}
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), w.proposal(""))
	if m := w.maintenance(w.ticket(ticket).MaintenanceID); m.Trigger != domain.TriggerEmergencyMissed {
		t.Errorf("the first trigger that holds is %s", m.Trigger)
	}
	if got := w.coordinator.refused(domain.EntityTicket, ticket.Any(), w.proposal("")); !slices.Equal(got, []string{"bad_transition", "maintenance_open"}) {
		t.Errorf("a second proposal: %v", got)
	}
}

// Without an emergency everything comes before the dispatch: approval by
// somebody other than the proposer, and an agreed quote.
func TestOrdinaryEngagement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket, m := w.proposed("d", stiffDoor)
	w.coordinator.mayNot(m, domain.MaintenanceDispatch, 0, "guard_unmet", "guard.engagement_gate", "fact.approval", "guard.emergency_or_agreed")
	w.coordinator.mayNot(m, domain.MaintenanceApprove, 0, "forbidden", "engage_third_party")
	w.coordinator.mayNot(m, domain.MaintenanceQuote, 100, "bad_transition", "PROPOSED", "quote")
	w.manager.maintain(m, domain.MaintenanceApprove, 0)
	if k := w.maintenance(m); k.ApprovedBy != w.manager.id || k.ApprovedAt != w.now || k.Status != domain.MaintenanceApproved {
		t.Errorf("%+v", k)
	}
	w.coordinator.mayNot(m, domain.MaintenanceDispatch, 0, "guard_unmet", "guard.emergency_or_agreed")
	w.coordinator.mayNot(m, domain.MaintenanceQuote, 0, "guard_unmet", "guard.quote_given")
	w.coordinator.maintain(m, domain.MaintenanceQuote, 50_000)
	w.coordinator.mayNot(m, domain.MaintenanceAgree, 0, "forbidden", "approve_money")
	w.coordinator.mayNot(m, domain.MaintenanceDispatch, 0, "guard_unmet", "guard.emergency_or_agreed")
	w.manager.maintain(m, domain.MaintenanceAgree, 0)
	w.coordinator.maintain(m, domain.MaintenanceDispatch, 0)
	if k := w.maintenance(m); k.Status != domain.MaintenanceDispatched || k.DispatchedAt != w.now || k.VisitDue != w.now+4*hour {
		t.Errorf("%+v", k)
	}
	w.is(ticket, domain.RepairThirdParty)
	w.coordinator.cannot(ticket, domain.RepairFinish, "x", "bad_transition", "THIRD_PARTY", "finish")
	w.coordinator.maintain(m, domain.MaintenanceStart, 0)
	w.coordinator.mayNot(m, domain.MaintenanceFinish, 0, "guard_unmet", "guard.after_photos")
	w.coordinator.attach(m.Any(), domain.RoleAfter)
	w.coordinator.maintain(m, domain.MaintenanceFinish, 0)
	w.coordinator.mayNot(m, domain.MaintenanceRework, 0, "guard_unmet", "guard.reason_given")
	w.coordinator.maintain(m, domain.MaintenanceRework, 0)
	w.coordinator.maintain(m, domain.MaintenanceFinish, 0)
	if k := w.maintenance(m); k.FinishedBy != w.coordinator.id {
		t.Errorf("%+v", k)
	}
	w.coordinator.maintain(m, domain.MaintenanceAccept, 0)
	k := w.is(ticket, domain.RepairPendingReinspect)
	if k.ContractorID != w.doors || k.FinishedBy != w.coordinator.id || !slices.Equal(w.tasks(ticket), []string{"1 open"}) {
		t.Errorf("the original contractor stays liable: %+v, tasks %v", k, w.tasks(ticket))
	}
	w.coordinator.cannot(ticket, domain.RepairPass, "", "guard_unmet", "guard.reinspector_not_repairer")
	w.manager.mayNot(m, domain.MaintenanceSettle, 48_000, "guard_unmet", "guard.repair_passed")
	w.inspector.verdict(ticket, domain.AnswerPass, false)
	w.manager.mayNot(m, domain.MaintenanceSettle, 0, "guard_unmet", "guard.settlement_given")
	w.coordinator.mayNot(m, domain.MaintenanceSettle, 48_000, "forbidden", "approve_money")
	w.manager.maintain(m, domain.MaintenanceSettle, 48_000)
	if k := w.maintenance(m); k.Status != domain.MaintenanceCharged {
		t.Errorf("%s", k.Status)
	}
	w.manager.maintain(m, domain.MaintenanceClose, 0)
	w.is(ticket, domain.RepairPassed) // the homeowner's word is still to come
}

// Who proposed does not approve, whatever else they may do.
func TestProposerDoesNotApprove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, stiffDoor)
	w.evidence(ticket)
	w.now += 10 * day
	w.manager.ask(domain.EntityTicket, ticket.Any(), w.proposal(""))
	m := w.ticket(ticket).MaintenanceID
	w.manager.mayNot(m, domain.MaintenanceApprove, 0, "guard_unmet", "guard.approver_not_proposer")
	w.person("other manager", "manager").maintain(m, domain.MaintenanceApprove, 0)
}

// A rejected or withdrawn proposal leaves the way free for another.
func TestRejectedAndCancelledProposals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket, m := w.proposed("d", stiffDoor)
	w.manager.mayNot(m, domain.MaintenanceReject, 0, "guard_unmet", "guard.reason_given")
	w.manager.maintain(m, domain.MaintenanceReject, 0)
	w.manager.mayNot(m, domain.MaintenanceApprove, 0, "bad_transition", "REJECTED", "approve")
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), w.proposal(""))
	second := w.ticket(ticket).MaintenanceID
	if second == m || w.maintenance(second).Number != "WT-2026-000002" {
		t.Errorf("%+v", w.maintenance(second))
	}
	w.coordinator.mayNot(second, domain.MaintenanceCancel, 0, "forbidden", "engage_third_party")
	w.manager.maintain(second, domain.MaintenanceCancel, 0)
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), w.proposal(""))
	w.is(ticket, domain.RepairAssigned)
}

// An emergency is dispatched at once; approval and quotation follow, even after
// the settlement, and only then is anything charged.
func TestEmergencyEngagement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket := w.assigned("d", w.livedIn, lockFault)
	w.evidence(ticket)
	w.now += 2 * hour
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), w.proposal(domain.TriggerEmergencyMissed))
	m := w.ticket(ticket).MaintenanceID
	w.coordinator.maintain(m, domain.MaintenanceDispatch, 0)
	w.is(ticket, domain.RepairThirdParty)
	w.coordinator.mayNot(m, domain.MaintenanceCancel, 0, "bad_transition", "DISPATCHED", "cancel")
	w.coordinator.maintain(m, domain.MaintenanceStart, 0)
	w.coordinator.attach(m.Any(), domain.RoleAfter)
	w.coordinator.maintain(m, domain.MaintenanceFinish, 0)
	w.coordinator.maintain(m, domain.MaintenanceAccept, 0)
	w.inspector.verdict(ticket, domain.AnswerPass, false)
	w.manager.maintain(m, domain.MaintenanceSettle, 81_250)
	if k := w.maintenance(m); k.Status != domain.MaintenanceSettled || w.count(ticket.Any(), "event.charge_waits") != 1 {
		t.Errorf("%s, %v", k.Status, w.timeline(ticket.Any()))
	}
	w.manager.mayNot(m, domain.MaintenanceCharge, 0, "guard_unmet", "guard.charge_gate", "fact.approval", "fact.quote")
	w.manager.maintain(m, domain.MaintenanceApprove, 0)
	w.coordinator.mayNot(m, domain.MaintenanceQuote, 0, "guard_unmet", "guard.quote_given")
	w.coordinator.maintain(m, domain.MaintenanceQuote, 86_000)
	w.manager.mayNot(m, domain.MaintenanceCharge, 0, "guard_unmet", "guard.charge_gate", "fact.quote")
	w.manager.maintain(m, domain.MaintenanceAgree, 0)
	w.manager.maintain(m, domain.MaintenanceCharge, 0)
	if k := w.maintenance(m); k.Status != domain.MaintenanceCharged {
		t.Errorf("%s", k.Status)
	}
	if n := len(list[domain.BackCharge](w, domain.EntityBackCharge, ticket.Any())); n != 1 {
		t.Errorf("%d back-charges", n)
	}
}

// A job that was closed does not stand in the way when the defect comes back.
func TestThirdPartyAgainAfterReopening(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ticket, m := w.charged("d", stiffDoor)
	w.manager.maintain(m, domain.MaintenanceClose, 0)
	w.inspector.owner(ticket, false, "")
	w.is(ticket, domain.RepairClosed)
	w.now += 30 * day
	w.coordinator.move(ticket, domain.RepairReopen, "again")
	w.evidence(ticket)
	w.now += 10 * day
	w.coordinator.ask(domain.EntityTicket, ticket.Any(), w.proposal(domain.TriggerOverdue))
	if second := w.ticket(ticket).MaintenanceID; second == m || w.maintenance(second).Status != domain.MaintenanceProposed {
		t.Errorf("%+v", w.maintenance(second))
	}
	// What the first job proved does not settle the second.
	again := w.ticket(ticket).MaintenanceID
	w.manager.maintain(again, domain.MaintenanceApprove, 0)
	w.coordinator.maintain(again, domain.MaintenanceQuote, 100)
	w.manager.maintain(again, domain.MaintenanceAgree, 0)
	w.coordinator.maintain(again, domain.MaintenanceDispatch, 0)
	w.coordinator.maintain(again, domain.MaintenanceStart, 0)
	w.coordinator.attach(again.Any(), domain.RoleAfter)
	w.coordinator.maintain(again, domain.MaintenanceFinish, 0)
	w.coordinator.maintain(again, domain.MaintenanceAccept, 0)
	w.manager.mayNot(again, domain.MaintenanceSettle, 100, "guard_unmet", "guard.repair_passed")
}
