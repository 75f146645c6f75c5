package blobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/minio/minio-go/v7"
	"golang.org/x/sync/errgroup"

	"keyturn/shared/domain"
)

// Append implements Store.
func (s *S3) Append(ctx context.Context, sha domain.Hash, offset, total int64, chunk []byte) (done bool, err error) {
	if err := fits(offset, total, chunk); err != nil {
		return false, err
	}
	chunk = bytes.Clone(chunk) // a request that is given up may still be read from it
	ctx, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	release, err := s.busy.take(ctx, sha)
	if err != nil {
		return false, fmt.Errorf("append blob: %w", err)
	}
	defer release()
	switch {
	case int64(len(chunk)) == total:
		done, err = s.keep(ctx, sha, chunk)
	case offset+int64(len(chunk)) == total:
		done, err = s.finish(ctx, sha, offset, chunk)
	default:
		done, err = s.extend(ctx, sha, offset, chunk)
	}
	if err != nil {
		return false, fmt.Errorf("append blob: %w", err)
	}
	return done, nil
}

// Put implements Store.
func (s *S3) Put(ctx context.Context, content []byte) (domain.Hash, error) {
	sha := domain.Hash(sha256.Sum256(content))
	if len(content) > MaxBytes {
		return sha, ErrTooLarge
	}
	_, whole, err := s.Offset(ctx, sha)
	if err == nil && !whole {
		_, err = s.Append(ctx, sha, 0, int64(len(content)), content)
	}
	if err != nil {
		return sha, fmt.Errorf("put blob: %w", err)
	}
	return sha, nil
}

// keep stores a blob that came in one piece, with one request. What an earlier
// upload may have left in parts is the sweep's.
func (s *S3) keep(ctx context.Context, sha domain.Hash, content []byte) (done bool, err error) {
	if sha256.Sum256(content) != sha {
		return s.mismatch(ctx, sha)
	}
	if end, known := s.ends.get(sha); known && end > 0 {
		parts, err := s.parts(ctx, sha)
		if err != nil {
			return false, err
		}
		return s.conclude(ctx, sha, content, parts)
	}
	return s.conclude(ctx, sha, content, nil)
}

// mismatch answers wrong bytes: they are no concern of a blob that is whole.
func (s *S3) mismatch(ctx context.Context, sha domain.Hash) (done bool, err error) {
	_, whole, err := s.find(ctx, sha)
	if err == nil && !whole {
		err = ErrWrongBytes
	}
	return whole, err
}

// extend stores a chunk as a part.
func (s *S3) extend(ctx context.Context, sha domain.Hash, offset int64, chunk []byte) (done bool, err error) {
	if end, known := s.ends.get(sha); !known || end != offset {
		end, whole, err := s.look(ctx, sha)
		if err != nil || whole {
			return whole, err
		}
		if end != offset {
			return false, ErrOffset
		}
	}
	if len(chunk) == 0 {
		return false, nil
	}
	// Not signed with its hash: a part that was damaged on its way is noticed at the end.
	if err := s.put(ctx, partKey(sha, offset), chunk, ""); err != nil {
		s.ends.forget(sha)
		return false, err
	}
	s.ends.set(sha, offset+int64(len(chunk)))
	return false, nil
}

// finish puts the parts and the last chunk together. What is there is listed
// anew: the parts may be another server's, or gone.
func (s *S3) finish(ctx context.Context, sha domain.Hash, offset int64, chunk []byte) (done bool, err error) {
	total := offset + int64(len(chunk))
	if err := s.memory.Acquire(ctx, total); err != nil {
		return false, err
	}
	defer s.memory.Release(total)
	parts, err := s.parts(ctx, sha)
	if err != nil {
		return false, err
	}
	linked, end := chain(parts)
	var content []byte
	if end == offset {
		content = make([]byte, total)
		err = s.fetch(ctx, sha, linked, content)
	}
	if end != offset || missing(err) {
		return s.elsewhere(ctx, sha)
	}
	if err != nil {
		return false, err
	}
	copy(content[offset:], chunk)
	if sha256.Sum256(content) != sha {
		s.ends.forget(sha)
		if err := s.remove(ctx, sha, parts); err != nil {
			return false, err
		}
		return s.mismatch(ctx, sha)
	}
	return s.conclude(ctx, sha, content, parts)
}

// elsewhere answers a chunk that does not fit what is there: another server may
// have finished the blob meanwhile.
func (s *S3) elsewhere(ctx context.Context, sha domain.Hash) (done bool, err error) {
	_, whole, err := s.look(ctx, sha)
	if err == nil && !whole {
		err = ErrOffset
	}
	return whole, err
}

// fetch reads parts into their places.
func (s *S3) fetch(ctx context.Context, sha domain.Hash, parts []part, content []byte) error {
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(transfers)
	for _, p := range parts {
		work.Go(func() error { return s.get(ctx, partKey(sha, p.offset), content[p.offset:p.end()]) })
	}
	return work.Wait()
}

// get reads an object of a known size.
func (s *S3) get(ctx context.Context, key string, into []byte) error {
	body, o, _, err := s.client.GetObject(ctx, s.bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return err
	}
	defer body.Close()
	if o.Size != int64(len(into)) {
		return ErrOffset // overwritten since it was listed: ask where the upload stands
	}
	_, err = io.ReadFull(body, into)
	return err
}

// put stores an object in one request, so that all of it is there or nothing.
// With a digest, in hexadecimal, S3 itself refuses other bytes.
func (s *S3) put(ctx context.Context, key string, content []byte, digest string) error {
	info, err := s.client.PutObject(ctx, s.bucket, key, bytes.NewReader(content), int64(len(content)), "", digest,
		minio.PutObjectOptions{ContentType: "application/octet-stream", DisableContentSha256: true, DisableMultipart: true})
	if err != nil {
		return err
	}
	return genuine(info.ETag)
}

// conclude makes verified bytes the blob and removes the parts.
func (s *S3) conclude(ctx context.Context, sha domain.Hash, content []byte, parts []part) (done bool, err error) {
	if err := s.put(ctx, wholeKey(sha), content, sha.String()); err != nil {
		return false, err
	}
	s.ends.forget(sha)
	// The blob is durable whatever becomes of its parts, and the device must not be told otherwise: Sweep removes what
	// cannot be removed now.
	_ = s.remove(ctx, sha, parts)
	return true, nil
}

// remove deletes parts; one that is gone already is no error.
func (s *S3) remove(ctx context.Context, sha domain.Hash, parts []part) error {
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(transfers)
	for _, p := range parts {
		work.Go(func() error { return s.removeObject(ctx, partKey(sha, p.offset)) })
	}
	return work.Wait()
}
