package service

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// Review is a group of quarantined ops with the names that people know.
type Review struct {
	store.Review
	// Person, Device, Project and Reviewer are names; an id where there is none.
	Person, DeviceName, ProjectName, Reviewer string
}

// ReviewedOp is one op of a review in full.
type ReviewedOp struct {
	syncproto.Op
	// Values are the fields, readable, in the order of their keys.
	Values []string
}

// ReviewedBlob is a blob that a review names.
type ReviewedBlob struct {
	SHA256 domain.Hash
	// Held is whether the server has all of it.
	Held bool
}

// Reviews lists the review inbox, newest first.
func (s *Service) Reviews(ctx context.Context, f store.ReviewFilter) (list []Review, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		list = nil
		rows, err := tx.Reviews(ctx, f)
		if err != nil {
			return err
		}
		for _, r := range rows {
			named, err := nameReview(ctx, tx, r)
			if err != nil {
				return err
			}
			list = append(list, named)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reviews: %w", err)
	}
	return list, nil
}

// WaitingOf lists what waits of a device, in a project or in all, in the order
// in which it was recorded.
func (s *Service) WaitingOf(ctx context.Context, device domain.DeviceID, project domain.ProjectID) (keys []store.ReviewKey, err error) {
	const all = 1 << 20 // more than may wait of a device
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Reviews(ctx, store.ReviewFilter{Device: device, Project: project, Limit: all})
		keys = nil
		for _, r := range rows {
			keys = append(keys, r.ReviewKey)
		}
		return err
	})
	slices.SortFunc(keys, func(a, b store.ReviewKey) int { return cmp.Compare(a.First, b.First) })
	return keys, err
}

// Review reads one group with its ops and blobs, or store.ErrNotFound.
func (s *Service) Review(ctx context.Context, k store.ReviewKey) (r Review, ops []ReviewedOp, blobs []ReviewedBlob, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Review(ctx, k)
		if err != nil {
			return err
		}
		if r, err = nameReview(ctx, tx, row); err != nil {
			return err
		}
		if ops, err = reviewedOps(ctx, tx, row); err != nil {
			return err
		}
		blobs, err = reviewedBlobs(ctx, tx, k)
		return err
	})
	if err != nil {
		return Review{}, nil, nil, fmt.Errorf("review %s: %w", k, err)
	}
	return r, ops, blobs, nil
}

func reviewedOps(ctx context.Context, tx *store.Tx, r store.Review) (ops []ReviewedOp, err error) {
	for seq := r.First; seq <= r.Last; seq++ {
		held, err := tx.Received(ctx, r.Device, seq)
		if err != nil {
			return nil, err
		}
		var op syncproto.Op
		if err := syncproto.Unmarshal(held.Body, &op); err != nil {
			return nil, err
		}
		ops = append(ops, ReviewedOp{Op: op, Values: readable(op.Fields)})
	}
	return ops, nil
}

func reviewedBlobs(ctx context.Context, tx *store.Tx, k store.ReviewKey) (list []ReviewedBlob, err error) {
	hashes, err := tx.ReviewBlobs(ctx, k)
	if err != nil {
		return nil, err
	}
	for _, sha := range hashes {
		held, err := tx.HasBlob(ctx, sha)
		if err != nil {
			return nil, err
		}
		list = append(list, ReviewedBlob{SHA256: sha, Held: held})
	}
	return list, nil
}

// nameReview looks the names up that belong to a group's ids.
func nameReview(ctx context.Context, tx *store.Tx, r store.Review) (named Review, err error) {
	named = Review{Review: r, Person: r.Actor.String(), DeviceName: r.Device.String(), ProjectName: r.Project.String()}
	if named.Person, err = personName(ctx, tx, r.Actor); err != nil {
		return named, err
	}
	if !r.DecidedBy.IsZero() {
		if named.Reviewer, err = personName(ctx, tx, r.DecidedBy); err != nil {
			return named, err
		}
	}
	d, err := tx.Device(ctx, r.Device)
	if err != nil {
		return named, err
	}
	named.DeviceName = d.Name
	p, err := tx.Record(ctx, domain.EntityProject, r.Project.Any())
	if err != nil || !p.Exists() {
		return named, err
	}
	project, err := merge.As[domain.Project](p)
	named.ProjectName = project.Name
	return named, err
}

// personName is a person's name, or the id that a device made up.
func personName(ctx context.Context, tx *store.Tx, id domain.PersonID) (string, error) {
	p, err := tx.Person(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return id.String(), nil
	}
	return p.Name, err
}

// Accept applies a group of quarantined ops in the name of a reviewer (see
// intake.Engine.Accept) and tells connected devices.
func (s *Service) Accept(ctx context.Context, k store.ReviewKey, reviewer domain.PersonID) error {
	logged, err := s.engine.Accept(ctx, k, reviewer)
	s.publish(ctx, logged)
	return err
}

// Discard decides that a group of quarantined ops is never applied.
func (s *Service) Discard(ctx context.Context, k store.ReviewKey, reviewer domain.PersonID, reason string) error {
	logged, err := s.engine.Discard(ctx, k, reviewer, reason)
	s.publish(ctx, logged)
	return err
}
