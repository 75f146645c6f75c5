package main

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
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keyturn/shared/rotation"
	"keyturn/syncserver/api"
)

// keyIn writes a private key as PEM of a type and gives its file and pin.
func keyIn(t *testing.T, kind string, key crypto.Signer) (file string, pin []byte) {
	t.Helper()
	var der []byte
	var err error
	switch k := key.(type) {
	case *rsa.PrivateKey:
		der = x509.MarshalPKCS1PrivateKey(k)
	case *ecdsa.PrivateKey:
		der, err = x509.MarshalECPrivateKey(k)
	}
	if kind == "PRIVATE KEY" {
		der, err = x509.MarshalPKCS8PrivateKey(key)
	}
	must(t, err)
	file = filepath.Join(t.TempDir(), "key.pem")
	must(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	spki, err := x509.MarshalPKIXPublicKey(key.Public())
	must(t, err)
	pin, err = rotation.Pin(spki)
	must(t, err)
	return file, pin
}

func pinIn(t *testing.T, certFile string) []byte {
	t.Helper()
	spki, err := readPublic(certFile)
	must(t, err)
	pin, err := rotation.Pin(spki)
	must(t, err)
	return pin
}

// Each kind of key, in each form that programs write, names the next.
func TestRotatesEveryKindOfKey(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	must(t, err)
	rsaFile, first := keyIn(t, "RSA PRIVATE KEY", rsaKey)
	p256File, _ := keyIn(t, "EC PRIVATE KEY", p256)
	edFile, _ := keyIn(t, "PRIVATE KEY", ed)
	p384File, _ := keyIn(t, "PRIVATE KEY", p384)
	cert, certKey, _ := certificate(t)
	spki, err := x509.MarshalPKIXPublicKey(ed.Public())
	must(t, err)
	public := filepath.Join(t.TempDir(), "public.pem")
	must(t, os.WriteFile(public, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}), 0o600))
	path := filepath.Join(data, api.RotationsFile)
	for _, step := range [][2]string{{rsaFile, p256File}, {p256File, public}, {edFile, p384File}, {p384File, cert}, {certKey, rsaKeyIn(t)}} {
		out := succeed(t, "tls-rotate", "-data", data, "-old-key", step[0], "-new-cert", step[1])
		chain, err := readChain(path)
		must(t, err)
		if to := pinIn(t, step[1]); !chain.Leads(first, to) || !strings.Contains(out, fmt.Sprintf("%x", to)) {
			t.Errorf("%v: does not lead from the first key", step)
		}
	}
	info, err := os.Stat(path)
	must(t, err)
	text, err := os.ReadFile(path)
	must(t, err)
	if info.Mode().Perm() != 0o644 || bytes.Contains(text, []byte("PRIVATE")) || bytes.Contains(text, ed.Seed()) {
		t.Errorf("mode %v: %s", info.Mode(), text)
	}
	entries, err := os.ReadDir(data)
	must(t, err)
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func rsaKeyIn(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	file, _ := keyIn(t, "PRIVATE KEY", key)
	return file
}

// What is refused changes nothing.
func TestRefusedKeyRotations(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	oldCert, oldKey, _ := certificate(t)
	cert, key, _ := certificate(t)
	other, otherKey, _ := certificate(t)
	path := filepath.Join(data, api.RotationsFile)
	encrypted := filepath.Join(t.TempDir(), "encrypted.pem")
	must(t, os.WriteFile(encrypted, pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("x")}), 0o600))
	broken := filepath.Join(t.TempDir(), "broken.pem")
	must(t, os.WriteFile(broken, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}), 0o600))
	succeed(t, "tls-rotate", "-data", data, "-old-key", oldKey, "-new-cert", cert)
	before, err := os.ReadFile(path)
	must(t, err)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"no old key":          {[]string{"-new-cert", other}, "usage"},
		"no new one":          {[]string{"-old-key", key}, "usage"},
		"something more":      {[]string{"-old-key", key, "-new-cert", other, "now"}, "usage"},
		"no such file":        {[]string{"-old-key", "nowhere.pem", "-new-cert", other}, "nowhere.pem"},
		"a certificate":       {[]string{"-old-key", cert, "-new-cert", other}, "no such PEM block"},
		"an encrypted key":    {[]string{"-old-key", encrypted, "-new-cert", other}, "no such PEM block"},
		"no key":              {[]string{"-old-key", broken, "-new-cert", other}, "broken.pem"},
		"no certificate":      {[]string{"-old-key", key, "-new-cert", broken}, "broken.pem"},
		"the key before":      {[]string{"-old-key", oldKey, "-new-cert", other}, "do not follow one another"},
		"a stranger's key":    {[]string{"-old-key", otherKey, "-new-cert", other}, "do not follow one another"},
		"the same key":        {[]string{"-old-key", key, "-new-cert", cert}, "in use already"},
		"back to the old one": {[]string{"-old-key", key, "-new-cert", oldCert}, "in use already"},
	} {
		code, out, errs := runCommand(t, append([]string{"tls-rotate", "-data", data}, c.args...)...)
		if code != exitFailed || out != "" || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit code %d: %s%s", name, code, out, errs)
		}
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file has changed: %v", err)
	}
	must(t, os.WriteFile(path, before[:len(before)/2], 0o600))
	if code, _, errs := runCommand(t, "tls-rotate", "-data", data, "-old-key", key, "-new-cert", other); code != exitFailed || !strings.Contains(errs, api.RotationsFile) {
		t.Errorf("a broken file was extended: %d %s", code, errs)
	}
}

// startedIn is started in a data directory that exists.
func startedIn(ctx context.Context, t *testing.T, data, cert, key string) *serving {
	t.Helper()
	return started(ctx, t, "-data", data, "-listen", "127.0.0.1:0", "-tls-cert", cert, "-tls-key", key)
}

// asStranger asks a server that nobody trusts for its rotations and gives the
// key that it showed.
func asStranger(t *testing.T, address string) (rotation.Chain, []byte) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}, DisableKeepAlives: true, // as a device does
	}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/v1/tls-rotations", nil)
	must(t, err)
	resp, err := client.Do(r)
	must(t, err)
	body, err := io.ReadAll(resp.Body)
	must(t, errors.Join(err, resp.Body.Close()))
	chain, err := rotation.Decode(body)
	must(t, err)
	pin, err := rotation.Pin(resp.TLS.PeerCertificates[0].RawSubjectPublicKeyInfo)
	must(t, err)
	return chain, pin
}

// The operator's whole way: serve, rotate twice, serve with the newest key. Who
// knows any key before is led to it, over TLS that proves nothing else.
func TestServesRotations(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	cert1, key1, _ := certificate(t)
	cert2, key2, _ := certificate(t)
	cert3, key3, _ := certificate(t)
	warning := "not the one that the TLS key rotations end with"
	serveOnce := func(cert, key string) (chain rotation.Chain, shown []byte, log string) {
		ctx, cancel := context.WithCancel(t.Context())
		s := startedIn(ctx, t, data, cert, key)
		chain, shown = asStranger(t, s.address)
		cancel()
		if code := <-s.done; code != exitOK {
			t.Fatalf("exit code %d: %s", code, s.errs)
		}
		return chain, shown, s.errs.String()
	}
	chain, first, log := serveOnce(cert1, key1)
	if chain.Last() != nil || strings.Contains(log, warning) {
		t.Errorf("before any rotation: %s", log)
	}
	succeed(t, "tls-rotate", "-data", data, "-old-key", key1, "-new-cert", cert2)
	if _, _, log := serveOnce(cert1, key1); !strings.Contains(log, warning) {
		t.Errorf("still with the old key, no warning: %s", log)
	}
	succeed(t, "tls-rotate", "-data", data, "-old-key", key2, "-new-cert", cert3)
	chain, shown, log := serveOnce(cert3, key3)
	if !chain.Leads(first, shown) || !chain.Leads(pinIn(t, cert2), shown) || strings.Contains(log, warning) {
		t.Errorf("the keys before do not lead to the one that is shown: %s", log)
	}

	backups := t.TempDir()
	path := strings.SplitN(succeed(t, "backup", "-data", data, backups), "\n", 2)[0]
	restored := filepath.Join(t.TempDir(), "restored")
	succeed(t, "restore", "-data", restored, path)
	if again, err := readChain(filepath.Join(restored, api.RotationsFile)); err != nil || !again.Leads(first, shown) {
		t.Errorf("not in the backup: %v", err)
	}

	// A broken file is told of; the server serves those who need none.
	must(t, os.WriteFile(filepath.Join(data, api.RotationsFile), []byte("{"), 0o600))
	ctx, cancel := context.WithCancel(t.Context())
	s := startedIn(ctx, t, data, cert3, key3)
	cancel()
	if code := <-s.done; code != exitOK || !strings.Contains(s.errs.String(), "devices cannot follow") {
		t.Errorf("exit code %d: %s", code, s.errs)
	}
}
