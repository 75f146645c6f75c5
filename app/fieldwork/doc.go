// Package fieldwork holds the device's use cases: what a tap means. Each is one
// local transaction that is durable when it returns; none touches the network.
package fieldwork

import (
	"context"
	"errors"

	"keyturn/app/localstore"
	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/photo"
	"keyturn/shared/syncproto"
)

// Field is one device's work on its store and photo vault.
type Field struct {
	Store     *localstore.Store
	Vault     *photo.Vault
	Catalogue *catalog.Catalogue
	IDs       *ident.Source
}

// ErrGone says that a record is not on this device (any more).
var ErrGone = errors.New("the record is not on this device")

// record encodes a new or amended record as a change.
func record[T any](project domain.ProjectID, e domain.Entity, id domain.ID[T], prev, next T, exists bool) (localstore.Change, error) {
	c := localstore.Change{Project: project, Entity: e, ID: id.Any(), Kind: syncproto.Recorded}
	var err error
	if exists {
		c.Kind = syncproto.Amended
		c.Fields, err = syncproto.Patch(prev, next)
	} else {
		c.Fields, err = syncproto.Encode(next)
	}
	return c, err
}

// corrected is the device's best guess of the true time.
func corrected(ctx context.Context, t *localstore.Tx, now domain.Instant) (domain.Instant, error) {
	ahead, err := t.ClockAhead(ctx)
	return now - ahead, err
}
