package api

import (
	"context"
	"net/http"
	"strconv"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Receipts signs what the server holds of a device's work, from an op number on.
type Receipts interface {
	Issue(ctx context.Context, device domain.DeviceID, from uint64) (file []byte, err error)
}

// receipt answers GET /v1/receipt?from=1 with a receipt file of the calling
// device's own ops; without from it begins at the first. A revoked device may
// ask too: it is owed the proof of what it has handed in.
func (s *Server) receipt(w http.ResponseWriter, r *http.Request) {
	c, ok := s.caller(w, r)
	if !ok {
		return
	}
	from := uint64(1)
	if text := r.URL.Query().Get("from"); text != "" {
		var err error
		if from, err = strconv.ParseUint(text, 10, 64); err != nil || from == 0 {
			s.fail(w, r, http.StatusBadRequest, syncproto.CodeBadFields, err)
			return
		}
	}
	file, err := s.Receipts.Issue(r.Context(), c.Device.ID, from)
	if err != nil {
		s.logger(r).Error("no receipt", "error", err) // an operator must look at the key
		s.fail(w, r, http.StatusServiceUnavailable, syncproto.CodeStorage, err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.Itoa(len(file)))
	if _, err := w.Write(file); err != nil {
		s.logger(r).Info("answer lost", "error", err)
	}
}
