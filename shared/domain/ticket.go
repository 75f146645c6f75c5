package domain

import (
	"cmp"
	"time"
)

// SLAClass is a priority with its time limits (domain spec 3.4).
type SLAClass string

// SLA classes; P1S is structure and facade under a design scheme.
const (
	P1  SLAClass = "P1"
	P1S SLAClass = "P1S"
	P2  SLAClass = "P2"
	P3  SLAClass = "P3"
	P4  SLAClass = "P4"
	P5  SLAClass = "P5"
)

// Ticket is a repair ticket (维修单). Only the server writes it.
type Ticket struct {
	UnitID   UnitID       `cbor:"1,keyasint,omitzero"`
	Status   RepairStatus `cbor:"2,keyasint,omitzero"`
	Number   string       `cbor:"3,keyasint,omitzero"`
	DefectID DefectID     `cbor:"4,keyasint,omitzero"`
	// Room, LibraryCode, Description, Trade and Severity repeat the defect for lists.
	Room        string   `cbor:"5,keyasint,omitzero"`
	LibraryCode string   `cbor:"6,keyasint,omitzero"`
	Description string   `cbor:"7,keyasint,omitzero"`
	Trade       string   `cbor:"8,keyasint,omitzero"`
	Severity    Severity `cbor:"9,keyasint,omitzero"`

	// Liability: who repairs, who pays in the end, and why.
	ContractorID    PartyID `cbor:"10,keyasint,omitzero"`
	ScopeID         ScopeID `cbor:"11,keyasint,omitzero"`
	LiabilityReason Reason  `cbor:"12,keyasint,omitzero"`
	// ChargeToDeveloper is set when the contractor's own liability has ended.
	ChargeToDeveloper bool `cbor:"13,keyasint,omitzero"`

	WarrantyClass  string `cbor:"14,keyasint,omitzero"`
	ContractorEnd  Date   `cbor:"15,keyasint,omitzero"`
	OwnerEnd       Date   `cbor:"16,keyasint,omitzero"`
	WarrantyReason Reason `cbor:"17,keyasint,omitzero"`

	SLAClass  SLAClass `cbor:"18,keyasint,omitzero"`
	SLAReason Reason   `cbor:"19,keyasint,omitzero"`
	// RecordedAt is the corrected capture time: the homeowner's clock.
	RecordedAt  Instant `cbor:"20,keyasint,omitzero"`
	PromisedBy  Date    `cbor:"21,keyasint,omitzero"`
	AssignedAt  Instant `cbor:"22,keyasint,omitzero"`
	RespondDue  Instant `cbor:"23,keyasint,omitzero"`
	OnSiteDue   Instant `cbor:"24,keyasint,omitzero"`
	MakeSafeDue Instant `cbor:"25,keyasint,omitzero"`
	FinishDue   Instant `cbor:"26,keyasint,omitzero"`
	RespondedAt Instant `cbor:"27,keyasint,omitzero"`
	// AttendedAt is the contractor's first visit since the latest assignment.
	AttendedAt Instant `cbor:"28,keyasint,omitzero"`
	FinishedAt Instant `cbor:"29,keyasint,omitzero"`
	ClosedAt   Instant `cbor:"30,keyasint,omitzero"`

	Attempt             int      `cbor:"31,keyasint,omitzero"`
	FailedReinspections int      `cbor:"32,keyasint,omitzero"`
	FinishedBy          PersonID `cbor:"33,keyasint,omitzero"`
	// StatusBefore and SuspendedAt are set while suspended.
	StatusBefore RepairStatus `cbor:"34,keyasint,omitzero"`
	SuspendedAt  Instant      `cbor:"35,keyasint,omitzero"`
	// Escalated lists the escalation steps already taken since assignment.
	Escalated     []string      `cbor:"36,keyasint,omitempty"`
	MaintenanceID MaintenanceID `cbor:"37,keyasint,omitzero"`
	// ConfigVersion and CatalogueVersion are what the decisions were based on.
	ConfigVersion    string   `cbor:"38,keyasint,omitzero"`
	CatalogueVersion string   `cbor:"39,keyasint,omitzero"`
	DuplicateOf      TicketID `cbor:"40,keyasint,omitzero"`
	RefusedInWriting bool     `cbor:"41,keyasint,omitzero"`
	// Review lists guards that a recorded fact did not meet: a coordinator decides.
	Review   []string `cbor:"42,keyasint,omitempty"`
	PassedAt Instant  `cbor:"43,keyasint,omitzero"`
	// RaisedBy never changes: who recorded the defect.
	RaisedBy PersonID `cbor:"44,keyasint,omitzero"`
	// RaisedReason is why the ticket went to whom it went to at first, once that is
	// not LiabilityReason any more.
	RaisedReason Reason `cbor:"45,keyasint,omitzero"`
}

// Raised is the first line of the ticket's timeline. It is part of the ticket
// and no record of its own: on a handover day every third entry of the log would
// be one.
func (t Ticket) Raised() Event {
	why := t.RaisedReason
	if why.Key == "" {
		why = t.LiabilityReason
	}
	return Event{At: t.RecordedAt, Actor: t.RaisedBy, To: string(RepairRecorded), What: Because("event.raised", "number", t.Number), Why: why}
}

// Age is how long the homeowner has been waiting.
func (t Ticket) Age(now Instant) time.Duration { return now.Sub(t.RecordedAt) }

// Maintenance is a third-party ticket; money of it is in Cost records.
type Maintenance struct {
	TicketID      TicketID          `cbor:"1,keyasint,omitzero"`
	Status        MaintenanceStatus `cbor:"2,keyasint,omitzero"`
	Number        string            `cbor:"3,keyasint,omitzero"`
	Trigger       Trigger           `cbor:"4,keyasint,omitzero"`
	TriggerWhy    Reason            `cbor:"5,keyasint,omitzero"`
	FirmID        PartyID           `cbor:"6,keyasint,omitzero"`
	ProposedBy    PersonID          `cbor:"7,keyasint,omitzero"`
	ProposedAt    Instant           `cbor:"8,keyasint,omitzero"`
	ApprovedBy    PersonID          `cbor:"9,keyasint,omitzero"`
	ApprovedAt    Instant           `cbor:"10,keyasint,omitzero"`
	DispatchedAt  Instant           `cbor:"11,keyasint,omitzero"`
	FinishedAt    Instant           `cbor:"12,keyasint,omitzero"`
	FinishedBy    PersonID          `cbor:"13,keyasint,omitzero"`
	AcceptedAt    Instant           `cbor:"14,keyasint,omitzero"`
	VisitDue      Instant           `cbor:"15,keyasint,omitzero"`
	QuoteAgreedBy PersonID          `cbor:"16,keyasint,omitzero"`
	QuoteAgreedAt Instant           `cbor:"17,keyasint,omitzero"`
}

// Trigger is a rule that allows a third party (domain spec 3.5).
type Trigger string

// Trigger codes T1 … T9.
const (
	TriggerNoAttendance     Trigger = "T1"
	TriggerNobodySent       Trigger = "T2"
	TriggerEmergencyMissed  Trigger = "T3"
	TriggerFailedTwice      Trigger = "T4"
	TriggerOverdue          Trigger = "T5"
	TriggerRefusal          Trigger = "T6"
	TriggerLiabilityDispute Trigger = "T7"
	TriggerLiabilityExpired Trigger = "T8"
	TriggerOwnerRefusesFirm Trigger = "T9"
)

// NoticeKind is what a notice demands.
type NoticeKind string

// Kinds of notice.
const (
	NoticeReminder      NoticeKind = "reminder"
	NoticeRectification NoticeKind = "rectification"
)

// NoticeState is whether delivery is proven.
type NoticeState string

// Notice states.
const (
	NoticeIssued    NoticeState = "issued"
	NoticeDelivered NoticeState = "delivered"
)

// Notice is a letter to the liable contractor, frozen in the recipient's
// language when issued.
type Notice struct {
	TicketID    TicketID     `cbor:"1,keyasint,omitzero"`
	State       NoticeState  `cbor:"2,keyasint,omitzero"`
	Kind        NoticeKind   `cbor:"3,keyasint,omitzero"`
	Number      string       `cbor:"4,keyasint,omitzero"`
	PartyID     PartyID      `cbor:"5,keyasint,omitzero"`
	IssuedAt    Instant      `cbor:"6,keyasint,omitzero"`
	DueAt       Instant      `cbor:"7,keyasint,omitzero"`
	DeliveredAt Instant      `cbor:"8,keyasint,omitzero"`
	ProofID     AttachmentID `cbor:"9,keyasint,omitzero"`
	Text        string       `cbor:"10,keyasint,omitzero"`
}

// Contact is one entry of the contact log with the contractor.
type Contact struct {
	TicketID TicketID `cbor:"1,keyasint,omitzero"`
	At       Instant  `cbor:"3,keyasint,omitzero"`
	By       PersonID `cbor:"4,keyasint,omitzero"`
	// Channel is "phone", "message", "mail" or "visit".
	Channel string `cbor:"5,keyasint,omitzero"`
	// Reached is false when nobody answered.
	Reached bool   `cbor:"6,keyasint,omitzero"`
	Note    string `cbor:"7,keyasint,omitzero"`
}

// Reinspection is the verdict on a finished repair.
type Reinspection struct {
	TicketID TicketID `cbor:"1,keyasint,omitzero"`
	// Answer is AnswerPass or AnswerFail.
	Answer  Answer   `cbor:"2,keyasint,omitzero"`
	Attempt int      `cbor:"3,keyasint,omitzero"`
	At      Instant  `cbor:"4,keyasint,omitzero"`
	By      PersonID `cbor:"5,keyasint,omitzero"`
	Note    string   `cbor:"6,keyasint,omitzero"`
	TaskID  TaskID   `cbor:"7,keyasint,omitzero"`
	// WaterTested is required to pass leaks.
	WaterTested bool `cbor:"8,keyasint,omitzero"`
}

// Confirmation is the homeowner's answer to a passed repair.
type Confirmation struct {
	TicketID TicketID `cbor:"1,keyasint,omitzero"`
	// Method is "signature", "phone", "code", "silence" or "no_owner".
	Method   string   `cbor:"2,keyasint,omitzero"`
	Refused  bool     `cbor:"3,keyasint,omitzero"`
	At       Instant  `cbor:"4,keyasint,omitzero"`
	By       PersonID `cbor:"5,keyasint,omitzero"`
	Note     string   `cbor:"6,keyasint,omitzero"`
	ShownSHA Hash     `cbor:"7,keyasint,omitzero"`
}

// Event is one immutable line of a record's timeline.
type Event struct {
	SubjectID AnyID    `cbor:"1,keyasint,omitzero"`
	At        Instant  `cbor:"3,keyasint,omitzero"`
	Actor     PersonID `cbor:"4,keyasint,omitzero"`
	From      string   `cbor:"5,keyasint,omitzero"`
	To        string   `cbor:"6,keyasint,omitzero"`
	// What says what happened; Why gives the reason, if a person or rule gave one.
	What Reason `cbor:"7,keyasint,omitzero"`
	Why  Reason `cbor:"8,keyasint,omitzero"`
	// Number counts the subject's events from 1: what happens within one
	// millisecond, or is recorded late, keeps the order in which it took effect.
	Number int64 `cbor:"9,keyasint,omitzero"`
}

// Compare orders events by time and, within one instant, by number.
func (e Event) Compare(o Event) int {
	return cmp.Or(cmp.Compare(e.At, o.At), cmp.Compare(e.Number, o.Number))
}
