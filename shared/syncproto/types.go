package syncproto

import (
	"fmt"

	"keyturn/shared/domain"
)

// decoders prove that a patch's values have the types of its entity.
var decoders = map[domain.Entity]func(Fields) error{
	domain.EntityProject:      check[domain.Project],
	domain.EntityPhase:        check[domain.Phase],
	domain.EntityBuilding:     check[domain.Building],
	domain.EntityLayout:       check[domain.Layout],
	domain.EntityPlan:         check[domain.Plan],
	domain.EntityUnit:         check[domain.Unit],
	domain.EntityPublicArea:   check[domain.PublicArea],
	domain.EntityParty:        check[domain.Party],
	domain.EntityScope:        check[domain.ContractScope],
	domain.EntityTerms:        check[domain.ContractTerms],
	domain.EntityHomeowner:    check[domain.Homeowner],
	domain.EntityPartyContact: check[domain.PartyContact],
	domain.EntityAppointment:  check[domain.Appointment],
	domain.EntityTask:         check[domain.Task],
	domain.EntityInspection:   check[domain.Inspection],
	domain.EntityResult:       check[domain.Result],
	domain.EntityBaseline:     check[domain.Baseline],
	domain.EntityDefect:       check[domain.Defect],
	domain.EntityAttachment:   check[domain.Attachment],
	domain.EntityTicket:       check[domain.Ticket],
	domain.EntityMaintenance:  check[domain.Maintenance],
	domain.EntityNotice:       check[domain.Notice],
	domain.EntityContact:      check[domain.Contact],
	domain.EntityReinspection: check[domain.Reinspection],
	domain.EntityConfirmation: check[domain.Confirmation],
	domain.EntityCost:         check[domain.Cost],
	domain.EntityBackCharge:   check[domain.BackCharge],
	domain.EntityLedgerEntry:  check[domain.LedgerEntry],
	domain.EntityEvent:        check[domain.Event],
	domain.EntityConfig:       check[domain.Config],
	domain.EntityPerson:       check[domain.Person],
}

func check[T any](f Fields) error {
	_, err := Decode[T](f)
	return err
}

func checkTypes(o Op) error {
	for key, value := range o.Fields {
		// Keys that this build does not know are carried along, but whole: a bad
		// text in one would stop every stricter reader of the page.
		var whatever any
		if err := decMode.Unmarshal(value, &whatever); err != nil {
			return fmt.Errorf("%w: field %d: %w", ErrBadFrame, key, err)
		}
	}
	if o.Kind == Commanded {
		return check[Command](o.Fields)
	}
	return decoders[o.Entity](o.Fields)
}
