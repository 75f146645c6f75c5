package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Beyond this machine nothing is served in the clear unless somebody said so.
func TestListenRules(t *testing.T) {
	t.Parallel()
	plain := func(address string) listenFlags { return listenFlags{address: address} }
	secured := func(address string) listenFlags { return listenFlags{address: address, cert: "c", key: "k"} }
	for name, c := range map[string]struct {
		flags listenFlags
		want  error
	}{
		"loopback":            {plain("127.0.0.1:8790"), nil},
		"another loopback":    {plain("127.8.9.1:1"), nil},
		"loopback v6":         {plain("[::1]:8790"), nil},
		"localhost":           {plain("localhost:8790"), nil},
		"everywhere":          {plain("0.0.0.0:8790"), errPlain},
		"everywhere, short":   {plain(":8790"), errPlain},
		"everywhere v6":       {plain("[::]:8790"), errPlain},
		"a site's network":    {plain("192.168.1.7:8790"), errPlain},
		"a public address":    {plain("203.0.113.5:443"), errPlain},
		"a name":              {plain("keyturn.example:443"), errPlain},
		"a lookalike":         {plain("localhost.example:443"), errPlain},
		"TLS":                 {secured("0.0.0.0:443"), nil},
		"TLS on loopback":     {secured("127.0.0.1:443"), nil},
		"behind a proxy":      {listenFlags{address: "0.0.0.0:80", proxied: true}, nil},
		"told so":             {listenFlags{address: "0.0.0.0:80", insecure: true}, nil},
		"half a pair":         {listenFlags{address: "0.0.0.0:80", cert: "c", insecure: true}, errAny},
		"the other half":      {listenFlags{address: "127.0.0.1:80", key: "k"}, errAny},
		"no port":             {plain("127.0.0.1"), errAny},
		"nothing":             {plain(""), errAny},
		"told so, no address": {listenFlags{insecure: true}, errAny},
	} {
		err := c.flags.check()
		if (err == nil) != (c.want == nil) || errors.Is(c.want, errPlain) != errors.Is(err, errPlain) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

var errAny = errors.New("any error")

// serving is a server that was started by its command line.
type serving struct {
	address string
	done    chan int
	errs    *bytes.Buffer
}

// started waits until the program says where it serves.
func started(ctx context.Context, t *testing.T, args ...string) *serving {
	t.Helper()
	s := &serving{done: make(chan int, 1), errs: &bytes.Buffer{}}
	out, in := io.Pipe()
	args = append([]string{"serve", "-data", filepath.Join(t.TempDir(), "data")}, args...)
	go func() {
		s.done <- run(ctx, args, in, s.errs)
		_ = in.Close()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("not served, exit code %d: %s", <-s.done, s.errs)
	}
	s.address = strings.TrimPrefix(strings.TrimSpace(line), "serving on ")
	return s
}

// certificate writes a fresh key pair for this machine and trusts it.
func certificate(t *testing.T) (certFile, keyFile string, trusted *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Sample server"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	must(t, os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600))
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	trusted = x509.NewCertPool()
	trusted.AddCert(cert)
	return certFile, keyFile, trusted
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// get asks for the server's health.
func get(t *testing.T, url string, config *tls.Config) (int, *tls.ConnectionState, error) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/healthz", nil)
	must(t, err)
	resp, err := client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	must(t, errors.Join(err, resp.Body.Close()))
	return resp.StatusCode, resp.TLS, nil
}

func TestServesTLS(t *testing.T) {
	t.Parallel()
	cert, key, trusted := certificate(t)
	ctx, cancel := context.WithCancel(t.Context())
	s := started(ctx, t, "-listen", "127.0.0.1:0", "-tls-cert", cert, "-tls-key", key)
	status, state, err := get(t, "https://"+s.address, &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12})
	if err != nil || status != http.StatusOK || state.Version < tls.VersionTLS12 {
		t.Errorf("%d, %v", status, err)
	}
	old := &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	if _, _, err := get(t, "https://"+s.address, old); err == nil {
		t.Error("an old version of TLS was spoken")
	}
	if _, _, err := get(t, "https://"+s.address, &tls.Config{MinVersion: tls.VersionTLS12}); err == nil {
		t.Error("an unknown certificate was trusted")
	}
	if status, _, err := get(t, "http://"+s.address, nil); err == nil && status == http.StatusOK {
		t.Error("plain HTTP was served beside TLS")
	}
	cancel()
	if code := <-s.done; code != exitOK {
		t.Errorf("exit code %d: %s", code, s.errs)
	}
}

func TestServesPlainOnThisMachine(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := started(ctx, t, "-listen", "127.0.0.1:0")
	if status, _, err := get(t, "http://"+s.address, nil); err != nil || status != http.StatusOK {
		t.Errorf("%d, %v", status, err)
	}
	cancel()
	if code := <-s.done; code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

// A port that is taken is an error, not a server that nobody reaches.
func TestPortThatIsTaken(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { must(t, taken.Close()) }()
	code, out, errs := runCommand(t, "serve", "-data", filepath.Join(t.TempDir(), "data"), "-listen", taken.Addr().String())
	if code != exitFailed || out != "" || !strings.Contains(errs, "listen") {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}
}
