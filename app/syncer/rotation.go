package syncer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/gorilla/websocket"

	"keyturn/app/localstore"
	"keyturn/shared/rotation"
	"keyturn/shared/syncproto"
)

var (
	// errUnnamed says that the pinned key has not named the one that is shown.
	errUnnamed = errors.New("no key rotation leads from the pinned key to the one that the server shows")
	// errEnrolledAgain says that the pin is another one by now.
	errEnrolledAgain = errors.New("the device was enrolled again meanwhile")
)

// dial connects to the server. If that shows another key than the pinned one,
// the device follows the statements to it, which needs no clock.
func (r *Runner) dial(ctx context.Context, id localstore.Identity) (*websocket.Conn, error) {
	ws, err := r.Link.connect(ctx, id)
	if errors.Is(err, errStranger) {
		if why := r.follow(ctx, id); why != nil {
			return nil, errors.Join(err, why)
		}
		return r.Link.connect(ctx, id)
	}
	if err != nil {
		return nil, err
	}
	if key := r.Link.trust.strange(); key != nil {
		// A trusted certificate is enough to connect. Following keeps only the newest
		// key pinned; what fails for another reason is tried at the next connection.
		if why := r.follow(ctx, id); errors.Is(why, errUnnamed) {
			r.Link.trust.pass(key)
		}
	}
	return ws, nil
}

// follow replaces the pin by the key that the server shows now, durably, if
// statements lead from the one to the other.
func (r *Runner) follow(ctx context.Context, id localstore.Identity) error {
	key, err := r.Link.successor(ctx, id)
	if err != nil {
		return fmt.Errorf("key rotations: %w", err)
	}
	held, err := r.Store.Identity(ctx)
	if err != nil {
		return err
	}
	if held.Server != id.Server || held.Device != id.Device || !bytes.Equal(held.ServerKey, id.ServerKey) {
		return errEnrolledAgain
	}
	next := held
	next.ServerKey = key
	if err := r.Store.ReplaceIdentity(ctx, held, next); err != nil {
		return err
	}
	r.Link.trust.move(id.ServerKey, key)
	return nil
}

// successor gives the key that the server shows now if statements lead to it
// from the pinned one. The connection carries nothing of the device and believes
// nothing but the statements; that the server holds the key that it shows, the
// handshake has proved.
func (l *Link) successor(ctx context.Context, id localstore.Identity) (key []byte, err error) {
	client := &http.Client{
		Timeout:       callWait,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: dialWait}).DialContext,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}, //nolint:gosec // nothing is sent, and the statements prove themselves
			TLSHandshakeTimeout: dialWait, DisableKeepAlives: true, MaxResponseHeaderBytes: maxAnswer,
		},
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, id.Server+"/v1/tls-rotations", nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.TLS == nil || len(resp.TLS.PeerCertificates) == 0 {
		return nil, errNoCertificate
	}
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound: // a server that knows no rotations
		return nil, errUnnamed
	default:
		return nil, &Refused{Status: resp.StatusCode, Code: syncproto.CodeStorage}
	}
	file, err := io.ReadAll(io.LimitReader(resp.Body, rotation.MaxBytes+1))
	if err != nil {
		return nil, err
	}
	chain, err := rotation.Decode(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnnamed, err)
	}
	shown := sha256.Sum256(resp.TLS.PeerCertificates[0].RawSubjectPublicKeyInfo)
	if !chain.Leads(id.ServerKey, shown[:]) {
		return nil, errUnnamed
	}
	return shown[:], nil
}
