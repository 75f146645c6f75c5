package syncer

import (
	"context"
	"fmt"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
)

// purge deletes the files of blobs that were erased. What fails is tried again.
func (p *Photos) purge(ctx context.Context) error {
	var erased []domain.Hash
	err := p.Store.View(ctx, func(t *localstore.Tx) (err error) {
		erased, err = t.Purges(ctx)
		return err
	})
	if err != nil {
		return err
	}
	for _, sha := range erased {
		if err := p.discard(sha); err != nil {
			return fmt.Errorf("delete an erased photo: %w", err)
		}
		if err := p.Store.Update(ctx, func(t *localstore.Tx) error { return t.Purged(ctx, sha) }); err != nil {
			return err
		}
	}
	return nil
}

func (p *Photos) discard(sha domain.Hash) error {
	if sha == localstore.AnyDownload {
		return p.Cache.Clear()
	}
	if p.Discard != nil {
		if err := p.Discard(sha); err != nil {
			return err
		}
	}
	return p.Cache.Remove(sha)
}
