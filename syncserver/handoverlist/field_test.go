package handoverlist

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// The table of fields must follow the records of the domain.
func TestFieldsAreThoseOfTheDomain(t *testing.T) {
	records := map[domain.Entity]any{
		domain.EntityBuilding: domain.Building{}, domain.EntityLayout: domain.Layout{}, domain.EntityUnit: domain.Unit{},
		domain.EntityHomeowner: domain.Homeowner{}, domain.EntityParty: domain.Party{}, domain.EntityPartyContact: domain.PartyContact{},
		domain.EntityScope: domain.ContractScope{}, domain.EntityTerms: domain.ContractTerms{}, domain.EntityAppointment: domain.Appointment{},
	}
	// What an import never writes, because it happens in the app.
	byApp := map[string]bool{"Unit.DeliveredOn": true, "Appointment.ArrivedAt": true}
	for _, e := range entityFields {
		kind := reflect.TypeOf(records[e.entity])
		left := len(e.fields)
		for i := range kind.NumField() {
			f := kind.Field(i)
			tag, _, _ := strings.Cut(f.Tag.Get("cbor"), ",")
			key, err := strconv.ParseUint(tag, 10, 64)
			must(t, err)
			var known *field
			for j := range e.fields {
				if e.fields[j].key == key {
					known = &e.fields[j]
				}
			}
			if (known == nil) != byApp[kind.Name()+"."+f.Name] {
				t.Errorf("%s.%s: imported %v", kind.Name(), f.Name, known != nil)
			}
			if known == nil {
				continue
			}
			left--
			name := strings.TrimSuffix(strings.TrimSuffix(snake(f.Name), "_cm2"), "_fen")
			if known.name != name {
				t.Errorf("%s.%s is called %q", kind.Name(), f.Name, known.name)
			}
		}
		if left != 0 {
			t.Errorf("%s has %d unknown fields", kind.Name(), left)
		}
	}
}

func snake(name string) string {
	name = strings.NewReplacer("ID", "Id", "CM2", "Cm2").Replace(name)
	var out strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}

func TestEncodeRefusesFieldsOfTheApp(t *testing.T) {
	has := func(columnID) bool { return true }
	if _, err := encode(domain.EntityUnit, domain.Unit{DeliveredOn: "2026-09-30"}, has); err == nil {
		t.Error("a delivery date was imported")
	}
	f, err := encode(domain.EntityUnit, domain.Unit{Number: "101"}, has)
	must(t, err)
	if v, set := f[18]; !set || !syncproto.IsNull(v) {
		t.Errorf("an empty note is %x, %v", v, set)
	}
}
