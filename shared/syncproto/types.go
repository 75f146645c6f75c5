package syncproto

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"keyturn/shared/domain"
)

// decoders prove that a patch's values have the types of its entity.
var decoders = map[domain.Entity]decoder{
	domain.EntityProject:      of[domain.Project](),
	domain.EntityPhase:        of[domain.Phase](),
	domain.EntityBuilding:     of[domain.Building](),
	domain.EntityLayout:       of[domain.Layout](),
	domain.EntityPlan:         of[domain.Plan](),
	domain.EntityUnit:         of[domain.Unit](),
	domain.EntityPublicArea:   of[domain.PublicArea](),
	domain.EntityParty:        of[domain.Party](),
	domain.EntityScope:        of[domain.ContractScope](),
	domain.EntityTerms:        of[domain.ContractTerms](),
	domain.EntityHomeowner:    of[domain.Homeowner](),
	domain.EntityPartyContact: of[domain.PartyContact](),
	domain.EntityAppointment:  of[domain.Appointment](),
	domain.EntityTask:         of[domain.Task](),
	domain.EntityInspection:   of[domain.Inspection](),
	domain.EntityResult:       of[domain.Result](),
	domain.EntityBaseline:     of[domain.Baseline](),
	domain.EntityDefect:       of[domain.Defect](),
	domain.EntityAttachment:   of[domain.Attachment](),
	domain.EntityTicket:       of[domain.Ticket](),
	domain.EntityMaintenance:  of[domain.Maintenance](),
	domain.EntityNotice:       of[domain.Notice](),
	domain.EntityContact:      of[domain.Contact](),
	domain.EntityReinspection: of[domain.Reinspection](),
	domain.EntityConfirmation: of[domain.Confirmation](),
	domain.EntityCost:         of[domain.Cost](),
	domain.EntityBackCharge:   of[domain.BackCharge](),
	domain.EntityLedgerEntry:  of[domain.LedgerEntry](),
	domain.EntityEvent:        of[domain.Event](),
	domain.EntityConfig:       of[domain.Config](),
	domain.EntityPerson:       of[domain.Person](),
	domain.EntityReview:       of[domain.Review](),
}

// decoder knows one record type: its keys, and how to read it.
type decoder struct {
	keys  map[uint64]bool
	check func(Fields) error
}

func of[T any]() decoder {
	return decoder{keys: keysOf(reflect.TypeFor[T]()), check: func(f Fields) error {
		_, err := Decode[T](f)
		return err
	}}
}

// keysOf lists the integer keys of a struct, as its tags give them.
func keysOf(t reflect.Type) map[uint64]bool {
	keys := map[uint64]bool{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("cbor"), ",")
		if key, err := strconv.ParseUint(name, 10, 64); err == nil {
			keys[key] = true
		}
	}
	return keys
}

var commandDecoder = of[Command]()

func checkTypes(o Op) error {
	d := commandDecoder
	if o.Kind != Commanded {
		d = decoders[o.Entity]
	}
	for key, value := range o.Fields {
		if d.keys[key] {
			continue
		}
		// Keys that this build does not know are carried along, but whole: a bad
		// text in one would stop every stricter reader of the page.
		var whatever any
		if err := decMode.Unmarshal(value, &whatever); err != nil {
			return fmt.Errorf("%w: field %d: %w", ErrBadFrame, key, err)
		}
	}
	return d.check(o.Fields)
}
