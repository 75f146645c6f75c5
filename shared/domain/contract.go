package domain

// PartyKind is a company's part in the project.
type PartyKind string

// Kinds of party: 总包, 分包, 第三方.
const (
	PartyGeneral    PartyKind = "general"
	PartySub        PartyKind = "sub"
	PartyThirdParty PartyKind = "third_party"
)

// Party is a contractor or a third-party firm.
type Party struct {
	ProjectID ProjectID `cbor:"1,keyasint,omitzero"`
	Kind      PartyKind `cbor:"3,keyasint,omitzero"`
	Name      string    `cbor:"4,keyasint,omitzero"`
}

// PartyContact is the person responsible at a party (people audience).
type PartyContact struct {
	PartyID PartyID `cbor:"1,keyasint,omitzero"`
	Name    string  `cbor:"3,keyasint,omitzero"`
	Phone   string  `cbor:"4,keyasint,omitzero"`
}

// ContractScope is what a party is liable for: trades in a range of buildings.
type ContractScope struct {
	PartyID PartyID `cbor:"1,keyasint,omitzero"`
	// Trades as the contract names them (精装修, 门窗); the catalogue maps them to
	// library trades.
	Trades    []string `cbor:"3,keyasint,omitempty"`
	Buildings []string `cbor:"4,keyasint,omitempty"`
	// WarrantyStart is the completion-acceptance date of the contract.
	WarrantyStart Date `cbor:"5,keyasint,omitzero"`
	LiabilityEnd  Date `cbor:"6,keyasint,omitzero"`
	// ResponseHours is the contract's own limit; it never lengthens P1 or P2.
	ResponseHours int64 `cbor:"7,keyasint,omitzero"`
}

// ContractTerms is the money side of a contract scope (office audience).
type ContractTerms struct {
	ScopeID       ScopeID     `cbor:"1,keyasint,omitzero"`
	SettlementFen Fen         `cbor:"3,keyasint,omitzero"`
	RetentionRate BasisPoints `cbor:"4,keyasint,omitzero"`
	FeeRate       BasisPoints `cbor:"5,keyasint,omitzero"`
}

// CostKind says which amount of a third-party job is meant.
type CostKind string

// Kinds of cost.
const (
	CostQuote      CostKind = "quote"
	CostSettlement CostKind = "settlement"
)

// Cost is a quoted or settled amount of a maintenance ticket (office audience).
type Cost struct {
	MaintenanceID MaintenanceID `cbor:"1,keyasint,omitzero"`
	Kind          CostKind      `cbor:"2,keyasint,omitzero"`
	AmountFen     Fen           `cbor:"3,keyasint,omitzero"`
	At            Instant       `cbor:"4,keyasint,omitzero"`
	By            PersonID      `cbor:"5,keyasint,omitzero"`
}

// BackCharge is what a contractor owes for maintenance (domain spec 3.5).
type BackCharge struct {
	TicketID      TicketID        `cbor:"1,keyasint,omitzero"`
	State         BackChargeState `cbor:"2,keyasint,omitzero"`
	PartyID       PartyID         `cbor:"3,keyasint,omitzero"`
	ScopeID       ScopeID         `cbor:"4,keyasint,omitzero"`
	MaintenanceID MaintenanceID   `cbor:"5,keyasint,omitzero"`
	CostFen       Fen             `cbor:"6,keyasint,omitzero"`
	FeeRate       BasisPoints     `cbor:"7,keyasint,omitzero"`
	FeeFen        Fen             `cbor:"8,keyasint,omitzero"`
	PenaltyFen    Fen             `cbor:"9,keyasint,omitzero"`
	TotalFen      Fen             `cbor:"10,keyasint,omitzero"`
	Reason        Reason          `cbor:"11,keyasint,omitzero"`
	At            Instant         `cbor:"12,keyasint,omitzero"`
}

// LedgerKind is what an entry does to a contract's retention money.
type LedgerKind string

// Kinds of retention ledger entry. A hold stands for a back-charge that is not
// posted yet: it lowers what may be released but not the balance.
const (
	LedgerWithheld LedgerKind = "withheld"
	LedgerHeld     LedgerKind = "held"
	LedgerPosted   LedgerKind = "posted"
	LedgerReversed LedgerKind = "reversed"
	LedgerReleased LedgerKind = "released"
)

// LedgerEntry is one immutable line of a contract scope's retention ledger.
type LedgerEntry struct {
	ScopeID      ScopeID      `cbor:"1,keyasint,omitzero"`
	Kind         LedgerKind   `cbor:"2,keyasint,omitzero"`
	AmountFen    Fen          `cbor:"3,keyasint,omitzero"`
	At           Instant      `cbor:"4,keyasint,omitzero"`
	BackChargeID BackChargeID `cbor:"5,keyasint,omitzero"`
	Reason       Reason       `cbor:"6,keyasint,omitzero"`
}
