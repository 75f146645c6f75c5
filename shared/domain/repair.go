package domain

import "slices"

// RepairStatus is a state of the repair ticket (domain spec 3.3).
type RepairStatus string

// Repair statuses.
const (
	RepairRecorded         RepairStatus = "RECORDED"
	RepairAssigned         RepairStatus = "ASSIGNED"
	RepairAccepted         RepairStatus = "ACCEPTED"
	RepairDisputed         RepairStatus = "DISPUTED"
	RepairSurveyed         RepairStatus = "SURVEYED"
	RepairInProgress       RepairStatus = "IN_PROGRESS"
	RepairSuspended        RepairStatus = "SUSPENDED"
	RepairPendingReinspect RepairStatus = "PENDING_REINSPECT"
	RepairPassed           RepairStatus = "PASSED"
	RepairOwnerConfirmed   RepairStatus = "OWNER_CONFIRMED"
	RepairClosed           RepairStatus = "CLOSED"
	RepairThirdParty       RepairStatus = "THIRD_PARTY"
	RepairHardToFix        RepairStatus = "HARD_TO_FIX"
	RepairCancelled        RepairStatus = "CANCELLED"
	RepairOutOfWarranty    RepairStatus = "OUT_OF_WARRANTY"
)

// Active reports whether somebody still owes work: ASSIGNED … PASSED.
func (s RepairStatus) Active() bool { return slices.Contains(activeRepairs, s) }

var activeRepairs = []RepairStatus{
	RepairAssigned, RepairAccepted, RepairDisputed, RepairSurveyed, RepairInProgress, RepairPendingReinspect, RepairPassed,
}

// Open reports whether the repair has not ended: besides the active statuses
// those that wait to be assigned, for the other side or for a settlement.
func (s RepairStatus) Open() bool {
	return s.Active() || s == RepairRecorded || s == RepairSuspended || s == RepairThirdParty || s == RepairHardToFix
}

// RepairAction is what moves a repair ticket.
type RepairAction string

// Repair actions.
const (
	RepairAssign        RepairAction = "assign"
	RepairAccept        RepairAction = "accept"
	RepairDispute       RepairAction = "dispute"
	RepairReassign      RepairAction = "reassign"
	RepairUphold        RepairAction = "uphold"
	RepairSurvey        RepairAction = "survey"
	RepairStart         RepairAction = "start"
	RepairSuspend       RepairAction = "suspend"
	RepairResume        RepairAction = "resume"
	RepairFinish        RepairAction = "finish"
	RepairPass          RepairAction = "pass"
	RepairFail          RepairAction = "fail"
	RepairConfirm       RepairAction = "confirm"
	RepairRefuse        RepairAction = "refuse"
	RepairClose         RepairAction = "close"
	RepairReopen        RepairAction = "reopen"
	RepairEngage        RepairAction = "engage"
	RepairReturn        RepairAction = "return"
	RepairGiveUp        RepairAction = "give_up"
	RepairSettle        RepairAction = "settle"
	RepairCancel        RepairAction = "cancel"
	RepairDeclineExpiry RepairAction = "out_of_warranty"
)

// RepairFacts is what the guards of a repair transition look at.
type RepairFacts struct {
	ContractorKnown bool
	Reason          bool
	// ContractorChanged: the assignee differs from the one before.
	ContractorChanged bool
	// PlanNeeded: leaks and structure need a repair plan before work; PlanGiven.
	PlanNeeded, PlanGiven bool
	// AfterPhotos counts photos of the finished repair; Method notes how.
	AfterPhotos int
	Method      bool
	// SamePerson: the re-inspector is the person who reported the repair done.
	SamePerson bool
	// Leak needs a water test to pass; WaterTested.
	Leak, WaterTested bool
	// WithinReopenWindow: closed no longer ago than the configured days.
	WithinReopenWindow bool
	// GateOpen: the engagement gate's facts exist.
	GateOpen bool
	// MaintenanceAccepted: the third party's work was accepted by its ordering side.
	MaintenanceAccepted bool
	// SettlementAgreed: compensation instead of repair has been agreed.
	SettlementAgreed bool
}

// Guard is a condition of a transition; Key names it for people when it fails.
type Guard[F any] struct {
	Key   string
	Holds func(F) bool
}

// Transition is one row of a state machine. An empty From list means any
// active status; an empty To means the status before suspension.
type Transition[S, A ~string, F any] struct {
	From       []S
	Action     A
	To         S
	Capability Capability
	Guards     []Guard[F]
}

var (
	guardContractor = Guard[RepairFacts]{"guard.contractor_known", func(f RepairFacts) bool { return f.ContractorKnown }}
	guardReason     = Guard[RepairFacts]{"guard.reason_given", func(f RepairFacts) bool { return f.Reason }}
	guardChanged    = Guard[RepairFacts]{"guard.contractor_changed", func(f RepairFacts) bool { return f.ContractorChanged }}
	guardPlan       = Guard[RepairFacts]{"guard.plan_given", func(f RepairFacts) bool { return !f.PlanNeeded || f.PlanGiven }}
	guardAfter      = Guard[RepairFacts]{"guard.after_photos", func(f RepairFacts) bool { return f.AfterPhotos > 0 }}
	guardMethod     = Guard[RepairFacts]{"guard.method_note", func(f RepairFacts) bool { return f.Method }}
	guardOther      = Guard[RepairFacts]{"guard.reinspector_not_repairer", func(f RepairFacts) bool { return !f.SamePerson }}
	guardWater      = Guard[RepairFacts]{"guard.water_test", func(f RepairFacts) bool { return !f.Leak || f.WaterTested }}
	guardReopen     = Guard[RepairFacts]{"guard.reopen_window", func(f RepairFacts) bool { return f.WithinReopenWindow }}
	guardGate       = Guard[RepairFacts]{"guard.engagement_gate", func(f RepairFacts) bool { return f.GateOpen }}
	guardThirdDone  = Guard[RepairFacts]{"guard.maintenance_accepted", func(f RepairFacts) bool { return f.MaintenanceAccepted }}
	guardSettled    = Guard[RepairFacts]{"guard.settlement_agreed", func(f RepairFacts) bool { return f.SettlementAgreed }}
)

// RepairTransition is a row of the table below.
type RepairTransition = Transition[RepairStatus, RepairAction, RepairFacts]

func from(s ...RepairStatus) []RepairStatus { return s }

func guards(g ...Guard[RepairFacts]) []Guard[RepairFacts] { return g }

// RepairTransitions is the table of domain spec 3.3. The server is the only
// one to apply it; apps use it to show what is possible.
var RepairTransitions = []RepairTransition{
	{from(RepairRecorded), RepairAssign, RepairAssigned, CanWorkTickets, guards(guardContractor)},
	{from(RepairAssigned), RepairAccept, RepairAccepted, CanWorkTickets, nil},
	{from(RepairAssigned), RepairDispute, RepairDisputed, CanWorkTickets, guards(guardReason)},
	{from(RepairDisputed), RepairReassign, RepairAssigned, CanRuleLiability, guards(guardContractor, guardChanged, guardReason)},
	{from(RepairDisputed), RepairUphold, RepairAccepted, CanRuleLiability, guards(guardReason)},
	{from(RepairAccepted), RepairSurvey, RepairSurveyed, CanWorkTickets, nil},
	{from(RepairSurveyed), RepairStart, RepairInProgress, CanWorkTickets, guards(guardPlan)},
	{nil, RepairSuspend, RepairSuspended, CanWorkTickets, guards(guardReason)},
	{from(RepairSuspended), RepairResume, "", CanWorkTickets, nil},
	{from(RepairInProgress), RepairFinish, RepairPendingReinspect, CanWorkTickets, guards(guardMethod, guardAfter)},
	{from(RepairPendingReinspect), RepairPass, RepairPassed, CanReinspect, guards(guardOther, guardWater)},
	{from(RepairPendingReinspect), RepairFail, RepairInProgress, CanReinspect, nil},
	{from(RepairPassed), RepairConfirm, RepairOwnerConfirmed, CanConfirm, nil},
	{from(RepairPassed), RepairRefuse, RepairInProgress, CanConfirm, guards(guardReason)},
	{from(RepairOwnerConfirmed), RepairClose, RepairClosed, CanSystem, nil},
	{from(RepairClosed), RepairReopen, RepairAssigned, CanWorkTickets, guards(guardReason, guardReopen, guardContractor)},
	{nil, RepairEngage, RepairThirdParty, CanWorkTickets, guards(guardGate)},
	{from(RepairThirdParty), RepairReturn, RepairPendingReinspect, CanWorkTickets, guards(guardThirdDone, guardAfter)},
	{nil, RepairGiveUp, RepairHardToFix, CanRuleLiability, guards(guardReason)},
	{from(RepairHardToFix), RepairSettle, RepairClosed, CanApproveMoney, guards(guardSettled)},
	{from(RepairRecorded, RepairAssigned), RepairCancel, RepairCancelled, CanSuperviseTickets, guards(guardReason)},
	{from(RepairRecorded, RepairAssigned), RepairDeclineExpiry, RepairOutOfWarranty, CanSuperviseTickets, guards(guardReason)},
}

// RepairMove finds the row for an action; ok is false when the action does not
// start from this status.
func RepairMove(s RepairStatus, a RepairAction) (row RepairTransition, ok bool) {
	for _, r := range RepairTransitions {
		if r.Action == a && (slices.Contains(r.From, s) || r.From == nil && s.Active()) {
			return r, true
		}
	}
	return RepairTransition{}, false
}

// RepairActions lists what may start from a status, in table order.
func RepairActions(s RepairStatus) []RepairAction {
	var actions []RepairAction
	for _, r := range RepairTransitions {
		if _, ok := RepairMove(s, r.Action); ok && !slices.Contains(actions, r.Action) {
			actions = append(actions, r.Action)
		}
	}
	return actions
}

// Unmet lists the keys of the guards that do not hold.
func (t Transition[S, A, F]) Unmet(facts F) []string {
	var keys []string
	for _, g := range t.Guards {
		if !g.Holds(facts) {
			keys = append(keys, g.Key)
		}
	}
	return keys
}
