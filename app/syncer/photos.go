package syncer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"keyturn/app/localstore"
	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Photos moves bytes beside the sync session: this device's photos up, plans and
// other people's photos down. A ticket never waits for it.
type Photos struct {
	Store *localstore.Store
	Link  *Link
	// Open reads a rendition of one of this device's photos.
	Open func(u localstore.Upload) (io.ReadSeekCloser, error)
	// Cache holds what was downloaded, named by hash.
	Cache *Cache

	once sync.Once
	poke chan struct{}
}

const (
	chunkBytes  = 256 << 10
	uploadBatch = 16
	retryPhotos = 5 * time.Second
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func (p *Photos) signal() chan struct{} {
	p.once.Do(func() { p.poke = make(chan struct{}, 1) })
	return p.poke
}

// Poke says that there may be something to move.
func (p *Photos) Poke() {
	select {
	case p.signal() <- struct{}{}:
	default:
	}
}

// run moves photos while a connection lasts. One photo that cannot be moved
// does not stop the others; it is tried again later.
func (p *Photos) run(ctx context.Context, id localstore.Identity) error {
	retry := time.NewTicker(retryPhotos)
	defer retry.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.signal():
		case <-retry.C:
		}
		if err := p.uploadAll(ctx, id); err != nil {
			return err
		}
		if err := p.downloadAll(ctx, id); err != nil {
			return err
		}
	}
}

// uploadAll works through the queue; it ends early only when the network does.
func (p *Photos) uploadAll(ctx context.Context, id localstore.Identity) error {
	failed := map[domain.Hash]bool{}
	for {
		var queue []localstore.Upload
		err := p.Store.View(ctx, func(t *localstore.Tx) (err error) {
			queue, err = t.NextUploads(ctx, uploadBatch+len(failed))
			return err
		})
		if err != nil {
			return err
		}
		moved := false
		for _, u := range queue {
			if failed[u.SHA256] {
				continue
			}
			moved = true
			if err := p.upload(ctx, id, u); err != nil {
				if !local(err) {
					return err
				}
				failed[u.SHA256] = true
			}
		}
		if !moved {
			return nil
		}
	}
}

// local reports whether a failure concerns one photo and not the connection.
func local(err error) bool {
	var refused *Refused
	return errors.As(err, &refused) || errors.Is(err, os.ErrNotExist)
}

// upload continues where the server's copy ends, at most one chunk is sent
// twice after a break.
func (p *Photos) upload(ctx context.Context, id localstore.Identity, u localstore.Upload) (err error) {
	path := "/v1/blobs/" + u.SHA256.String()
	var at struct {
		Offset int64 `json:"offset"`
		Whole  bool  `json:"whole"`
	}
	if err := p.Link.call(ctx, id, http.MethodGet, path+"/offset", nil, nil, &at); err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	f, err := p.Open(u)
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	buffer := make([]byte, chunkBytes)
	for !at.Whole {
		if _, err := f.Seek(at.Offset, io.SeekStart); err != nil {
			return fmt.Errorf("upload: %w", err)
		}
		n, err := io.ReadFull(f, buffer)
		if n == 0 && at.Offset != u.Bytes {
			return fmt.Errorf("upload %s: the file ends at %d of %d bytes: %w", u.SHA256, at.Offset, u.Bytes, os.ErrNotExist)
		}
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return fmt.Errorf("upload: %w", err)
		}
		chunk := buffer[:n]
		query := fmt.Sprintf("?offset=%d&total=%d", at.Offset, u.Bytes)
		header := http.Header{"Keyturn-Crc32c": {strconv.FormatUint(uint64(crc32.Checksum(chunk, castagnoli)), 16)}}
		if err := p.Link.call(ctx, id, http.MethodPut, path+query, bytes.NewReader(chunk), header, &at); err != nil {
			return fmt.Errorf("upload: %w", err)
		}
	}
	return p.Store.Update(ctx, func(t *localstore.Tx) error { return t.ConfirmUpload(ctx, u.SHA256) })
}

// downloadAll fetches what the device needs offline: plans, show-flat photos and
// the photos of open re-inspections.
func (p *Photos) downloadAll(ctx context.Context, id localstore.Identity) error {
	var wanted []domain.Hash
	err := p.Store.View(ctx, func(t *localstore.Tx) (err error) {
		wanted, err = t.WantedBlobs(ctx)
		return err
	})
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

// Fetch downloads a blob into the cache unless it is there.
func (p *Photos) Fetch(ctx context.Context, id localstore.Identity, sha domain.Hash) (err error) {
	if p.Cache.Has(sha) {
		return nil
	}
	r, err := p.Link.request(ctx, id, http.MethodGet, "/v1/blobs/"+sha.String(), nil)
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	resp, err := p.Link.http.Do(r)
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("download: %w", &Refused{Status: resp.StatusCode, Code: syncproto.CodeBlobMissing})
	}
	if err := p.Cache.Put(sha, resp.Body); err != nil {
		return fmt.Errorf("download: %w", err)
	}
	p.Store.Ring()
	return nil
}

// Cache is a directory of downloaded blobs.
type Cache struct{ Dir string }

// Path is where a blob lies, if it is here.
func (c *Cache) Path(sha domain.Hash) string { return filepath.Join(c.Dir, sha.String()) }

// Has reports whether a blob is here.
func (c *Cache) Has(sha domain.Hash) bool {
	_, err := os.Stat(c.Path(sha))
	return err == nil
}
