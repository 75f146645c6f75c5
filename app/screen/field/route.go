package field

import "keyturn/shared/domain"

// Place is a screen.
type Place string

// The screens.
const (
	PlaceEnrol     Place = "enrol"
	PlaceDownload  Place = "download"
	PlaceHome      Place = "home"
	PlaceBuildings Place = "buildings"
	PlaceUnit      Place = "unit"
	PlaceChecklist Place = "checklist"
	PlaceForm      Place = "form"
	PlacePlan      Place = "plan"
	PlaceDefect    Place = "defect"
	PlaceReinspect Place = "reinspect"
	PlaceConfirm   Place = "confirm"
	PlaceSync      Place = "sync"
	PlaceConflicts Place = "conflicts"
)

// Route says which screen to show of what. Only the ids that the place needs
// are set.
type Route struct {
	Place  Place
	Unit   domain.UnitID
	Task   domain.TaskID
	Defect domain.DefectID
	Ticket domain.TicketID
	// Draft names a defect form; on the plan it means that a pin is wanted for it.
	Draft string
	// Room is where a checklist opens, Row the question to bring into sight.
	Room, Row string
	// Root: there is no way back from here.
	Root bool
	// Instead: the screen takes the place of the one that asked for it.
	Instead bool
}

// Navigator moves between screens. It is called on the session's goroutine.
type Navigator interface {
	Open(r Route)
	Back()
}
