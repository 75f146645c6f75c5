package syncer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// downloadAll fetches what the device needs offline: plans, show-flat photos and
// the photos of open re-inspections.
func (p *Photos) downloadAll(ctx context.Context, id localstore.Identity) error {
	if err := p.purge(ctx); err != nil {
		return err
	}
	wanted, err := p.wants.list(ctx, p.Store)
	if err != nil {
		return err
	}
	for _, sha := range wanted {
		if err := p.Fetch(ctx, id, sha); err != nil && !local(err) {
			return err
		}
	}
	return nil
}

// Fetch downloads a blob into the cache unless it is there. It goes on where an
// earlier try was cut off, and takes as long as bytes keep coming.
func (p *Photos) Fetch(ctx context.Context, id localstore.Identity, sha domain.Hash) error {
	defer p.Cache.lock(sha)()
	if p.Cache.Has(sha) {
		return nil
	}
	body, from, err := p.Link.stream(ctx, id, "/v1/blobs/"+sha.String(), p.Cache.begun(sha))
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	if err := errors.Join(p.Cache.fill(sha, from, body), body.Close()); err != nil {
		return fmt.Errorf("download: %w", err)
	}
	p.Store.Ring()
	return nil
}

// stream asks for the bytes of a path from an offset on; start is where those
// that come begin. Only silence for callWait ends it, not its length.
func (l *Link) stream(ctx context.Context, id localstore.Identity, path string, from int64) (_ io.ReadCloser, start int64, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	s := &stream{cancel: cancel, silence: time.AfterFunc(callWait, func() { cancel(errSilent) })}
	defer func() {
		if err != nil {
			s.end()
		}
	}()
	r, err := l.request(ctx, id, http.MethodGet, path, nil)
	if err != nil {
		return nil, 0, err
	}
	if from > 0 {
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
	}
	resp, err := l.patient.Do(r)
	if err != nil {
		return nil, 0, errors.Join(err, context.Cause(ctx))
	}
	s.body = resp.Body
	switch resp.StatusCode {
	case http.StatusOK:
		return s, 0, nil
	case http.StatusPartialContent:
		return s, from, nil
	case http.StatusRequestedRangeNotSatisfiable: // all of it is here
		return struct {
			io.Reader
			io.Closer
		}{http.NoBody, s}, from, nil
	default:
		return nil, 0, errors.Join(&Refused{Status: resp.StatusCode, Code: syncproto.CodeBlobMissing}, resp.Body.Close())
	}
}

var errSilent = errors.New("the server fell silent")

// stream is a body that may take long, but not between two pieces.
type stream struct {
	body    io.ReadCloser
	cancel  context.CancelCauseFunc
	silence *time.Timer
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	if n > 0 {
		s.silence.Reset(callWait)
	}
	return n, err
}

// Close implements io.Closer.
func (s *stream) Close() error {
	defer s.end()
	return s.body.Close()
}

func (s *stream) end() {
	s.silence.Stop()
	s.cancel(nil)
}
