package localstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// held is one row of records.
type held struct {
	// server is what the server has, the zero Record if nothing.
	server merge.Record
	body   merge.Record
	// encoded is server in its stored form where that is known.
	encoded []byte
}

func (t *Tx) held(ctx context.Context, e domain.Entity, id domain.AnyID) (h held, err error) {
	var server, body []byte
	ok, err := t.row(ctx, e.String(), []any{&server, &body}, "SELECT server, body FROM records WHERE entity = ? AND id = ?", e, id[:])
	if err != nil || !ok {
		return h, err
	}
	if server != nil {
		if h.server, err = merge.DecodeRecord(server); err != nil {
			return h, err
		}
	}
	if body == nil {
		h.body = h.server
		return h, nil
	}
	h.body, err = merge.DecodeRecord(body)
	return h, err
}

// put stores a record; changed is whether pending ops lie on top of server state.
func (t *Tx) put(ctx context.Context, h held, changed bool) error {
	r, err := rowOf(h, changed)
	if err != nil {
		return err
	}
	return t.putRows(ctx, []row{r})
}

// replay rebuilds what the screen shows: server state with the device's pending
// ops on top. A record that has neither any more disappears.
func (t *Tx) replay(ctx context.Context, e domain.Entity, id domain.AnyID, server merge.Record) error {
	ops, err := t.pendingOf(ctx, e, id)
	if err != nil {
		return err
	}
	return t.show(ctx, e, id, server, ops)
}

// replayAll does so for the records of some ops.
func (t *Tx) replayAll(ctx context.Context, ops []syncproto.Op) error {
	for _, op := range ops {
		h, err := t.held(ctx, op.Entity, op.ID)
		if err != nil {
			return err
		}
		if err := t.replay(ctx, op.Entity, op.ID, h.server); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) show(ctx context.Context, e domain.Entity, id domain.AnyID, server merge.Record, pending []syncproto.Op) error {
	h, changed := held{server: server, body: server}, false
	for _, op := range pending {
		if op.Kind != syncproto.Commanded {
			h.body, changed = merge.Overlay(h.body, op), true
		}
	}
	if !h.body.Exists() {
		return t.exec(ctx, "drop "+e.String(), "DELETE FROM records WHERE entity = ? AND id = ?", e, id[:])
	}
	return t.put(ctx, h, changed)
}

// Filter narrows a listing; zero values do not.
type Filter struct {
	Parent  domain.AnyID
	States  []string
	Project domain.ProjectID
}

// listing is the query of Records.
func listing(e domain.Entity, f Filter) (query string, args []any) {
	// A + keeps SQLite from going through all of the entity's records, by id or
	// by state, where an index names the few.
	query, args = "SELECT coalesce(body, server) FROM records WHERE entity = ?", []any{e}
	order, state := "id", "state"
	if !f.Parent.IsZero() {
		query, args, order, state = query+" AND parent = ?", append(args, f.Parent[:]), "+id", "+state"
	}
	if len(f.States) > 0 {
		order = "+id"
		query += " AND " + state + " IN (?" + strings.Repeat(", ?", len(f.States)-1) + ")"
		for _, s := range f.States {
			args = append(args, s)
		}
	}
	if !f.Project.IsZero() {
		info, _ := e.Info()
		query, args = query+" AND scope = ?", append(args, syncproto.Scope{Project: f.Project, Audience: info.Audience}.String())
	}
	return query + " ORDER BY " + order, args
}

// Records lists records of an entity that are not withdrawn, oldest id first.
func (t *Tx) Records(ctx context.Context, e domain.Entity, f Filter) ([]merge.Record, error) {
	query, args := listing(e, f)
	all, err := sqltx.Collect(ctx, t.tx, "list "+e.String(), scanRecord, query, args...)
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

func scanRecord(r *sql.Rows) (merge.Record, error) {
	var body []byte
	if err := r.Scan(&body); err != nil {
		return merge.Record{}, err
	}
	return merge.DecodeRecord(body)
}

// Listed is a record with its id.
type Listed[T any] struct {
	ID     domain.ID[T]
	Record T
	// Confirmed is whether the server holds all of it.
	Confirmed bool
}

// List reads records as their type.
func List[T any](ctx context.Context, t *Tx, e domain.Entity, f Filter) ([]Listed[T], error) {
	rows, err := t.Records(ctx, e, f)
	if err != nil {
		return nil, err
	}
	list := make([]Listed[T], 0, len(rows))
	for _, r := range rows {
		record, err := merge.As[T](r)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", e, r.ID, err)
		}
		list = append(list, Listed[T]{ID: domain.ID[T](r.ID), Record: record, Confirmed: r.Seq != 0})
	}
	return list, nil
}

// Get reads one record as its type; ok is false when the device has none.
func Get[T any](ctx context.Context, t *Tx, e domain.Entity, id domain.ID[T]) (record T, ok bool, err error) {
	h, err := t.held(ctx, e, id.Any())
	if err != nil || !h.body.Exists() || h.body.Withdrawn {
		return record, false, err
	}
	record, err = merge.As[T](h.body)
	return record, err == nil, err
}
