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
// with a certificate that the system trusts, or the old one must have named it
// (rotation.go).
type trust struct {
	roots *x509.CertPool

	mu sync.Mutex
	// host is the name or address of the server, as people typed it.
	host string
	pin  []byte
	seen []byte
	// left is the pin that was moved to next, for a caller that read its identity
	// before that.
	left, next []byte
	// passed is a key that no statement leads to, though its certificate is trusted.
	passed []byte
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
	switch {
	case key == nil: // who enrols again may mean the former key
		t.left, t.next = nil, nil
	case bytes.Equal(key, t.left):
		key = t.next
	}
	t.host, t.pin = host, key
}

// move replaces a pin by the key that it has named.
func (t *trust) move(from, to []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.left, t.next = from, to
	if bytes.Equal(t.pin, from) {
		t.pin = to
	}
}

// strange is the key of the server that was verified last if only its certificate
// spoke for it and statements have not been asked for; nil otherwise.
func (t *trust) strange() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pin == nil || bytes.Equal(t.seen, t.pin) || bytes.Equal(t.seen, t.passed) {
		return nil
	}
	return t.seen
}

// pass leaves a strange key to its certificate.
func (t *trust) pass(key []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.passed = key
}

// lastSeen is the key of the server that was verified last.
func (t *trust) lastSeen() []byte {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seen
}

// ErrUntrusted says that a server cannot prove to be the one that is meant.
var ErrUntrusted = errors.New("the server is not to be trusted")

var (
	errNoCertificate = errors.New("the server showed no certificate")
	// errStranger says that neither the pin nor a certificate speaks for a server.
	errStranger = errors.New("the server shows another key than the one that is pinned")
)

func (t *trust) verify(state tls.ConnectionState) error {
	if err := t.known(state); err != nil {
		return fmt.Errorf("%w: %w", ErrUntrusted, err)
	}
	return nil
}

func (t *trust) known(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return errNoCertificate
	}
	leaf := state.PeerCertificates[0]
	key := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pin == nil || !bytes.Equal(t.pin, key[:]) {
		err := t.chain(state, leaf, time.Now())
		if err != nil && t.pin != nil {
			return fmt.Errorf("%w: %w", errStranger, err)
		}
		if err != nil {
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
