package handoverlist

import (
	"context"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

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
