package localstore

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

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
	// Begun: some of it may have been sent before, so the server must be asked how
	// far it has come.
	Begun bool
}

// QueueUpload adds a rendition to the queue.
func (t *Tx) QueueUpload(ctx context.Context, u Upload) error {
	return t.exec(ctx, "queue upload", "INSERT OR IGNORE INTO uploads VALUES (?, ?, ?, ?, ?, 0)",
		u.SHA256[:], u.Attachment[:], u.Original, u.Photo, u.Bytes)
}

// NextUploads lists what the server does not hold yet: working copies first, and
// only of attachments whose op it has, be it in review.
func (t *Tx) NextUploads(ctx context.Context, limit int) ([]Upload, error) {
	place, err := t.begunPlace(ctx)
	if err != nil {
		return nil, err
	}
	return sqltx.Collect(ctx, t.tx, "next uploads", func(r *sql.Rows) (u Upload, err error) {
		var sha, attachment []byte
		if err := r.Scan(&sha, &attachment, &u.Original, &u.Photo, &u.Bytes, &u.Begun); err != nil {
			return u, err
		}
		if err := u.SHA256.UnmarshalBinary(sha); err != nil {
			return u, err
		}
		err = u.Attachment.UnmarshalBinary(attachment)
		return u, err
	}, `SELECT u.sha256, u.attachment, u.original, u.photo, u.bytes,
	    u.rowid <= CASE u.original WHEN 0 THEN ? ELSE ? END OR EXISTS (SELECT 1 FROM uploads e WHERE e.sha256 = u.sha256 AND e.rowid < u.rowid)
	    FROM uploads u
	    WHERE u.confirmed = 0 AND EXISTS (SELECT 1 FROM recorded o WHERE o.entity = ? AND o.id = u.attachment AND o.state IN (1, 2, 4))
	    ORDER BY u.original, u.rowid LIMIT ?`, place[0], place[1], domain.EntityAttachment, limit)
}

// metaBegun are where the queues of working copies and of originals have been
// begun: what lies further back has never been sent.
var metaBegun = [2]string{"begun_working_copies", "begun_originals"}

func (t *Tx) begunPlace(ctx context.Context) (place [2]int64, err error) {
	for i, key := range metaBegun {
		text, err := t.meta(ctx, key)
		if err != nil {
			return place, err
		}
		if text == "" {
			continue
		}
		if place[i], err = strconv.ParseInt(text, 10, 64); err != nil {
			return place, fmt.Errorf("begun uploads: %w", err)
		}
	}
	return place, nil
}

// BeginUploads notes, before the first byte of them is sent, that these have
// been begun.
func (t *Tx) BeginUploads(ctx context.Context, list []Upload) error {
	place, err := t.begunPlace(ctx)
	if err != nil {
		return err
	}
	next := place
	for _, u := range list {
		var row int64
		if _, err := t.row(ctx, "begin upload", []any{&row}, "SELECT rowid FROM uploads WHERE sha256 = ? AND attachment = ?", u.SHA256[:], u.Attachment[:]); err != nil {
			return err
		}
		queue := &next[0]
		if u.Original {
			queue = &next[1]
		}
		*queue = max(*queue, row)
	}
	for i, key := range metaBegun {
		if next[i] == place[i] {
			continue
		}
		if err := t.setMeta(ctx, key, strconv.FormatInt(next[i], 10)); err != nil {
			return err
		}
	}
	return nil
}

// ConfirmUpload notes that the server holds a rendition.
func (t *Tx) ConfirmUpload(ctx context.Context, sha domain.Hash) error {
	return t.exec(ctx, "confirm upload", "UPDATE uploads SET confirmed = 1 WHERE sha256 = ?", sha[:])
}

// MeetEpoch learns the server's epoch. In a new one the server was restored from
// a backup and may lack photos that it once held, so it is asked about all of
// them again; asking costs little where it still has them. Ops whose fate was open
// are sent again.
func (t *Tx) MeetEpoch(ctx context.Context, epoch string) error {
	known, err := t.meta(ctx, metaEpoch)
	if err != nil || known == epoch {
		return err
	}
	if known != "" {
		if err := t.exec(ctx, "ask about photos again", "UPDATE uploads SET confirmed = 0 WHERE confirmed <> 0"); err != nil {
			return err
		}
		if err := t.doubt(ctx); err != nil {
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
