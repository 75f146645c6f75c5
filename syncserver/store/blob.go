package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// BlobRef names a record that points to a blob.
type BlobRef struct {
	Scope  syncproto.Scope
	Entity domain.Entity
	ID     domain.AnyID
}

// AddBlobRef remembers that a record names a blob.
func (t *Tx) AddBlobRef(_ context.Context, sha domain.Hash, ref BlobRef) error {
	rows := &t.top().rows[tableBlobRefs]
	*rows = append(*rows, slices.Clone(sha[:]), ref.Scope.String(), ref.Entity, slices.Clone(ref.ID[:]))
	return nil
}

// BlobRefs lists the records that name a blob.
func (t *Tx) BlobRefs(ctx context.Context, sha domain.Hash) ([]BlobRef, error) {
	if err := t.written(ctx, tableBlobRefs); err != nil {
		return nil, err
	}
	return sqltx.Collect(ctx, t.tx, "blob refs", func(r *sql.Rows) (ref BlobRef, err error) {
		var scope string
		var id []byte
		if err = r.Scan(&scope, &ref.Entity, &id); err != nil {
			return ref, err
		}
		if ref.Scope, err = syncproto.ParseScope(scope); err != nil {
			return ref, err
		}
		err = ref.ID.UnmarshalBinary(id)
		return ref, err
	}, "SELECT scope, entity, id FROM blob_refs WHERE sha256 = ?", sha[:])
}

// BlobNamed reports whether a record in one of the scopes names the blob.
func (t *Tx) BlobNamed(ctx context.Context, sha domain.Hash, scopes []syncproto.Scope) (bool, error) {
	if len(scopes) == 0 {
		return false, nil
	}
	if err := t.written(ctx, tableBlobRefs); err != nil {
		return false, err
	}
	args := []any{sha[:]}
	for _, s := range scopes {
		args = append(args, s.String())
	}
	var n int
	err := t.row(ctx, "blob access", []any{&n},
		"SELECT count(*) FROM blob_refs WHERE sha256 = ? AND scope IN (?"+strings.Repeat(", ?", len(scopes)-1)+")", args...)
	return n > 0, err
}

// ForgetBlobs drops what a record names, and the blobs that no other names and
// no work in review waits with. These are given: their bytes are to be deleted.
func (t *Tx) ForgetBlobs(ctx context.Context, ref BlobRef, shas []domain.Hash) (gone []domain.Hash, err error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	// Also what it named before somebody amended it.
	before, err := sqltx.Collect(ctx, t.tx, "forget blobs", func(r *sql.Rows) (sha domain.Hash, err error) {
		var b []byte
		if err := r.Scan(&b); err != nil {
			return sha, err
		}
		err = sha.UnmarshalBinary(b)
		return sha, err
	}, "DELETE FROM blob_refs WHERE entity = ? AND id = ? RETURNING sha256", ref.Entity, ref.ID[:])
	if err != nil {
		return nil, err
	}
	for _, sha := range before {
		if !slices.Contains(shas, sha) {
			shas = append(slices.Clip(shas), sha)
		}
	}
	for _, sha := range shas {
		free, err := t.BlobFree(ctx, sha)
		if err != nil {
			return nil, err
		}
		if !free {
			continue
		}
		if err := t.exec(ctx, "forget blob", "DELETE FROM blobs WHERE sha256 = ?", sha[:]); err != nil {
			return nil, err
		}
		gone = append(gone, sha)
	}
	return gone, nil
}

// BlobFree reports whether neither a record nor work in review names a blob.
func (t *Tx) BlobFree(ctx context.Context, sha domain.Hash) (bool, error) {
	if err := t.flush(ctx); err != nil {
		return false, err
	}
	var n int
	err := t.row(ctx, "free blob", []any{&n},
		"SELECT (SELECT count(*) FROM blob_refs WHERE sha256 = ?) + (SELECT count(*) FROM review_blobs WHERE sha256 = ?)", sha[:], sha[:])
	return n == 0, err
}

// PutBlob records that a blob's bytes are durable; twice is once.
func (t *Tx) PutBlob(ctx context.Context, sha domain.Hash, bytes int64, now domain.Instant) error {
	return t.exec(ctx, "put blob", "INSERT INTO blobs VALUES (?, ?, ?) ON CONFLICT DO NOTHING", sha[:], bytes, now)
}

// BlobSizes lists those of some blobs whose bytes are durable, with their sizes.
func (t *Tx) BlobSizes(ctx context.Context, shas []domain.Hash) (map[domain.Hash]int64, error) {
	sizes := map[domain.Hash]int64{}
	for _, sha := range shas {
		var bytes int64
		err := t.row(ctx, "blob size", []any{&bytes}, "SELECT bytes FROM blobs WHERE sha256 = ?", sha[:])
		switch {
		case err == nil:
			sizes[sha] = bytes
		case !errors.Is(err, ErrNotFound):
			return nil, err
		}
	}
	return sizes, nil
}

// HasBlob reports whether a blob's bytes are durable.
func (t *Tx) HasBlob(ctx context.Context, sha domain.Hash) (bool, error) {
	var n int
	err := t.row(ctx, "has blob", []any{&n}, "SELECT 1 FROM blobs WHERE sha256 = ?", sha[:])
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return n == 1, err
}
