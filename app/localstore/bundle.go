package localstore

import (
	"context"
	"database/sql"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
)

// Unconfirmed is a rendition of a photo that the server has not confirmed, with
// the number of the op that recorded its attachment.
type Unconfirmed struct {
	Upload
	Op uint64
}

// UnconfirmedUploads lists what the server does not hold yet, working copies
// first. Unlike NextUploads it does not wait for the attachment's op to be
// answered; only what the server rejected stays out.
func (t *Tx) UnconfirmedUploads(ctx context.Context) ([]Unconfirmed, error) {
	return sqltx.Collect(ctx, t.tx, "unconfirmed uploads", func(r *sql.Rows) (u Unconfirmed, err error) {
		var sha, attachment []byte
		if err := r.Scan(&sha, &attachment, &u.Original, &u.Photo, &u.Bytes, &u.Op); err != nil {
			return u, err
		}
		if err := u.SHA256.UnmarshalBinary(sha); err != nil {
			return u, err
		}
		err = u.Attachment.UnmarshalBinary(attachment)
		return u, err
	}, `SELECT u.sha256, u.attachment, u.original, u.photo, u.bytes, min(o.seq) FROM uploads u
	    JOIN outbox o ON o.entity = ? AND o.id = u.attachment AND o.state <> ?
	    WHERE u.confirmed = 0 GROUP BY u.rowid ORDER BY u.original, u.rowid`, domain.EntityAttachment, OpRejected)
}

// FormerUploads counts the renditions that the server has not confirmed and whose
// attachment was recorded under a former identity: nothing in a bundle of this
// device names them, they wait for the network.
func (t *Tx) FormerUploads(ctx context.Context) (n int, err error) {
	_, err = t.row(ctx, "former uploads", []any{&n}, `SELECT count(*) FROM uploads u WHERE u.confirmed = 0
	    AND EXISTS (SELECT 1 FROM former f WHERE f.entity = ?1 AND f.id = u.attachment AND f.state <> ?2)
	    AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.entity = ?1 AND o.id = u.attachment)`, domain.EntityAttachment, OpRejected)
	return n, err
}

// OpBody is an op of this device as it travels.
type OpBody struct {
	Seq  uint64
	Body []byte
}

// AnsweredBodies lists ops behind a number that the server has answered, in
// order, at most limit.
func (t *Tx) AnsweredBodies(ctx context.Context, after uint64, limit int) ([]OpBody, error) {
	return sqltx.Collect(ctx, t.tx, "answered ops", func(r *sql.Rows) (b OpBody, err error) {
		err = r.Scan(&b.Seq, &b.Body)
		return b, err
	}, "SELECT seq, op FROM outbox WHERE seq > ? AND state <> ? ORDER BY seq LIMIT ?", after, OpWaiting, limit)
}
