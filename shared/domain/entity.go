package domain

// Entity names a kind of record on the wire and in the stores.
type Entity uint8

// Entities; the numbers are part of the protocol and never reused.
const (
	EntityProject      Entity = 1
	EntityPhase        Entity = 2
	EntityBuilding     Entity = 3
	EntityLayout       Entity = 4
	EntityPlan         Entity = 5
	EntityUnit         Entity = 6
	EntityPublicArea   Entity = 7
	EntityParty        Entity = 8
	EntityScope        Entity = 9
	EntityTerms        Entity = 10
	EntityHomeowner    Entity = 11
	EntityPartyContact Entity = 12
	EntityAppointment  Entity = 13
	EntityTask         Entity = 14
	EntityInspection   Entity = 15
	EntityResult       Entity = 16
	EntityBaseline     Entity = 17
	EntityDefect       Entity = 18
	EntityAttachment   Entity = 19
	EntityTicket       Entity = 20
	EntityMaintenance  Entity = 21
	EntityNotice       Entity = 22
	EntityContact      Entity = 23
	EntityReinspection Entity = 24
	EntityConfirmation Entity = 25
	EntityCost         Entity = 26
	EntityBackCharge   Entity = 27
	EntityLedgerEntry  Entity = 28
	EntityEvent        Entity = 29
	EntityConfig       Entity = 30
	EntityPerson       Entity = 31
	EntityReview       Entity = 32
)

// Audience is who may hold a record. A project's records of one audience form
// a sync scope, a stream of its own.
type Audience string

// Audiences: Field carries no money and only masked personal data; People
// carries personal data; Office carries money.
const (
	AudienceField  Audience = "field"
	AudiencePeople Audience = "people"
	AudienceOffice Audience = "office"
)

// Audiences in the order in which devices fetch them.
func Audiences() []Audience { return []Audience{AudienceField, AudiencePeople, AudienceOffice} }

// EntityInfo says how stores and the server treat an entity.
type EntityInfo struct {
	Name string
	// Audience of every record of the entity.
	Audience Audience
	// Personal are the keys of values that are erased on request.
	Personal []uint64
	// Captured marks facts that tablets record and that are never refused.
	Captured bool
	// Frozen records are written once: comments, verdicts, events, signed things.
	Frozen bool
}

var entities = map[Entity]EntityInfo{
	EntityProject:      {Name: "project", Audience: AudienceField},
	EntityPhase:        {Name: "phase", Audience: AudienceField},
	EntityBuilding:     {Name: "building", Audience: AudienceField},
	EntityLayout:       {Name: "layout", Audience: AudienceField},
	EntityPlan:         {Name: "plan", Audience: AudienceField, Frozen: true},
	EntityUnit:         {Name: "unit", Audience: AudienceField, Personal: []uint64{16, 17}},
	EntityPublicArea:   {Name: "public_area", Audience: AudienceField},
	EntityParty:        {Name: "party", Audience: AudienceField},
	EntityScope:        {Name: "contract_scope", Audience: AudienceField},
	EntityTerms:        {Name: "contract_terms", Audience: AudienceOffice},
	EntityHomeowner:    {Name: "homeowner", Audience: AudiencePeople, Personal: []uint64{3, 4, 5, 6}},
	EntityPartyContact: {Name: "party_contact", Audience: AudiencePeople, Personal: []uint64{3, 4}},
	EntityAppointment:  {Name: "appointment", Audience: AudienceField},
	EntityTask:         {Name: "task", Audience: AudienceField},
	EntityInspection:   {Name: "inspection", Audience: AudienceField, Captured: true},
	EntityResult:       {Name: "result", Audience: AudienceField, Captured: true},
	EntityBaseline:     {Name: "baseline", Audience: AudienceField},
	EntityDefect:       {Name: "defect", Audience: AudienceField, Captured: true},
	EntityAttachment:   {Name: "attachment", Audience: AudienceField, Captured: true, Personal: []uint64{5, 7}}, // of which blob it is
	EntityTicket:       {Name: "ticket", Audience: AudienceField},
	EntityMaintenance:  {Name: "maintenance", Audience: AudienceField},
	EntityNotice:       {Name: "notice", Audience: AudienceField},
	EntityContact:      {Name: "contact", Audience: AudienceField, Frozen: true},
	EntityReinspection: {Name: "reinspection", Audience: AudienceField, Captured: true, Frozen: true},
	EntityConfirmation: {Name: "confirmation", Audience: AudienceField, Captured: true, Frozen: true},
	EntityCost:         {Name: "cost", Audience: AudienceOffice, Frozen: true},
	EntityBackCharge:   {Name: "back_charge", Audience: AudienceOffice},
	EntityLedgerEntry:  {Name: "ledger_entry", Audience: AudienceOffice, Frozen: true},
	EntityEvent:        {Name: "event", Audience: AudienceField, Frozen: true},
	EntityConfig:       {Name: "config", Audience: AudienceField},
	EntityPerson:       {Name: "person", Audience: AudienceField},
	EntityReview:       {Name: "review", Audience: AudiencePeople},
}

// Info describes the entity; ok is false for one this build does not know.
func (e Entity) Info() (info EntityInfo, ok bool) {
	info, ok = entities[e]
	return info, ok
}

// String is the entity's name, as used in logs and tables.
func (e Entity) String() string {
	if info, ok := entities[e]; ok {
		return info.Name
	}
	return "unknown"
}
