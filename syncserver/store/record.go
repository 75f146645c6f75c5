package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

func recordsOf(l *layer) map[Key]known[merge.Record] { return l.records }

// Record reads one record; one that nobody has written is the zero Record.
func (t *Tx) Record(ctx context.Context, e domain.Entity, id domain.AnyID) (r merge.Record, err error) {
	key := Key{e, id}
	if r, ok := find(t, recordsOf, key); ok {
		return r, nil
	}
	var body []byte
	err = t.row(ctx, e.String(), []any{&body}, "SELECT body FROM records WHERE entity = ? AND id = ?", e, id[:])
	if err != nil && !errors.Is(err, ErrNotFound) {
		return merge.Record{}, err
	}
	if err == nil {
		if r, err = merge.DecodeRecord(body); err != nil {
			return merge.Record{}, fmt.Errorf("%s %s: %w", e, id, err)
		}
	}
	if len(t.base.records) < maxRemembered {
		t.base.records[key] = known[merge.Record]{value: r}
	}
	return r, nil
}

// PutRecord writes a record's new state. The record must not be changed
// afterwards.
func (t *Tx) PutRecord(_ context.Context, r merge.Record) error {
	if err := t.mayWrite(r.Scope); err != nil {
		return fmt.Errorf("put %s: %w", r.Entity, err)
	}
	t.top().records[Key{r.Entity, r.ID}] = known[merge.Record]{value: r, dirty: true}
	t.top().unwritten[r.Entity]++
	for p, v := range t.versions {
		if slices.Contains(v.entities, r.Entity) {
			delete(t.versions, p)
		}
	}
	return nil
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
	if err := t.recordsWritten(ctx, e); err != nil {
		return nil, err
	}
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
	all, err := sqltx.Collect(ctx, t.tx, "list "+e.String(), func(r *sql.Rows) (merge.Record, error) {
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

// CountRecords counts a scope's records, withdrawn ones too.
func (t *Tx) CountRecords(ctx context.Context, s syncproto.Scope) (n int, err error) {
	if err := t.written(ctx, tableRecords); err != nil {
		return 0, err
	}
	err = t.row(ctx, "count records", []any{&n}, "SELECT count(*) FROM records WHERE scope = ?", s.String())
	return n, err
}

// EachRecord hands a scope's records to work as they are stored, in the order
// of entity and id. The bytes are valid until work returns.
func (t *Tx) EachRecord(ctx context.Context, s syncproto.Scope, work func(body []byte) error) (err error) {
	if err := t.written(ctx, tableRecords); err != nil {
		return err
	}
	rows, err := t.tx.QueryContext(ctx, "SELECT body FROM records WHERE scope = ? ORDER BY entity, id", s.String())
	if err != nil {
		return fmt.Errorf("each record: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return fmt.Errorf("each record: %w", err)
		}
		if err := work(body); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Version sums up the records of some entities in a project: it changes when
// any of them does.
func (t *Tx) Version(ctx context.Context, project domain.ProjectID, entities ...domain.Entity) (string, error) {
	if err := t.recordsWritten(ctx, entities...); err != nil {
		return "", err
	}
	if known, ok := t.versions[project]; ok && slices.Equal(known.entities, entities) {
		return known.text, nil
	}
	query, args := "SELECT coalesce(max(seq), 0), count(*) FROM records WHERE scope = ? AND entity IN (?"+strings.Repeat(", ?", len(entities)-1)+")",
		[]any{syncproto.Scope{Project: project, Audience: domain.AudienceField}.String()}
	for _, e := range entities {
		args = append(args, e)
	}
	var newest, count int64
	if err := t.row(ctx, "version", []any{&newest, &count}, query, args...); err != nil {
		return "", err
	}
	v := version{entities: entities, text: fmt.Sprintf("%d/%d", newest, count)}
	t.versions[project] = v
	return v.text, nil
}

// version is a remembered answer of Version, good until one of the entities is
// written.
type version struct {
	entities []domain.Entity
	text     string
}
