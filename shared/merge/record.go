// Package merge decides what one op does to one record. It is pure, so the
// server, every device and the simulation reach the same state from the same
// log (sync design, shape 1).
package merge

import (
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Stamp says who wrote a field last, and when in the order of the scope's log.
type Stamp struct {
	Seq    uint64          `cbor:"1,keyasint"`
	Device domain.DeviceID `cbor:"2,keyasint"`
	HLC    uint64          `cbor:"3,keyasint"`
	Actor  domain.PersonID `cbor:"4,keyasint,omitzero"`
}

// Version is one of several values that people gave a field concurrently.
type Version struct {
	Value  []byte          `cbor:"1,keyasint"`
	Actor  domain.PersonID `cbor:"2,keyasint"`
	Stamp  Stamp           `cbor:"3,keyasint"`
	At     domain.Instant  `cbor:"4,keyasint"`
	Device domain.DeviceID `cbor:"5,keyasint"`
}

// Contest is a field with concurrent values. An open one waits for a person; a
// closed one only remembers the value that lost.
type Contest struct {
	Field    uint64    `cbor:"1,keyasint"`
	Open     bool      `cbor:"2,keyasint"`
	Versions []Version `cbor:"3,keyasint"`
}

// Record is the state of one record after some prefix of its scope's log.
type Record struct {
	Entity domain.Entity    `cbor:"1,keyasint"`
	ID     domain.AnyID     `cbor:"2,keyasint"`
	Scope  syncproto.Scope  `cbor:"3,keyasint"`
	Seq    uint64           `cbor:"4,keyasint"`
	Fields syncproto.Fields `cbor:"5,keyasint,omitzero"`
	// Stamps holds the stamps of fields that were written after the record was
	// created, or cleared; the others have Base.
	Stamps    map[uint64]Stamp `cbor:"6,keyasint,omitempty"`
	Contests  []Contest        `cbor:"7,keyasint,omitempty"`
	Withdrawn bool             `cbor:"8,keyasint,omitzero"`
	Actor     domain.PersonID  `cbor:"9,keyasint,omitzero"`
	Base      Stamp            `cbor:"10,keyasint,omitzero"`
	// Erased tells by which entry of the log a field was erased. A value from
	// somebody who had not seen that does not come back.
	Erased map[uint64]uint64 `cbor:"11,keyasint,omitempty"`
}

// Exists reports whether any op has touched the record, be it only to withdraw
// what this copy does not hold.
func (r Record) Exists() bool { return r.Seq != 0 || len(r.Fields) > 0 || r.Withdrawn }

// Stamp says who wrote a field last; known is false for one that nobody wrote.
func (r Record) Stamp(key uint64) (s Stamp, known bool) {
	if s, known = r.Stamps[key]; known {
		return s, true
	}
	_, set := r.Fields[key]
	return r.Base, set && r.Base != Stamp{}
}

// Revives reports whether an op would bring back a value that was erased and
// that its writer has not seen erased.
func (r Record) Revives(op syncproto.Op) bool {
	for key, at := range r.Erased {
		if at > op.BaseSeq && !syncproto.IsNull(op.Fields[key]) {
			return true
		}
	}
	return false
}

// OpenContests counts the fields that wait for a person.
func (r Record) OpenContests() int {
	n := 0
	for _, c := range r.Contests {
		if c.Open {
			n++
		}
	}
	return n
}

// As decodes the record's fields.
func As[T any](r Record) (T, error) { return syncproto.Decode[T](r.Fields) }

// Encode is the record's stored form; DecodeRecord reverses it.
func (r Record) Encode() ([]byte, error) { return syncproto.Marshal(r) }

// DecodeRecord reads a stored record.
func DecodeRecord(b []byte) (Record, error) {
	var r Record
	err := syncproto.Unmarshal(b, &r)
	return r, err
}
