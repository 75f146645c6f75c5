package desk

import (
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

// Tone is how a state is meant; it is always shown with words, never alone.
type Tone int

// Tones.
const (
	ToneNeutral Tone = iota
	ToneOK
	ToneWarn
	ToneBad
	ToneInfo
	TonePending
)

// Section is a page of the desk.
type Section int

// Sections.
const (
	SectionTickets Section = iota
	SectionLedger
	SectionConflicts
	SectionReviews
)

// State is everything that the desk shows.
type State struct {
	// Reader renders the fixed texts of the page; everything else is rendered.
	Reader  wording.Reader
	Section Section
	Board   Board
	// Ticket is the selected one, nil if there is none.
	Ticket    *Ticket
	Ledger    Ledger
	Conflicts Conflicts
	Reviews   Reviews
	Strip     Strip
	// Problem says why the device's data could not be read; empty if it could.
	Problem string
}

// Choice is one entry of a list to choose from.
type Choice struct {
	ID, Label string
}

// Fact is a labelled value, with the reason of an automatic decision.
type Fact struct {
	Label, Value, Reason string
	Tone                 Tone
}

// Refusal is a command that the server did not grant, in words.
type Refusal struct {
	// Seq names the op to Dismiss.
	Seq    uint64
	Ticket domain.TicketID
	Title  string
	Reason string
	// Details lists what is missing.
	Details []string
	At      string
}

// Strip is the line at the bottom of the desk.
type Strip struct {
	Online bool
	// Refused: the server does not let this device in until it is enrolled again.
	Refused bool
	// Server is the address that the device was enrolled at.
	Server string
	Tone   Tone
	// Connection says online or offline, Why the reason of the latter.
	Connection, Why string
	// Waiting says how many commands and photos are on their way, empty if none.
	Waiting string
	// Loading says how much is still to come from the server, empty if nothing.
	Loading string
	// Attention lists what was refused and not yet dismissed.
	Attention     []Refusal
	AttentionText string
	Person        string
	Locale        string
}
