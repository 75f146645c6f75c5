package domain

import (
	"encoding/hex"
	"errors"
	"fmt"
)

// ID is a UUID that belongs to records of type T; ids of different records do
// not mix. Devices create version 7 ids, the server derives version 5 ids for
// what must exist at most once (a ticket from its defect).
type ID[T any] [16]byte

// AnyID is an id whose record type is known only at run time.
type AnyID = ID[any]

// Typed ids of the records and actors.
//
//nolint:revive // one comment serves the block
type (
	ProjectID     = ID[Project]
	PhaseID       = ID[Phase]
	BuildingID    = ID[Building]
	LayoutID      = ID[Layout]
	PlanID        = ID[Plan]
	UnitID        = ID[Unit]
	PublicAreaID  = ID[PublicArea]
	PartyID       = ID[Party]
	ScopeID       = ID[ContractScope]
	TaskID        = ID[Task]
	InspectionID  = ID[Inspection]
	ResultID      = ID[Result]
	BaselineID    = ID[Baseline]
	DefectID      = ID[Defect]
	AttachmentID  = ID[Attachment]
	TicketID      = ID[Ticket]
	MaintenanceID = ID[Maintenance]
	BackChargeID  = ID[BackCharge]
	PersonID      = ID[Person]
	DeviceID      = ID[Device]
)

// Device marks the ids of tablets and desktops.
type Device struct{}

// ErrBadID says that a text or byte string is not a UUID.
var ErrBadID = errors.New("not a UUID")

// IsZero reports whether the id was never set.
func (id ID[T]) IsZero() bool { return id == ID[T]{} }

// Any forgets the record type.
func (id ID[T]) Any() AnyID { return AnyID(id) }

// String is the usual 36-character form, empty for the zero id.
func (id ID[T]) String() string {
	if id.IsZero() {
		return ""
	}
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// ParseID reads the 36-character form; the empty text is the zero id.
func ParseID[T any](s string) (ID[T], error) {
	var id ID[T]
	if s == "" {
		return id, nil
	}
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, fmt.Errorf("%w: %.40q", ErrBadID, s)
	}
	plain := s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	if _, err := hex.Decode(id[:], []byte(plain)); err != nil {
		return ID[T]{}, fmt.Errorf("%w: %.40q", ErrBadID, s)
	}
	return id, nil
}

// MarshalBinary gives the 16 bytes.
func (id ID[T]) MarshalBinary() ([]byte, error) { return id[:], nil }

// UnmarshalBinary takes exactly 16 bytes.
func (id *ID[T]) UnmarshalBinary(b []byte) error {
	if len(b) != len(id) {
		return fmt.Errorf("%w: %d bytes", ErrBadID, len(b))
	}
	copy(id[:], b)
	return nil
}

// MarshalText gives String, for JSON and logs.
func (id ID[T]) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText is ParseID.
func (id *ID[T]) UnmarshalText(b []byte) (err error) {
	*id, err = ParseID[T](string(b))
	return err
}
