package api

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"

	"keyturn/shared/syncproto"
	"keyturn/syncserver/accounts"
	"keyturn/syncserver/intake"
)

// session is the sync session of an authenticated caller.
func (s *Server) session(c accounts.Caller) *intake.Session {
	return &intake.Session{
		Engine: s.Engine, Device: c.Device.ID, Person: c.Person, Revoked: c.Revoked,
		Publish: func(ctx context.Context, l []syncproto.Logged) {
			s.Metrics.appended(len(l))
			s.publish(ctx, l)
		},
	}
}

// publish tells connected devices. What they do not hear now they hear when the
// log is next looked at.
func (s *Server) publish(ctx context.Context, logged []syncproto.Logged) {
	if err := s.Hub.Publish(ctx, logged); err != nil {
		s.Log.Warn("publish", "error", err)
	}
	s.Poke()
}

func (s *Server) sync(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	c, ok := s.caller(w, r)
	if !ok {
		return
	}
	s.Metrics.connections.Inc()
	defer s.Metrics.connections.Dec()
	s.Hub.Serve(ctx, w, r, s.session(c), s.logger(r).With("device", c.Device.ID.String()))
}

// syncOnce is the fallback for networks without websockets: the body is a run of
// frames, each behind its length in four bytes, big endian; so is the answer.
func (s *Server) syncOnce(w http.ResponseWriter, r *http.Request) {
	c, ok := s.caller(w, r)
	if !ok {
		return
	}
	session := s.session(c)
	frames, err := readFrames(io.LimitReader(r.Body, syncproto.MaxFrameBytes))
	if err != nil {
		s.fail(w, r, http.StatusBadRequest, syncproto.CodeBadFrame, err)
		return
	}
	var out []byte
	for _, f := range frames {
		answers, err := session.Handle(r.Context(), f)
		if err != nil {
			s.fail(w, r, http.StatusInternalServerError, syncproto.CodeStorage, err)
			return
		}
		for _, a := range answers {
			if out, err = appendFrame(out, a); err != nil {
				s.fail(w, r, http.StatusInternalServerError, syncproto.CodeStorage, err)
				return
			}
		}
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if _, err := w.Write(out); err != nil {
		s.logger(r).Info("answer lost", "error", err)
	}
}

func appendFrame(out []byte, f syncproto.Frame) ([]byte, error) {
	b, err := syncproto.EncodeFrame(f)
	if err != nil {
		return nil, err
	}
	return append(binary.BigEndian.AppendUint32(out, uint32(len(b))), b...), nil
}

func readFrames(r io.Reader) ([]syncproto.Frame, error) {
	var frames []syncproto.Frame
	for {
		var size [4]byte
		if _, err := io.ReadFull(r, size[:]); err == io.EOF {
			return frames, nil
		} else if err != nil {
			return nil, fmt.Errorf("%w: frame length: %w", syncproto.ErrBadFrame, err)
		}
		n := binary.BigEndian.Uint32(size[:])
		if n > syncproto.MaxFrameBytes {
			return nil, fmt.Errorf("%w: frame of %d bytes", syncproto.ErrBadFrame, n)
		}
		b := make([]byte, n)
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, fmt.Errorf("%w: frame body: %w", syncproto.ErrBadFrame, err)
		}
		f, err := syncproto.DecodeFrame(b)
		if err != nil {
			return nil, err
		}
		frames = append(frames, f)
	}
}
