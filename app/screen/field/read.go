package field

import (
	"context"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// listed is a record with its id.
type listed[T any] struct {
	ID        domain.ID[T]
	Project   domain.ProjectID
	Record    T
	Confirmed bool
}

// list reads records as their type.
func list[T any](ctx context.Context, s Snapshot, e domain.Entity, f Filter) ([]listed[T], error) {
	rows, err := s.List(ctx, e, f)
	if err != nil {
		return nil, err
	}
	all := make([]listed[T], 0, len(rows))
	for _, r := range rows {
		record, err := syncproto.Decode[T](r.Fields)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", e, r.ID, err)
		}
		all = append(all, listed[T]{ID: domain.ID[T](r.ID), Project: r.Project, Record: record, Confirmed: r.Confirmed})
	}
	return all, nil
}

// get reads one record as its type; ok is false when the device has none.
func get[T any](ctx context.Context, s Snapshot, e domain.Entity, id domain.ID[T]) (record T, ok bool, err error) {
	if id.IsZero() {
		return record, false, nil
	}
	fields, ok, err := s.Get(ctx, e, id.Any())
	if err != nil || !ok {
		return record, false, err
	}
	if record, err = syncproto.Decode[T](fields); err != nil {
		return record, false, fmt.Errorf("%s %s: %w", e, id, err)
	}
	return record, true, nil
}

// need is get where the screen cannot show anything without the record.
func need[T any](ctx context.Context, s Snapshot, e domain.Entity, id domain.ID[T]) (T, error) {
	record, ok, err := get(ctx, s, e, id)
	if err == nil && !ok {
		err = fmt.Errorf("%s %s: %w", e, id, ErrGone)
	}
	return record, err
}
