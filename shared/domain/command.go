package domain

// Commands about tickets and notices besides the actions of the state machines.
const (
	ActionAttend    = "attend"
	ActionContact   = "log_contact"
	ActionNotify    = "issue_notice"
	ActionPropose   = "propose_third_party"
	ActionRefusal   = "record_refusal"
	ActionReviewed  = "reviewed"
	ActionDelivered = "confirm_delivery"
)
