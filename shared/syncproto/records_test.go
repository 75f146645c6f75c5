package syncproto_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// recordType ties an entity's number to the record that travels under it.
type recordType struct {
	entity domain.Entity
	typ    reflect.Type
	// survives decodes fields as the record; what decodes must come back the same.
	survives func(syncproto.Fields) (decoded bool, err error)
}

func record[T any](e domain.Entity) recordType {
	return recordType{entity: e, typ: reflect.TypeFor[T](), survives: func(f syncproto.Fields) (bool, error) {
		first, err := syncproto.Decode[T](f)
		if err != nil {
			return false, err
		}
		once, err := syncproto.Encode(first)
		if err != nil {
			return true, fmt.Errorf("decoded record does not encode: %w", err)
		}
		second, err := syncproto.Decode[T](once)
		if err != nil {
			return true, fmt.Errorf("encoded record does not decode: %w", err)
		}
		twice, err := syncproto.Encode(second)
		if err == nil && !once.Equal(twice) {
			err = fmt.Errorf("%v became %v", once, twice)
		}
		return true, err
	}}
}

// records is every entity, in the order of the numbers.
var records = []recordType{
	record[domain.Project](domain.EntityProject),
	record[domain.Phase](domain.EntityPhase),
	record[domain.Building](domain.EntityBuilding),
	record[domain.Layout](domain.EntityLayout),
	record[domain.Plan](domain.EntityPlan),
	record[domain.Unit](domain.EntityUnit),
	record[domain.PublicArea](domain.EntityPublicArea),
	record[domain.Party](domain.EntityParty),
	record[domain.ContractScope](domain.EntityScope),
	record[domain.ContractTerms](domain.EntityTerms),
	record[domain.Homeowner](domain.EntityHomeowner),
	record[domain.PartyContact](domain.EntityPartyContact),
	record[domain.Appointment](domain.EntityAppointment),
	record[domain.Task](domain.EntityTask),
	record[domain.Inspection](domain.EntityInspection),
	record[domain.Result](domain.EntityResult),
	record[domain.Baseline](domain.EntityBaseline),
	record[domain.Defect](domain.EntityDefect),
	record[domain.Attachment](domain.EntityAttachment),
	record[domain.Ticket](domain.EntityTicket),
	record[domain.Maintenance](domain.EntityMaintenance),
	record[domain.Notice](domain.EntityNotice),
	record[domain.Contact](domain.EntityContact),
	record[domain.Reinspection](domain.EntityReinspection),
	record[domain.Confirmation](domain.EntityConfirmation),
	record[domain.Cost](domain.EntityCost),
	record[domain.BackCharge](domain.EntityBackCharge),
	record[domain.LedgerEntry](domain.EntityLedgerEntry),
	record[domain.Event](domain.EntityEvent),
	record[domain.Config](domain.EntityConfig),
	record[domain.Person](domain.EntityPerson),
	record[domain.Review](domain.EntityReview),
}

func recordOf(e domain.Entity) (recordType, bool) {
	i := slices.IndexFunc(records, func(r recordType) bool { return r.entity == e })
	if i < 0 {
		return recordType{}, false
	}
	return records[i], true
}

// Every entity that the domain knows can be validated, and no other.
func TestEveryEntityIsTypeChecked(t *testing.T) {
	for n := range 256 {
		entity := domain.Entity(n)
		info, known := entity.Info()
		r, listed := recordOf(entity)
		if known != listed {
			t.Errorf("entity %d: known %v, listed in this test %v", n, known, listed)
			continue
		}
		op := sampleOp(t)
		op.Entity, op.Scope.Audience = entity, info.Audience
		op.Fields = syncproto.Fields{unusedKey: {0x01}}
		switch code := op.Validate(); {
		case !known && code != syncproto.CodeUnknownEntity:
			t.Errorf("entity %d: code %q", n, code)
		case known && code != "":
			t.Errorf("%s: %q", info.Name, code)
		}
		if !known {
			continue
		}
		op.Fields = wrongField(t, r.typ)
		if code := op.Validate(); code != syncproto.CodeBadFields {
			t.Errorf("%s: a field of a wrong type passed: %q", info.Name, code)
		}
	}
}

// unusedKey belongs to no record.
const unusedKey = 100_000

// wrongField gives a record's first field a value that none of them may have.
func wrongField(t testing.TB, typ reflect.Type) syncproto.Fields {
	t.Helper()
	for i := range typ.NumField() {
		if key, _, ok := wireKey(typ.Field(i)); ok {
			return syncproto.Fields{key: {0xf9, 0x3e, 0x00}} // 1.5
		}
	}
	t.Fatalf("%s has no fields", typ)
	return nil
}

// Keys within a record are unique, key 1 is an id and key 2 a text: stores
// index both without knowing the record.
func TestRecordKeys(t *testing.T) {
	for _, r := range records {
		seen := map[uint64]string{}
		for i := range r.typ.NumField() {
			f := r.typ.Field(i)
			key, _, ok := wireKey(f)
			if !ok {
				t.Errorf("%s.%s has no integer key", r.typ, f.Name)
				continue
			}
			if seen[key] != "" {
				t.Errorf("%s: key %d is both %s and %s", r.typ, key, seen[key], f.Name)
			}
			seen[key] = f.Name
			if key == syncproto.KeyParent && f.Type.Size() != 16 || key == syncproto.KeyState && f.Type.Kind() != reflect.String {
				t.Errorf("%s.%s: key %d is for the parent's id or the state", r.typ, f.Name, key)
			}
		}
	}
}

// FuzzFields feeds arbitrary fields to every record type: what is refused is
// refused with the protocol's error, what is accepted survives a round trip.
func FuzzFields(f *testing.F) {
	defect := sampleOp(f).Fields
	wire, err := syncproto.Marshal(defect)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(wire)
	for _, seed := range [][]byte{
		{0xa0},
		{0xf6},
		{0xa1, 0x01, 0xf6},
		{0xa1, 0x01, 0x90},
		{0xa1, 0x02, 0x62, 0xff, 0xfe},
		{0xa1, 0x1a, 0xff, 0xff, 0xff, 0xff, 0x00},
		{0xa2, 0x01, 0x00, 0x01, 0x00},
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var fields syncproto.Fields
		if err := syncproto.Unmarshal(b, &fields); err != nil {
			mustBeBadFrame(t, err)
			return
		}
		fields.Parent()
		fields.State()
		op := sampleOp(t)
		for _, r := range records {
			decoded, err := r.survives(fields)
			switch {
			case decoded && err != nil:
				t.Fatalf("%s: %v", r.typ, err)
			case !decoded:
				mustBeBadFrame(t, err)
			}
			info, _ := r.entity.Info()
			op.Entity, op.Scope.Audience, op.Fields = r.entity, info.Audience, fields
			// Validate is stricter: values of unknown keys must be whole too.
			if code := op.Validate(); code == "" && (!decoded || len(fields) == 0) {
				t.Fatalf("%s: decodes %v, but Validate says %q", r.typ, decoded, code)
			}
		}
	})
}
