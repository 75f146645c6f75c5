package syncer

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/rotation"
)

func edKey(t *testing.T) crypto.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	return key
}

func publicOf(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	must(t, err)
	return der
}

func pinned(t *testing.T, key crypto.Signer) []byte {
	t.Helper()
	p, err := rotation.Pin(publicOf(t, key))
	must(t, err)
	return p
}

// statements is the file of a server that went through these keys.
func statements(t *testing.T, keys ...crypto.Signer) []byte {
	t.Helper()
	var c rotation.Chain
	for i := range len(keys) - 1 {
		var err error
		c, err = c.Next(rand.Reader, keys[i], publicOf(t, keys[i+1]), domain.At(time.Now()))
		must(t, err)
	}
	b, err := c.Encode()
	must(t, err)
	return b
}

// selfSigned is a certificate that nobody trusts and that, for a device whose
// clock is ten years off, is not of its time.
func selfSigned(t *testing.T, key crypto.Signer) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(3), NotBefore: time.Now().AddDate(10, 0, 0), NotAfter: time.Now().AddDate(11, 0, 0), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	must(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// rotated is a server that publishes a file and notes what it is asked.
type rotated struct {
	url     string
	publish http.HandlerFunc

	mu     sync.Mutex
	asked  []*http.Request // for rotations
	secret []*http.Request // everything else
}

func (s *rotated) note(list *[]*http.Request, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*list = append(*list, r)
}

// counts is how often the server was asked for rotations and for the rest.
func (s *rotated) counts() (asked, secret int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked), len(s.secret)
}

func serveRotated(t *testing.T, cert tls.Certificate, publish http.HandlerFunc) *rotated {
	t.Helper()
	s := &rotated{publish: publish}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/tls-rotations", func(w http.ResponseWriter, r *http.Request) {
		s.note(&s.asked, r)
		s.publish(w, r)
	})
	mux.HandleFunc("GET /v1/sync", func(w http.ResponseWriter, r *http.Request) {
		s.note(&s.secret, r)
		if ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil); err == nil {
			_ = ws.Close()
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { s.note(&s.secret, r) })
	h := httptest.NewUnstartedServer(mux)
	h.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	h.StartTLS()
	t.Cleanup(h.Close)
	s.url = h.URL
	return s
}

func says(b []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(b) }
}

// pinning is a device that has pinned a key and trusts one authority.
func pinning(t *testing.T, url string, pin []byte, trusted *authority) (*Runner, localstore.Identity) {
	t.Helper()
	id := localstore.Identity{Server: url, Device: tablet, DeviceToken: "device", SessionToken: "session", ServerKey: pin}
	r := &Runner{Store: newBench(t).store, Link: NewLink(&tls.Config{RootCAs: trusted.pool(), MinVersion: tls.VersionTLS12})}
	must(t, r.Store.SetIdentity(t.Context(), id))
	return r, id
}

// meet dials as the runner does and hangs up.
func meet(ctx context.Context, r *Runner) error {
	id, err := r.Store.Identity(ctx)
	if err != nil {
		return err
	}
	ws, err := r.dial(ctx, id)
	if err != nil {
		return err
	}
	return ws.Close()
}

func storedPin(t *testing.T, r *Runner) []byte {
	t.Helper()
	id, err := r.Store.Identity(t.Context())
	must(t, err)
	return id.ServerKey
}

// A device whose clock is ten years off follows its server to a key whose
// certificate proves nothing to it, from a pin of any kind and age, and needs no
// statement the next time.
func TestFollowsARotation(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)
	keys := map[string]crypto.Signer{"RSA": rsaKey, "P-256": newKey(t), "P-384": p384, "Ed25519": edKey(t)}
	nobody := newAuthority(t)
	for name, old := range keys {
		for kind, now := range keys {
			if name == kind {
				now = newKey(t)
			}
			for chain, file := range map[string][]byte{
				"one step": statements(t, old, now), "two steps": statements(t, old, edKey(t), now),
				"and before": statements(t, edKey(t), old, now), "and after": statements(t, old, now, edKey(t)),
			} {
				cert := selfSigned(t, now)
				s := serveRotated(t, cert, says(file))
				r, stale := pinning(t, s.url, pinned(t, old), nobody)
				if err := meet(t.Context(), r); err != nil {
					t.Errorf("%s → %s, %s: %v", name, kind, chain, err)
					continue
				}
				if !bytes.Equal(storedPin(t, r), pinned(t, now)) {
					t.Errorf("%s → %s, %s: the new key is not pinned", name, kind, chain)
				}
				for _, h := range []string{"Authorization", sessionField, "Cookie"} {
					if s.asked[0].Header.Get(h) != "" {
						t.Errorf("%s was shown to a server that nobody knew yet", h)
					}
				}
				// Who read the identity before the move is let through too.
				if _, err := r.Link.Receipt(t.Context(), stale, 1); err != nil {
					t.Errorf("with the identity of before: %v", err)
				}
				s.publish = http.NotFound
				r.Link = NewLink(&tls.Config{RootCAs: nobody.pool(), MinVersion: tls.VersionTLS12}) // the app starts again
				if err := meet(t.Context(), r); err != nil {
					t.Errorf("%s → %s, %s: without statements: %v", name, kind, chain, err)
				}
				if asked, _ := s.counts(); asked != 1 {
					t.Errorf("asked %d times", asked)
				}
			}
		}
	}
}

// Whatever else somebody publishes, the device shows nothing to a server whose
// key its own pin has not named, and keeps the pin.
func TestFollowsNobodyElse(t *testing.T) {
	old, now, stranger, third := newKey(t), newKey(t), newKey(t), newKey(t)
	good := statements(t, old, now)
	nobody := newAuthority(t)
	elsewhere := serveRotated(t, selfSigned(t, now), says(good))
	forged := bytes.Replace(good, []byte(`"made_at":1`), []byte(`"made_at":2`), 1)
	if bytes.Equal(forged, good) {
		t.Fatal("nothing was forged")
	}
	for name, c := range map[string]struct {
		pin     crypto.Signer
		publish http.HandlerFunc
	}{
		"no such route":        {old, http.NotFound},
		"no rotations":         {old, says(statements(t, old))},
		"another server's":     {old, says(statements(t, stranger, now))},
		"to another key":       {old, says(statements(t, old, third))},
		"back to an older key": {third, says(statements(t, now, third))},
		"back, two steps":      {third, says(statements(t, now, old, third))},
		"changed":              {old, says(forged)},
		"half":                 {old, says(good[:len(good)/2])},
		"a page":               {old, says([]byte("<html>Welcome!</html>"))},
		"too long":             {old, says(append(slices.Clone(good), bytes.Repeat([]byte(" "), rotation.MaxBytes)...))},
		"without end":          {old, endless},
		"an error": {old, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = w.Write(good)
		}},
		"elsewhere": {old, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.url+r.URL.Path, http.StatusFound)
		}},
		"nothing, it hangs up": {old, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	} {
		s := serveRotated(t, selfSigned(t, now), c.publish)
		r, id := pinning(t, s.url, pinned(t, c.pin), nobody)
		if err := meet(t.Context(), r); !errors.Is(err, errStranger) {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Equal(storedPin(t, r), id.ServerKey) {
			t.Errorf("%s: another key is pinned", name)
		}
		if asked, secret := s.counts(); asked != 1 || secret != 0 {
			t.Errorf("%s: asked %d times, told %d times", name, asked, secret)
		}
	}
	if asked, secret := elsewhere.counts(); asked != 0 || secret != 0 {
		t.Error("a redirect was followed")
	}
}

// endless never stops.
func endless(w http.ResponseWriter, _ *http.Request) {
	for block := bytes.Repeat([]byte(" "), 64<<10); ; {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// A new key whose certificate is trusted needs no statement; if there is one, the
// pin moves on all the same, so that a stolen old key opens nothing.
func TestTrustedAndRotated(t *testing.T) {
	trusted := newAuthority(t)
	old, now := newKey(t), newKey(t)
	cert := trusted.sign(t, leaf{key: now})
	s := serveRotated(t, cert, says(statements(t, old, now)))
	r, _ := pinning(t, s.url, pinned(t, old), trusted)
	must(t, meet(t.Context(), r))
	if !bytes.Equal(storedPin(t, r), pinned(t, now)) {
		t.Error("the pin stays behind")
	}
	thief, _ := pinning(t, serveRotated(t, selfSigned(t, old), says(statements(t, old, now))).url, storedPin(t, r), trusted)
	if err := meet(t.Context(), thief); !errors.Is(err, errStranger) {
		t.Errorf("the old key still counts: %v", err)
	}

	// Without one it is not asked for again and again.
	s = serveRotated(t, cert, http.NotFound)
	r, id := pinning(t, s.url, pinned(t, old), trusted)
	must(t, meet(t.Context(), r))
	must(t, meet(t.Context(), r))
	if asked, _ := s.counts(); asked != 1 || !bytes.Equal(storedPin(t, r), id.ServerKey) {
		t.Errorf("asked %d times", asked)
	}
}

// The pin of somebody who enrolled while the statements were on their way stays.
func TestEnrolledMeanwhile(t *testing.T) {
	old, now, other := newKey(t), newKey(t), newKey(t)
	s := serveRotated(t, selfSigned(t, now), says(statements(t, old, now)))
	r, id := pinning(t, s.url, pinned(t, old), newAuthority(t))
	again := id
	again.ServerKey, again.DeviceToken = pinned(t, other), "another"
	s.publish = func(w http.ResponseWriter, request *http.Request) {
		must(t, r.Store.SetIdentity(request.Context(), again))
		_, _ = io.Copy(w, bytes.NewReader(statements(t, old, now)))
	}
	if _, err := r.dial(t.Context(), id); !errors.Is(err, errEnrolledAgain) {
		t.Errorf("%v", err)
	}
	if held, err := r.Store.Identity(t.Context()); err != nil || held.DeviceToken != "another" || !bytes.Equal(held.ServerKey, again.ServerKey) {
		t.Errorf("%+v, %v", held, err)
	}
}
