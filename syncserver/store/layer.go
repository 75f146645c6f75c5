package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

// Key names a record.
type Key struct {
	Entity domain.Entity
	ID     domain.AnyID
}

// known is a value that the transaction has read or written; dirty means that
// the database does not have it yet.
type known[T any] struct {
	value T
	dirty bool
}

// layer gathers what a transaction, or an attempt within it, knows and wrote.
type layer struct {
	records map[Key]known[merge.Record]
	heads   map[syncproto.Scope]known[uint64]
	numbers map[string]known[int64]
	spots   map[domain.DefectID]known[string]
	// unwritten counts the dirty records of each entity.
	unwritten map[domain.Entity]int
	rows      [tableCount][]any // arguments of new rows, one after the other
}

func newLayer() *layer {
	return &layer{
		records: map[Key]known[merge.Record]{}, heads: map[syncproto.Scope]known[uint64]{},
		numbers: map[string]known[int64]{}, spots: map[domain.DefectID]known[string]{},
		unwritten: map[domain.Entity]int{},
	}
}

// take makes what another layer holds part of this one.
func (l *layer) take(o *layer) {
	maps.Copy(l.records, o.records)
	maps.Copy(l.heads, o.heads)
	maps.Copy(l.numbers, o.numbers)
	maps.Copy(l.spots, o.spots)
	for e, n := range o.unwritten {
		l.unwritten[e] += n // a record may count twice, which only flushes sooner
	}
	for i := range o.rows {
		l.rows[i] = append(l.rows[i], o.rows[i]...)
	}
}

// top is where writes go.
func (t *Tx) top() *layer {
	if t.attempt != nil {
		return t.attempt
	}
	return t.base
}

// Attempt runs work within the transaction so that its error undoes only what
// it wrote. The error is returned as it is.
func (t *Tx) Attempt(ctx context.Context, work func() error) error {
	if t.attempt != nil {
		return errors.New("attempts do not nest")
	}
	t.attempt, t.saved = newLayer(), false
	err := work()
	inner, saved := t.attempt, t.saved
	t.attempt, t.saved = nil, false
	if err == nil {
		t.base.take(inner)
		if saved {
			return t.execNow(ctx, "release", "RELEASE SAVEPOINT attempt")
		}
		return nil
	}
	clear(t.versions) // they may have seen what is undone
	if saved {
		for _, undo := range []string{"ROLLBACK TO SAVEPOINT attempt", "RELEASE SAVEPOINT attempt"} {
			if failed := t.execNow(ctx, "undo", undo); failed != nil {
				return errors.Join(err, failed)
			}
		}
	}
	return err
}

// savepoint is called before anything is written to the database. Within an
// attempt it first writes what is not part of it.
func (t *Tx) savepoint(ctx context.Context) error {
	if t.attempt == nil || t.saved {
		return nil
	}
	if err := t.flushLayer(ctx, t.base); err != nil {
		return err
	}
	if err := t.execNow(ctx, "savepoint", "SAVEPOINT attempt"); err != nil {
		return err
	}
	t.saved = true
	return nil
}

// flush writes everything that was gathered.
func (t *Tx) flush(ctx context.Context) error {
	if t.attempt == nil {
		return t.flushLayer(ctx, t.base)
	}
	if err := t.savepoint(ctx); err != nil {
		return err
	}
	return t.flushLayer(ctx, t.attempt)
}

// maxRemembered bounds what a long transaction, such as an import, keeps in
// memory.
const maxRemembered = 20_000

func (t *Tx) flushLayer(ctx context.Context, l *layer) error {
	if err := l.gather(); err != nil {
		return err
	}
	for table, args := range l.rows {
		if err := t.backend.insert(ctx, t.tx, tables[table], args); err != nil {
			return err
		}
		l.rows[table] = nil
	}
	if len(l.records) > maxRemembered {
		clear(l.records)
	}
	return nil
}

// gather turns changed values into rows, in a fixed order.
func (l *layer) gather() error {
	for _, k := range dirty(l.records, compareRecords) {
		held := l.records[k]
		body, err := held.value.Encode()
		if err != nil {
			return fmt.Errorf("put %s: %w", k.Entity, err)
		}
		parent := held.value.Fields.Parent()
		l.rows[tableRecords] = append(l.rows[tableRecords], k.Entity, slices.Clone(k.ID[:]), held.value.Scope.String(),
			slices.Clone(parent[:]), held.value.Fields.State(), held.value.Seq, body)
		l.records[k] = known[merge.Record]{value: held.value}
	}
	clear(l.unwritten)
	for _, id := range dirty(l.spots, compareIDs) {
		l.rows[tableSpots] = append(l.rows[tableSpots], slices.Clone(id[:]), l.spots[id].value)
		delete(l.spots, id)
	}
	for _, s := range dirty(l.heads, compareScopes) {
		l.rows[tableHeads] = append(l.rows[tableHeads], s.String(), l.heads[s].value)
		l.heads[s] = known[uint64]{value: l.heads[s].value}
	}
	for _, series := range dirty(l.numbers, compareText) {
		l.rows[tableNumbers] = append(l.rows[tableNumbers], series, l.numbers[series].value)
		l.numbers[series] = known[int64]{value: l.numbers[series].value}
	}
	return nil
}

// find looks a value up in what the transaction knows.
func find[K comparable, T any](t *Tx, of func(*layer) map[K]known[T], key K) (value T, ok bool) {
	if t.attempt != nil {
		if k, ok := of(t.attempt)[key]; ok {
			return k.value, true
		}
	}
	k, ok := of(t.base)[key]
	return k.value, ok
}

// unwritten reports whether either layer holds something of the kind that the
// database does not have.
func (t *Tx) unwritten(holds func(*layer) bool) bool {
	return holds(t.base) || t.attempt != nil && holds(t.attempt)
}

// written makes sure that a query of a table sees what was gathered for it.
func (t *Tx) written(ctx context.Context, table int) error {
	if t.unwritten(func(l *layer) bool { return len(l.rows[table]) > 0 }) {
		return t.flush(ctx)
	}
	return nil
}

// recordsWritten does so for the records of some entities.
func (t *Tx) recordsWritten(ctx context.Context, entities ...domain.Entity) error {
	pending := t.unwritten(func(l *layer) bool {
		return slices.ContainsFunc(entities, func(e domain.Entity) bool { return l.unwritten[e] > 0 }) || len(l.rows[tableRecords]) > 0
	})
	if pending {
		return t.flush(ctx)
	}
	return nil
}
