package syncer_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"keyturn/app/localstore"
	"keyturn/app/syncer"
)

func TestReceiptRequest(t *testing.T) {
	answer := func(http.ResponseWriter, *http.Request) {}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	defer server.Close()
	id := localstore.Identity{Server: server.URL, DeviceToken: "device", SessionToken: "session"}
	link := syncer.NewLink(nil)

	answer = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RequestURI() != "/v1/receipt?from=7" || r.Header.Get("Authorization") != "Bearer device" || r.Header.Get("Keyturn-Session") != "session" {
			t.Errorf("%s %v", r.URL, r.Header)
		}
		_, err := w.Write([]byte("signed"))
		if err != nil {
			t.Error(err)
		}
	}
	if file, err := link.Receipt(t.Context(), id, 7); err != nil || string(file) != "signed" {
		t.Errorf("%q, %v", file, err)
	}

	answer = func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, `{"code":"storage_failed"}`, http.StatusServiceUnavailable)
	}
	var refused *syncer.Refused
	if _, err := link.Receipt(t.Context(), id, 1); !errors.As(err, &refused) || refused.Status != http.StatusServiceUnavailable || refused.Code != "storage_failed" {
		t.Error(err)
	}

	// A server that never stops fills no memory.
	answer = func(w http.ResponseWriter, _ *http.Request) {
		for block := make([]byte, 1<<20); ; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	}
	if file, err := link.Receipt(t.Context(), id, 1); err == nil || file != nil {
		t.Errorf("%d bytes, %v", len(file), err)
	}
}
