package oncore

import (
	"context"
	"errors"
	"fmt"

	"keyturn/app/conflict"
	"keyturn/app/core"
	"keyturn/app/fieldwork"
	"keyturn/app/localstore"
	"keyturn/shared/domain"
)

type contests struct{ core *core.Core }

func (c contests) Waiting(ctx context.Context) (records []conflict.Record, err error) {
	err = c.core.Store.View(ctx, func(t *localstore.Tx) error {
		records, err = t.Conflicts(ctx)
		return err
	})
	return records, err
}

func (c contests) All(ctx context.Context) (records []conflict.Record, err error) {
	err = c.core.Store.View(ctx, func(t *localstore.Tx) error {
		records, err = t.Contested(ctx)
		return err
	})
	return records, err
}

func (c contests) Of(ctx context.Context, e domain.Entity, id domain.AnyID) (r conflict.Record, ok bool, err error) {
	err = c.core.Store.View(ctx, func(t *localstore.Tx) error {
		r, ok, err = t.Shown(ctx, e, id)
		return err
	})
	return r, ok, err
}

func (c contests) Decide(ctx context.Context, d conflict.Decision) error {
	err := c.core.Field.Decide(ctx, fieldwork.Decision(d))
	if errors.Is(err, fieldwork.ErrChanged) || errors.Is(err, fieldwork.ErrGone) {
		return fmt.Errorf("%w: %w", conflict.ErrChanged, err)
	}
	return err
}
