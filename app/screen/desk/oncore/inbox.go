package oncore

import (
	"context"

	"keyturn/app/core"
	"keyturn/app/screen/desk"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

type inbox struct{ core *core.Core }

func (i inbox) Waiting(ctx context.Context, project domain.ProjectID, after *syncproto.ReviewGroup) (page syncproto.ReviewPage, err error) {
	id, err := i.core.Store.Identity(ctx)
	if err == nil {
		page, err = i.core.Link.Reviews(ctx, id, project, after)
	}
	return page, reached(err)
}

func (i inbox) Accept(ctx context.Context, r desk.ReviewID) (a syncproto.Answer, err error) {
	id, err := i.core.Store.Identity(ctx)
	if err == nil {
		a, err = i.core.Link.AcceptReview(ctx, id, r.Device, r.First)
	}
	return a, reached(err)
}

func (i inbox) Discard(ctx context.Context, r desk.ReviewID, reason string) (a syncproto.Answer, err error) {
	id, err := i.core.Store.Identity(ctx)
	if err == nil {
		a, err = i.core.Link.DiscardReview(ctx, id, r.Device, r.First, reason)
	}
	return a, reached(err)
}
