package syncproto

import (
	"fmt"
	"strings"

	"keyturn/shared/domain"
)

// Kind is what an op says about its record.
type Kind uint8

// Kinds of op. Recorded, Amended and Withdrawn are facts; Commanded asks the
// server for a decision and is the only kind that a state machine may reject.
const (
	Recorded  Kind = 1
	Amended   Kind = 2
	Withdrawn Kind = 3
	Commanded Kind = 4
	// Erased clears fields for good, with every value that lost; only the server
	// writes it.
	Erased Kind = 5
)

// Redacted is the op without the personal values of its record.
func (o Op) Redacted() Op {
	info, _ := o.Entity.Info()
	fields := o.Fields.Clone()
	for _, key := range info.Personal {
		if _, set := fields[key]; set {
			fields[key] = Null
		}
	}
	o.Fields = fields
	return o
}

// SchemaVersion is what this build writes; it grows by additions only.
const SchemaVersion = 1

// Scope is one stream of a project's records: the project and an audience.
type Scope struct {
	Project  domain.ProjectID
	Audience domain.Audience
}

// String is "<project id>/<audience>".
func (s Scope) String() string { return s.Project.String() + "/" + string(s.Audience) }

// ParseScope reads String's form.
func ParseScope(text string) (Scope, error) {
	id, audience, ok := strings.Cut(text, "/")
	project, err := domain.ParseID[domain.Project](id)
	s := Scope{Project: project, Audience: domain.Audience(audience)}
	if !ok || err != nil || project.IsZero() {
		return Scope{}, fmt.Errorf("%w: scope %.60q", ErrBadFrame, text)
	}
	for _, a := range domain.Audiences() {
		if a == s.Audience {
			return s, nil
		}
	}
	return Scope{}, fmt.Errorf("%w: audience %.20q", ErrBadFrame, audience)
}

// MarshalBinary is the project's 16 bytes and the audience's name; nothing at
// all for no scope, which a peer may have sent as null.
func (s Scope) MarshalBinary() ([]byte, error) {
	if s == (Scope{}) {
		return nil, nil
	}
	return append(s.Project[:], s.Audience...), nil
}

// UnmarshalBinary reverses MarshalBinary.
func (s *Scope) UnmarshalBinary(b []byte) error {
	if len(b) == 0 {
		*s = Scope{}
		return nil
	}
	if len(b) < len(s.Project) {
		return fmt.Errorf("%w: scope of %d bytes", ErrBadFrame, len(b))
	}
	parsed, err := ParseScope(domain.ProjectID(b[:len(s.Project)]).String() + "/" + string(b[len(s.Project):]))
	*s = parsed
	return err
}

// Op is one fact, patch or command of one device.
type Op struct {
	Device domain.DeviceID `cbor:"1,keyasint"`
	// Seq numbers a device's ops from 1 without gaps.
	Seq uint64 `cbor:"2,keyasint"`
	// Group is the Seq of the last op of a group that applies wholly or not at
	// all; 0 stands alone.
	Group uint64          `cbor:"3,keyasint,omitzero"`
	Actor domain.PersonID `cbor:"4,keyasint"`
	// OnBehalfOf is the party for which the actor acts, if any.
	OnBehalfOf domain.PartyID `cbor:"5,keyasint,omitzero"`
	// CapturedAt is the device's raw clock; UTCOffset its zone in minutes.
	CapturedAt domain.Instant `cbor:"6,keyasint"`
	UTCOffset  int            `cbor:"7,keyasint,omitzero"`
	// HLC is the hybrid clock: milliseconds << 16 | counter.
	HLC     uint64        `cbor:"8,keyasint"`
	Scope   Scope         `cbor:"9,keyasint"`
	Entity  domain.Entity `cbor:"10,keyasint"`
	ID      domain.AnyID  `cbor:"11,keyasint"`
	BaseSeq uint64        `cbor:"12,keyasint,omitzero"`
	Kind    Kind          `cbor:"13,keyasint"`
	Fields  Fields        `cbor:"14,keyasint,omitzero"`
	Schema  int           `cbor:"15,keyasint"`
	// At is the corrected capture time; the server sets it.
	At domain.Instant `cbor:"16,keyasint,omitzero"`
}

// Logged is an op as the server appended it to its scope's log.
type Logged struct {
	Seq uint64 `cbor:"1,keyasint"`
	Op  Op     `cbor:"2,keyasint"`
}

// Command is the content of a Commanded op.
type Command struct {
	Action string `cbor:"1,keyasint"`
	// Note is the person's reason or method in their own words.
	Note      string              `cbor:"2,keyasint,omitzero"`
	PartyID   domain.PartyID      `cbor:"3,keyasint,omitzero"`
	AmountFen domain.Fen          `cbor:"4,keyasint,omitzero"`
	ProofID   domain.AttachmentID `cbor:"5,keyasint,omitzero"`
	Channel   string              `cbor:"6,keyasint,omitzero"`
	Reached   bool                `cbor:"7,keyasint,omitzero"`
	Trigger   domain.Trigger      `cbor:"8,keyasint,omitzero"`
	At        domain.Instant      `cbor:"9,keyasint,omitzero"`
	ScopeID   domain.ScopeID      `cbor:"10,keyasint,omitzero"`
}

// Limits of one op and of one push (sync design, shape 6).
const (
	MaxOpBytes   = 64 << 10
	MaxBatchOps  = 500
	MaxPushBytes = 256 << 10
	// MaxEpochBytes is the longest name of an epoch.
	MaxEpochBytes = 64
)

// Validate checks what can be checked without the server's state; the empty
// code is good.
func (o Op) Validate() Code {
	info, known := o.Entity.Info()
	switch {
	case !known:
		return CodeUnknownEntity
	case o.Kind < Recorded || o.Kind > Commanded:
		return CodeUnknownKind
	case o.Device.IsZero() || o.Seq == 0 || o.ID.IsZero() || o.Actor.IsZero(),
		o.Group != 0 && o.Group < o.Seq,
		len(o.Fields) == 0 && o.Kind != Withdrawn:
		return CodeBadFields
	case o.Scope == Scope{}, o.Scope.Audience != info.Audience && o.Kind != Commanded:
		return CodeBadScope
	case strings.ContainsRune(o.Fields.State(), 0): // Postgres keeps no NUL in a text
		return CodeBadFields
	case checkTypes(o) != nil:
		return CodeBadFields
	default:
		return ""
	}
}
