package floor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"
)

// batch is how many records go into one transaction and onto one full page.
const batch = 500

// server keeps one log of records and tells everybody of what is appended.
type server struct {
	codec codec
	write *sql.DB
	read  *sql.DB
	blobs *blobs

	pushes chan push
	live   chan page

	mu    sync.Mutex
	head  uint64 // newest sequence that peers may be sent
	peers map[*peer]struct{}
	// recent holds the encoded pages of the last commits by their Prev, full those
	// of full pages read from the log.
	recent map[uint64]encoded
	full   map[uint64]func() (encoded, error)
}

// encoded is a page as it travels; last is where it ends.
type encoded struct {
	frame []byte
	last  uint64
}

// push is what one device asked to keep.
type push struct {
	records []Record
	from    *peer
}

// Serve serves the data directory on l until ctx ends.
func Serve(ctx context.Context, dir string, l net.Listener) (err error) {
	path := filepath.Join(dir, logFile)
	s := &server{
		pushes: make(chan push, 64), live: make(chan page, 64),
		peers: map[*peer]struct{}{}, recent: map[uint64]encoded{}, full: map[uint64]func() (encoded, error){},
		blobs: newBlobs(dir),
	}
	if s.codec, err = shared(); err != nil {
		return err
	}
	if s.write, err = open(ctx, path, logSchema, 1); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.write.Close()) }()
	if s.read, err = open(ctx, path, logSchema, 4); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.read.Close()) }()
	if err := s.read.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM log").Scan(&s.head); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return s.serve(ctx, l)
}

func (s *server) serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	failed := make(chan error, 3)
	work.Go(func() { failed <- s.commits(ctx) })
	work.Go(func() { failed <- s.tell(ctx) })
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sync", func(w http.ResponseWriter, r *http.Request) { s.connect(ctx, w, r) })
	mux.HandleFunc("PUT /blobs/{sha}", s.blobs.chunk)
	h := &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	work.Go(func() { failed <- h.Serve(l) })
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	cancel()
	err = errors.Join(err, h.Close())
	work.Wait()
	return err
}
