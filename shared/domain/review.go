package domain

// ReviewState is whether captured work still waits for a decision.
type ReviewState string

// Review states.
const (
	ReviewOpen ReviewState = "open"
	ReviewDone ReviewState = "done"
)

// Review says that captured work which a device was not entitled to send waits
// in the server's review inbox. There is one per project and device; only the
// server writes it.
type Review struct {
	ProjectID ProjectID   `cbor:"1,keyasint,omitzero"`
	State     ReviewState `cbor:"2,keyasint,omitzero"`
	DeviceID  DeviceID    `cbor:"3,keyasint,omitzero"`
	// Waiting is how many groups of ops wait; each is decided on as a whole.
	Waiting int `cbor:"4,keyasint,omitzero"`
	// Since is when the one that waits longest was received.
	Since Instant `cbor:"5,keyasint,omitzero"`
}
