package desk

// Channels of the contact log (domain.Contact).
var channels = []string{"phone", "message", "mail", "visit"}
