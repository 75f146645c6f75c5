package api_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"keyturn/shared/rotation"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/api"
)

// Anybody may read how the key changed, the file as it is, and keep it a while.
func TestRotations(t *testing.T) {
	w := newWorld(t)
	path := filepath.Join(w.dir, api.RotationsFile)
	get := func() answer { return w.call(http.MethodGet, "/v1/tls-rotations", nil, nil) }

	a := get()
	a.is(t, http.StatusOK, "")
	if c, err := rotation.Decode(a.body); err != nil || c.Last() != nil {
		t.Errorf("without a file: %s, %v", a.body, err)
	}
	if a.header.Get("Cache-Control") != "public, max-age=60" || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", a.header)
	}

	must(t, os.WriteFile(path, []byte("proves itself"), 0o600))
	if a = get(); a.status != http.StatusOK || string(a.body) != "proves itself" {
		t.Errorf("%d %s", a.status, a.body)
	}

	must(t, os.WriteFile(path, bytes.Repeat([]byte(" "), rotation.MaxBytes+1), 0o600))
	a = get()
	a.is(t, http.StatusServiceUnavailable, syncproto.CodeStorage)
	if a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a failure may be kept: %v", a.header)
	}

	w.call(http.MethodPost, "/v1/tls-rotations", []byte("x"), nil).is(t, http.StatusMethodNotAllowed, "")
}
