package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/sqlitedb"
	"keyturn/shared/syncproto"
)

// Record reads one record; one that nobody has written is the zero Record.
func (t *Tx) Record(ctx context.Context, e domain.Entity, id domain.AnyID) (merge.Record, error) {
	var body []byte
	err := t.row(ctx, e.String(), []any{&body}, "SELECT body FROM records WHERE entity = ? AND id = ?", e, id[:])
	if errors.Is(err, ErrNotFound) {
		return merge.Record{}, nil
	}
	if err != nil {
		return merge.Record{}, err
	}
	return merge.DecodeRecord(body)
}

// PutRecord writes a record's new state.
func (t *Tx) PutRecord(ctx context.Context, r merge.Record) error {
	body, err := r.Encode()
	if err != nil {
		return fmt.Errorf("put %s: %w", r.Entity, err)
	}
	parent := r.Fields.Parent()
	return t.exec(ctx, "put "+r.Entity.String(),
		`INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (entity, id) DO UPDATE SET
		 scope = excluded.scope, parent = excluded.parent, state = excluded.state, seq = excluded.seq, body = excluded.body`,
		r.Entity, r.ID[:], r.Scope.String(), parent[:], r.Fields.State(), r.Seq, body)
}

// Filter narrows a listing of records; zero values do not.
type Filter struct {
	Parent  domain.AnyID
	States  []string
	Project domain.ProjectID
}

// Records lists the records of an entity that are not withdrawn, oldest id
// first.
func (t *Tx) Records(ctx context.Context, e domain.Entity, f Filter) ([]merge.Record, error) {
	query, args := "SELECT body FROM records WHERE entity = ?", []any{e}
	if !f.Parent.IsZero() {
		query, args = query+" AND parent = ?", append(args, f.Parent[:])
	}
	if len(f.States) > 0 {
		query += " AND state IN (?"
		for range f.States[1:] {
			query += ", ?"
		}
		query += ")"
		for _, s := range f.States {
			args = append(args, s)
		}
	}
	if !f.Project.IsZero() {
		info, _ := e.Info()
		query, args = query+" AND scope = ?", append(args, syncproto.Scope{Project: f.Project, Audience: info.Audience}.String())
	}
	all, err := sqlitedb.Collect(ctx, t.tx, "list "+e.String(), func(r *sql.Rows) (merge.Record, error) {
		var body []byte
		if err := r.Scan(&body); err != nil {
			return merge.Record{}, err
		}
		return merge.DecodeRecord(body)
	}, query+" ORDER BY id", args...)
	if err != nil {
		return nil, err
	}
	kept := all[:0]
	for _, r := range all {
		if !r.Withdrawn {
			kept = append(kept, r)
		}
	}
	return kept, nil
}

// Version sums up the records of some entities in a project: it changes when
// any of them does.
func (t *Tx) Version(ctx context.Context, project domain.ProjectID, entities ...domain.Entity) (string, error) {
	query, args := "SELECT coalesce(max(seq), 0) || '/' || count(*) FROM records WHERE scope = ? AND entity IN (?", []any{
		syncproto.Scope{Project: project, Audience: domain.AudienceField}.String(),
	}
	for i, e := range entities {
		if i > 0 {
			query += ", ?"
		}
		args = append(args, e)
	}
	var version string
	err := t.row(ctx, "version", []any{&version}, query+")", args...)
	return version, err
}

// SetSpot indexes a defect by the place and kind of what is wrong.
func (t *Tx) SetSpot(ctx context.Context, id domain.DefectID, spot string) error {
	return t.exec(ctx, "spot", "INSERT INTO spots VALUES (?, ?) ON CONFLICT (defect) DO UPDATE SET spot = excluded.spot", id[:], spot)
}

// SameSpot lists the earliest defects of a spot, at most limit.
func (t *Tx) SameSpot(ctx context.Context, spot string, limit int) ([]domain.DefectID, error) {
	return sqlitedb.Collect(ctx, t.tx, "same spot", func(r *sql.Rows) (id domain.DefectID, err error) {
		var raw []byte
		if err = r.Scan(&raw); err != nil {
			return id, err
		}
		err = id.UnmarshalBinary(raw)
		return id, err
	}, "SELECT defect FROM spots WHERE spot = ? ORDER BY defect LIMIT ?", spot, limit)
}
