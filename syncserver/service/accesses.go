package service

import (
	"context"
	"errors"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// Access is who was given what a stream holds, with the names that people know;
// an id where there is none.
type Access struct {
	store.Access
	PersonName, DeviceName string
}

// Accesses lists who was given personal data or money of a project, newest first
// and at most limit of each audience.
func (s *Service) Accesses(ctx context.Context, project domain.ProjectID, limit int) (list []Access, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		list = nil
		for _, audience := range []domain.Audience{domain.AudiencePeople, domain.AudienceOffice} {
			rows, err := tx.Accesses(ctx, syncproto.Scope{Project: project, Audience: audience}, limit)
			if err != nil {
				return err
			}
			for _, r := range rows {
				named, err := nameAccess(ctx, tx, r)
				if err != nil {
					return err
				}
				list = append(list, named)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("accesses: %w", err)
	}
	return list, nil
}

func nameAccess(ctx context.Context, tx *store.Tx, r store.Access) (a Access, err error) {
	a = Access{Access: r, DeviceName: r.Device.String()}
	if a.PersonName, err = personName(ctx, tx, r.Person); err != nil {
		return a, err
	}
	device, err := tx.Device(ctx, r.Device)
	if err == nil {
		a.DeviceName = device.Name
	} else if !errors.Is(err, store.ErrNotFound) {
		return a, err
	}
	return a, nil
}
