package api

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/snapshots"
)

// snapshot serves a file that a SNAPSHOT frame has announced, with ranges, to
// who may follow the scope.
func (s *Server) snapshot(w http.ResponseWriter, r *http.Request) {
	c, ok := s.caller(w, r)
	if !ok {
		return
	}
	scope, errScope := syncproto.ParseScope(r.PathValue("project") + "/" + r.PathValue("audience"))
	sha, errHash := domain.ParseHash(r.PathValue("sha"))
	if err := errors.Join(errScope, errHash); err != nil {
		s.fail(w, r, http.StatusBadRequest, syncproto.CodeBadFields, err)
		return
	}
	heads, err := s.session(c).Scopes(r.Context())
	if err != nil {
		s.fail(w, r, http.StatusInternalServerError, syncproto.CodeStorage, err)
		return
	}
	if c.Revoked || !slices.ContainsFunc(heads, func(h syncproto.Head) bool { return h.Scope == scope }) {
		s.fail(w, r, http.StatusNotFound, syncproto.CodeBlobMissing, nil)
		return
	}
	f, err := s.Snapshots.Open(scope, sha)
	switch {
	case errors.Is(err, snapshots.ErrGone):
		s.fail(w, r, http.StatusNotFound, syncproto.CodeBlobMissing, err)
		return
	case err != nil:
		s.fail(w, r, http.StatusInternalServerError, syncproto.CodeStorage, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, f)
	if err := f.Close(); err != nil {
		s.logger(r).Info("close snapshot", "error", err)
	}
}
