package floor

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// chunkBytes is the largest piece of a photo in one request.
const chunkBytes = 256 << 10

// blobs receives photos: chunks in order, the hash kept as they come.
type blobs struct {
	dir string

	mu   sync.Mutex
	open map[string]*incoming
}

type incoming struct {
	file *os.File
	sum  hash.Hash
	at   int64
}

func newBlobs(dir string) *blobs { return &blobs{dir: dir, open: map[string]*incoming{}} }

// chunk takes one piece; the last one is answered when the photo is verified,
// synced and named.
func (b *blobs) chunk(w http.ResponseWriter, r *http.Request) {
	sha := r.PathValue("sha")
	if raw, err := hex.DecodeString(sha); err != nil || len(raw) != sha256.Size {
		http.Error(w, "no hash", http.StatusBadRequest)
		return
	}
	if err := b.take(sha, r); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
	}
}

func (b *blobs) take(sha string, r *http.Request) error {
	offset, errOffset := strconv.ParseInt(r.URL.Query().Get("offset"), 10, 64)
	total, errTotal := strconv.ParseInt(r.URL.Query().Get("total"), 10, 64)
	if err := errors.Join(errOffset, errTotal); err != nil {
		return err
	}
	in, err := b.incoming(sha)
	if err != nil {
		return err
	}
	if offset != in.at {
		return fmt.Errorf("chunk at %d, expected %d", offset, in.at)
	}
	n, err := io.Copy(io.MultiWriter(in.file, in.sum), io.LimitReader(r.Body, chunkBytes))
	in.at += n
	if err != nil || in.at < total {
		return err
	}
	b.mu.Lock()
	delete(b.open, sha)
	b.mu.Unlock()
	if hex.EncodeToString(in.sum.Sum(nil)) != sha {
		return errors.Join(errors.New("wrong bytes"), in.file.Close())
	}
	if err := errors.Join(in.file.Sync(), in.file.Close()); err != nil {
		return err
	}
	return os.Rename(in.file.Name(), filepath.Join(b.dir, sha))
}

func (b *blobs) incoming(sha string) (*incoming, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if in, ok := b.open[sha]; ok {
		return in, nil
	}
	f, err := os.Create(filepath.Join(b.dir, sha+".part"))
	if err != nil {
		return nil, err
	}
	in := &incoming{file: f, sum: sha256.New()}
	b.open[sha] = in
	return in, nil
}

// Upload sends one photo from a file.
func Upload(ctx context.Context, client *http.Client, server, sha, path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	buffer := make([]byte, chunkBytes)
	for at := int64(0); at < info.Size(); {
		n, err := io.ReadFull(f, buffer)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("upload: %w", err)
		}
		url := fmt.Sprintf("%s/blobs/%s?offset=%d&total=%d", server, sha, at, info.Size())
		if err := put(ctx, client, url, buffer[:n]); err != nil {
			return fmt.Errorf("upload: %w", err)
		}
		at += int64(n)
	}
	return nil
}

func put(ctx context.Context, client *http.Client, url string, chunk []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(chunk))
	if err != nil {
		return err
	}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != http.StatusOK {
		err = errors.Join(err, fmt.Errorf("refused: %s", resp.Status))
	}
	return errors.Join(err, resp.Body.Close())
}
