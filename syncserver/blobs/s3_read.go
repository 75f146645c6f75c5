package blobs

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/minio/minio-go/v7"

	"keyturn/shared/domain"
)

// object reads a blob in the bucket. The first request already brings all of
// it, which is what nearly every reader wants; seeking elsewhere costs another.
type object struct {
	ctx   context.Context // of the request that opened it, as io.Reader takes none
	s3    *S3
	key   string
	bytes int64

	at   int64         // where the next Read reads
	body io.ReadCloser // nil: none is open
	from int64         // where body stands
}

// Open implements Store.
func (s *S3) Open(ctx context.Context, sha domain.Hash) (io.ReadSeekCloser, int64, error) {
	o := &object{ctx: ctx, s3: s, key: wholeKey(sha)}
	info, err := o.request(minio.GetObjectOptions{})
	if missing(err) {
		return nil, 0, ErrMissing
	}
	if err == nil {
		if err = genuine(info.ETag); err != nil {
			err = errors.Join(err, o.Close())
		}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open blob: %w", err)
	}
	o.bytes = info.Size
	return o, o.bytes, nil
}

// request opens the body where it is to be read.
func (o *object) request(options minio.GetObjectOptions) (minio.ObjectInfo, error) {
	body, info, _, err := o.s3.client.GetObject(o.ctx, o.s3.bucket, o.key, options)
	if err == nil {
		o.body, o.from = body, o.at
	}
	return info, err
}

// Read implements io.Reader.
func (o *object) Read(b []byte) (int, error) {
	if o.at >= o.bytes {
		return 0, io.EOF
	}
	if o.body != nil && o.from != o.at {
		if err := o.Close(); err != nil {
			return 0, err
		}
	}
	if o.body == nil {
		var options minio.GetObjectOptions
		if err := options.SetRange(o.at, o.bytes-1); err != nil {
			return 0, fmt.Errorf("read blob: %w", err)
		}
		info, err := o.request(options)
		if err == nil && info.Size != o.bytes-o.at {
			err = errors.Join(errRange, o.Close())
		}
		if err != nil {
			return 0, fmt.Errorf("read blob: %w", err)
		}
	}
	n, err := o.body.Read(b) // a body that ends too soon is an error to the HTTP client
	o.at += int64(n)
	o.from = o.at
	return n, err
}

var (
	errSeek  = errors.New("seek: out of range")
	errRange = errors.New("the answer is not the range that was asked for")
)

// Seek implements io.Seeker.
func (o *object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += o.at
	case io.SeekEnd:
		offset += o.bytes
	default:
		return 0, errSeek
	}
	if offset < 0 {
		return 0, errSeek
	}
	o.at = offset
	return offset, nil
}

// Close implements io.Closer.
func (o *object) Close() error {
	if o.body == nil {
		return nil
	}
	err := o.body.Close()
	o.body = nil
	return err
}
