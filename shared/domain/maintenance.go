package domain

import "slices"

// MaintenanceStatus is a state of the third-party ticket (domain spec 3.3).
type MaintenanceStatus string

// Maintenance statuses.
const (
	MaintenanceProposed      MaintenanceStatus = "PROPOSED"
	MaintenanceApproved      MaintenanceStatus = "APPROVED"
	MaintenanceQuoted        MaintenanceStatus = "QUOTED"
	MaintenanceQuoteOK       MaintenanceStatus = "QUOTE_OK"
	MaintenanceDispatched    MaintenanceStatus = "DISPATCHED"
	MaintenanceInProgress    MaintenanceStatus = "IN_PROGRESS"
	MaintenancePendingAccept MaintenanceStatus = "PENDING_ACCEPT"
	MaintenanceAccepted      MaintenanceStatus = "ACCEPTED"
	MaintenanceSettled       MaintenanceStatus = "SETTLED"
	MaintenanceCharged       MaintenanceStatus = "CHARGED"
	MaintenanceClosed        MaintenanceStatus = "CLOSED"
	MaintenanceRejected      MaintenanceStatus = "REJECTED"
	MaintenanceCancelled     MaintenanceStatus = "CANCELLED"
)

// MaintenanceAction is what moves a third-party ticket.
type MaintenanceAction string

// Maintenance actions.
const (
	MaintenancePropose  MaintenanceAction = "propose"
	MaintenanceApprove  MaintenanceAction = "approve"
	MaintenanceReject   MaintenanceAction = "reject"
	MaintenanceQuote    MaintenanceAction = "quote"
	MaintenanceAgree    MaintenanceAction = "agree_quote"
	MaintenanceDispatch MaintenanceAction = "dispatch"
	MaintenanceStart    MaintenanceAction = "start"
	MaintenanceFinish   MaintenanceAction = "finish"
	MaintenanceRework   MaintenanceAction = "rework"
	MaintenanceAccept   MaintenanceAction = "accept"
	MaintenanceSettle   MaintenanceAction = "settle"
	MaintenanceCharge   MaintenanceAction = "charge"
	MaintenanceClose    MaintenanceAction = "close"
	MaintenanceCancel   MaintenanceAction = "cancel"
)

// MaintenanceFacts is what the guards of a maintenance transition look at.
type MaintenanceFacts struct {
	// Emergency: a P1 may be dispatched before approval and quotation, which
	// follow within two working days.
	Emergency bool
	// SamePerson: the approver is the proposer.
	SamePerson bool
	Reason     bool
	FirmKnown  bool
	Approved   bool
	QuoteGiven bool
	// GateOpen: the engagement gate holds; ChargeGateOpen: the charge gate holds.
	GateOpen, ChargeGateOpen bool
	AfterPhotos              int
	SettlementGiven          bool
	// RepairPassed: re-inspection of the repair ticket has been passed.
	RepairPassed bool
	BackCharged  bool
}

// MaintenanceTransition is a row of the table below.
type MaintenanceTransition = Transition[MaintenanceStatus, MaintenanceAction, MaintenanceFacts]

var (
	mGuardUrgent = Guard[MaintenanceFacts]{"guard.emergency", func(f MaintenanceFacts) bool { return f.Emergency }}
	mGuardGate   = Guard[MaintenanceFacts]{"guard.engagement_gate", func(f MaintenanceFacts) bool { return f.GateOpen }}
	mGuardFirm   = Guard[MaintenanceFacts]{"guard.firm_known", func(f MaintenanceFacts) bool { return f.FirmKnown }}
	mGuardTwo    = Guard[MaintenanceFacts]{"guard.approver_not_proposer", func(f MaintenanceFacts) bool { return !f.SamePerson }}
	mGuardWhy    = Guard[MaintenanceFacts]{"guard.reason_given", func(f MaintenanceFacts) bool { return f.Reason }}
	mGuardQuot   = Guard[MaintenanceFacts]{"guard.quote_given", func(f MaintenanceFacts) bool { return f.QuoteGiven }}
	mGuardFast   = Guard[MaintenanceFacts]{"guard.emergency_or_agreed", func(f MaintenanceFacts) bool { return f.Emergency || f.Approved }}
	mGuardPhot   = Guard[MaintenanceFacts]{"guard.after_photos", func(f MaintenanceFacts) bool { return f.AfterPhotos > 0 }}
	mGuardSett   = Guard[MaintenanceFacts]{"guard.settlement_given", func(f MaintenanceFacts) bool { return f.SettlementGiven }}
	mGuardChrg   = Guard[MaintenanceFacts]{"guard.charge_gate", func(f MaintenanceFacts) bool { return f.ChargeGateOpen }}
	mGuardPass   = Guard[MaintenanceFacts]{"guard.repair_passed", func(f MaintenanceFacts) bool { return f.RepairPassed }}
)

func mFrom(s ...MaintenanceStatus) []MaintenanceStatus { return s }

func mGuards(g ...Guard[MaintenanceFacts]) []Guard[MaintenanceFacts] { return g }

// Approval and quotation that follow an emergency's dispatch may even follow its
// settlement: the charge gate waits for them.
var afterDispatch = mFrom(MaintenanceDispatched, MaintenanceInProgress, MaintenancePendingAccept, MaintenanceAccepted, MaintenanceSettled)

// MaintenanceTransitions is the third-party sequence of domain spec 3.3. The
// propose row starts from no ticket at all; an empty To keeps the status: for
// an emergency approval and quotation may follow dispatch.
var MaintenanceTransitions = []MaintenanceTransition{
	{mFrom(""), MaintenancePropose, MaintenanceProposed, CanWorkTickets, mGuards(mGuardFirm)},
	{mFrom(MaintenanceProposed), MaintenanceApprove, MaintenanceApproved, CanEngageThirdParty, mGuards(mGuardTwo)},
	{mFrom(MaintenanceProposed), MaintenanceReject, MaintenanceRejected, CanEngageThirdParty, mGuards(mGuardWhy)},
	{mFrom(MaintenanceApproved), MaintenanceQuote, MaintenanceQuoted, CanWorkTickets, mGuards(mGuardQuot)},
	{mFrom(MaintenanceQuoted), MaintenanceAgree, MaintenanceQuoteOK, CanApproveMoney, nil},
	{mFrom(MaintenanceProposed, MaintenanceApproved, MaintenanceQuoted, MaintenanceQuoteOK), MaintenanceDispatch, MaintenanceDispatched, CanWorkTickets, mGuards(mGuardGate, mGuardFast)},
	{afterDispatch, MaintenanceApprove, "", CanEngageThirdParty, mGuards(mGuardUrgent, mGuardTwo)},
	{afterDispatch, MaintenanceQuote, "", CanWorkTickets, mGuards(mGuardUrgent, mGuardQuot)},
	{afterDispatch, MaintenanceAgree, "", CanApproveMoney, mGuards(mGuardUrgent, mGuardQuot)},
	{mFrom(MaintenanceDispatched), MaintenanceStart, MaintenanceInProgress, CanWorkTickets, nil},
	{mFrom(MaintenanceInProgress), MaintenanceFinish, MaintenancePendingAccept, CanWorkTickets, mGuards(mGuardPhot)},
	{mFrom(MaintenancePendingAccept), MaintenanceRework, MaintenanceInProgress, CanWorkTickets, mGuards(mGuardWhy)},
	{mFrom(MaintenancePendingAccept), MaintenanceAccept, MaintenanceAccepted, CanWorkTickets, nil},
	{mFrom(MaintenanceAccepted), MaintenanceSettle, MaintenanceSettled, CanApproveMoney, mGuards(mGuardSett, mGuardPass)},
	{mFrom(MaintenanceSettled), MaintenanceCharge, MaintenanceCharged, CanApproveMoney, mGuards(mGuardChrg)},
	{mFrom(MaintenanceSettled, MaintenanceCharged), MaintenanceClose, MaintenanceClosed, CanApproveMoney, nil},
	{mFrom(MaintenanceProposed, MaintenanceApproved, MaintenanceQuoted, MaintenanceQuoteOK), MaintenanceCancel, MaintenanceCancelled, CanEngageThirdParty, mGuards(mGuardWhy)},
}

// MaintenanceMove finds the row for an action; ok is false when the action
// does not start from this status.
func MaintenanceMove(s MaintenanceStatus, a MaintenanceAction) (row MaintenanceTransition, ok bool) {
	for _, r := range MaintenanceTransitions {
		if r.Action == a && slices.Contains(r.From, s) {
			return r, true
		}
	}
	return MaintenanceTransition{}, false
}

// BackChargeState is a state of the back-charge (domain spec 3.5).
type BackChargeState string

// Back-charge states.
const (
	BackChargeDraft     BackChargeState = "DRAFT"
	BackChargeNotified  BackChargeState = "NOTIFIED"
	BackChargeDisputed  BackChargeState = "DISPUTED"
	BackChargeRuled     BackChargeState = "RULED"
	BackChargeConfirmed BackChargeState = "CONFIRMED"
	BackChargePosted    BackChargeState = "POSTED"
	BackChargeReversed  BackChargeState = "REVERSED"
)

var backChargeNext = map[BackChargeState][]BackChargeState{
	BackChargeDraft:     {BackChargeNotified},
	BackChargeNotified:  {BackChargeDisputed, BackChargeConfirmed},
	BackChargeDisputed:  {BackChargeRuled},
	BackChargeRuled:     {BackChargeConfirmed, BackChargeReversed},
	BackChargeConfirmed: {BackChargePosted},
	BackChargePosted:    {BackChargeReversed},
}

// CanBecome reports whether the back-charge may move to next.
func (s BackChargeState) CanBecome(next BackChargeState) bool {
	return slices.Contains(backChargeNext[s], next)
}
