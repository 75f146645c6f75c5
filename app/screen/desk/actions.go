package desk

// Actions that the server understands besides those of the state machines.
const (
	ActionAttend    = "attend"
	ActionContact   = "log_contact"
	ActionNotify    = "issue_notice"
	ActionPropose   = "propose_third_party"
	ActionRefusal   = "record_refusal"
	ActionReviewed  = "reviewed"
	ActionDelivered = "confirm_delivery"
)

// Channels of the contact log (domain.Contact).
var channels = []string{"phone", "message", "mail", "visit"}
