package syncer

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// authority signs certificates; it is what the system trusts, or is not.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return key
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Sample authority"}, NotBefore: time.Now().AddDate(-20, 0, 0),
		NotAfter: time.Now().AddDate(20, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	must(t, err)
	a.cert, err = x509.ParseCertificate(der)
	must(t, err)
	return a
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// leaf is a server certificate; the zero values are this machine's address and
// the present day.
type leaf struct {
	key     *ecdsa.PrivateKey
	expired bool
	name    string
}

func (a *authority) sign(t *testing.T, l leaf) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if l.expired {
		template.NotBefore, template.NotAfter = time.Now().AddDate(-10, 0, 0), time.Now().AddDate(-9, 0, 0)
	}
	if l.name != "" {
		template.DNSNames = []string{l.name}
	} else {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &l.key.PublicKey, a.key)
	must(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: l.key}
}

func fingerprint(t *testing.T, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	must(t, err)
	sum := sha256.Sum256(der)
	return sum[:]
}

// tlsServer enrols everybody and accepts sockets.
func tlsServer(t *testing.T, cert tls.Certificate) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/enrol", func(w http.ResponseWriter, _ *http.Request) {
		must(t, json.NewEncoder(w).Encode(map[string]any{"device": tablet, "device_token": "d", "person": person, "session_token": "s"}))
	})
	mux.HandleFunc("GET /v1/sync", func(w http.ResponseWriter, r *http.Request) {
		ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err == nil {
			_ = ws.Close()
		}
	})
	mux.HandleFunc("GET /v1/blobs/{sha}/offset", func(w http.ResponseWriter, _ *http.Request) {
		must(t, json.NewEncoder(w).Encode(map[string]any{"offset": 7}))
	})
	s := httptest.NewUnstartedServer(mux)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	s.Config.ErrorLog = nil
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

// reach opens the socket and asks for something beside it.
func reach(ctx context.Context, l *Link, id localstore.Identity) error {
	ws, err := l.connect(ctx, id)
	if err != nil {
		return err
	}
	if err := ws.Close(); err != nil {
		return err
	}
	var at struct{ Offset int64 }
	return l.call(ctx, id, http.MethodGet, "/v1/blobs/x/offset", nil, nil, &at)
}

// Before enrolment the certificate has to be good for the address; only its age
// may be wrong, because a new tablet's clock may be.
func TestTrustAtEnrolment(t *testing.T) {
	trusted, unknown := newAuthority(t), newAuthority(t)
	for name, c := range map[string]struct {
		by   *authority
		leaf leaf
		want bool
	}{
		"a good certificate":     {trusted, leaf{}, true},
		"an expired one":         {trusted, leaf{expired: true}, true},
		"an unknown authority's": {unknown, leaf{}, false},
		"unknown and expired":    {unknown, leaf{expired: true}, false},
		"another server's":       {trusted, leaf{name: "elsewhere.example"}, false},
		"another's and expired":  {trusted, leaf{name: "elsewhere.example", expired: true}, false},
	} {
		c.leaf.key = newKey(t)
		url := tlsServer(t, c.by.sign(t, c.leaf))
		id, err := NewLink(&tls.Config{RootCAs: trusted.pool(), MinVersion: tls.VersionTLS12}).Enrol(t.Context(), localstore.Identity{}, url, "code", "tablet")
		if (err == nil) != c.want || !c.want && !errors.Is(err, ErrUntrusted) {
			t.Errorf("%s: %v", name, err)
		}
		if c.want && (id.Device != tablet || string(id.ServerKey) != string(fingerprint(t, c.leaf.key))) {
			t.Errorf("%s: the server's key is not pinned: %+v", name, id)
		}
	}
}

// After enrolment the pinned key is enough, whatever the clock and whoever
// signed; another key needs a certificate that is good in every way.
func TestPinnedKey(t *testing.T) {
	trusted, unknown := newAuthority(t), newAuthority(t)
	enrolled := newKey(t)
	for name, c := range map[string]struct {
		by    *authority
		leaf  leaf
		other bool
		want  bool
	}{
		"the key, in order":             {trusted, leaf{}, false, true},
		"the key, expired":              {trusted, leaf{expired: true}, false, true},
		"the key, signed by anybody":    {unknown, leaf{expired: true}, false, true},
		"the key, under another name":   {unknown, leaf{name: "moved.example"}, false, true},
		"another key, trusted":          {trusted, leaf{}, true, true},
		"another key, expired":          {trusted, leaf{expired: true}, true, false},
		"another key, unknown":          {unknown, leaf{}, true, false},
		"another key, another server's": {trusted, leaf{name: "elsewhere.example"}, true, false},
		"another key, all of it wrong":  {unknown, leaf{name: "elsewhere.example", expired: true}, true, false},
	} {
		c.leaf.key = enrolled
		if c.other {
			c.leaf.key = newKey(t)
		}
		id := localstore.Identity{Server: tlsServer(t, c.by.sign(t, c.leaf)), Device: tablet, ServerKey: fingerprint(t, enrolled)}
		err := reach(t.Context(), NewLink(&tls.Config{RootCAs: trusted.pool(), MinVersion: tls.VersionTLS12}), id)
		if (err == nil) != c.want || !c.want && !errors.Is(err, ErrUntrusted) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEnrolAddresses(t *testing.T) {
	l := NewLink(nil)
	for _, address := range []string{"", "keyturn.example", "ftp://keyturn.example", "https://", "javascript:alert(1)", "http://[::1", "file:///etc/passwd"} {
		if _, err := l.Enrol(t.Context(), localstore.Identity{}, address, "code", "tablet"); !errors.Is(err, ErrBadAddress) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// What people paste is reduced to the server itself.
func TestEnrolKeepsTheServerOnly(t *testing.T) {
	var asked *http.Request
	var body map[string]string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r
		must(t, json.NewDecoder(r.Body).Decode(&body))
		must(t, json.NewEncoder(w).Encode(map[string]any{"device": tablet, "person": person, "person_name": "样例", "device_token": "d", "session_token": "s", "new_field": 1}))
	}))
	defer s.Close()
	id, err := NewLink(nil).Enrol(t.Context(), localstore.Identity{}, " "+s.URL+"/some/page?x=1 ", "A-B", "样例平板")
	must(t, err)
	if id.Server != s.URL || id.Device != tablet || id.Person != person || id.PersonName != "样例" || id.DeviceToken != "d" || id.SessionToken != "s" || id.ServerKey != nil {
		t.Errorf("%+v", id)
	}
	if asked.URL.Path != "/v1/enrol" || body["code"] != "A-B" || body["device_name"] != "样例平板" {
		t.Errorf("%s %v", asked.URL, body)
	}
}

func TestEnrolIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		code   syncproto.Code
	}{
		"a wrong code":   {http.StatusUnauthorized, `{"code":"enrolment_invalid"}`, syncproto.CodeEnrolment},
		"too many tries": {http.StatusTooManyRequests, `{"code":"overloaded"}`, syncproto.CodeOverloaded},
		"a proxy's page": {http.StatusBadGateway, `<html>Bad gateway</html>`, syncproto.CodeStorage},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		_, err := NewLink(nil).Enrol(t.Context(), localstore.Identity{}, s.URL, "x", "y")
		var refused *Refused
		if !errors.As(err, &refused) || refused.Code != c.code || refused.Status != c.status {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := NewLink(nil).connect(t.Context(), localstore.Identity{Server: s.URL}); err == nil {
			t.Errorf("%s: connected", name)
		}
		s.Close()
	}
	if _, err := NewLink(nil).Enrol(t.Context(), localstore.Identity{}, "http://127.0.0.1:1", "x", "y"); err == nil {
		t.Error("nobody answered and that was no error")
	}
	nonsense := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("welcome!")) }))
	defer nonsense.Close()
	if id, err := NewLink(nil).Enrol(t.Context(), localstore.Identity{}, nonsense.URL, "x", "y"); err == nil || id.Device != (domain.DeviceID{}) {
		t.Errorf("a page that is no answer enrolled %+v", id)
	}
}
