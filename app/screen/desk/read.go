package desk

import (
	"context"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// listed is a record with its id.
type listed[T any] struct {
	ID     domain.ID[T]
	Record T
}

// list reads records as their type.
func list[T any](ctx context.Context, s Snapshot, e domain.Entity, f Filter) ([]listed[T], error) {
	rows, err := s.List(ctx, e, f)
	if err != nil {
		return nil, err
	}
	all := make([]listed[T], len(rows))
	for i, r := range rows {
		record, err := syncproto.Decode[T](r.Fields)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", e, r.ID, err)
		}
		all[i] = listed[T]{ID: domain.ID[T](r.ID), Record: record}
	}
	return all, nil
}

// get reads one record as its type; ok is false when the device has none.
func get[T any](ctx context.Context, s Snapshot, e domain.Entity, id domain.ID[T]) (record T, ok bool, err error) {
	fields, ok, err := s.Get(ctx, e, id.Any())
	if err != nil || !ok {
		return record, false, err
	}
	if record, err = syncproto.Decode[T](fields); err != nil {
		return record, false, fmt.Errorf("%s %s: %w", e, id, err)
	}
	return record, true, nil
}
