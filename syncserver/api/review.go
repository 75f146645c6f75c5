package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// What one answer holds of the review inbox: so many groups, of each so many ops
// and blobs, and about so many bytes of ops in a group and in all.
const (
	maxReviewGroups     = 20
	maxReviewOps        = 50
	maxReviewBlobs      = 100
	maxReviewGroupBytes = 96 << 10
	maxReviewPageBytes  = 512 << 10
)

// reviewer is a person who may decide in some projects.
type reviewer struct {
	person domain.PersonID
	rights map[domain.ProjectID]map[domain.Capability]bool
	scopes map[syncproto.Scope]bool
}

func (p reviewer) decides(project domain.ProjectID) bool {
	return p.rights[project][domain.CanWorkTickets]
}

// errNoReview hides from others what waits in a project, and whether it exists.
var errNoReview = errors.New("nothing in review that the caller may see")

// reviewing runs work in one reading transaction for a caller who may decide in
// the project that choose names. It answers when that fails.
func (s *Server) reviewing(w http.ResponseWriter, r *http.Request, choose func(context.Context, *store.Tx) (domain.ProjectID, error), work func(context.Context, *store.Tx, reviewer) error) (reviewer, bool) {
	c, ok := s.caller(w, r)
	if !ok {
		return reviewer{}, false
	}
	p := reviewer{person: c.Person, scopes: map[syncproto.Scope]bool{}}
	ctx := r.Context()
	err := s.Engine.Store.View(ctx, func(tx *store.Tx) (err error) {
		if c.Revoked {
			return errNoReview
		}
		if p.rights, err = tx.Rights(ctx, c.Person, s.Engine.Now()); err != nil {
			return err
		}
		project, err := choose(ctx, tx)
		if errors.Is(err, store.ErrNotFound) || err == nil && !p.decides(project) {
			return errNoReview
		}
		if err != nil {
			return err
		}
		heads, err := intake.Scopes(ctx, tx, c.Person, s.Engine.Now())
		if err != nil {
			return err
		}
		for _, h := range heads {
			p.scopes[h.Scope] = true
		}
		return work(ctx, tx, p)
	})
	if err != nil {
		s.reviewFailed(w, r, err)
	}
	return p, err == nil
}

func (s *Server) reviewFailed(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, errNoReview), errors.Is(err, store.ErrNotFound):
		s.fail(w, r, http.StatusNotFound, syncproto.CodeMissing, err)
	case errors.Is(err, intake.ErrReason):
		s.fail(w, r, http.StatusBadRequest, syncproto.CodeBadFields, err)
	default:
		s.fail(w, r, http.StatusInternalServerError, syncproto.CodeStorage, err)
	}
}

// reviewKey reads the group that a path names.
func reviewKey(r *http.Request) (store.ReviewKey, error) {
	return store.ParseReviewKey(r.PathValue("device") + "/" + r.PathValue("first"))
}

// ofReview finds the project of a group.
func ofReview(k store.ReviewKey) func(context.Context, *store.Tx) (domain.ProjectID, error) {
	return func(ctx context.Context, tx *store.Tx) (domain.ProjectID, error) {
		v, err := tx.Review(ctx, k)
		return v.Project, err
	}
}

// reviews answers GET /v1/projects/{project}/reviews?after=<device>/<first> with
// a syncproto.ReviewPage of what waits.
func (s *Server) reviews(w http.ResponseWriter, r *http.Request) {
	project, err := domain.ParseID[domain.Project](r.PathValue("project"))
	filter := store.ReviewFilter{Project: project, Limit: maxReviewGroups + 1}
	if after := r.URL.Query().Get("after"); after != "" && err == nil {
		filter.After, err = store.ParseReviewKey(after)
	}
	if err != nil || project.IsZero() {
		s.fail(w, r, http.StatusBadRequest, syncproto.CodeBadFields, err)
		return
	}
	var page syncproto.ReviewPage
	named := func(context.Context, *store.Tx) (domain.ProjectID, error) { return project, nil }
	_, ok := s.reviewing(w, r, named, func(ctx context.Context, tx *store.Tx, p reviewer) (err error) {
		page, err = reviewPage(ctx, tx, p, filter)
		return err
	})
	if ok {
		s.cbor(w, r, page)
	}
}

// reviewAccept answers POST /v1/reviews/{device}/{first}/accept with a
// syncproto.Answer: applied, or rejected with what stands against it.
func (s *Server) reviewAccept(w http.ResponseWriter, r *http.Request) {
	s.reviewDecide(w, r, s.Engine.Accept)
}

// DiscardRequest says why work in review is not taken over; its device shows it.
type DiscardRequest struct {
	Reason string `json:"reason"`
}

// reviewDiscard answers POST /v1/reviews/{device}/{first}/discard likewise.
func (s *Server) reviewDiscard(w http.ResponseWriter, r *http.Request) {
	var in DiscardRequest
	if err := readJSON(r, &in); err != nil {
		s.fail(w, r, http.StatusBadRequest, syncproto.CodeBadFields, err)
		return
	}
	s.reviewDecide(w, r, func(ctx context.Context, k store.ReviewKey, by domain.PersonID) ([]syncproto.Logged, error) {
		return s.Engine.Discard(ctx, k, by, in.Reason)
	})
}

func (s *Server) reviewDecide(w http.ResponseWriter, r *http.Request, decide func(context.Context, store.ReviewKey, domain.PersonID) ([]syncproto.Logged, error)) {
	k, err := reviewKey(r)
	if err != nil {
		s.fail(w, r, http.StatusBadRequest, syncproto.CodeBadFields, err)
		return
	}
	p, ok := s.reviewing(w, r, ofReview(k), func(context.Context, *store.Tx, reviewer) error { return nil })
	if !ok {
		return
	}
	logged, err := decide(r.Context(), k, p.person)
	answer := syncproto.Answer{Seq: k.First, Status: syncproto.Applied}
	var refused *intake.Refusal
	switch {
	case errors.As(err, &refused):
		answer.Status, answer.Code, answer.Details = syncproto.Rejected, refused.Code, refused.Details
	case errors.Is(err, intake.ErrDecided):
		answer.Status = syncproto.Dup
	case err != nil:
		s.reviewFailed(w, r, err)
		return
	default:
		s.Metrics.appended(len(logged))
		s.publish(r.Context(), logged)
	}
	s.cbor(w, r, answer)
}

// cbor answers with a value of the protocol.
func (s *Server) cbor(w http.ResponseWriter, r *http.Request, body any) {
	b, err := syncproto.Marshal(body)
	if err != nil {
		s.fail(w, r, http.StatusInternalServerError, syncproto.CodeStorage, err)
		return
	}
	w.Header().Set("Content-Type", "application/cbor")
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	if _, err := w.Write(b); err != nil {
		s.logger(r).Info("answer lost", "error", err)
	}
}
