package blobs

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"

	"keyturn/shared/domain"
)

// part is one stored chunk of an unfinished upload.
type part struct {
	offset, bytes int64
}

func (p part) end() int64 { return p.offset + p.bytes }

// chain picks the parts that follow each other from 0. Two servers may have
// stored chunks of different sizes: those that do not fit are left out.
func chain(parts []part) (linked []part, end int64) {
	for _, p := range parts { // ordered by offset
		if p.offset == end && p.bytes > 0 {
			linked = append(linked, p)
			end = p.end()
		}
	}
	return linked, end
}

// list goes through the objects under a prefix in the order of their names.
func (s *S3) list(ctx context.Context, prefix string) iter.Seq2[minio.ObjectInfo, error] {
	return func(yield func(minio.ObjectInfo, error) bool) {
		for o := range s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
			if o.Err != nil {
				yield(o, o.Err)
				return
			}
			if !yield(o, nil) {
				return
			}
		}
		// The client ends a listing that was given up as if it were complete.
		if err := context.Cause(ctx); err != nil {
			yield(minio.ObjectInfo{}, err)
		}
	}
}

func (s *S3) parts(ctx context.Context, sha domain.Hash) (parts []part, err error) {
	for o, err := range s.list(ctx, partsPrefix(sha)) {
		if err != nil {
			return nil, err
		}
		if _, offset, ok := parsePart(o.Key); ok {
			parts = append(parts, part{offset: offset, bytes: o.Size})
		}
	}
	return parts, nil
}

// errNotS3 says that something answered that is no S3 server, such as a portal
// in between: S3 gives every object a tag.
var errNotS3 = errors.New("the answer is not that of an S3 server")

func genuine(tag string) error {
	if tag == "" {
		return errNotS3
	}
	return nil
}

func (s *S3) find(ctx context.Context, sha domain.Hash) (bytes int64, whole bool, err error) {
	o, err := s.client.StatObject(ctx, s.bucket, wholeKey(sha), minio.StatObjectOptions{})
	if missing(err) {
		return 0, false, nil
	}
	if err == nil {
		err = genuine(o.ETag)
	}
	return o.Size, err == nil, err
}

// look asks for the whole blob and for its parts at once.
func (s *S3) look(ctx context.Context, sha domain.Hash) (offset int64, whole bool, err error) {
	var parts []part
	var errParts error
	var listing sync.WaitGroup
	listing.Go(func() { parts, errParts = s.parts(ctx, sha) })
	bytes, whole, err := s.find(ctx, sha)
	listing.Wait()
	if err = errors.Join(err, errParts); err != nil {
		return 0, false, err
	}
	if whole {
		s.ends.forget(sha)
		return bytes, true, nil
	}
	_, end := chain(parts)
	s.ends.set(sha, end)
	return end, false, nil
}

// Offset implements Store.
func (s *S3) Offset(ctx context.Context, sha domain.Hash) (offset int64, whole bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	if offset, whole, err = s.look(ctx, sha); err != nil {
		return 0, false, fmt.Errorf("blob offset: %w", err)
	}
	return offset, whole, nil
}

// All implements Store.
func (s *S3) All(ctx context.Context) iter.Seq2[Blob, error] {
	return func(yield func(Blob, error) bool) {
		for o, err := range s.list(ctx, wholePrefix) {
			if err != nil {
				yield(Blob{}, fmt.Errorf("list blobs: %w", err))
				return
			}
			sha, err := domain.ParseHash(o.Key[len(wholePrefix):])
			if err != nil {
				continue // not ours
			}
			if !yield(Blob{SHA256: sha, Bytes: o.Size}, nil) {
				return
			}
		}
	}
}

// Sweep implements Store. It goes by the clock of the S3 server.
func (s *S3) Sweep(ctx context.Context, before time.Time) (removed int, err error) {
	var upload struct { // whose parts the listing is going through
		sha   domain.Hash
		parts []part
		last  time.Time
	}
	sweep := func() error {
		if len(upload.parts) == 0 || !upload.last.Before(before) {
			return nil
		}
		s.ends.forget(upload.sha)
		if err := s.remove(ctx, upload.sha, upload.parts); err != nil {
			return err
		}
		removed++
		return nil
	}
	for o, err := range s.list(ctx, partialPrefix) {
		if err != nil {
			return removed, fmt.Errorf("sweep blobs: %w", err)
		}
		sha, offset, ok := parsePart(o.Key)
		if !ok {
			continue
		}
		if sha != upload.sha {
			if err := sweep(); err != nil {
				return removed, fmt.Errorf("sweep blobs: %w", err)
			}
			upload.sha, upload.parts, upload.last = sha, nil, time.Time{}
		}
		upload.parts = append(upload.parts, part{offset: offset, bytes: o.Size})
		if o.LastModified.After(upload.last) {
			upload.last = o.LastModified
		}
	}
	if err := sweep(); err != nil {
		return removed, fmt.Errorf("sweep blobs: %w", err)
	}
	return removed, nil
}

// Ping implements Store. It lists, because that is a right that uploads need,
// and unlike a HEAD it is refused with a reason.
func (s *S3) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	for _, err := range s.list(ctx, partialPrefix) {
		if err != nil {
			return fmt.Errorf("photos on S3: %w", err)
		}
		break
	}
	return nil
}
