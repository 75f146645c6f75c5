package handoverlist

import (
	"context"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Preview is what importing a file would do.
type Preview struct {
	// Counts has a line for each entity that the file names.
	Counts []Count
	// Changes are to be written in one transaction, in order; empty for a refused
	// file.
	Changes []Change
	// Kept are records whose values in the app the import leaves alone.
	Kept []Kept
	// Missing are records that an earlier import wrote and this file, though it
	// has their table, no longer names.
	Missing []ImportedKey
	// Faults lists errors before warnings; MoreFaults is how many are not listed.
	Faults     []Fault
	MoreFaults int
}

// Refused reports whether an error forbids the import.
func (p *Preview) Refused() bool {
	return len(p.Faults) > 0 && p.Faults[0].Severity == SeverityError
}

// Count sums up one entity.
type Count struct {
	Entity domain.Entity
	// Create, Change and Unchanged add up to the entity's records; Kept of them
	// have values that were left alone.
	Create, Change, Unchanged, Kept int
}

// Change is one record to write or, with an empty Patch, only to remember.
type Change struct {
	Entity domain.Entity
	ID     domain.AnyID
	Name   string
	// Key is the natural key that the id is derived from.
	Key    string
	Create bool
	// Patch is what the op writes: the whole record if Create, Null for what is
	// cleared.
	Patch syncproto.Fields
	// Imported replaces what is remembered of the record as last imported.
	Imported syncproto.Fields
	// Fields shows the patch to people, without ids; it is empty if Create.
	Fields []FieldChange
}

// FieldChange is one changed field for people.
type FieldChange struct {
	// Label is the text key of the field's name.
	Label    string
	Old, New domain.Reason
}

// Kept is a record of which the import leaves fields as they are in the app.
type Kept struct {
	Entity domain.Entity
	ID     domain.AnyID
	Name   string
	// Removed says that the whole record was removed in the app; it is not
	// created again.
	Removed bool
	Fields  []KeptField
}

// KeptField is a value that was changed both in the app and in the file since
// the last import.
type KeptField struct {
	// Label is the text key of the field's name.
	Label string
	// Imported is the last imported value, Current the app's, File the new one.
	Imported, Current, File domain.Reason
}

// Snapshot is the present state that a file is compared with, all of one
// moment and one project.
type Snapshot interface {
	// Current is a record as it stands; ok is false if there is none.
	Current(ctx context.Context, e domain.Entity, id domain.AnyID) (f syncproto.Fields, ok bool, err error)
	// Imported is what imports so far wrote of a record, as Change.Imported said.
	Imported(ctx context.Context, e domain.Entity, id domain.AnyID) (f syncproto.Fields, ok bool, err error)
	// ImportedKeys lists every record that an import ever wrote.
	ImportedKeys(ctx context.Context) ([]ImportedKey, error)
}

// ImportedKey names a record that an import wrote.
type ImportedKey struct {
	Entity domain.Entity
	ID     domain.AnyID
	// Name is for people, as Change.Name said.
	Name string
}
