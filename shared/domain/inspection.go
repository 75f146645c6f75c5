package domain

// Stage is the occasion of an inspection (domain spec 3.1).
type Stage string

// Stages.
const (
	StageShowflatBaseline Stage = "SHOWFLAT_BASELINE"
	StageShowflatCompare  Stage = "SHOWFLAT_COMPARE"
	StageShowflatAccept   Stage = "SHOWFLAT_ACCEPT"
	StageReinspect        Stage = "REINSPECT"
	StageUnitAcceptance   Stage = "UNIT_ACCEPTANCE"
	StageInternalPre      Stage = "INTERNAL_PRE"
	StageOpenDay          Stage = "OPEN_DAY"
	StageHandover         Stage = "HANDOVER"
	StageTakeover         Stage = "TAKEOVER"
	StagePostCheck3       Stage = "POST_CHECK_3"
	StagePostCheck11      Stage = "POST_CHECK_11"
	StagePostCheck23      Stage = "POST_CHECK_23"
	StagePostCheck35      Stage = "POST_CHECK_35"
	StageVacantPatrol     Stage = "VACANT_PATROL"
	StageWarrantyExpiry   Stage = "WARRANTY_EXPIRY"
)

// Stages lists every stage in the order of a unit's life.
func Stages() []Stage {
	return []Stage{
		StageShowflatBaseline, StageShowflatCompare, StageShowflatAccept, StageReinspect, StageUnitAcceptance,
		StageInternalPre, StageOpenDay, StageHandover, StageTakeover, StagePostCheck3, StagePostCheck11,
		StagePostCheck23, StagePostCheck35, StageVacantPatrol, StageWarrantyExpiry,
	}
}

// TaskState is whether a task still waits for somebody.
type TaskState string

// Task states.
const (
	TaskOpen TaskState = "open"
	TaskDone TaskState = "done"
)

// Task asks for an inspection of one unit.
type Task struct {
	UnitID UnitID    `cbor:"1,keyasint,omitzero"`
	State  TaskState `cbor:"2,keyasint,omitzero"`
	Stage  Stage     `cbor:"3,keyasint,omitzero"`
	DueOn  Date      `cbor:"4,keyasint,omitzero"`
	// Inspector is the name in the appointment list; empty for anybody.
	Inspector string `cbor:"5,keyasint,omitzero"`
	// TicketID and Attempt are set for StageReinspect.
	TicketID TicketID `cbor:"6,keyasint,omitzero"`
	Attempt  int      `cbor:"7,keyasint,omitzero"`
	// BaselineID is set for StageShowflatCompare.
	BaselineID BaselineID `cbor:"8,keyasint,omitzero"`
}

// InspectionState is the progress of an inspection.
type InspectionState string

// Inspection states.
const (
	InspectionOpen      InspectionState = "open"
	InspectionCompleted InspectionState = "completed"
)

// Inspection is one walk through a unit for a stage.
type Inspection struct {
	UnitID           UnitID          `cbor:"1,keyasint,omitzero"`
	State            InspectionState `cbor:"2,keyasint,omitzero"`
	Stage            Stage           `cbor:"3,keyasint,omitzero"`
	TaskID           TaskID          `cbor:"4,keyasint,omitzero"`
	StartedAt        Instant         `cbor:"5,keyasint,omitzero"`
	CompletedAt      Instant         `cbor:"6,keyasint,omitzero"`
	Inspector        PersonID        `cbor:"7,keyasint,omitzero"`
	CatalogueVersion string          `cbor:"8,keyasint,omitzero"`
	BaselineID       BaselineID      `cbor:"9,keyasint,omitzero"`
}

// Answer is what an inspector says about a checklist item. An item without a
// Result was not inspected, which is a different thing from all answers.
type Answer string

// Answers.
const (
	AnswerPass          Answer = "pass"
	AnswerFail          Answer = "fail"
	AnswerNotApplicable Answer = "na"
)

// Result answers one checklist item in one room.
type Result struct {
	InspectionID InspectionID `cbor:"1,keyasint,omitzero"`
	Answer       Answer       `cbor:"2,keyasint,omitzero"`
	Item         string       `cbor:"3,keyasint,omitzero"`
	Room         string       `cbor:"4,keyasint,omitzero"`
	// Readings are in thousandths of the item's unit, so 2.5 mm is 2500.
	Readings []int64 `cbor:"5,keyasint,omitempty"`
	// Verdict is the reason of a reading's automatic answer.
	Verdict    Reason   `cbor:"6,keyasint,omitzero"`
	Note       string   `cbor:"7,keyasint,omitzero"`
	UnitID     UnitID   `cbor:"8,keyasint,omitzero"`
	Inspector  PersonID `cbor:"9,keyasint,omitzero"`
	CapturedAt Instant  `cbor:"10,keyasint,omitzero"`
}

// BaselineState is whether a show flat's baseline may still change.
type BaselineState string

// Baseline states.
const (
	BaselineDraft  BaselineState = "draft"
	BaselineFrozen BaselineState = "frozen"
)

// Baseline is the show flat that units of a layout are compared with
// (process A8 of the domain spec).
type Baseline struct {
	LayoutID LayoutID       `cbor:"1,keyasint,omitzero"`
	State    BaselineState  `cbor:"2,keyasint,omitzero"`
	Version  int            `cbor:"3,keyasint,omitzero"`
	FitOut   FitOut         `cbor:"4,keyasint,omitzero"`
	FrozenAt Instant        `cbor:"5,keyasint,omitzero"`
	Items    []BaselineItem `cbor:"6,keyasint,omitempty"`
	// NotDelivered lists what stands in the show flat but is not delivered.
	NotDelivered []string `cbor:"7,keyasint,omitempty"`
}

// BaselineItem is how one checklist item looks in the show flat.
type BaselineItem struct {
	Item string `cbor:"1,keyasint"`
	Room string `cbor:"2,keyasint"`
	Note string `cbor:"3,keyasint,omitzero"`
	// Readings in thousandths of the item's unit; Count for counted items.
	Readings []int64 `cbor:"4,keyasint,omitempty"`
	Photo    Hash    `cbor:"5,keyasint,omitzero"`
}
