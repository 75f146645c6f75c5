package syncproto

import "keyturn/shared/domain"

// ReviewPage is a piece of a project's review inbox, newest first: the answer to
// GET /v1/projects/{project}/reviews.
type ReviewPage struct {
	Groups []ReviewGroup `cbor:"1,keyasint,omitempty"`
	// More: others wait behind the last group.
	More bool `cbor:"2,keyasint,omitzero"`
}

// ReviewGroup is captured work that waits until a person decides on it as a
// whole, with what they need for that. Its texts are a device's that nobody
// vouches for.
type ReviewGroup struct {
	Device domain.DeviceID `cbor:"1,keyasint"`
	// First and Last are the numbers of its ops.
	First      uint64          `cbor:"2,keyasint"`
	Last       uint64          `cbor:"3,keyasint"`
	DeviceName string          `cbor:"4,keyasint,omitzero"`
	Actor      domain.PersonID `cbor:"5,keyasint,omitzero"`
	// Person is the actor's name, empty for one whom the server does not know.
	Person string `cbor:"6,keyasint,omitzero"`
	// Code is why it is in review.
	Code Code `cbor:"7,keyasint"`
	// CapturedAt is corrected by the device's clock.
	CapturedAt domain.Instant `cbor:"8,keyasint"`
	ReceivedAt domain.Instant `cbor:"9,keyasint"`
	// Ops are the first of its ops, without those of streams that the caller may
	// not follow.
	Ops   []Op         `cbor:"10,keyasint,omitempty"`
	Blobs []ReviewBlob `cbor:"11,keyasint,omitempty"`
}

// ReviewBlob is a blob that a group names.
type ReviewBlob struct {
	SHA256 domain.Hash `cbor:"1,keyasint"`
	// Held: the server has all of it.
	Held bool `cbor:"2,keyasint,omitzero"`
}
