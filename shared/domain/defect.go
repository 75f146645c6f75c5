package domain

import "strings"

// Severity of a defect; higher is worse.
type Severity int

// Severities (domain spec 3.2).
const (
	Cosmetic Severity = 1
	Minor    Severity = 2
	Major    Severity = 3
	Critical Severity = 4
)

var severityNames = map[Severity]string{Cosmetic: "cosmetic", Minor: "minor", Major: "major", Critical: "critical"}

// String is the name used in the reference data.
func (s Severity) String() string { return severityNames[s] }

// ParseSeverity reads a name of the reference data; ok is false for others.
func ParseSeverity(name string) (s Severity, ok bool) {
	for s, n := range severityNames {
		if n == name {
			return s, true
		}
	}
	return 0, false
}

// PhotosWanted is how many photos evidence a defect of this severity: a wide
// and a close one for major and critical (domain spec 3.2). Fewer warn only.
func (s Severity) PhotosWanted() int {
	if s >= Major {
		return 2
	}
	return 1
}

// Pin is a point on a plan revision.
type Pin struct {
	PlanID PlanID `cbor:"1,keyasint"`
	// X and Y are millionths of the plan's width and height from the top left.
	X int64 `cbor:"2,keyasint"`
	Y int64 `cbor:"3,keyasint"`
}

// DefectState is whether a recorded defect still counts.
type DefectState string

// Defect states; progress of the repair is the ticket's state.
const (
	DefectOpen      DefectState = "open"
	DefectWithdrawn DefectState = "withdrawn"
)

// Defect is a captured fact.
type Defect struct {
	UnitID       UnitID       `cbor:"1,keyasint,omitzero"`
	State        DefectState  `cbor:"2,keyasint,omitzero"`
	Room         string       `cbor:"3,keyasint,omitzero"`
	Element      string       `cbor:"4,keyasint,omitzero"`
	Trade        string       `cbor:"5,keyasint,omitzero"`
	Type         string       `cbor:"6,keyasint,omitzero"`
	LibraryCode  string       `cbor:"7,keyasint,omitzero"`
	Description  string       `cbor:"8,keyasint,omitzero"`
	Severity     Severity     `cbor:"9,keyasint,omitzero"`
	Quantity     int          `cbor:"10,keyasint,omitzero"`
	Readings     []int64      `cbor:"11,keyasint,omitempty"`
	Pin          *Pin         `cbor:"12,keyasint,omitempty"`
	ResultID     ResultID     `cbor:"13,keyasint,omitzero"`
	InspectionID InspectionID `cbor:"14,keyasint,omitzero"`
	// DuplicateOf links an earlier open defect of the same place and kind.
	DuplicateOf  DefectID     `cbor:"15,keyasint,omitzero"`
	OwnerHidden  bool         `cbor:"16,keyasint,omitzero"`
	CapturedAt   Instant      `cbor:"17,keyasint,omitzero"`
	Inspector    PersonID     `cbor:"18,keyasint,omitzero"`
	PublicAreaID PublicAreaID `cbor:"19,keyasint,omitzero"`
	Stage        Stage        `cbor:"20,keyasint,omitzero"`
	// WarrantyClass overrides the library's class for free-text defects.
	WarrantyClass string `cbor:"21,keyasint,omitzero"`
}

// Spot names place and kind: two open defects with the same spot are likely one
// (domain spec 3.3, duplicate check). It is empty while the element is unknown.
func (d Defect) Spot() string {
	if d.Element == "" {
		return ""
	}
	return strings.Join([]string{d.UnitID.String(), d.PublicAreaID.String(), d.Room, d.Element, d.Type}, "|")
}

// AttachmentKind is what an attachment is.
type AttachmentKind string

// Kinds of attachment.
const (
	KindPhoto     AttachmentKind = "photo"
	KindAudio     AttachmentKind = "audio"
	KindSignature AttachmentKind = "signature"
	KindDocument  AttachmentKind = "document"
)

// AttachmentState is whether the server holds the bytes.
type AttachmentState string

// Attachment states; the server alone writes the others than AttachmentPending.
// What is erased names no blob any more.
const (
	AttachmentPending AttachmentState = "pending"
	AttachmentReady   AttachmentState = "ready"
	AttachmentErased  AttachmentState = "erased"
)

// AttachmentRole is what an attachment proves.
type AttachmentRole string

// Attachment roles.
const (
	RoleEvidence AttachmentRole = "evidence"
	RoleAfter    AttachmentRole = "after"
	RoleProof    AttachmentRole = "proof"
	RolePlan     AttachmentRole = "plan"
)

// Attachment points from a record to a blob. The evidence is the original; the
// working copy travels first and the original after it.
type Attachment struct {
	// ParentID is the record that the attachment evidences.
	ParentID   AnyID           `cbor:"1,keyasint,omitzero"`
	State      AttachmentState `cbor:"2,keyasint,omitzero"`
	Kind       AttachmentKind  `cbor:"3,keyasint,omitzero"`
	Role       AttachmentRole  `cbor:"4,keyasint,omitzero"`
	SHA256     Hash            `cbor:"5,keyasint,omitzero"`
	Bytes      int64           `cbor:"6,keyasint,omitzero"`
	WorkSHA256 Hash            `cbor:"7,keyasint,omitzero"`
	WorkBytes  int64           `cbor:"8,keyasint,omitzero"`
	Format     string          `cbor:"9,keyasint,omitzero"`
	CapturedAt Instant         `cbor:"10,keyasint,omitzero"`
	UnitID     UnitID          `cbor:"11,keyasint,omitzero"`
	Inspector  PersonID        `cbor:"12,keyasint,omitzero"`
	WidthPX    int             `cbor:"13,keyasint,omitzero"`
	HeightPX   int             `cbor:"14,keyasint,omitzero"`
}
