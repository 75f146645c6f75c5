package intake

import (
	"context"
	"fmt"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// Writer writes one project's records, which the transaction has locked, with
// the server's authority, on behalf of Actor. What it writes is appended to the log
// and collected for connected devices.
type Writer struct {
	Tx      *store.Tx
	Now     domain.Instant
	Project domain.ProjectID
	// Actor is who caused the writing; Rights is what they may do here. Both are
	// empty for the server's own timers.
	Actor  domain.PersonID
	Rights map[domain.Capability]bool
	// At is when it was captured, corrected; Now for the server's own work.
	At domain.Instant

	logged *[]syncproto.Logged
	// waiting, if set, collects the originals whose bytes are not here yet.
	waiting *[]domain.Hash
}

// NewWriter starts the server's own writing in a project.
func NewWriter(tx *store.Tx, project domain.ProjectID, now domain.Instant, logged *[]syncproto.Logged) *Writer {
	return &Writer{
		Tx: tx, Now: now, At: now, Project: project, Actor: ident.ServerPerson, logged: logged,
		Rights: map[domain.Capability]bool{domain.CanSystem: true},
	}
}

// Wrote reports whether this transaction has written a record of one of the
// entities.
func (w *Writer) Wrote(entities ...domain.Entity) bool {
	return slices.ContainsFunc(*w.logged, func(l syncproto.Logged) bool { return slices.Contains(entities, l.Op.Entity) })
}

// Create writes a new record; one that exists already is left as it is, so a
// repeated cause has its effect once.
func (w *Writer) Create(ctx context.Context, e domain.Entity, id domain.AnyID, record any) (created bool, err error) {
	held, err := w.Tx.Record(ctx, e, id)
	if err != nil || held.Exists() {
		return false, err
	}
	fields, err := syncproto.Encode(record)
	if err != nil {
		return false, err
	}
	return true, w.write(ctx, e, id, held, syncproto.Recorded, fields)
}

// Amend writes the difference between two states of a record.
func (w *Writer) Amend(ctx context.Context, e domain.Entity, id domain.AnyID, prev, next any) error {
	patch, err := syncproto.Patch(prev, next)
	if err != nil || len(patch) == 0 {
		return err
	}
	return w.AmendFields(ctx, e, id, patch)
}

// AmendFields writes a patch, creating the record if it does not exist.
func (w *Writer) AmendFields(ctx context.Context, e domain.Entity, id domain.AnyID, patch syncproto.Fields) error {
	held, err := w.Tx.Record(ctx, e, id)
	if err != nil {
		return err
	}
	kind := syncproto.Amended
	if !held.Exists() {
		kind = syncproto.Recorded
	}
	return w.write(ctx, e, id, held, kind, patch)
}

func (w *Writer) write(ctx context.Context, e domain.Entity, id domain.AnyID, held merge.Record, kind syncproto.Kind, f syncproto.Fields) error {
	info, ok := e.Info()
	if !ok {
		return fmt.Errorf("write: unknown entity %d", e)
	}
	op := syncproto.Op{
		Device: ident.ServerDevice, Actor: w.Actor, CapturedAt: w.At, At: w.At,
		HLC: syncproto.NextHLC(0, w.Now), Scope: syncproto.Scope{Project: w.Project, Audience: info.Audience},
		Entity: e, ID: id, BaseSeq: held.Seq, Kind: kind, Fields: f, Schema: syncproto.SchemaVersion,
	}
	_, _, err := w.apply(ctx, held, op)
	return err
}

// apply merges an op, appends it to its scope's log and stores the record.
func (w *Writer) apply(ctx context.Context, held merge.Record, op syncproto.Op) (next merge.Record, conflict bool, err error) {
	seq, err := w.Tx.TakeSeq(ctx, op.Scope)
	if err != nil {
		return held, false, err
	}
	if op.Device == ident.ServerDevice {
		op.Seq = seq // the server numbers its own ops by their place in the log
	}
	next, conflict = merge.Apply(held, op, seq)
	if err := w.Tx.PutRecord(ctx, next); err != nil {
		return held, false, err
	}
	entry := syncproto.Logged{Seq: seq, Op: op}
	if err := w.Tx.AppendLog(ctx, entry, w.Now); err != nil {
		return held, false, err
	}
	// Before what noteBlobs may append: listeners hear in the order of the log.
	*w.logged = append(*w.logged, entry)
	if err := w.noteBlobs(ctx, next); err != nil {
		return held, false, err
	}
	return next, conflict, nil
}

// Get reads a record as its type; ok is false when nobody has written it.
func Get[T any](ctx context.Context, tx *store.Tx, e domain.Entity, id domain.AnyID) (record T, ok bool, err error) {
	r, err := tx.Record(ctx, e, id)
	if err != nil || !r.Exists() {
		return record, false, err
	}
	record, err = merge.As[T](r)
	return record, err == nil, err
}

// Listed is a record with its id.
type Listed[T any] struct {
	ID     domain.ID[T]
	Record T
}

// List reads the matching records of an entity as their type.
func List[T any](ctx context.Context, tx *store.Tx, e domain.Entity, f store.Filter) ([]Listed[T], error) {
	rows, err := tx.Records(ctx, e, f)
	if err != nil {
		return nil, err
	}
	list := make([]Listed[T], 0, len(rows))
	for _, r := range rows {
		record, err := merge.As[T](r)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", e, r.ID, err)
		}
		list = append(list, Listed[T]{ID: domain.ID[T](r.ID), Record: record})
	}
	return list, nil
}
