package localstore

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// Rows per statement: few different lengths, so that few statements are
// prepared.
var rowsAtOnce = []int{64, 8, 1}

// chunks cuts a list into pieces of those lengths.
func chunks[T any](list []T, work func([]T) error) error {
	for _, n := range rowsAtOnce {
		for len(list) >= n {
			if err := work(list[:n]); err != nil {
				return err
			}
			list = list[n:]
		}
	}
	return nil
}

// applyChanges merges a run of the log into server state: each record is read
// and written once, however often the run changes it. Pending ops stay on top.
func (t *Tx) applyChanges(ctx context.Context, epoch string, changes []syncproto.Logged) error {
	pending, err := t.pendingRecords(ctx)
	if err != nil {
		return err
	}
	keys := make([]recordKey, 0, len(changes)) // in the order of the log
	states := make(map[recordKey]merge.Record, len(changes))
	for _, l := range changes {
		k := recordKey{l.Op.Entity, l.Op.ID}
		if _, seen := states[k]; !seen {
			keys, states[k] = append(keys, k), merge.Record{}
		}
	}
	if err := t.serverStates(ctx, keys, states); err != nil {
		return err
	}
	formers, err := t.formers(ctx)
	if err != nil {
		return err
	}
	for _, l := range changes {
		k := recordKey{l.Op.Entity, l.Op.ID}
		before := states[k]
		states[k], _ = merge.Apply(before, l.Op, l.Seq)
		if l.Op.Kind == syncproto.Erased {
			if err := t.erased(ctx, before, l, epoch); err != nil {
				return err
			}
		}
		if formers[l.Op.Device] {
			if err := t.settleFormer(ctx, l); err != nil {
				return err
			}
		}
		if !pending[k] {
			continue
		}
		own, err := t.isOwn(ctx, l.Op)
		if err != nil {
			return err
		}
		if own {
			err := t.exec(ctx, "own op", "UPDATE outbox SET state = ?, log_seq = ? WHERE seq = ? AND state < 2", OpDone, l.Seq, l.Op.Seq)
			if err != nil {
				return err
			}
		}
	}
	rows := make([]row, 0, len(keys))
	for _, k := range keys {
		if pending[k] {
			if err := t.replay(ctx, k.entity, k.id, states[k]); err != nil {
				return err
			}
			continue
		}
		r, err := rowOf(held{server: states[k], body: states[k]}, false)
		if err != nil {
			return err
		}
		rows = append(rows, r)
	}
	return t.putRows(ctx, rows)
}

// isOwn reports whether a logged op is the one that this device recorded under
// its number; a clone of the device may have used the number for another.
func (t *Tx) isOwn(ctx context.Context, op syncproto.Op) (bool, error) {
	if op.Device != t.id.Device {
		return false, nil
	}
	var body []byte
	ok, err := t.row(ctx, "own op", []any{&body}, "SELECT op FROM outbox WHERE seq = ?", op.Seq)
	if err != nil || !ok {
		return false, err
	}
	var mine syncproto.Op
	if err := syncproto.Unmarshal(body, &mine); err != nil {
		return false, err
	}
	return stands(mine, op), nil
}

// stands reports whether a logged op is the recorded one. The log may have it
// without some of its fields: those that were overtaken before it was accepted in
// review. Own values that were erased here since may be there still.
func stands(recorded, logged syncproto.Op) bool {
	info, _ := logged.Entity.Info()
	for key, value := range logged.Fields {
		erased := syncproto.IsNull(recorded.Fields[key]) && slices.Contains(info.Personal, key)
		if !bytes.Equal(recorded.Fields[key], value) && !erased {
			return false
		}
	}
	return recorded.Entity == logged.Entity && recorded.ID == logged.ID && recorded.Kind == logged.Kind && recorded.CapturedAt == logged.CapturedAt
}

// serverStates reads what the server has of some records into states.
func (t *Tx) serverStates(ctx context.Context, keys []recordKey, states map[recordKey]merge.Record) error {
	byEntity := map[domain.Entity][]recordKey{}
	for _, k := range keys {
		byEntity[k.entity] = append(byEntity[k.entity], k)
	}
	for e, keys := range byEntity {
		err := chunks(keys, func(keys []recordKey) error {
			args := []any{e}
			for _, k := range keys {
				args = append(args, k.id[:])
			}
			found, err := sqltx.Collect(ctx, t.tx, "server states", func(r *sql.Rows) (merge.Record, error) {
				var body []byte
				if err := r.Scan(&body); err != nil || body == nil {
					return merge.Record{}, err
				}
				return merge.DecodeRecord(body)
			}, "SELECT server FROM records WHERE entity = ? AND id IN (?"+strings.Repeat(", ?", len(keys)-1)+")", args...)
			for _, r := range found {
				if r.Exists() {
					states[recordKey{e, r.ID}] = r
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// row is a record as the table holds it.
type row [recordColumns]any

const recordColumns = 9

// rowOf is a record's row; changed is whether pending ops lie on top of server
// state.
func rowOf(h held, changed bool) (row, error) {
	var server, body []byte
	var err error
	if changed {
		if body, err = h.body.Encode(); err != nil {
			return row{}, fmt.Errorf("put %s: %w", h.body.Entity, err)
		}
	}
	if server = h.encoded; server == nil && h.server.Exists() {
		if server, err = h.server.Encode(); err != nil {
			return row{}, fmt.Errorf("put %s: %w", h.body.Entity, err)
		}
	}
	p, id := placeOf(h.body), h.body.ID // copied, or all of h would live as long as the row
	return row{int64(h.body.Entity), id[:], h.body.Scope.String(), p.parent[:], p.state, server, body, contested(h.body), p.about}, nil
}

// putRows writes records, each at most once.
func (t *Tx) putRows(ctx context.Context, rows []row) error {
	return chunks(rows, func(rows []row) error {
		args := make([]any, 0, len(rows)*recordColumns)
		for _, r := range rows {
			args = append(args, r[:]...)
		}
		const one = "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
		return t.exec(ctx, "put records", "INSERT INTO records VALUES "+one+strings.Repeat(", "+one, len(rows)-1)+
			` ON CONFLICT (entity, id) DO UPDATE SET scope = excluded.scope, parent = excluded.parent, state = excluded.state,
			 server = excluded.server, body = excluded.body, contested = excluded.contested, about = excluded.about`, args...)
	})
}
