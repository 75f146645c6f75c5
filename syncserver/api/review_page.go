package api

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// reviewPage reads the groups behind the filter, as many as one answer holds.
func reviewPage(ctx context.Context, tx *store.Tx, p reviewer, f store.ReviewFilter) (page syncproto.ReviewPage, err error) {
	rows, err := tx.Reviews(ctx, f)
	if err != nil {
		return page, err
	}
	bytes := 0
	for _, r := range rows {
		if len(page.Groups) == maxReviewGroups || bytes > maxReviewPageBytes {
			page.More = true
			return page, nil
		}
		g, size, err := reviewGroup(ctx, tx, p, r)
		if err != nil {
			return page, err
		}
		page.Groups, bytes = append(page.Groups, g), bytes+size
	}
	return page, nil
}

// reviewGroup reads one group; bytes is how long the ops in it are.
func reviewGroup(ctx context.Context, tx *store.Tx, p reviewer, r store.Review) (g syncproto.ReviewGroup, bytes int, err error) {
	g = syncproto.ReviewGroup{
		Device: r.Device, First: r.First, Last: r.Last, Actor: r.Actor, Code: r.Code, CapturedAt: r.CapturedAt, ReceivedAt: r.ReceivedAt,
	}
	device, err := tx.Device(ctx, r.Device)
	if err != nil {
		return g, 0, err
	}
	g.DeviceName = device.Name
	switch person, err := tx.Person(ctx, r.Actor); {
	case err == nil:
		g.Person = person.Name
	case !errors.Is(err, store.ErrNotFound):
		return g, 0, err
	}
	for seq := r.First; seq <= r.Last && len(g.Ops) < maxReviewOps && bytes < maxReviewGroupBytes; seq++ {
		held, err := tx.Received(ctx, r.Device, seq)
		if err != nil {
			return g, 0, err
		}
		var op syncproto.Op
		if err := syncproto.Unmarshal(held.Body, &op); err != nil {
			return g, 0, err
		}
		if p.scopes[op.Scope] && p.decides(op.Scope.Project) {
			g.Ops, bytes = append(g.Ops, op), bytes+len(held.Body)
		}
	}
	// Of the blobs that the group names, those that are named by what is shown.
	var shown []domain.Hash
	for _, op := range g.Ops {
		shown = append(shown, intake.Named(op)...)
	}
	hashes, err := tx.ReviewBlobs(ctx, r.ReviewKey)
	if err != nil {
		return g, 0, err
	}
	hashes = slices.DeleteFunc(hashes, func(sha domain.Hash) bool { return !slices.Contains(shown, sha) })
	for _, sha := range hashes[:min(len(hashes), maxReviewBlobs)] {
		has, err := tx.HasBlob(ctx, sha)
		if err != nil {
			return g, 0, err
		}
		g.Blobs = append(g.Blobs, syncproto.ReviewBlob{SHA256: sha, Held: has})
	}
	return g, bytes, nil
}

// reviewBlob answers GET /v1/reviews/{device}/{first}/blobs/{sha}: who decides
// may look at what was photographed before it is anybody's record.
func (s *Server) reviewBlob(w http.ResponseWriter, r *http.Request) {
	k, errKey := reviewKey(r)
	sha, errHash := domain.ParseHash(r.PathValue("sha"))
	if err := errors.Join(errKey, errHash); err != nil {
		s.fail(w, r, http.StatusBadRequest, syncproto.CodeBadFields, err)
		return
	}
	_, ok := s.reviewing(w, r, ofReview(k), func(ctx context.Context, tx *store.Tx, p reviewer) error {
		v, err := tx.Review(ctx, k)
		if err != nil {
			return err
		}
		g, _, err := reviewGroup(ctx, tx, p, v)
		named := slices.ContainsFunc(g.Blobs, func(b syncproto.ReviewBlob) bool { return b.SHA256 == sha })
		if err == nil && (v.Outcome != store.ReviewWaiting || !named) {
			err = errNoReview
		}
		return err
	})
	if ok {
		s.serveBlob(w, r, sha)
	}
}
