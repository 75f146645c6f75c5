package localstore

import (
	"context"
	"database/sql"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
)

// Upload is one rendition of a photo that the server shall hold.
type Upload struct {
	SHA256     domain.Hash
	Attachment domain.AttachmentID
	// Original is false for the working copy, which travels first.
	Original bool
	// Photo names the photo in the vault: the original's hash.
	Photo string
	Bytes int64
}

// QueueUpload adds a rendition to the queue.
func (t *Tx) QueueUpload(ctx context.Context, u Upload) error {
	return t.exec(ctx, "queue upload", "INSERT OR IGNORE INTO uploads VALUES (?, ?, ?, ?, ?, 0)",
		u.SHA256[:], u.Attachment[:], u.Original, u.Photo, u.Bytes)
}

// NextUploads lists what the server does not hold yet: working copies first, and
// only of attachments whose op it has, be it in review.
func (t *Tx) NextUploads(ctx context.Context, limit int) ([]Upload, error) {
	return sqltx.Collect(ctx, t.tx, "next uploads", func(r *sql.Rows) (u Upload, err error) {
		var sha, attachment []byte
		if err := r.Scan(&sha, &attachment, &u.Original, &u.Photo, &u.Bytes); err != nil {
			return u, err
		}
		if err := u.SHA256.UnmarshalBinary(sha); err != nil {
			return u, err
		}
		err = u.Attachment.UnmarshalBinary(attachment)
		return u, err
	}, `SELECT u.sha256, u.attachment, u.original, u.photo, u.bytes FROM uploads u
	    WHERE u.confirmed = 0 AND EXISTS (SELECT 1 FROM outbox o WHERE o.entity = ? AND o.id = u.attachment AND o.state IN (1, 2, 4))
	    ORDER BY u.original, u.rowid LIMIT ?`, domain.EntityAttachment, limit)
}

// ConfirmUpload notes that the server holds a rendition.
func (t *Tx) ConfirmUpload(ctx context.Context, sha domain.Hash) error {
	return t.exec(ctx, "confirm upload", "UPDATE uploads SET confirmed = 1 WHERE sha256 = ?", sha[:])
}

// MeetEpoch learns the server's epoch. In a new one the server was restored from
// a backup and may lack photos that it once held, so it is asked about all of
// them again; asking costs little where it still has them.
func (t *Tx) MeetEpoch(ctx context.Context, epoch string) error {
	known, err := t.meta(ctx, metaEpoch)
	if err != nil || known == epoch {
		return err
	}
	if known != "" {
		if err := t.exec(ctx, "ask about photos again", "UPDATE uploads SET confirmed = 0 WHERE confirmed <> 0"); err != nil {
			return err
		}
	}
	return t.setMeta(ctx, metaEpoch, epoch)
}

// SentPhoto is a photo of this device and whether the server holds all of it.
type SentPhoto struct {
	Attachment domain.AttachmentID
	Photo      string
	Confirmed  bool
}

// SentPhotos lists this device's photos for the receipt.
func (t *Tx) SentPhotos(ctx context.Context) ([]SentPhoto, error) {
	return sqltx.Collect(ctx, t.tx, "sent photos", func(r *sql.Rows) (p SentPhoto, err error) {
		var attachment []byte
		if err := r.Scan(&attachment, &p.Photo, &p.Confirmed); err != nil {
			return p, err
		}
		err = p.Attachment.UnmarshalBinary(attachment)
		return p, err
	}, "SELECT attachment, photo, min(confirmed) FROM uploads GROUP BY attachment, photo ORDER BY attachment")
}
