package localstore

import (
	"context"
	"database/sql"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// purge lets go of the bytes of an attachment that was erased: they are not sent
// any more, and their files are to be deleted. before is the record as the server
// had it until then, if that is known.
func (t *Tx) purge(ctx context.Context, id domain.AnyID, before merge.Record) error {
	a, err := merge.As[domain.Attachment](before)
	if err != nil {
		return err
	}
	own, err := sqltx.Collect(ctx, t.tx, "erased uploads", func(r *sql.Rows) (u Upload, err error) {
		var sha []byte
		if err := r.Scan(&sha, &u.Photo); err != nil {
			return u, err
		}
		err = u.SHA256.UnmarshalBinary(sha)
		return u, err
	}, "SELECT sha256, photo FROM uploads WHERE attachment = ?", id[:])
	if err != nil {
		return err
	}
	shas := []domain.Hash{a.SHA256, a.WorkSHA256}
	for _, u := range own {
		photo, err := domain.ParseHash(u.Photo)
		if err != nil {
			return err
		}
		shas = append(shas, u.SHA256, photo)
	}
	for _, sha := range shas {
		if sha.IsZero() {
			continue
		}
		if err := t.addPurge(ctx, sha); err != nil {
			return err
		}
	}
	return t.exec(ctx, "erased uploads", "DELETE FROM uploads WHERE attachment = ?", id[:])
}

func (t *Tx) addPurge(ctx context.Context, sha domain.Hash) error {
	return t.exec(ctx, "purge", "INSERT OR IGNORE INTO purges VALUES (?)", sha[:])
}

// purgeIn does so for the erased attachments that a snapshot brought. What they
// were is not known any more: whatever was downloaded goes, and comes again.
func (t *Tx) purgeIn(ctx context.Context, s syncproto.Scope) error {
	erased, err := sqltx.Collect(ctx, t.tx, "erased attachments", scanRecord,
		"SELECT server FROM records WHERE entity = ? AND state = ? AND scope = ? AND server IS NOT NULL",
		domain.EntityAttachment, string(domain.AttachmentErased), s.String())
	if err != nil || len(erased) == 0 {
		return err
	}
	for _, r := range erased {
		if err := t.purge(ctx, r.ID, merge.Record{}); err != nil {
			return err
		}
	}
	return t.addPurge(ctx, AnyDownload)
}

// AnyDownload stands in a list of purges for whatever was downloaded.
var AnyDownload = domain.Hash{}

// Purges lists blobs whose files are to be deleted here. A photo that another
// attachment of this device names as well is not among them.
func (t *Tx) Purges(ctx context.Context) ([]domain.Hash, error) {
	return sqltx.Collect(ctx, t.tx, "purges", func(r *sql.Rows) (sha domain.Hash, err error) {
		var b []byte
		if err := r.Scan(&b); err != nil {
			return sha, err
		}
		err = sha.UnmarshalBinary(b)
		return sha, err
	}, "SELECT sha256 FROM purges p WHERE NOT EXISTS (SELECT 1 FROM uploads u WHERE u.sha256 = p.sha256 OR u.photo = lower(hex(p.sha256)))")
}

// Purged notes that files were deleted.
func (t *Tx) Purged(ctx context.Context, sha domain.Hash) error {
	return t.exec(ctx, "purged", "DELETE FROM purges WHERE sha256 = ?", sha[:])
}
