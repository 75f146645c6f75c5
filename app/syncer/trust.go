package syncer

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"time"
)

// trust decides whether a server is the one that the device enrolled at. The
// pinned key is enough, whatever the device's clock says; a new key must come
// with a certificate that the system trusts.
type trust struct {
	roots *x509.CertPool

	mu sync.Mutex
	// host is the name or address of the server, as people typed it.
	host string
	pin  []byte
	seen []byte
}

// config is the TLS configuration that asks trust instead of the clock.
func (t *trust) config(base *tls.Config) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if base != nil {
		c = base.Clone()
		t.roots = base.RootCAs
	}
	c.InsecureSkipVerify = true // VerifyConnection verifies, see there
	c.VerifyConnection = t.verify
	return c
}

// expects sets which server is meant: its host, and its key once the device has
// enrolled. The connection itself does not tell a host that is an IP address.
func (t *trust) expects(host string, key []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.host, t.pin = host, key
}

// lastSeen is the key of the server that was verified last.
func (t *trust) lastSeen() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seen
}

var errNoCertificate = errors.New("the server showed no certificate")

func (t *trust) verify(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return errNoCertificate
	}
	leaf := state.PeerCertificates[0]
	key := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pin == nil || !bytes.Equal(t.pin, key[:]) {
		if err := t.chain(state, leaf, time.Now()); err != nil {
			return err
		}
	}
	t.seen = key[:]
	return nil
}

// chain verifies the certificate with the system's or the given roots. Before
// enrolment a device whose clock is outside the certificate's life is let in:
// its clock is more likely wrong than the server.
func (t *trust) chain(state tls.ConnectionState, leaf *x509.Certificate, now time.Time) error {
	options := x509.VerifyOptions{Roots: t.roots, DNSName: t.host, Intermediates: x509.NewCertPool(), CurrentTime: now}
	for _, c := range state.PeerCertificates[1:] {
		options.Intermediates.AddCert(c)
	}
	_, err := leaf.Verify(options)
	var invalid x509.CertificateInvalidError
	if t.pin == nil && errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		options.CurrentTime = leaf.NotBefore.Add(time.Second)
		_, err = leaf.Verify(options)
	}
	if err != nil {
		return fmt.Errorf("server certificate: %w", err)
	}
	return nil
}
