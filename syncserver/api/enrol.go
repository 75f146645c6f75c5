package api

import (
	"errors"
	"net/http"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
)

// EnrolRequest exchanges a one-time code for a device identity; the answer is
// accounts.Enrolled.
type EnrolRequest struct {
	Code       string `json:"code"`
	DeviceName string `json:"device_name"`
	// Device is the identity that the device has already and wants to keep; its
	// token comes as in other requests.
	Device domain.DeviceID `json:"device,omitzero"`
}

const maxDeviceName = 80

func (s *Server) enrol(w http.ResponseWriter, r *http.Request) {
	if !s.secrets.open(r) {
		s.fail(w, r, http.StatusTooManyRequests, syncproto.CodeOverloaded, nil)
		return
	}
	var in EnrolRequest
	if err := readJSON(r, &in); err != nil || in.Code == "" || len(in.DeviceName) > maxDeviceName {
		s.fail(w, r, http.StatusBadRequest, syncproto.CodeBadFields, err)
		return
	}
	out, err := s.Accounts.Enrol(r.Context(), in.Code, accounts.Newcomer{Name: in.DeviceName, Held: in.Device, Token: bearer(r)})
	s.enrolled(w, r, out, err)
}

// SignInRequest starts a session of another person on an enrolled device.
type SignInRequest struct {
	Login    string `json:"login"`
	Password string `json:"password"`
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	if !s.secrets.open(r) {
		s.fail(w, r, http.StatusTooManyRequests, syncproto.CodeOverloaded, nil)
		return
	}
	device, err := s.Accounts.AuthenticateDevice(r.Context(), bearer(r))
	if err != nil {
		s.enrolled(w, r, accounts.Enrolled{}, err)
		return
	}
	var in SignInRequest
	if err := readJSON(r, &in); err != nil {
		s.fail(w, r, http.StatusBadRequest, syncproto.CodeBadFields, err)
		return
	}
	out, err := s.Accounts.SignIn(r.Context(), device.ID, in.Login, in.Password)
	s.enrolled(w, r, out, err)
}

func (s *Server) enrolled(w http.ResponseWriter, r *http.Request, out accounts.Enrolled, err error) {
	switch {
	case errors.Is(err, accounts.ErrDenied):
		s.secrets.failed(r)
		s.fail(w, r, http.StatusUnauthorized, syncproto.CodeEnrolment, err)
	case err != nil:
		s.fail(w, r, http.StatusInternalServerError, syncproto.CodeStorage, err)
	default:
		s.json(w, r, out)
	}
}

// ForkRequest is the number and the content's SHA-256 of an op that the server
// holds another one under; the answer is accounts.Enrolled.
type ForkRequest struct {
	Seq    uint64      `json:"seq"`
	SHA256 domain.Hash `json:"sha256"`
}

// fork gives a cloned device an identity of its own.
func (s *Server) fork(w http.ResponseWriter, r *http.Request) {
	c, ok := s.caller(w, r)
	if !ok {
		return
	}
	var in ForkRequest
	if err := readJSON(r, &in); err != nil {
		s.fail(w, r, http.StatusBadRequest, syncproto.CodeBadFields, err)
		return
	}
	out, err := s.Accounts.Fork(r.Context(), c, in.Seq, in.SHA256)
	switch {
	case errors.Is(err, accounts.ErrNotCloned):
		s.fail(w, r, http.StatusConflict, syncproto.CodeBadFields, err)
		return
	case errors.Is(err, accounts.ErrDenied): // revoked; its tokens were right
		s.fail(w, r, http.StatusForbidden, syncproto.CodeRevoked, err)
		return
	case err == nil:
		s.logger(r).Warn("a device was cloned and is two now", "device", c.Device.ID, "new", out.Device)
	}
	s.enrolled(w, r, out, err)
}
