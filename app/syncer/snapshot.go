package syncer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Snapshots fetches what the server offers in place of a long log. What has come
// of one stays when the connection breaks, and the next one goes on from there.
type Snapshots struct {
	Link *Link
	// Dir holds snapshots until they are applied.
	Dir string
}

// arrived is a snapshot that is here and verified; without a path it is gone
// from the server.
type arrived struct {
	snapshot *syncproto.Snapshot
	path     string
}

// run fetches one snapshot after the other while a connection lasts.
func (s *Snapshots) run(ctx context.Context, id localstore.Identity, wanted <-chan *syncproto.Snapshot, got chan<- arrived, progress func(have, bytes int64)) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case w := <-wanted:
			path, err := s.fetch(ctx, id, w, progress)
			if err != nil {
				return fmt.Errorf("snapshot of %s: %w", w.Scope, err)
			}
			select {
			case got <- arrived{w, path}:
			case <-ctx.Done():
				return nil
			}
		}
	}
}

// fetch downloads the rest of a snapshot and verifies all of it. The path is
// empty if the server does not have it any more.
func (s *Snapshots) fetch(ctx context.Context, id localstore.Identity, w *syncproto.Snapshot, progress func(have, bytes int64)) (path string, err error) {
	if err := s.sweep(w.SHA256); err != nil {
		return "", err
	}
	path = filepath.Join(s.Dir, w.SHA256.String())
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	keep, gone, err := s.complete(ctx, id, w, f, progress)
	if err = errors.Join(err, f.Close()); !keep { // closed first: Windows removes no open file
		err = errors.Join(err, os.Remove(path))
	}
	if err != nil || gone {
		return "", err
	}
	return path, nil
}

// complete brings a file to its end and verifies it. keep is false for one that
// nothing can be made of; gone tells that the server does not have it any more.
func (s *Snapshots) complete(ctx context.Context, id localstore.Identity, w *syncproto.Snapshot, f *os.File, progress func(have, bytes int64)) (keep, gone bool, err error) {
	have, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return true, false, err
	}
	if have < w.Bytes {
		if gone, err = s.download(ctx, id, w, f, have, progress); gone || err != nil {
			return !gone, gone, err
		}
	}
	err = verify(f, w.SHA256)
	return err == nil, false, err
}

func (s *Snapshots) download(ctx context.Context, id localstore.Identity, w *syncproto.Snapshot, to *os.File, have int64, progress func(have, bytes int64)) (gone bool, err error) {
	body, start, err := s.Link.stream(ctx, id, "/v1/snapshots/"+w.Scope.String()+"/"+w.SHA256.String(), have)
	var refused *Refused
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	if err := to.Truncate(start); err != nil {
		return false, err
	}
	if _, err := to.Seek(start, io.SeekStart); err != nil {
		return false, err
	}
	_, err = io.Copy(to, &metered{r: io.LimitReader(body, w.Bytes-start), have: start, bytes: w.Bytes, progress: progress})
	return false, err
}

// metered tells how far a download has come.
type metered struct {
	r           io.Reader
	have, bytes int64
	progress    func(have, bytes int64)
}

func (m *metered) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.have += int64(n)
	m.progress(m.have, m.bytes)
	return n, err
}

func verify(f io.ReadSeeker, sha domain.Hash) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if domain.Hash(h.Sum(nil)) != sha {
		return &Refused{Code: syncproto.CodeWrongBytes}
	}
	return nil
}

// sweep removes what came of snapshots that are not offered any more.
func (s *Snapshots) sweep(keep domain.Hash) error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != keep.String() {
			if err := os.Remove(filepath.Join(s.Dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// restore applies a snapshot that has arrived and removes its file.
func restore(ctx context.Context, e *Engine, a arrived) (frames []syncproto.Frame, err error) {
	if a.path == "" {
		return e.Gone(ctx, a.snapshot)
	}
	f, err := os.Open(a.path)
	if err != nil {
		return nil, fmt.Errorf("apply snapshot: %w", err)
	}
	frames, err = e.Restore(ctx, a.snapshot, f)
	if err = errors.Join(err, f.Close(), os.Remove(a.path)); err != nil {
		return nil, fmt.Errorf("apply snapshot: %w", err)
	}
	return frames, nil
}
