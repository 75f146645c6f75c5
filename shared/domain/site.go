package domain

// Project is a residential development.
type Project struct {
	Name string `cbor:"3,keyasint,omitzero"`
	// Zone is the IANA time zone in which its dates are meant.
	Zone string `cbor:"4,keyasint,omitzero"`
	// Holidays are days without work besides the weekend; Workdays are weekend
	// days that are worked (调休).
	Holidays []Date `cbor:"5,keyasint,omitempty"`
	Workdays []Date `cbor:"6,keyasint,omitempty"`
	// ToleranceProfile selects among regional tolerance sets.
	ToleranceProfile string `cbor:"7,keyasint,omitzero"`
	// OwningDepartment switches on the event SALES_CLOSED (domain spec, section 1).
	OwningDepartment string `cbor:"8,keyasint,omitzero"`
	CompanyName      string `cbor:"9,keyasint,omitzero"`
}

// Phase is a handover batch of a project.
type Phase struct {
	ProjectID    ProjectID `cbor:"1,keyasint,omitzero"`
	Name         string    `cbor:"3,keyasint,omitzero"`
	HandoverFrom Date      `cbor:"4,keyasint,omitzero"`
	HandoverTo   Date      `cbor:"5,keyasint,omitzero"`
}

// Building is a 楼栋 of a project.
type Building struct {
	ProjectID ProjectID `cbor:"1,keyasint,omitzero"`
	Name      string    `cbor:"3,keyasint,omitzero"`
}

// Layout is a 户型; its drawing is a Plan, which may be missing.
type Layout struct {
	ProjectID ProjectID `cbor:"1,keyasint,omitzero"`
	Code      string    `cbor:"3,keyasint,omitzero"`
	Name      string    `cbor:"4,keyasint,omitzero"`
}

// Plan is one revision of a layout's drawing with its sidecar.
type Plan struct {
	LayoutID LayoutID `cbor:"1,keyasint,omitzero"`
	Revision int      `cbor:"3,keyasint,omitzero"`
	// SHA256 names the image blob.
	SHA256   Hash `cbor:"4,keyasint,omitzero"`
	WidthPX  int  `cbor:"5,keyasint,omitzero"`
	HeightPX int  `cbor:"6,keyasint,omitzero"`
	// MicrometrePerPX is the drawing's scale: 3400 means 3.4 mm a pixel.
	MicrometrePerPX int64  `cbor:"7,keyasint,omitzero"`
	Rooms           []Room `cbor:"8,keyasint,omitempty"`
}

// RoomType classifies rooms; the defect library and checklists refer to it.
type RoomType string

// Room types as in the defect library's room_types column.
const (
	RoomLiving   RoomType = "LIV"
	RoomDining   RoomType = "DIN"
	RoomBed      RoomType = "BED"
	RoomKitchen  RoomType = "KIT"
	RoomBath     RoomType = "BTH"
	RoomBalcony  RoomType = "BAL"
	RoomEntrance RoomType = "ENT"
	RoomStorage  RoomType = "CLK"
	RoomCorridor RoomType = "COR"
	RoomPublic   RoomType = "PUB"
	RoomExterior RoomType = "EXT"
	RoomBasement RoomType = "BSM"
	RoomPlant    RoomType = "EQP"
	RoomDocument RoomType = "DOC"
	// RoomWhole stands for the unit as a whole: meters, keys, papers.
	RoomWhole RoomType = "UNIT"
)

// Room is a space of a layout.
type Room struct {
	Code   string   `cbor:"1,keyasint" json:"code"`
	Type   RoomType `cbor:"2,keyasint" json:"type"`
	NameZH string   `cbor:"3,keyasint" json:"name_zh"`
	NameEN string   `cbor:"4,keyasint" json:"name_en"`
	// Polygon is the outline in pixels of the plan; empty for standard rooms.
	Polygon [][2]int `cbor:"5,keyasint,omitempty" json:"polygon"`
}

// FitOut is how a unit is delivered.
type FitOut string

// Fit-out types: 毛坯 and 精装.
const (
	FitOutShell  FitOut = "shell"
	FitOutFitted FitOut = "fitted"
)

// UnitState is a unit's handover status (process A10 of the domain spec).
type UnitState string

// Handover states of a unit.
const (
	UnitPending   UnitState = "pending"
	UnitBooked    UnitState = "booked"
	UnitInspected UnitState = "inspected"
	UnitRefused   UnitState = "refused"
	UnitDelivered UnitState = "delivered"
)

// Unit is a flat. Owner fields here are masked; the homeowner's own record
// lives in the people audience.
type Unit struct {
	BuildingID BuildingID `cbor:"1,keyasint,omitzero"`
	State      UnitState  `cbor:"2,keyasint,omitzero"`
	Building   string     `cbor:"3,keyasint,omitzero"`
	// Entrance may be empty where a building has a single stairwell.
	Entrance string   `cbor:"4,keyasint,omitzero"`
	Floor    int      `cbor:"5,keyasint,omitzero"`
	Number   string   `cbor:"6,keyasint,omitzero"`
	LayoutID LayoutID `cbor:"7,keyasint,omitzero"`
	Layout   string   `cbor:"8,keyasint,omitzero"`
	FitOut   FitOut   `cbor:"9,keyasint,omitzero"`
	// Areas in cm² (118.62 m² = 1186200).
	ContractAreaCM2    int64  `cbor:"10,keyasint,omitzero"`
	SurveyedAreaCM2    int64  `cbor:"11,keyasint,omitzero"`
	CompletedOn        Date   `cbor:"12,keyasint,omitzero"`
	ContractHandoverOn Date   `cbor:"13,keyasint,omitzero"`
	DeliveredOn        Date   `cbor:"14,keyasint,omitzero"`
	Sold               bool   `cbor:"15,keyasint,omitzero"`
	OwnerMasked        string `cbor:"16,keyasint,omitzero"`
	PhoneMasked        string `cbor:"17,keyasint,omitzero"`
	Note               string `cbor:"18,keyasint,omitzero"`
}

// PublicArea is a place outside units.
type PublicArea struct {
	ProjectID ProjectID `cbor:"1,keyasint,omitzero"`
	Name      string    `cbor:"3,keyasint,omitzero"`
	Type      RoomType  `cbor:"4,keyasint,omitzero"`
}

// Homeowner is the people-audience record of a unit's owners.
type Homeowner struct {
	UnitID  UnitID   `cbor:"1,keyasint,omitzero"`
	Names   []string `cbor:"3,keyasint,omitempty"`
	Phone   string   `cbor:"4,keyasint,omitzero"`
	IDLast4 string   `cbor:"5,keyasint,omitzero"`
	Bank    string   `cbor:"6,keyasint,omitzero"`
}

// Appointment is a homeowner's slot for the handover of a unit.
type Appointment struct {
	UnitID    UnitID  `cbor:"1,keyasint,omitzero"`
	Date      Date    `cbor:"3,keyasint,omitzero"`
	Slot      string  `cbor:"4,keyasint,omitzero"`
	Inspector string  `cbor:"5,keyasint,omitzero"`
	ArrivedAt Instant `cbor:"6,keyasint,omitzero"`
}

// Person is somebody who works with Keyturn, as colleagues see them.
type Person struct {
	ProjectID ProjectID `cbor:"1,keyasint,omitzero"`
	Name      string    `cbor:"3,keyasint,omitzero"`
	// Locale is "zh-Hans" or "en"; empty follows the device.
	Locale string `cbor:"4,keyasint,omitzero"`
	// PersonID is the account that ops name as actor; the record's own id differs
	// per project.
	PersonID PersonID `cbor:"5,keyasint,omitzero"`
}

// Config is one configured value; contract beats project beats company.
type Config struct {
	// OwnerID is the project or the contract scope; zero for the company.
	OwnerID AnyID  `cbor:"1,keyasint,omitzero"`
	Key     string `cbor:"3,keyasint,omitzero"`
	Value   string `cbor:"4,keyasint,omitzero"`
}
