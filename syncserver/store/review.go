package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// ReviewKey names a group of quarantined ops: its device and the number of its
// first op.
type ReviewKey struct {
	Device domain.DeviceID
	First  uint64
}

// String is "<device id>/<first op>".
func (k ReviewKey) String() string { return k.Device.String() + "/" + strconv.FormatUint(k.First, 10) }

// ParseReviewKey reads String's form.
func ParseReviewKey(text string) (k ReviewKey, err error) {
	device, first, _ := strings.Cut(text, "/")
	if k.Device, err = domain.ParseID[domain.Device](device); err == nil {
		k.First, err = strconv.ParseUint(first, 10, 63)
	}
	if err == nil && k.Device.IsZero() {
		err = errors.New("no device")
	}
	if err != nil {
		return ReviewKey{}, fmt.Errorf("review %.60q is no <device id>/<number>: %w", text, err)
	}
	return k, nil
}

// ReviewOutcome is what a person decided.
type ReviewOutcome int

// Outcomes, as stored.
const (
	ReviewWaiting   ReviewOutcome = 0
	ReviewAccepted  ReviewOutcome = 1
	ReviewDiscarded ReviewOutcome = 2
)

// Review is a group of quarantined ops, or a single one. Project and Actor are
// those of its first op, as the device says.
type Review struct {
	ReviewKey
	Last       uint64
	Project    domain.ProjectID
	Actor      domain.PersonID
	Code       syncproto.Code
	CapturedAt domain.Instant // corrected
	ReceivedAt domain.Instant
	ClockAhead domain.Instant // of the device when it was received
	Epoch      string         // in which the ops' base sequences count
	Bytes      int64          // of the ops
	BlobBytes  int64          // of the blobs that they name, as the device says
	Outcome    ReviewOutcome
	DecidedAt  domain.Instant
	DecidedBy  domain.PersonID
	Reason     string
}

const reviewColumns = `device, first_seq, last_seq, project, actor, code, captured_at, received_at, clock_ahead, bytes, blob_bytes,
	outcome, decided_at, decided_by, reason, epoch`

// AddReview puts a group into the inbox.
func (t *Tx) AddReview(ctx context.Context, r Review) error {
	return t.exec(ctx, "add review", "INSERT INTO reviews ("+reviewColumns+") VALUES (?"+strings.Repeat(", ?", 15)+")",
		r.Device[:], r.First, r.Last, r.Project[:], r.Actor[:], string(r.Code), r.CapturedAt, r.ReceivedAt, r.ClockAhead, r.Bytes, r.BlobBytes,
		r.Outcome, r.DecidedAt, r.DecidedBy[:], r.Reason, r.Epoch)
}

func scanReview(scan func(...any) error) (r Review, err error) {
	var device, project, actor, by []byte
	err = scan(&device, &r.First, &r.Last, &project, &actor, &r.Code, &r.CapturedAt, &r.ReceivedAt, &r.ClockAhead, &r.Bytes, &r.BlobBytes,
		&r.Outcome, &r.DecidedAt, &by, &r.Reason, &r.Epoch)
	if err == nil {
		err = errors.Join(r.Device.UnmarshalBinary(device), r.Project.UnmarshalBinary(project), r.Actor.UnmarshalBinary(actor), r.DecidedBy.UnmarshalBinary(by))
	}
	return r, err
}

// Review finds a group, or ErrNotFound.
func (t *Tx) Review(ctx context.Context, k ReviewKey) (Review, error) {
	return scanReview(func(dest ...any) error {
		return t.row(ctx, "review", dest, "SELECT "+reviewColumns+" FROM reviews WHERE device = ? AND first_seq = ?", k.Device[:], k.First)
	})
}

// DecideReview notes a decision on a group that waits; on another it is
// ErrNotFound.
func (t *Tx) DecideReview(ctx context.Context, k ReviewKey, o ReviewOutcome, at domain.Instant, by domain.PersonID, reason string) error {
	if err := t.savepoint(ctx); err != nil {
		return err
	}
	var first uint64
	return t.row(ctx, "decide review", []any{&first}, `UPDATE reviews SET outcome = ?, decided_at = ?, decided_by = ?, reason = ?
		WHERE device = ? AND first_seq = ? AND outcome = 0 RETURNING first_seq`, o, at, by[:], reason, k.Device[:], k.First)
}

// ReviewFilter narrows a listing of the inbox; zero values do not.
type ReviewFilter struct {
	Project domain.ProjectID
	Device  domain.DeviceID
	// Decided also lists what has been decided.
	Decided bool
	// After is the last one of the page before.
	After ReviewKey
	Limit int
}

// Reviews lists groups, newest first.
func (t *Tx) Reviews(ctx context.Context, f ReviewFilter) ([]Review, error) {
	query, args := "SELECT "+reviewColumns+" FROM reviews WHERE 1 = 1", []any{}
	if !f.Project.IsZero() {
		query, args = query+" AND project = ?", append(args, f.Project[:])
	}
	if !f.Device.IsZero() {
		query, args = query+" AND device = ?", append(args, f.Device[:])
	}
	if !f.Decided {
		query += " AND outcome = 0"
	}
	if f.After != (ReviewKey{}) {
		last, err := t.Review(ctx, f.After)
		if err == nil && !f.Project.IsZero() && last.Project != f.Project {
			err = fmt.Errorf("review %s: %w", f.After, ErrNotFound)
		}
		if err != nil {
			return nil, err
		}
		query += " AND (received_at < ? OR received_at = ? AND (device > ? OR device = ? AND first_seq < ?))"
		args = append(args, last.ReceivedAt, last.ReceivedAt, last.Device[:], last.Device[:], last.First)
	}
	return sqltx.Collect(ctx, t.tx, "reviews", func(r *sql.Rows) (Review, error) { return scanReview(r.Scan) },
		query+" ORDER BY received_at DESC, device, first_seq DESC LIMIT ?", append(args, f.Limit)...)
}

// WaitingReviews counts what waits of a device in a project, and tells since
// when.
func (t *Tx) WaitingReviews(ctx context.Context, p domain.ProjectID, d domain.DeviceID) (n int, since domain.Instant, err error) {
	err = t.row(ctx, "waiting reviews", []any{&n, &since},
		"SELECT count(*), coalesce(min(received_at), 0) FROM reviews WHERE project = ? AND device = ? AND outcome = 0", p[:], d[:])
	return n, since, err
}

// ReviewedSince reports whether somebody has decided on work of a device after a
// time.
func (t *Tx) ReviewedSince(ctx context.Context, d domain.DeviceID, since domain.Instant) (bool, error) {
	var n int
	err := t.row(ctx, "reviewed since", []any{&n}, "SELECT count(*) FROM reviews WHERE device = ? AND decided_at > ?", d[:], since)
	return n > 0, err
}

// ReviewLoad is how much of a device waits for a decision.
type ReviewLoad struct {
	Ops, Bytes, BlobBytes int64
}

// ReviewLoad adds up what waits of a device in all projects.
func (t *Tx) ReviewLoad(ctx context.Context, d domain.DeviceID) (l ReviewLoad, err error) {
	err = t.row(ctx, "review load", []any{&l.Ops, &l.Bytes, &l.BlobBytes},
		`SELECT CAST(coalesce(sum(last_seq - first_seq + 1), 0) AS BIGINT), CAST(coalesce(sum(bytes), 0) AS BIGINT),
		 CAST(coalesce(sum(blob_bytes), 0) AS BIGINT) FROM reviews WHERE device = ? AND outcome = 0`, d[:])
	return l, err
}

// AddReviewBlob remembers a blob that a group names, of at most so many bytes.
func (t *Tx) AddReviewBlob(ctx context.Context, k ReviewKey, sha domain.Hash, bytes int64) error {
	return t.exec(ctx, "review blob", `INSERT INTO review_blobs (device, first_seq, sha256, bytes) VALUES (?, ?, ?, ?)
		ON CONFLICT (device, first_seq, sha256) DO UPDATE SET bytes = excluded.bytes`, k.Device[:], k.First, sha[:], bytes)
}

// ReviewedBlob is the size up to which a device may hand in a blob that its
// quarantined or accepted ops name, 0 if none does.
func (t *Tx) ReviewedBlob(ctx context.Context, d domain.DeviceID, sha domain.Hash) (bytes int64, err error) {
	err = t.row(ctx, "reviewed blob", []any{&bytes}, `SELECT coalesce(max(b.bytes), 0) FROM review_blobs b
		JOIN reviews v ON v.device = b.device AND v.first_seq = b.first_seq
		WHERE (b.device = ? OR b.device IN `+originsOf+`) AND b.sha256 = ? AND v.outcome <> ?`, d[:], d[:], sha[:], ReviewDiscarded)
	return bytes, err
}

// ReviewedBlobProjects lists the projects of the groups that name a blob and
// wait or were accepted.
func (t *Tx) ReviewedBlobProjects(ctx context.Context, sha domain.Hash) ([]domain.ProjectID, error) {
	return sqltx.Collect(ctx, t.tx, "reviewed blob", func(r *sql.Rows) (p domain.ProjectID, err error) {
		var raw []byte
		if err = r.Scan(&raw); err == nil {
			err = p.UnmarshalBinary(raw)
		}
		return p, err
	}, `SELECT DISTINCT v.project FROM review_blobs b JOIN reviews v ON v.device = b.device AND v.first_seq = b.first_seq
	    WHERE b.sha256 = ? AND v.outcome <> ?`, sha[:], ReviewDiscarded)
}

// ReviewBlobs lists the blobs that a group names.
func (t *Tx) ReviewBlobs(ctx context.Context, k ReviewKey) ([]domain.Hash, error) {
	return sqltx.Collect(ctx, t.tx, "review blobs", func(r *sql.Rows) (sha domain.Hash, err error) {
		var raw []byte
		if err = r.Scan(&raw); err == nil {
			err = sha.UnmarshalBinary(raw)
		}
		return sha, err
	}, "SELECT sha256 FROM review_blobs WHERE device = ? AND first_seq = ? ORDER BY sha256", k.Device[:], k.First)
}
