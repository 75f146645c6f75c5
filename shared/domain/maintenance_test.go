package domain_test

import (
	"slices"
	"testing"

	. "keyturn/shared/domain"
)

// maintenanceSpec is the third-party sequence of domain spec 3.3 written out a
// second time; an empty target keeps the status (emergency: approval and
// quotation after dispatch).
var maintenanceSpec = map[MaintenanceStatus]map[MaintenanceAction]move{
	"": {MaintenancePropose: {to: "PROPOSED", by: CanWorkTickets, guards: []string{"guard.firm_known"}}},
	MaintenanceProposed: beforeDispatch(map[MaintenanceAction]move{
		MaintenanceApprove: {to: "APPROVED", by: CanEngageThirdParty, guards: []string{"guard.approver_not_proposer"}},
		MaintenanceReject:  {to: "REJECTED", by: CanEngageThirdParty, guards: []string{"guard.reason_given"}},
	}),
	MaintenanceApproved: beforeDispatch(map[MaintenanceAction]move{
		MaintenanceQuote: {to: "QUOTED", by: CanWorkTickets, guards: []string{"guard.quote_given"}},
	}),
	MaintenanceQuoted:     beforeDispatch(map[MaintenanceAction]move{MaintenanceAgree: {to: "QUOTE_OK", by: CanApproveMoney}}),
	MaintenanceQuoteOK:    beforeDispatch(map[MaintenanceAction]move{}),
	MaintenanceDispatched: afterDispatch(map[MaintenanceAction]move{MaintenanceStart: {to: "IN_PROGRESS", by: CanWorkTickets}}),
	MaintenanceInProgress: afterDispatch(map[MaintenanceAction]move{
		MaintenanceFinish: {to: "PENDING_ACCEPT", by: CanWorkTickets, guards: []string{"guard.after_photos"}},
	}),
	MaintenancePendingAccept: afterDispatch(map[MaintenanceAction]move{
		MaintenanceRework: {to: "IN_PROGRESS", by: CanWorkTickets, guards: []string{"guard.reason_given"}},
		MaintenanceAccept: {to: "ACCEPTED", by: CanWorkTickets},
	}),
	MaintenanceAccepted: afterDispatch(map[MaintenanceAction]move{
		MaintenanceSettle: {to: "SETTLED", by: CanApproveMoney, guards: []string{"guard.settlement_given", "guard.repair_passed"}},
	}),
	MaintenanceSettled: afterDispatch(map[MaintenanceAction]move{
		MaintenanceCharge: {to: "CHARGED", by: CanApproveMoney, guards: []string{"guard.charge_gate"}},
		MaintenanceClose:  {to: "CLOSED", by: CanApproveMoney},
	}),
	MaintenanceCharged:   {MaintenanceClose: {to: "CLOSED", by: CanApproveMoney}},
	MaintenanceClosed:    {},
	MaintenanceRejected:  {},
	MaintenanceCancelled: {},
}

func beforeDispatch(own map[MaintenanceAction]move) map[MaintenanceAction]move {
	own[MaintenanceDispatch] = move{to: "DISPATCHED", by: CanWorkTickets, guards: []string{"guard.engagement_gate", "guard.emergency_or_agreed"}}
	own[MaintenanceCancel] = move{to: "CANCELLED", by: CanEngageThirdParty, guards: []string{"guard.reason_given"}}
	return own
}

func afterDispatch(own map[MaintenanceAction]move) map[MaintenanceAction]move {
	own[MaintenanceApprove] = move{by: CanEngageThirdParty, guards: []string{"guard.emergency", "guard.approver_not_proposer"}}
	own[MaintenanceQuote] = move{by: CanWorkTickets, guards: []string{"guard.emergency", "guard.quote_given"}}
	own[MaintenanceAgree] = move{by: CanApproveMoney, guards: []string{"guard.emergency", "guard.quote_given"}}
	return own
}

var maintenanceActions = []MaintenanceAction{
	MaintenancePropose, MaintenanceApprove, MaintenanceReject, MaintenanceQuote, MaintenanceAgree, MaintenanceDispatch, MaintenanceStart,
	MaintenanceFinish, MaintenanceRework, MaintenanceAccept, MaintenanceSettle, MaintenanceCharge, MaintenanceClose, MaintenanceCancel,
}

func TestMaintenanceTransitionsAreThoseOfTheSpec(t *testing.T) {
	reached := map[MaintenanceStatus]bool{"": true}
	for status, moves := range maintenanceSpec {
		for _, action := range maintenanceActions {
			want, allowed := moves[action]
			row, ok := MaintenanceMove(status, action)
			switch {
			case ok != allowed:
				t.Errorf("%s %s: possible %v, want %v", status, action, ok, allowed)
			case !ok:
			case string(row.To) != want.to || row.Capability != want.by:
				t.Errorf("%s %s leads to %q by %s, want %q by %s", status, action, row.To, row.Capability, want.to, want.by)
			case !slices.Equal(keysOf(row.Guards), want.guards):
				t.Errorf("%s %s: guards %v, want %v", status, action, keysOf(row.Guards), want.guards)
			}
			reached[row.To] = true
		}
	}
	for status := range maintenanceSpec {
		if !reached[status] {
			t.Errorf("%s is never reached", status)
		}
	}
}

func TestMaintenanceGuards(t *testing.T) {
	good := MaintenanceFacts{
		Emergency: true, Reason: true, FirmKnown: true, Approved: true, QuoteGiven: true, GateOpen: true, ChargeGateOpen: true,
		AfterPhotos: 1, SettlementGiven: true, RepairPassed: true,
	}
	checkGuards(t, MaintenanceTransitions, good, map[string]func(*MaintenanceFacts){
		"guard.emergency":             func(f *MaintenanceFacts) { f.Emergency = false },
		"guard.engagement_gate":       func(f *MaintenanceFacts) { f.GateOpen = false },
		"guard.firm_known":            func(f *MaintenanceFacts) { f.FirmKnown = false },
		"guard.approver_not_proposer": func(f *MaintenanceFacts) { f.SamePerson = true },
		"guard.reason_given":          func(f *MaintenanceFacts) { f.Reason = false },
		"guard.quote_given":           func(f *MaintenanceFacts) { f.QuoteGiven = false },
		"guard.after_photos":          func(f *MaintenanceFacts) { f.AfterPhotos = 0 },
		"guard.settlement_given":      func(f *MaintenanceFacts) { f.SettlementGiven = false },
		"guard.charge_gate":           func(f *MaintenanceFacts) { f.ChargeGateOpen = false },
		"guard.repair_passed":         func(f *MaintenanceFacts) { f.RepairPassed = false },
	}, "guard.emergency_or_agreed")
}

// Only an emergency is dispatched before approval and quotation.
func TestDispatchNeedsApprovalUnlessUrgent(t *testing.T) {
	row, _ := MaintenanceMove(MaintenanceProposed, MaintenanceDispatch)
	for _, c := range []struct {
		emergency, approved bool
		want                []string
	}{
		{true, false, nil},
		{false, true, nil},
		{false, false, []string{"guard.emergency_or_agreed"}},
	} {
		if got := row.Unmet(MaintenanceFacts{GateOpen: true, Emergency: c.emergency, Approved: c.approved}); !slices.Equal(got, c.want) {
			t.Errorf("emergency %v, approved %v: %v", c.emergency, c.approved, got)
		}
	}
}

func TestBackChargeStates(t *testing.T) {
	next := map[BackChargeState][]BackChargeState{
		BackChargeDraft:     {BackChargeNotified},
		BackChargeNotified:  {BackChargeDisputed, BackChargeConfirmed},
		BackChargeDisputed:  {BackChargeRuled},
		BackChargeRuled:     {BackChargeConfirmed, BackChargeReversed},
		BackChargeConfirmed: {BackChargePosted},
		BackChargePosted:    {BackChargeReversed},
		BackChargeReversed:  nil,
	}
	for state := range next {
		for other := range next {
			if got, want := state.CanBecome(other), slices.Contains(next[state], other); got != want {
				t.Errorf("%s → %s: %v, want %v", state, other, got, want)
			}
		}
	}
}
