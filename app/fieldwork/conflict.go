package fieldwork

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

// ErrChanged says that the values have changed since somebody looked at them, so
// that their choice is no choice between these.
var ErrChanged = errors.New("the values have changed since they were shown")

// Decision is what a person has chosen where a record's fields had several
// values.
type Decision struct {
	Entity domain.Entity
	ID     domain.AnyID
	// Values are what the fields are to hold.
	Values syncproto.Fields
	// Seen are the values that the person chose between, by field.
	Seen map[uint64][]syncproto.Value
}

// Decide writes a person's choice. It is an op like any other: it ends the
// conflict here at once, and everywhere when it arrives. Values that have come
// since the person looked make it an ErrChanged: nobody has seen those, and the
// op would have them lose.
func (f *Field) Decide(ctx context.Context, d Decision) error {
	return f.Store.Update(ctx, func(t *localstore.Tx) error {
		r, ok, err := t.Shown(ctx, d.Entity, d.ID)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("%s %s: %w", d.Entity, d.ID, ErrGone)
		}
		for key, seen := range d.Seen {
			if !sameValues(r.Standing(key), seen) {
				return fmt.Errorf("%s %s: %w", d.Entity, d.ID, ErrChanged)
			}
		}
		_, err = t.Record(ctx, localstore.Change{
			Project: r.Scope.Project, Entity: d.Entity, ID: d.ID, Kind: syncproto.Amended, Fields: d.Values,
		})
		return err
	})
}

// sameValues compares sets of values; who gave them, and when, may have become
// known more exactly in between.
func sameValues(standing []merge.Version, seen []syncproto.Value) bool {
	for _, v := range standing {
		if !slices.ContainsFunc(seen, func(s syncproto.Value) bool { return merge.Same(v.Value, s) }) {
			return false
		}
	}
	return !slices.ContainsFunc(seen, func(s syncproto.Value) bool {
		return !slices.ContainsFunc(standing, func(v merge.Version) bool { return merge.Same(v.Value, s) })
	})
}
