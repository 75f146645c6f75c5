// Package snapshots makes the whole state of a scope into a file, so that a
// device which is far behind, or whose place in the log has been let go, does
// not have to follow every change (sync design, shape 8). A snapshot is made
// when it is first asked for and shared until it is too old.
package snapshots

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// freshFor is how many log entries a snapshot may be behind and still be handed
// out; the device pulls the rest as pages.
const freshFor = 5_000

// ErrGone says that a snapshot is not kept any more: the device asks again.
var ErrGone = errors.New("the snapshot is not kept any more")

// Shelf keeps the newest snapshot of each scope in a directory. It can be
// deleted at any time; what is missing is made again.
type Shelf struct {
	Dir   string
	Store *store.Store

	mu     sync.Mutex
	scopes map[syncproto.Scope]*slot
}

// slot is one scope's place on the shelf; its lock lets one snapshot be made at
// a time.
type slot struct {
	mu   sync.Mutex
	kept *syncproto.Snapshot
}

func (s *Shelf) slot(scope syncproto.Scope) *slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.scopes == nil {
		s.scopes = map[syncproto.Scope]*slot{}
	}
	if s.scopes[scope] == nil {
		s.scopes[scope] = &slot{}
	}
	return s.scopes[scope]
}

// Latest describes a snapshot of the scope that is fresh enough for a log that
// ends at head and begins after kept.
func (s *Shelf) Latest(ctx context.Context, scope syncproto.Scope, epoch string, head, kept uint64) (*syncproto.Snapshot, error) {
	place := s.slot(scope)
	place.mu.Lock()
	defer place.mu.Unlock()
	if k := place.kept; k != nil && k.Epoch == epoch && k.Seq >= kept && k.Seq+freshFor >= head && s.holds(k) {
		answer := *k
		answer.Head = max(head, k.Seq)
		return &answer, nil
	}
	made, err := s.build(ctx, scope, epoch)
	if err != nil {
		return nil, fmt.Errorf("snapshot of %s: %w", scope, err)
	}
	if old := place.kept; old != nil && old.SHA256 != made.SHA256 {
		if err := os.Remove(s.path(old.Scope, old.SHA256)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("snapshot of %s: %w", scope, err)
		}
	}
	place.kept = made
	answer := *made
	return &answer, nil
}

func (s *Shelf) holds(k *syncproto.Snapshot) bool {
	_, err := os.Stat(s.path(k.Scope, k.SHA256))
	return err == nil
}

func (s *Shelf) path(scope syncproto.Scope, sha domain.Hash) string {
	return filepath.Join(s.Dir, scope.Project.String()+"-"+string(scope.Audience)+"-"+sha.String())
}

// Open reads a snapshot that Latest has described.
func (s *Shelf) Open(scope syncproto.Scope, sha domain.Hash) (io.ReadSeekCloser, error) {
	f, err := os.Open(s.path(scope, sha))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrGone
	}
	if err != nil {
		return nil, fmt.Errorf("open snapshot: %w", err)
	}
	return f, nil
}

// Sweep empties the shelf, as a server does when it starts: it does not know what
// the files of its last run are.
func (s *Shelf) Sweep() error {
	if err := os.RemoveAll(s.Dir); err != nil {
		return fmt.Errorf("sweep snapshots: %w", err)
	}
	return nil
}

// build writes one moment of the scope. Equal states give equal bytes.
func (s *Shelf) build(ctx context.Context, scope syncproto.Scope, epoch string) (_ *syncproto.Snapshot, err error) {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(s.Dir, "new-*")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	hash := sha256.New()
	count := &counter{}
	made := &syncproto.Snapshot{Scope: scope, Epoch: epoch}
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		return write(ctx, tx, made, io.MultiWriter(f, hash, count))
	})
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	made.SHA256, made.Bytes, made.Head = domain.Hash(hash.Sum(nil)), count.bytes, made.Seq
	return made, os.Rename(f.Name(), s.path(scope, made.SHA256))
}

func write(ctx context.Context, tx *store.Tx, made *syncproto.Snapshot, to io.Writer) (err error) {
	if made.Seq, err = tx.Head(ctx, made.Scope); err != nil {
		return err
	}
	if made.Records, err = tx.CountRecords(ctx, made.Scope); err != nil {
		return err
	}
	stream, err := syncproto.NewStreamWriter(to, syncproto.MaxSnapshotItem)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stream.Close()) }()
	if err := stream.Write(made.Header()); err != nil {
		return err
	}
	return tx.EachRecord(ctx, made.Scope, func(body []byte) error { return stream.Write(syncproto.Value(body)) })
}

type counter struct{ bytes int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return len(p), nil
}
