package api_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/api"
	"keyturn/syncserver/store"
)

// issued notes who asked for a receipt, from which op on.
type issued struct {
	device domain.DeviceID
	from   uint64
	err    error
}

func (i *issued) Issue(_ context.Context, device domain.DeviceID, from uint64) ([]byte, error) {
	i.device, i.from = device, from
	return []byte("signed"), i.err
}

func TestReceiptIsTheCallersOwn(t *testing.T) {
	w := newWorld(t)
	d, revoked := w.device("a", "inspector"), w.device("b", "inspector")
	w.update(func(ctx context.Context, tx *store.Tx) error { return tx.RevokeDevice(ctx, revoked.Device, w.now()) })
	asked := &issued{}
	server := &api.Server{Accounts: w.accounts, Engine: w.engine, Metrics: api.NewMetrics(), Log: slog.New(slog.NewJSONHandler(w.log, nil)), Receipts: asked}
	handler := server.Handler(t.Context())
	get := func(path string, header http.Header) answer {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Header = header
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		return answer{rec.Code, rec.Header(), rec.Body.Bytes()}
	}
	for path, from := range map[string]uint64{"/v1/receipt": 1, "/v1/receipt?from=1": 1, "/v1/receipt?from=501": 501} {
		*asked = issued{}
		a := get(path, d.auth())
		if a.status != http.StatusOK || string(a.body) != "signed" || asked.device != d.Device || asked.from != from {
			t.Errorf("%s: %d %q, asked %+v", path, a.status, a.body, asked)
		}
	}
	for _, path := range []string{"/v1/receipt?from=0", "/v1/receipt?from=-1", "/v1/receipt?from=x"} {
		get(path, d.auth()).is(t, http.StatusBadRequest, syncproto.CodeBadFields)
	}
	*asked = issued{}
	get("/v1/receipt", nil).is(t, http.StatusUnauthorized, syncproto.CodeUnauthorised)
	if !asked.device.IsZero() {
		t.Error("a stranger's question reached the issuer")
	}
	// What a revoked device has handed in is confirmed all the same.
	if a := get("/v1/receipt", revoked.auth()); a.status != http.StatusOK || asked.device != revoked.Device {
		t.Errorf("%d %s", a.status, a.body)
	}
	asked.err = errors.New("the key cannot be read")
	get("/v1/receipt", d.auth()).is(t, http.StatusServiceUnavailable, syncproto.CodeStorage)
}
