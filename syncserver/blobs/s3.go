package blobs

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/sync/semaphore"

	"keyturn/shared/domain"
)

// S3Options says where a bucket is and who asks.
type S3Options struct {
	Endpoint             string // http(s)://host[:port]
	Region               string // empty: the client asks for it
	Bucket               string
	AccessKey, SecretKey string
}

// S3 keeps blobs in a bucket: blobs/<hash> is a whole one, and the parts of
// unfinished uploads are partial/<hash>/<offset>, because a device's chunks are
// below the smallest part that S3's own multipart uploads allow (5 MiB). Several
// processes may use one bucket: an upload may go on with another one after each
// chunk. It has nothing but what is in the bucket, besides hints that save
// requests and may be wrong.
type S3 struct {
	client *minio.Core
	bucket string
	busy   locks
	ends   ends
	// memory bounds the bytes of blobs that are being put together.
	memory *semaphore.Weighted
}

// Names in the bucket. Offsets have leading zeros, so that listing sorts them.
const (
	wholePrefix   = "blobs/"
	partialPrefix = "partial/"
	offsetDigits  = 10
)

// Limits of the conversation with S3. A device gives a request up after a
// minute; before that it should hear that its photo has to wait.
const (
	dialWait   = 5 * time.Second
	answerWait = 20 * time.Second
	callWait   = 50 * time.Second
	attempts   = 3         // of a request that failed for a passing reason
	maxMemory  = 256 << 20 // bytes; at least MaxBytes
	maxIdle    = 64        // connections kept open
	idleLife   = 90 * time.Second
	transfers  = 4 // requests for parts of one blob on their way at once
)

// NewS3 does not ask the bucket anything: it may be away when the server starts.
func NewS3(o S3Options) (*S3, error) {
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, fmt.Errorf("%w: the endpoint", ErrBadURL)
	}
	if o.Bucket == "" {
		return nil, fmt.Errorf("%w: no bucket", ErrBadURL)
	}
	if o.AccessKey == "" || o.SecretKey == "" {
		return nil, fmt.Errorf("photos on S3 need their credentials in %s and %s", AccessKeyVariable, SecretKeyVariable)
	}
	client, err := minio.NewCore(u.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""),
		Secure: u.Scheme == "https",
		Region: o.Region,
		Transport: strict{&http.Transport{
			DialContext:           (&net.Dialer{Timeout: dialWait}).DialContext,
			TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:   dialWait,
			ResponseHeaderTimeout: answerWait,
			MaxIdleConnsPerHost:   maxIdle,
			IdleConnTimeout:       idleLife,
			DisableCompression:    true,
		}},
		MaxRetries: attempts,
	})
	if err != nil {
		return nil, fmt.Errorf("photos on S3: %w", err)
	}
	return &S3{client: client, bucket: o.Bucket, memory: semaphore.NewWeighted(maxMemory)}, nil
}

func wholeKey(sha domain.Hash) string { return fmt.Sprintf("%s%x", wholePrefix, sha[:]) }

func partsPrefix(sha domain.Hash) string { return fmt.Sprintf("%s%x/", partialPrefix, sha[:]) }

func partKey(sha domain.Hash, offset int64) string {
	return fmt.Sprintf("%s%0*d", partsPrefix(sha), offsetDigits, offset)
}

// parsePart reads a part's name; ok is false for names that are not ours.
func parsePart(key string) (sha domain.Hash, offset int64, ok bool) {
	digits, at, _ := strings.Cut(strings.TrimPrefix(key, partialPrefix), "/")
	sha, err := domain.ParseHash(digits)
	if err != nil {
		return sha, 0, false
	}
	offset, err = strconv.ParseInt(at, 10, 64)
	return sha, offset, err == nil && offset >= 0 && partKey(sha, offset) == key
}

// code of S3's refusal; empty if it did not answer.
func code(err error) string {
	var answer minio.ErrorResponse
	if errors.As(err, &answer) {
		return answer.Code
	}
	return ""
}

// missing says that an object does not exist, as opposed to its bucket.
func missing(err error) bool { return code(err) == minio.NoSuchKey }

// refused says that S3 answered and will go on answering so: a wrong bucket, key
// or right. A clock that is off is put right while the server runs.
func refused(err error) bool {
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) {
		return false
	}
	switch answer.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	return answer.StatusCode >= 400 && answer.StatusCode < 500 && answer.Code != "RequestTimeTooSkewed"
}
