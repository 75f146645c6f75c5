package domain

// Capability is a right that code checks; roles are data that bundle them.
type Capability string

// Capabilities. CanSystem belongs to the server alone and to no role.
const (
	CanCapture          Capability = "capture"
	CanReinspect        Capability = "reinspect"
	CanConfirm          Capability = "confirm"
	CanWorkTickets      Capability = "work_tickets"
	CanSuperviseTickets Capability = "supervise_tickets"
	CanRuleLiability    Capability = "rule_liability"
	CanEngageThirdParty Capability = "engage_third_party"
	CanApproveMoney     Capability = "approve_money"
	CanReadPeople       Capability = "read_people"
	CanReadOffice       Capability = "read_office"
	CanImport           Capability = "import"
	CanAdminister       Capability = "administer"
	CanSystem           Capability = "system"
)

// Capabilities lists what roles may be made of.
func Capabilities() []Capability {
	return []Capability{
		CanCapture, CanReinspect, CanConfirm, CanWorkTickets, CanSuperviseTickets, CanRuleLiability,
		CanEngageThirdParty, CanApproveMoney, CanReadPeople, CanReadOffice, CanImport, CanAdminister,
	}
}

// DefaultRoles are the roles that a new server starts with; they are data and
// may be changed there.
func DefaultRoles() map[string][]Capability {
	return map[string][]Capability{
		"inspector":   {CanCapture, CanReinspect, CanConfirm},
		"coordinator": {CanCapture, CanReinspect, CanConfirm, CanWorkTickets, CanReadPeople, CanReadOffice},
		"manager": {
			CanCapture, CanReinspect, CanConfirm, CanWorkTickets, CanSuperviseTickets, CanRuleLiability,
			CanEngageThirdParty, CanApproveMoney, CanReadPeople, CanReadOffice,
		},
		"admin": {CanImport, CanAdminister, CanReadPeople},
	}
}

// AudiencesOf lists the audiences that a set of capabilities opens. Every
// member of a project reads its field audience.
func AudiencesOf(caps map[Capability]bool) []Audience {
	list := []Audience{AudienceField}
	if caps[CanReadPeople] {
		list = append(list, AudiencePeople)
	}
	if caps[CanReadOffice] {
		list = append(list, AudienceOffice)
	}
	return list
}
