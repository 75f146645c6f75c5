package handoverlist

import (
	"fmt"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// valueKind says how a field's value is shown.
type valueKind uint8

const (
	plainValue valueKind = iota
	areaValue
	moneyValue
	rateValue
	boolValue
	termValue // a word of the domain with a text of its own, such as "shell"
	hiddenValue
)

// field is one key of a record that an import writes.
type field struct {
	key  uint64
	name string
	// columns are where the value may come from; a file with none of them leaves
	// the field alone, and an empty cell clears it. Fields without a column are
	// written where the row gives them a value.
	columns []columnID
	kind    valueKind
}

func from(columns ...columnID) []columnID { return columns }

// entityFields lists, parents before children, the entities that an import
// writes, and their fields by the keys of the domain's records.
var entityFields = []struct {
	entity domain.Entity
	table  tableKind
	fields []field
}{
	{domain.EntityBuilding, unitTable, []field{
		{key: 1, name: "project_id", kind: hiddenValue}, {key: 3, name: "name"},
	}},
	{domain.EntityLayout, unitTable, []field{
		{key: 1, name: "project_id", kind: hiddenValue}, {key: 3, name: "code"}, {key: 4, name: "name"},
	}},
	{domain.EntityUnit, unitTable, []field{
		{key: 1, name: "building_id", kind: hiddenValue},
		{key: 2, name: "state", kind: hiddenValue},
		{key: 3, name: "building"},
		{key: 4, name: "entrance", columns: from(colEntrance)},
		{key: 5, name: "floor"},
		{key: 6, name: "number"},
		{key: 7, name: "layout_id", columns: from(colLayout), kind: hiddenValue},
		{key: 8, name: "layout", columns: from(colLayout)},
		{key: 9, name: "fit_out", columns: from(colFitOut), kind: termValue},
		{key: 10, name: "contract_area", columns: from(colContractArea), kind: areaValue},
		{key: 11, name: "surveyed_area", columns: from(colSurveyedArea), kind: areaValue},
		{key: 12, name: "completed_on", columns: from(colCompletedOn)},
		{key: 13, name: "contract_handover_on", columns: from(colHandoverOn)},
		{key: 15, name: "sold", columns: from(colNote, colOwners), kind: boolValue},
		{key: 16, name: "owner_masked", columns: from(colOwners)},
		{key: 17, name: "phone_masked", columns: from(colPhone)},
		{key: 18, name: "note", columns: from(colNote)},
	}},
	{domain.EntityHomeowner, unitTable, []field{
		{key: 1, name: "unit_id", kind: hiddenValue},
		{key: 3, name: "names", columns: from(colOwners)},
		{key: 4, name: "phone", columns: from(colPhone)},
		{key: 5, name: "id_last4", columns: from(colIDLast4)},
		{key: 6, name: "bank", columns: from(colBank)},
	}},
	{domain.EntityParty, scopeTable, []field{
		{key: 1, name: "project_id", kind: hiddenValue}, {key: 3, name: "kind", kind: termValue}, {key: 4, name: "name"},
	}},
	{domain.EntityPartyContact, scopeTable, []field{
		{key: 1, name: "party_id", kind: hiddenValue}, {key: 3, name: "name", columns: from(colContact)}, {key: 4, name: "phone", columns: from(colPhone)},
	}},
	{domain.EntityScope, scopeTable, []field{
		{key: 1, name: "party_id", kind: hiddenValue},
		{key: 3, name: "trades"},
		{key: 4, name: "buildings"},
		{key: 5, name: "warranty_start", columns: from(colWarrantyStart)},
		{key: 6, name: "liability_end", columns: from(colLiabilityEnd)},
		{key: 7, name: "response_hours", columns: from(colResponse)},
	}},
	{domain.EntityTerms, scopeTable, []field{
		{key: 1, name: "scope_id", kind: hiddenValue},
		{key: 3, name: "settlement", columns: from(colSettlement), kind: moneyValue},
		{key: 4, name: "retention_rate", columns: from(colRetention), kind: rateValue},
		{key: 5, name: "fee_rate", columns: from(colFeeRate), kind: rateValue},
	}},
	{domain.EntityAppointment, appointmentTable, []field{
		{key: 1, name: "unit_id", kind: hiddenValue},
		{key: 3, name: "date"},
		{key: 4, name: "slot", columns: from(colSlot)},
		{key: 5, name: "inspector", columns: from(colInspector)},
	}},
}

// fieldsOf lists the fields of an entity that an import writes.
func fieldsOf(e domain.Entity) []field {
	for _, t := range entityFields {
		if t.entity == e {
			return t.fields
		}
	}
	return nil
}

func tableOf(e domain.Entity) tableKind {
	for _, t := range entityFields {
		if t.entity == e {
			return t.table
		}
	}
	return ""
}

// encode turns a record into fields: Null where the file has the column but
// nothing in it, and no key where it has no such column.
func encode(e domain.Entity, record any, has func(columnID) bool) (syncproto.Fields, error) {
	set, err := syncproto.Encode(record)
	if err != nil {
		return nil, fmt.Errorf("handover list: %w", err)
	}
	fields := fieldsOf(e)
	for _, f := range fields {
		switch {
		case len(f.columns) == 0:
		case !slices.ContainsFunc(f.columns, has):
			delete(set, f.key)
		case syncproto.IsNull(set[f.key]):
			set[f.key] = syncproto.Null
		}
	}
	for key := range set {
		if !slices.ContainsFunc(fields, func(f field) bool { return f.key == key }) {
			return nil, fmt.Errorf("handover list: field %d of %s is not imported", key, e)
		}
	}
	return set, nil
}
