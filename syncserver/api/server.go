// Package api is the server's HTTP surface for devices: enrolment, sign-in, the
// sync session over websocket or plain POST, and blob transfer.
package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/live"
	"keyturn/syncserver/snapshots"
)

// Server serves devices.
type Server struct {
	Accounts *accounts.Accounts
	Engine   *intake.Engine
	Hub      *live.Hub
	Blobs    blobs.Store
	Log      *slog.Logger
	Metrics  *Metrics
	// Poke tells other server processes that something was appended.
	Poke func()
	// Snapshots are what Engine.Snapshots announces.
	Snapshots *snapshots.Shelf
	Receipts  Receipts
	// Rotations is the file of TLS key rotations, which need not exist.
	Rotations string

	secrets *limiter
}

// Limits of requests that carry JSON, and of guesses at secrets per address.
const (
	maxJSON        = 16 << 10
	guessesPerHour = 60
	guessBurst     = 10
)

// Handler is the route table. ctx ends every open session.
func (s *Server) Handler(ctx context.Context) http.Handler {
	s.secrets = newLimiter(rate.Every(time.Hour/guessesPerHour), guessBurst)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.health)
	mux.Handle("GET /metrics", s.Metrics.Handler())
	mux.HandleFunc("GET /v1/tls-rotations", s.rotations)
	mux.HandleFunc("POST /v1/enrol", s.enrol)
	mux.HandleFunc("POST /v1/sessions", s.signIn)
	mux.HandleFunc("POST /v1/fork", s.fork)
	mux.HandleFunc("GET /v1/sync", func(w http.ResponseWriter, r *http.Request) { s.sync(ctx, w, r) })
	mux.HandleFunc("POST /v1/sync", s.syncOnce)
	mux.HandleFunc("GET /v1/snapshots/{project}/{audience}/{sha}", s.snapshot)
	mux.HandleFunc("GET /v1/blobs/{sha}/offset", s.blobOffset)
	mux.HandleFunc("PUT /v1/blobs/{sha}", s.blobChunk)
	mux.HandleFunc("GET /v1/blobs/{sha}", s.blobRead)
	mux.HandleFunc("GET /v1/receipt", s.receipt)
	mux.HandleFunc("GET /v1/projects/{project}/reviews", s.reviews)
	mux.HandleFunc("POST /v1/reviews/{device}/{first}/accept", s.reviewAccept)
	mux.HandleFunc("POST /v1/reviews/{device}/{first}/discard", s.reviewDiscard)
	mux.HandleFunc("GET /v1/reviews/{device}/{first}/blobs/{sha}", s.reviewBlob)
	return s.observed(mux)
}

// health answers once the store does.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	if err := s.Engine.Store.Ping(r.Context()); err != nil {
		s.fail(w, r, http.StatusServiceUnavailable, syncproto.CodeStorage, err)
		return
	}
	s.json(w, r, map[string]string{"status": "ok"})
}

// failure is the body of every refused request.
type failure struct {
	Code    syncproto.Code `json:"code"`
	Request string         `json:"request"`
}

// fail answers with a code; the cause goes to the log, not to the caller.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, status int, code syncproto.Code, cause error) {
	s.logger(r).Info("refused", "status", status, "code", code, "error", cause)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(failure{Code: code, Request: requestID(r)}); err != nil {
		s.logger(r).Info("answer lost", "error", err)
	}
}

func (s *Server) json(w http.ResponseWriter, r *http.Request, body any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.logger(r).Info("answer lost", "error", err)
	}
}

// readJSON refuses oversized and malformed bodies and unknown fields.
func readJSON(r *http.Request, into any) error {
	d := json.NewDecoder(io.LimitReader(r.Body, maxJSON))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

type contextKey int

const requestKey contextKey = 0

func requestID(r *http.Request) string {
	id, _ := r.Context().Value(requestKey).(string)
	return id
}

func (s *Server) logger(r *http.Request) *slog.Logger { return s.Log.With("request", requestID(r)) }

// observed numbers, times and counts requests. It logs the route, never the
// query or the body.
func (s *Server) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var raw [8]byte
		if _, err := rand.Read(raw[:]); err != nil {
			http.Error(w, "no randomness", http.StatusInternalServerError)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), requestKey, hex.EncodeToString(raw[:])))
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		started := time.Now()
		next.ServeHTTP(w, r)
		s.Metrics.request(r.Pattern, time.Since(started))
	})
}

// caller authenticates the device and the person signed in on it.
func (s *Server) caller(w http.ResponseWriter, r *http.Request) (accounts.Caller, bool) {
	device := bearer(r)
	c, err := s.Accounts.Authenticate(r.Context(), device, r.Header.Get(SessionHeader))
	switch {
	case errors.Is(err, accounts.ErrDenied):
		s.fail(w, r, http.StatusUnauthorized, syncproto.CodeUnauthorised, err)
	case err != nil:
		s.fail(w, r, http.StatusInternalServerError, syncproto.CodeStorage, err)
	default:
		return c, true
	}
	return accounts.Caller{}, false
}

// SessionHeader carries the session token beside the device's bearer token.
const SessionHeader = "Keyturn-Session"

func bearer(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}
