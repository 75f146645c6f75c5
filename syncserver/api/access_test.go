package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
	"keyturn/syncserver/api"
	"keyturn/syncserver/store"
)

func TestHealth(t *testing.T) {
	w := newWorld(t)
	if a := w.call(http.MethodGet, "/healthz", nil, nil); a.status != http.StatusOK || !strings.Contains(string(a.body), "ok") {
		t.Errorf("%d %s", a.status, a.body)
	}
	must(t, w.store.Close())
	w.call(http.MethodGet, "/healthz", nil, nil).is(t, http.StatusServiceUnavailable, syncproto.CodeStorage)
}

func TestMetrics(t *testing.T) {
	w := newWorld(t)
	d := w.device("a", "inspector")
	w.call(http.MethodGet, "/healthz", nil, nil)
	b := []byte("a photo")
	sha := hash(b)
	d.names(sha)
	d.upload(sha, b)
	d.sync(&syncproto.Push{Ops: []syncproto.Op{d.op(domain.EntityDefect, domain.AnyID{1}, domain.Defect{Room: "x"})}})
	text := string(w.call(http.MethodGet, "/metrics", nil, nil).body)
	for _, line := range []string{
		`keyturn_request_seconds_count{route="GET /healthz"} 1`, `keyturn_request_seconds_count{route="PUT /v1/blobs/{sha}"} 1`,
		"keyturn_log_entries_total 1", "keyturn_blobs_total 1", "keyturn_blob_bytes_total 7", "keyturn_sync_connections 0",
	} {
		if !strings.Contains(text, line) {
			t.Errorf("the metrics lack %s", line)
		}
	}
	if strings.Contains(text, sha.String()) || strings.Contains(text, d.DeviceToken) {
		t.Error("the metrics name a blob or a token")
	}
}

func TestRoutesAndHeaders(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/", http.StatusNotFound},
		{http.MethodGet, "/v1/nothing", http.StatusNotFound},
		{http.MethodGet, "/v2/sync", http.StatusNotFound},
		{http.MethodGet, "/v1/enrol", http.StatusMethodNotAllowed},
		{http.MethodDelete, "/v1/sync", http.StatusMethodNotAllowed},
		{http.MethodPost, "/healthz", http.StatusMethodNotAllowed},
	} {
		a := w.call(c.method, c.path, nil, nil)
		if a.status != c.status {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, a.status, c.status)
		}
		if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s: headers %v", c.method, c.path, a.header)
		}
	}
}

func TestEnrol(t *testing.T) {
	w := newWorld(t)
	p := w.person("a", "Sample A", "inspector", "")
	code := w.code(p)
	body := func(code, name string) string {
		b, err := json.Marshal(api.EnrolRequest{Code: code, DeviceName: name})
		must(t, err)
		return string(b)
	}
	for name, c := range map[string]struct {
		body   string
		status int
		code   syncproto.Code
	}{
		"no JSON":         {"code=1", http.StatusBadRequest, syncproto.CodeBadFields},
		"nothing":         {"", http.StatusBadRequest, syncproto.CodeBadFields},
		"cut in two":      {body(code, "tablet")[:10], http.StatusBadRequest, syncproto.CodeBadFields},
		"unknown field":   {`{"code":"` + code + `","admin":true}`, http.StatusBadRequest, syncproto.CodeBadFields},
		"wrong type":      {`{"code":12345678}`, http.StatusBadRequest, syncproto.CodeBadFields},
		"no code":         {body("", "tablet"), http.StatusBadRequest, syncproto.CodeBadFields},
		"a novel as name": {body(code, strings.Repeat("x", 81)), http.StatusBadRequest, syncproto.CodeBadFields},
		"a huge body":     {body(code, strings.Repeat("x", 1<<20)), http.StatusBadRequest, syncproto.CodeBadFields},
		"a wrong code":    {body("0000-0000-0000-0000", "tablet"), http.StatusUnauthorized, syncproto.CodeEnrolment},
	} {
		a := w.json("/v1/enrol", c.body, nil)
		if a.status != c.status || a.code(t) != c.code {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	a := w.json("/v1/enrol", body(code, "样例平板"), nil)
	var e accounts.Enrolled
	if err := json.Unmarshal(a.body, &e); err != nil || a.status != http.StatusOK || e.Person != p || e.PersonName != "Sample A" || e.DeviceToken == "" || e.SessionToken == "" || e.Device.IsZero() {
		t.Fatalf("%d %s, %v", a.status, a.body, err)
	}
	d := &device{w: w, Enrolled: e}
	if answers := d.sync(&syncproto.Hello{Version: syncproto.Version, Device: d.Device, WallClock: w.now()}); len(answers) != 1 {
		t.Errorf("%+v", answers)
	}
	w.json("/v1/enrol", body(code, "another"), nil).is(t, http.StatusUnauthorized, syncproto.CodeEnrolment)
}

// Ten wrong codes from one address close the door to it, for good codes too,
// and to nobody else. Good ones alone never do: a site's tablets share an address.
func TestEnrolIsSlowedDown(t *testing.T) {
	w := newWorld(t)
	p := w.person("a", "Sample A", "inspector", "")
	try := func(address, code string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/enrol", strings.NewReader(`{"code":"`+code+`","device_name":"x"}`))
		r.RemoteAddr = address
		out := httptest.NewRecorder()
		w.handler.ServeHTTP(out, r)
		return out.Code
	}
	for i := range 15 {
		if got := try("192.0.2.1:1000", w.code(p)); got != http.StatusOK {
			t.Fatalf("tablet %d of the site: %d", i+1, got)
		}
	}
	for i := range 10 {
		if got := try(fmt.Sprintf("192.0.2.66:%d", 1000+i), "WRONG"); got != http.StatusUnauthorized {
			t.Fatalf("guess %d: %d", i+1, got)
		}
	}
	if got := try("192.0.2.66:9", "WRONG"); got != http.StatusTooManyRequests {
		t.Errorf("the eleventh guess: %d", got)
	}
	if got := try("192.0.2.66:9", w.code(p)); got != http.StatusTooManyRequests {
		t.Errorf("a good code after ten guesses: %d", got)
	}
	if got := try("192.0.2.67:9", w.code(p)); got != http.StatusOK {
		t.Errorf("the neighbour: %d", got)
	}
}

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	d := w.device("first", "inspector")
	second := w.person("second", "Sample Second", "inspector", "correct horse battery")
	revoked := w.device("revoked", "inspector")
	w.update(func(ctx context.Context, tx *store.Tx) error { return tx.RevokeDevice(ctx, revoked.Device, w.now()) })
	good := `{"login":"second","password":"correct horse battery"}`
	bearer := func(token string) http.Header { return http.Header{"Authorization": {"Bearer " + token}} }
	for name, c := range map[string]struct {
		body   string
		header http.Header
		status int
		code   syncproto.Code
	}{
		"no device":        {good, nil, http.StatusUnauthorized, syncproto.CodeEnrolment},
		"unknown device":   {good, bearer("nonsense"), http.StatusUnauthorized, syncproto.CodeEnrolment},
		"revoked device":   {good, bearer(revoked.DeviceToken), http.StatusUnauthorized, syncproto.CodeEnrolment},
		"wrong password":   {`{"login":"second","password":"correct horse batterz"}`, bearer(d.DeviceToken), http.StatusUnauthorized, syncproto.CodeEnrolment},
		"unknown login":    {`{"login":"third","password":"correct horse battery"}`, bearer(d.DeviceToken), http.StatusUnauthorized, syncproto.CodeEnrolment},
		"unknown field":    {`{"login":"second","pass":"x"}`, bearer(d.DeviceToken), http.StatusBadRequest, syncproto.CodeBadFields},
		"session as token": {good, bearer(d.SessionToken), http.StatusUnauthorized, syncproto.CodeEnrolment},
	} {
		a := w.json("/v1/sessions", c.body, c.header)
		if a.status != c.status || a.code(t) != c.code {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	a := w.json("/v1/sessions", good, bearer(d.DeviceToken))
	var e accounts.Enrolled
	if err := json.Unmarshal(a.body, &e); err != nil || a.status != http.StatusOK || e.Person != second || e.DeviceToken != "" {
		t.Fatalf("%d %s, %v", a.status, a.body, err)
	}
	d.SessionToken, d.Person = e.SessionToken, second
	if answers := d.sync(&syncproto.Push{Ops: []syncproto.Op{d.op(domain.EntityDefect, domain.AnyID{1}, domain.Defect{Room: "x"})}}); len(answers) != 1 {
		t.Errorf("%+v", answers)
	}
}

// Every route of devices asks for both tokens, of one device, that still hold.
func TestCredentials(t *testing.T) {
	w := newWorld(t)
	a, b := w.device("a", "inspector"), w.device("b", "inspector")
	header := func(device, session string) http.Header {
		return http.Header{"Authorization": {"Bearer " + device}, api.SessionHeader: {session}}
	}
	path := "/v1/blobs/" + hash([]byte("x")).String()
	for name, h := range map[string]http.Header{
		"none":              nil,
		"no session":        {"Authorization": {"Bearer " + a.DeviceToken}},
		"no device":         {api.SessionHeader: {a.SessionToken}},
		"nonsense":          header("x", "y"),
		"another's session": header(a.DeviceToken, b.SessionToken),
		"swapped":           header(a.SessionToken, a.DeviceToken),
		"the hash":          header(string(bytes.Repeat([]byte("0"), 64)), a.SessionToken),
	} {
		for _, route := range []struct{ method, path string }{
			{http.MethodGet, "/v1/sync"}, {http.MethodPost, "/v1/sync"}, {http.MethodGet, path}, {http.MethodPut, path + "?offset=0&total=1"}, {http.MethodGet, path + "/offset"},
		} {
			got := w.call(route.method, route.path, nil, h)
			if got.status != http.StatusUnauthorized || got.code(t) != syncproto.CodeUnauthorised {
				t.Errorf("%s, %s %s: %d %s", name, route.method, route.path, got.status, got.body)
			}
		}
	}
	w.clock.Add((401 * 24 * 60 * 60) * 1000)
	a.call(http.MethodPost, "/v1/sync", nil).is(t, http.StatusUnauthorized, syncproto.CodeUnauthorised)
}

// A plain request for the socket is refused without harm.
func TestSocketNeedsAnUpgrade(t *testing.T) {
	w := newWorld(t)
	d := w.device("a", "inspector")
	if a := d.call(http.MethodGet, "/v1/sync", nil); a.status != http.StatusBadRequest {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := d.call(http.MethodPost, "/v1/sync", nil); a.status != http.StatusOK {
		t.Errorf("%d", a.status)
	}
}
