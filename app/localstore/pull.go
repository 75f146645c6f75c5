package localstore

import (
	"context"
	"database/sql"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// Cursors lists how far each scope has been applied.
func (t *Tx) Cursors(ctx context.Context) ([]syncproto.Cursor, error) {
	return sqltx.Collect(ctx, t.tx, "cursors", func(r *sql.Rows) (c syncproto.Cursor, err error) {
		var scope string
		if err := r.Scan(&scope, &c.Epoch, &c.Seq); err != nil {
			return c, err
		}
		c.Scope, err = syncproto.ParseScope(scope)
		return c, err
	}, "SELECT scope, epoch, seq FROM scopes ORDER BY scope")
}

// Cursor is how far one scope has been applied; ok is false for one that the
// device does not follow.
func (t *Tx) Cursor(ctx context.Context, s syncproto.Scope) (c syncproto.Cursor, ok bool, err error) {
	c.Scope = s
	ok, err = t.row(ctx, "cursor", []any{&c.Epoch, &c.Seq}, "SELECT epoch, seq FROM scopes WHERE scope = ?", s.String())
	return c, ok, err
}

// Follow makes the device's scopes exactly those that the server named. The
// copies of the others are deleted; ops that wait stay.
func (t *Tx) Follow(ctx context.Context, heads []syncproto.Head) error {
	wanted := map[syncproto.Scope]bool{}
	for _, h := range heads {
		wanted[h.Scope] = true
		if err := t.FollowScope(ctx, h); err != nil {
			return err
		}
	}
	cursors, err := t.Cursors(ctx)
	if err != nil {
		return err
	}
	for _, c := range cursors {
		if !wanted[c.Scope] {
			if err := t.DropScope(ctx, c.Scope); err != nil {
				return err
			}
		}
	}
	return nil
}

// FollowScope starts following a scope or learns its newest sequence.
func (t *Tx) FollowScope(ctx context.Context, h syncproto.Head) error {
	return t.exec(ctx, "follow", "INSERT INTO scopes VALUES (?, '', 0, ?) ON CONFLICT (scope) DO UPDATE SET head = max(head, excluded.head)",
		h.Scope.String(), h.Seq)
}

// DropScope deletes the copy of a scope that this device may not read any more.
// Records with unsent work keep only that work.
func (t *Tx) DropScope(ctx context.Context, s syncproto.Scope) error {
	if err := t.exec(ctx, "drop scope", "DELETE FROM scopes WHERE scope = ?", s.String()); err != nil {
		return err
	}
	waiting, err := t.pendingIn(ctx, s)
	if err != nil {
		return err
	}
	if err := t.exec(ctx, "drop scope", "DELETE FROM records WHERE scope = ?", s.String()); err != nil {
		return err
	}
	for _, op := range waiting {
		if err := t.replay(ctx, op.Entity, op.ID, merge.Record{}); err != nil {
			return err
		}
	}
	return nil
}

// pendingIn lists a scope's ops that server state does not contain yet.
func (t *Tx) pendingIn(ctx context.Context, s syncproto.Scope) ([]syncproto.Op, error) {
	return sqltx.Collect(ctx, t.tx, "pending ops", scanOp, "SELECT op FROM outbox WHERE scope = ? AND state < 2 ORDER BY seq", s.String())
}

// Apply takes a page of the log: records, cursor and the fate of own ops in one
// step. It reports false, changing nothing, when the page does not continue the
// cursor; then the caller must pull.
func (t *Tx) Apply(ctx context.Context, p *syncproto.Page) (ok bool, err error) {
	var epoch string
	var seq uint64
	follows, err := t.row(ctx, "cursor", []any{&epoch, &seq}, "SELECT epoch, seq FROM scopes WHERE scope = ?", p.Scope.String())
	if err != nil || !follows {
		return false, err
	}
	switch {
	case epoch == "" && seq == 0 && p.PrevSeq == 0:
	case epoch != p.Epoch && p.PrevSeq == 0:
		if err := t.startOver(ctx, p.Scope); err != nil {
			return false, err
		}
	case epoch != p.Epoch || seq != p.PrevSeq:
		return false, nil
	}
	if err := t.applyChanges(ctx, p.Epoch, p.Changes); err != nil {
		return false, err
	}
	return true, t.exec(ctx, "cursor", "UPDATE scopes SET epoch = ?, seq = ?, head = max(?, ?) WHERE scope = ?",
		p.Epoch, p.LastSeq, p.Head, p.LastSeq, p.Scope.String())
}

// startOver forgets the server's side of a scope whose log began anew.
func (t *Tx) startOver(ctx context.Context, s syncproto.Scope) error {
	if err := t.DropScope(ctx, s); err != nil {
		return err
	}
	return t.FollowScope(ctx, syncproto.Head{Scope: s})
}

type recordKey struct {
	entity domain.Entity
	id     domain.AnyID
}

// pendingRecords tells which records have ops that server state lacks.
func (t *Tx) pendingRecords(ctx context.Context) (map[recordKey]bool, error) {
	keys, err := sqltx.Collect(ctx, t.tx, "pending records", func(r *sql.Rows) (k recordKey, err error) {
		var id []byte
		if err = r.Scan(&k.entity, &id); err != nil {
			return k, err
		}
		err = k.id.UnmarshalBinary(id)
		return k, err
	}, "SELECT DISTINCT entity, id FROM outbox WHERE state < 2")
	pending := make(map[recordKey]bool, len(keys))
	for _, k := range keys {
		pending[k] = true
	}
	return pending, err
}

// Progress counts what is on its way.
type Progress struct {
	// Behind is how many log entries are still to come; Have counts those here.
	Have, Behind uint64
	// Records and Photos count this device's own work; the Confirmed ones are
	// held by the server. Photos whose record the server rejected do not count.
	Records, RecordsConfirmed int
	Photos, PhotosConfirmed   int
	Attention                 int
}

// AllConfirmed reports whether the server holds everything this device made.
func (p Progress) AllConfirmed() bool {
	return p.RecordsConfirmed == p.Records && p.PhotosConfirmed == p.Photos
}

// Progress counts what is on its way.
func (t *Tx) Progress(ctx context.Context) (p Progress, err error) {
	_, err = t.row(ctx, "progress", []any{&p.Have, &p.Behind}, "SELECT coalesce(sum(seq), 0), coalesce(sum(head - seq), 0) FROM scopes")
	if err != nil {
		return p, err
	}
	_, err = t.row(ctx, "progress", []any{&p.Records, &p.RecordsConfirmed, &p.Attention},
		"SELECT count(*), coalesce(sum(state > 0), 0), coalesce(sum(state >= 3), 0) FROM recorded")
	if err != nil {
		return p, err
	}
	_, err = t.row(ctx, "progress", []any{&p.Photos, &p.PhotosConfirmed}, `SELECT count(*), coalesce(sum(done), 0)
		FROM (SELECT min(confirmed) AS done FROM uploads WHERE attachment NOT IN (
			SELECT r.id FROM recorded r WHERE r.state = ? AND r.entity = ?
			AND NOT EXISTS (SELECT 1 FROM recorded o WHERE o.entity = r.entity AND o.id = r.id AND o.state <> r.state)
		) GROUP BY attachment)`, OpRejected, domain.EntityAttachment)
	return p, err
}

// SentOp is one line of the receipt.
type SentOp struct {
	Op     syncproto.Op
	State  OpState
	LogSeq uint64
}

// Sent lists every op of this device with its fate, for the receipt; first those
// of a former identity.
func (t *Tx) Sent(ctx context.Context) ([]SentOp, error) {
	return sqltx.Collect(ctx, t.tx, "sent", func(r *sql.Rows) (s SentOp, err error) {
		var body []byte
		if err := r.Scan(&body, &s.State, &s.LogSeq); err != nil {
			return s, err
		}
		err = syncproto.Unmarshal(body, &s.Op)
		return s, err
	}, "SELECT op, state, log_seq FROM recorded ORDER BY generation, place")
}
