package handoverlist

import (
	"slices"

	"keyturn/shared/domain"
)

// Every text that people read is a key of the catalogue. Keys of columns,
// fields, entities and terms are put together from their names; TextKeys lists
// them all.
const keyPrefix = "handoverlist."

// Why a file cannot be read.
const (
	keyFileEmpty    = keyPrefix + "file.empty"
	keyFileTooBig   = keyPrefix + "file.too_big"
	keyFileBomb     = keyPrefix + "file.bomb"
	keyFileParts    = keyPrefix + "file.parts"
	keyFileCells    = keyPrefix + "file.cells"
	keyFileRows     = keyPrefix + "file.rows"
	keyFileColumns  = keyPrefix + "file.columns"
	keyFileBroken   = keyPrefix + "file.broken"
	keyFileLegacy   = keyPrefix + "file.legacy"
	keyFileUnknown  = keyPrefix + "file.unknown"
	keyFileEncoding = keyPrefix + "file.encoding"
	keyFileNoTable  = keyPrefix + "file.no_table"
)

// What is wrong at a place, and what is expected there.
const (
	keySheetIgnored         = keyPrefix + "fault.sheet_ignored"
	keySheetHidden          = keyPrefix + "fault.sheet_hidden"
	keyTableEmpty           = keyPrefix + "fault.table_empty"
	keyColumnTwice          = keyPrefix + "fault.column_twice"
	keyColumnUnit           = keyPrefix + "fault.column_unit"
	keyColumnIgnored        = keyPrefix + "fault.column_ignored"
	keyRowIgnored           = keyPrefix + "fault.row_ignored"
	keyTotal                = keyPrefix + "fault.total"
	keyFormula              = keyPrefix + "fault.formula"
	keyMissing              = keyPrefix + "fault.missing"
	keyDate                 = keyPrefix + "fault.date"
	keyArea                 = keyPrefix + "fault.area"
	keyAreaRange            = keyPrefix + "fault.area_range"
	keyMoney                = keyPrefix + "fault.money"
	keyRate                 = keyPrefix + "fault.rate"
	keyHours                = keyPrefix + "fault.hours"
	keyFloor                = keyPrefix + "fault.floor"
	keyFloorNumber          = keyPrefix + "fault.floor_number"
	keyFitOut               = keyPrefix + "fault.fit_out"
	keyPhone                = keyPrefix + "fault.phone"
	keyIDLast4              = keyPrefix + "fault.id_last4"
	keyOwnerUnsold          = keyPrefix + "fault.owner_unsold"
	keyOwnerMissing         = keyPrefix + "fault.owner_missing"
	keyDuplicateUnit        = keyPrefix + "fault.duplicate_unit"
	keyDuplicateScope       = keyPrefix + "fault.duplicate_scope"
	keyDuplicateAppointment = keyPrefix + "fault.duplicate_appointment"
	keyLayoutDiffers        = keyPrefix + "fault.layout_differs"
	keyPartyKind            = keyPrefix + "fault.party_kind"
	keyPartyDiffers         = keyPrefix + "fault.party_differs"
	keyDatesOrder           = keyPrefix + "fault.dates_order"
	keyBuildingRange        = keyPrefix + "fault.building_range"
	keyBuildingUnknown      = keyPrefix + "fault.building_unknown"
	keyUnitUnknown          = keyPrefix + "fault.unit_unknown"
	keyUnitUnsold           = keyPrefix + "fault.unit_unsold"
	keyArrived              = keyPrefix + "fault.arrived"
)

// How values are shown.
const (
	keyValue           = keyPrefix + "value.plain"
	keyValueNone       = keyPrefix + "value.none"
	keyValueYes        = keyPrefix + "value.yes"
	keyValueNo         = keyPrefix + "value.no"
	keyValueArea       = keyPrefix + "value.area"
	keyValueMoney      = keyPrefix + "value.money"
	keyValueRate       = keyPrefix + "value.rate"
	keyValueUnreadable = keyPrefix + "value.unreadable"
)

// The lines of a preview.
const (
	keyPreviewRefused     = keyPrefix + "preview.refused"
	keyPreviewNothing     = keyPrefix + "preview.nothing"
	keyPreviewCounts      = keyPrefix + "preview.counts"
	keyPreviewCount       = keyPrefix + "preview.count"
	keyPreviewCreates     = keyPrefix + "preview.creates"
	keyPreviewCreate      = keyPrefix + "preview.create"
	keyPreviewChanges     = keyPrefix + "preview.changes"
	keyPreviewRecord      = keyPrefix + "preview.record"
	keyPreviewField       = keyPrefix + "preview.field"
	keyPreviewKept        = keyPrefix + "preview.kept"
	keyPreviewKeptField   = keyPrefix + "preview.kept_field"
	keyPreviewKeptRemoved = keyPrefix + "preview.kept_removed"
	keyPreviewMissing     = keyPrefix + "preview.missing"
	keyPreviewErrors      = keyPrefix + "preview.errors"
	keyPreviewWarnings    = keyPrefix + "preview.warnings"
	keyPreviewFaultCell   = keyPrefix + "preview.fault_cell"
	keyPreviewFaultColumn = keyPrefix + "preview.fault_column"
	keyPreviewFaultRow    = keyPrefix + "preview.fault_row"
	keyPreviewFaultSheet  = keyPrefix + "preview.fault_sheet"
	keyPreviewMore        = keyPrefix + "preview.more"
)

var fixedKeys = []string{
	keyFileEmpty, keyFileTooBig, keyFileBomb, keyFileParts, keyFileCells, keyFileRows, keyFileColumns, keyFileBroken,
	keyFileLegacy, keyFileUnknown, keyFileEncoding, keyFileNoTable,
	keySheetIgnored, keySheetHidden, keyTableEmpty, keyColumnTwice, keyColumnUnit, keyColumnIgnored,
	keyRowIgnored, keyTotal, keyFormula, keyMissing, keyDate, keyArea, keyAreaRange, keyMoney, keyRate, keyHours, keyFloor,
	keyFloorNumber, keyFitOut, keyPhone, keyIDLast4, keyOwnerUnsold, keyOwnerMissing, keyDuplicateUnit, keyDuplicateScope,
	keyDuplicateAppointment, keyLayoutDiffers, keyPartyKind, keyPartyDiffers, keyDatesOrder, keyBuildingRange,
	keyBuildingUnknown, keyUnitUnknown, keyUnitUnsold, keyArrived,
	keyValue, keyValueNone, keyValueYes, keyValueNo, keyValueArea, keyValueMoney, keyValueRate, keyValueUnreadable,
	keyPreviewRefused, keyPreviewNothing, keyPreviewCounts, keyPreviewCount, keyPreviewCreates, keyPreviewCreate,
	keyPreviewChanges, keyPreviewRecord, keyPreviewField, keyPreviewKept, keyPreviewKeptField, keyPreviewKeptRemoved,
	keyPreviewMissing, keyPreviewErrors, keyPreviewWarnings, keyPreviewFaultCell, keyPreviewFaultColumn, keyPreviewFaultRow, keyPreviewFaultSheet,
	keyPreviewMore,
}

func missingColumnKey(id columnID) string { return keyPrefix + "fault.column_missing." + string(id) }

func entityKey(e domain.Entity) string { return keyPrefix + "entity." + e.String() }

// TextKeys lists every text that this package shows, sorted.
func TextKeys() []string {
	keys := slices.Clone(fixedKeys)
	for _, spec := range tableSpecs {
		for _, id := range spec.required {
			keys = append(keys, missingColumnKey(id))
		}
	}
	for _, t := range entityFields {
		keys = append(keys, entityKey(t.entity))
		for _, f := range t.fields {
			if f.kind != hiddenValue {
				keys = append(keys, label(t.entity, f))
			}
		}
	}
	for _, t := range terms {
		keys = append(keys, keyPrefix+"term."+t)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
