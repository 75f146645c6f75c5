package domain_test

import (
	"slices"
	"testing"

	. "keyturn/shared/domain"
)

// repairSpec is domain spec 3.3 written out a second time: where each action
// leads from each status, who may take it and which guards stand before it.
// "previous" stands for the status before suspension.
var repairSpec = map[RepairStatus]map[RepairAction]move{
	RepairRecorded: {
		RepairAssign:        {to: "ASSIGNED", by: CanWorkTickets, guards: []string{"guard.contractor_known"}},
		RepairCancel:        {to: "CANCELLED", by: CanSuperviseTickets, guards: []string{"guard.reason_given"}},
		RepairDeclineExpiry: {to: "OUT_OF_WARRANTY", by: CanSuperviseTickets, guards: []string{"guard.reason_given"}},
	},
	RepairAssigned: active(map[RepairAction]move{
		RepairAccept:        {to: "ACCEPTED", by: CanWorkTickets},
		RepairDispute:       {to: "DISPUTED", by: CanWorkTickets, guards: []string{"guard.reason_given"}},
		RepairCancel:        {to: "CANCELLED", by: CanSuperviseTickets, guards: []string{"guard.reason_given"}},
		RepairDeclineExpiry: {to: "OUT_OF_WARRANTY", by: CanSuperviseTickets, guards: []string{"guard.reason_given"}},
	}),
	RepairDisputed: active(map[RepairAction]move{
		RepairReassign: {to: "ASSIGNED", by: CanRuleLiability, guards: []string{"guard.contractor_known", "guard.contractor_changed", "guard.reason_given"}},
		RepairUphold:   {to: "ACCEPTED", by: CanRuleLiability, guards: []string{"guard.reason_given"}},
	}),
	RepairAccepted: active(map[RepairAction]move{RepairSurvey: {to: "SURVEYED", by: CanWorkTickets}}),
	RepairSurveyed: active(map[RepairAction]move{RepairStart: {to: "IN_PROGRESS", by: CanWorkTickets, guards: []string{"guard.plan_given"}}}),
	RepairInProgress: active(map[RepairAction]move{
		RepairFinish: {to: "PENDING_REINSPECT", by: CanWorkTickets, guards: []string{"guard.method_note", "guard.after_photos"}},
	}),
	RepairPendingReinspect: active(map[RepairAction]move{
		RepairPass: {to: "PASSED", by: CanReinspect, guards: []string{"guard.reinspector_not_repairer", "guard.water_test"}},
		RepairFail: {to: "IN_PROGRESS", by: CanReinspect},
	}),
	RepairPassed: active(map[RepairAction]move{
		RepairConfirm: {to: "OWNER_CONFIRMED", by: CanConfirm},
		RepairRefuse:  {to: "IN_PROGRESS", by: CanConfirm, guards: []string{"guard.reason_given"}},
	}),
	RepairOwnerConfirmed: {RepairClose: {to: "CLOSED", by: CanSystem}},
	RepairClosed: {
		RepairReopen: {to: "ASSIGNED", by: CanWorkTickets, guards: []string{"guard.reason_given", "guard.reopen_window", "guard.contractor_known"}},
	},
	RepairSuspended:  {RepairResume: {to: previous, by: CanWorkTickets}},
	RepairThirdParty: {RepairReturn: {to: "PENDING_REINSPECT", by: CanWorkTickets, guards: []string{"guard.maintenance_accepted", "guard.after_photos"}}},
	RepairHardToFix:  {RepairSettle: {to: "CLOSED", by: CanApproveMoney, guards: []string{"guard.settlement_agreed"}}},
	// Final: no way out.
	RepairCancelled:     {},
	RepairOutOfWarranty: {},
}

type move struct {
	to     string
	by     Capability
	guards []string
}

const previous = ""

// active adds what may be done to every ticket on which work is owed.
func active(own map[RepairAction]move) map[RepairAction]move {
	own[RepairSuspend] = move{to: "SUSPENDED", by: CanWorkTickets, guards: []string{"guard.reason_given"}}
	own[RepairEngage] = move{to: "THIRD_PARTY", by: CanWorkTickets, guards: []string{"guard.engagement_gate"}}
	own[RepairGiveUp] = move{to: "HARD_TO_FIX", by: CanRuleLiability, guards: []string{"guard.reason_given"}}
	return own
}

var repairActions = []RepairAction{
	RepairAssign, RepairAccept, RepairDispute, RepairReassign, RepairUphold, RepairSurvey, RepairStart, RepairSuspend, RepairResume,
	RepairFinish, RepairPass, RepairFail, RepairConfirm, RepairRefuse, RepairClose, RepairReopen, RepairEngage, RepairReturn,
	RepairGiveUp, RepairSettle, RepairCancel, RepairDeclineExpiry,
}

// Every pair of status and action is checked, so nothing else is possible.
func TestRepairTransitionsAreThoseOfTheSpec(t *testing.T) {
	for status, moves := range repairSpec {
		for _, action := range repairActions {
			want, allowed := moves[action]
			row, ok := RepairMove(status, action)
			switch {
			case ok != allowed:
				t.Errorf("%s %s: possible %v, want %v", status, action, ok, allowed)
			case !ok:
			case string(row.To) != want.to:
				t.Errorf("%s %s leads to %q, want %q", status, action, row.To, want.to)
			case row.Capability != want.by:
				t.Errorf("%s %s is for %s, want %s", status, action, row.Capability, want.by)
			case !slices.Equal(keysOf(row.Guards), want.guards):
				t.Errorf("%s %s: guards %v, want %v", status, action, keysOf(row.Guards), want.guards)
			}
			if slices.Contains(RepairActions(status), action) != allowed {
				t.Errorf("%s: RepairActions and RepairMove differ on %s", status, action)
			}
		}
	}
	if _, ok := RepairMove(RepairAssigned, "no_such_action"); ok {
		t.Error("an unknown action is possible")
	}
	if _, ok := RepairMove("NO_SUCH_STATUS", RepairAssign); ok {
		t.Error("an unknown status can be left")
	}
}

func keysOf[F any](guards []Guard[F]) (keys []string) {
	for _, g := range guards {
		keys = append(keys, g.Key)
	}
	return keys
}

// Active is ASSIGNED … PASSED (domain spec, section 0).
func TestActiveStatuses(t *testing.T) {
	want := []RepairStatus{RepairAssigned, RepairAccepted, RepairDisputed, RepairSurveyed, RepairInProgress, RepairPendingReinspect, RepairPassed}
	for status := range repairSpec {
		if status.Active() != slices.Contains(want, status) {
			t.Errorf("%s: active is %v", status, status.Active())
		}
	}
}

// What is neither ended nor confirmed is still wrong in the flat.
func TestOpenStatuses(t *testing.T) {
	ended := []RepairStatus{RepairOwnerConfirmed, RepairClosed, RepairCancelled, RepairOutOfWarranty}
	for status := range repairSpec {
		if status.Open() == slices.Contains(ended, status) {
			t.Errorf("%s: open is %v", status, status.Open())
		}
	}
}

func TestEveryRepairStatusIsReachedAndLeft(t *testing.T) {
	reached := map[RepairStatus]bool{RepairRecorded: true}
	for grown := true; grown; {
		grown = false
		for status := range reached {
			for _, action := range RepairActions(status) {
				if row, _ := RepairMove(status, action); row.To != previous && !reached[row.To] {
					reached[row.To], grown = true, true
				}
			}
		}
	}
	for status, moves := range repairSpec {
		if !reached[status] {
			t.Errorf("%s is never reached", status)
		}
		if len(RepairActions(status)) != len(moves) {
			t.Errorf("%s is left by %v", status, RepairActions(status))
		}
	}
}

func TestRepairGuards(t *testing.T) {
	good := RepairFacts{
		ContractorKnown: true, Reason: true, ContractorChanged: true, PlanNeeded: true, PlanGiven: true, AfterPhotos: 1, Method: true,
		Leak: true, WaterTested: true, WithinReopenWindow: true, GateOpen: true, MaintenanceAccepted: true, SettlementAgreed: true,
	}
	breaks := map[string]func(*RepairFacts){
		"guard.contractor_known":         func(f *RepairFacts) { f.ContractorKnown = false },
		"guard.reason_given":             func(f *RepairFacts) { f.Reason = false },
		"guard.contractor_changed":       func(f *RepairFacts) { f.ContractorChanged = false },
		"guard.plan_given":               func(f *RepairFacts) { f.PlanGiven = false },
		"guard.after_photos":             func(f *RepairFacts) { f.AfterPhotos = 0 },
		"guard.method_note":              func(f *RepairFacts) { f.Method = false },
		"guard.reinspector_not_repairer": func(f *RepairFacts) { f.SamePerson = true },
		"guard.water_test":               func(f *RepairFacts) { f.WaterTested = false },
		"guard.reopen_window":            func(f *RepairFacts) { f.WithinReopenWindow = false },
		"guard.engagement_gate":          func(f *RepairFacts) { f.GateOpen = false },
		"guard.maintenance_accepted":     func(f *RepairFacts) { f.MaintenanceAccepted = false },
		"guard.settlement_agreed":        func(f *RepairFacts) { f.SettlementAgreed = false },
	}
	checkGuards(t, RepairTransitions, good, breaks)

	dry := RepairFacts{}
	if row, _ := RepairMove(RepairPendingReinspect, RepairPass); len(row.Unmet(dry)) != 0 {
		t.Errorf("a defect that is no leak needs %v", row.Unmet(dry))
	}
	if row, _ := RepairMove(RepairSurveyed, RepairStart); len(row.Unmet(dry)) != 0 {
		t.Errorf("a simple repair needs %v", row.Unmet(dry))
	}
}

// checkGuards breaks one fact at a time: exactly the guards of that key fail,
// under their name, and with all facts none does.
// Guards named elsewhere have a test of their own.
func checkGuards[S, A ~string, F any](t *testing.T, table []Transition[S, A, F], good F, breaks map[string]func(*F), elsewhere ...string) {
	t.Helper()
	used := map[string]bool{}
	for _, row := range table {
		if unmet := row.Unmet(good); len(unmet) != 0 {
			t.Errorf("%v %s: unmet with every fact: %v", row.From, row.Action, unmet)
		}
		for key, spoil := range breaks {
			facts := good
			spoil(&facts)
			var want []string
			if slices.Contains(keysOf(row.Guards), key) {
				want = []string{key}
			}
			if got := row.Unmet(facts); !slices.Equal(got, want) {
				t.Errorf("%v %s without %s: unmet %v", row.From, row.Action, key, got)
			}
		}
		for _, key := range keysOf(row.Guards) {
			used[key] = true
			if breaks[key] == nil && !slices.Contains(elsewhere, key) {
				t.Errorf("%v %s: guard %s is not covered here", row.From, row.Action, key)
			}
		}
	}
	for key := range breaks {
		if !used[key] {
			t.Errorf("no transition has the guard %s", key)
		}
	}
}
