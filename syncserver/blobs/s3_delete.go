package blobs

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/minio/minio-go/v7"

	"keyturn/shared/domain"
)

// Delete implements Store. A part that another server is just storing outlives
// it, as nothing in S3 locks it out; it is the sweep's.
func (s *S3) Delete(ctx context.Context, sha domain.Hash) error {
	ctx, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	release, err := s.busy.take(ctx, sha)
	if err != nil {
		return fmt.Errorf("delete blob: %w", err)
	}
	defer release()
	defer s.ends.forget(sha) // after a failure too: some parts may be gone
	parts, err := s.parts(ctx, sha)
	if err == nil {
		err = s.remove(ctx, sha, parts)
	}
	if err == nil {
		// Last and always, because this answer can only be S3's: a listing that
		// a portal answered looks empty.
		err = s.removeObject(ctx, wholeKey(sha))
	}
	if err != nil {
		return fmt.Errorf("delete blob: %w", err)
	}
	return nil
}

// removeObject deletes an object; one that is gone already is no error to S3.
// Where two remove it at once, versitygw tells the slower one that there is none;
// asked again it says 204. A portal that knows no such page does not.
func (s *S3) removeObject(ctx context.Context, key string) (err error) {
	for range attempts {
		err = s.client.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{})
		if !missing(err) {
			break
		}
	}
	return err
}

// strict takes only S3's own success, 204, for that of a removal. The client
// takes the page of a portal in between for one too.
type strict struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (s strict) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := s.RoundTripper.RoundTrip(r)
	if err == nil && r.Method == http.MethodDelete && answer.StatusCode < 300 && answer.StatusCode != http.StatusNoContent {
		return nil, errors.Join(errNotS3, answer.Body.Close())
	}
	return answer, err
}
