package syncer

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Link is how the device reaches its server.
type Link struct {
	http *http.Client
	// patient is for what may take long as long as something comes.
	patient *http.Client
	ws      *websocket.Dialer
	trust   *trust
}

// Connection timing: a call that takes longer has failed.
const (
	dialWait     = 10 * time.Second
	callWait     = 60 * time.Second
	maxAnswer    = 64 << 10
	sessionField = "Keyturn-Session"
)

// NewLink uses the given TLS configuration; nil is the system's.
func NewLink(config *tls.Config) *Link {
	dialer := &net.Dialer{Timeout: dialWait}
	t := &trust{}
	config = t.config(config)
	carrier := &http.Transport{DialContext: dialer.DialContext, TLSClientConfig: config, TLSHandshakeTimeout: dialWait, MaxIdleConnsPerHost: 4, IdleConnTimeout: callWait}
	return &Link{
		trust:   t,
		http:    &http.Client{Timeout: callWait, Transport: carrier},
		patient: &http.Client{Transport: carrier},
		ws:      &websocket.Dialer{NetDialContext: dialer.DialContext, TLSClientConfig: config, HandshakeTimeout: dialWait},
	}
}

// LinkOver is a link without a network of its own: its requests travel through
// rt, such as a server in the same process. It opens no websocket.
func LinkOver(rt http.RoundTripper) *Link {
	return &Link{trust: &trust{}, http: &http.Client{Transport: rt}, patient: &http.Client{Transport: rt}}
}

// Refused is a request that the server answered with a code.
type Refused struct {
	Status int
	Code   syncproto.Code `json:"code"`
}

// Error implements error.
func (r *Refused) Error() string { return fmt.Sprintf("server refused: %s (%d)", r.Code, r.Status) }

// refusal is an answer that is not what was asked for; without a readable code it
// is the server's own failure.
func refusal(resp *http.Response) *Refused {
	refused := &Refused{Status: resp.StatusCode}
	if json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(refused) != nil {
		refused.Code = syncproto.CodeStorage
	}
	return refused
}

// ErrBadAddress says that a server address is no http or https URL.
var ErrBadAddress = errors.New("the server address must be an http or https URL")

// ErrOtherServer says that a device belongs to another server: its work, and the
// token that proves who it is, are for that one only.
var ErrOtherServer = errors.New("the device is enrolled at another server")

// enrolled is the server's answer to who asks for an identity.
type enrolled struct {
	Device       domain.DeviceID `json:"device"`
	DeviceToken  string          `json:"device_token"`
	Person       domain.PersonID `json:"person"`
	PersonName   string          `json:"person_name"`
	SessionToken string          `json:"session_token"`
}

// Enrol exchanges a one-time code for an identity; a device that has one already
// keeps its id and with it all its work.
func (l *Link) Enrol(ctx context.Context, held localstore.Identity, server, code, deviceName string) (id localstore.Identity, err error) {
	u, err := url.Parse(strings.TrimSpace(server))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return id, ErrBadAddress
	}
	in := map[string]string{"code": code, "device_name": deviceName}
	if held.Enrolled() {
		in["device"] = held.Device.String()
	}
	body, err := json.Marshal(in)
	if err != nil {
		return id, fmt.Errorf("enrol: %w", err)
	}
	var out enrolled
	address := (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
	if held.Enrolled() && address != held.Server {
		return id, fmt.Errorf("enrol: %w: %s", ErrOtherServer, held.Server)
	}
	l.trust.expects(u.Hostname(), held.ServerKey)
	if err := l.call(ctx, localstore.Identity{Server: address, DeviceToken: held.DeviceToken}, http.MethodPost, "/v1/enrol", bytes.NewReader(body), nil, &out); err != nil {
		return id, fmt.Errorf("enrol: %w", err)
	}
	return localstore.Identity{
		Server: address, Device: out.Device, DeviceToken: out.DeviceToken,
		Person: out.Person, PersonName: out.PersonName, SessionToken: out.SessionToken, ServerKey: l.trust.lastSeen(),
	}, nil
}

// Fork asks for an identity of its own for a device that shares one: under the
// number of this op the server holds another.
func (l *Link) Fork(ctx context.Context, held localstore.Identity, seq uint64, sha domain.Hash) (id localstore.Identity, err error) {
	body, err := json.Marshal(map[string]any{"seq": seq, "sha256": sha})
	if err != nil {
		return id, fmt.Errorf("fork: %w", err)
	}
	var out enrolled
	if err := l.call(ctx, held, http.MethodPost, "/v1/fork", bytes.NewReader(body), nil, &out); err != nil {
		return id, fmt.Errorf("fork: %w", err)
	}
	id = held
	id.Device, id.DeviceToken, id.SessionToken = out.Device, out.DeviceToken, out.SessionToken
	return id, nil
}

func (l *Link) request(ctx context.Context, id localstore.Identity, method, path string, body io.Reader) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, id.Server+path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+id.DeviceToken)
	r.Header.Set(sessionField, id.SessionToken)
	return r, nil
}

// call sends a small request and reads its JSON answer.
func (l *Link) call(ctx context.Context, id localstore.Identity, method, path string, body io.Reader, header http.Header, into any) (err error) {
	r, err := l.request(ctx, id, method, path, body)
	if err != nil {
		return err
	}
	for k, v := range header {
		r.Header[k] = v
	}
	resp, err := l.http.Do(r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		return refusal(resp)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(into); err != nil {
		return fmt.Errorf("answer of %s: %w", path, err)
	}
	return nil
}

// connect opens the sync websocket.
func (l *Link) connect(ctx context.Context, id localstore.Identity) (*websocket.Conn, error) {
	u, err := url.Parse(id.Server)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	l.trust.expects(u.Hostname(), id.ServerKey)
	l.http.CloseIdleConnections() // as dead, likely, as the session before this one
	header := http.Header{"Authorization": {"Bearer " + id.DeviceToken}, sessionField: {id.SessionToken}}
	ws, resp, err := l.ws.DialContext(ctx, "ws"+strings.TrimPrefix(id.Server, "http")+"/v1/sync", header)
	if err == nil {
		return ws, nil
	}
	if resp != nil {
		refused := &Refused{Status: resp.StatusCode}
		if json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(refused) == nil {
			err = refused
		}
		err = errors.Join(err, resp.Body.Close())
	}
	return nil, fmt.Errorf("connect: %w", err)
}
