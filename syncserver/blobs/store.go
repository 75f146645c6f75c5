// Package blobs keeps the bytes of photos and other attachments, named by their
// SHA-256, on disk or in an S3 bucket. A blob exists only when all of it has been
// verified and is durable.
package blobs

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"keyturn/shared/domain"
)

// MaxBytes is the largest blob, as large as a photo may be.
const MaxBytes = 50 << 20

// Errors of uploads. Any other error means that the storage failed: nothing that
// was not confirmed before is durable, and the same call may be tried again.
var (
	ErrWrongBytes = errors.New("the bytes do not match the hash")
	ErrOffset     = errors.New("the chunk does not continue what is there")
	ErrTooLarge   = errors.New("the blob is too large")
	ErrMissing    = errors.New("no such blob")
)

// Blob is a whole blob.
type Blob struct {
	SHA256 domain.Hash
	Bytes  int64
}

// Store keeps blobs. All methods may be called at the same time, for one blob
// too. Implementations pass one conformance suite.
type Store interface {
	// Offset tells how much of a blob is here: where an upload goes on. whole is
	// true when all of it is, verified and durable; offset is its size then.
	Offset(ctx context.Context, sha domain.Hash) (offset int64, whole bool, err error)

	// Append adds a chunk at its offset; an offset that is not the end is
	// ErrOffset: ask Offset. done is true when the blob is whole, as in Offset.
	// With the last of total bytes everything is verified; a mismatch is
	// ErrWrongBytes and starts over. An empty chunk at the end finishes what a
	// crash left complete but unnamed. More than total or MaxBytes is ErrTooLarge.
	// When it returns the chunk is the caller's again.
	Append(ctx context.Context, sha domain.Hash, offset, total int64, chunk []byte) (done bool, err error)

	// Put stores bytes that the server itself has, such as imported plans.
	Put(ctx context.Context, content []byte) (domain.Hash, error)

	// Open reads a whole blob and tells its size; ErrMissing if it is not here.
	// Reading ends with ctx.
	Open(ctx context.Context, sha domain.Hash) (io.ReadSeekCloser, int64, error)

	// All lists the whole blobs, ordered by hash. After an error it ends.
	// Blobs that become whole meanwhile may be missing, and deleted ones listed.
	All(ctx context.Context) iter.Seq2[Blob, error]

	// Delete removes a blob and what came of one; one that is not here is no error.
	// Who is reading it may read on or fail. When it returns the removal is durable.
	Delete(ctx context.Context, sha domain.Hash) error

	// Sweep removes the parts of uploads in which nothing has moved since
	// before, and sooner what no upload can go on with, and tells of how many. The
	// device keeps a photo until all of it is confirmed, so what is removed too
	// early is only sent again.
	Sweep(ctx context.Context, before time.Time) (removed int, err error)

	// Ping proves that the storage answers.
	Ping(ctx context.Context) error
}

// Both are meant to be used through the interface.
var (
	_ Store = (*Disk)(nil)
	_ Store = (*S3)(nil)
)

// fits refuses chunks that no blob can have.
func fits(offset, total int64, chunk []byte) error {
	switch {
	case offset < 0:
		return ErrOffset
	case total > MaxBytes || offset+int64(len(chunk)) > total:
		return ErrTooLarge
	}
	return nil
}
