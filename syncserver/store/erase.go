package store

import (
	"context"
	"database/sql"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

func (embedded) contains(column string) string  { return "instr(" + column + ", ?) > 0" }
func (*postgres) contains(column string) string { return "position(?::bytea IN " + column + ") > 0" }

// EraseReceived takes the personal values out of every op about a record that
// devices have sent, whatever became of it. Sent again, such an op is still
// known.
func (t *Tx) EraseReceived(ctx context.Context, e domain.Entity, id domain.AnyID) error {
	if err := t.flush(ctx); err != nil {
		return err
	}
	type sent struct {
		Received
		device []byte
		seq    uint64
	}
	rows, err := sqltx.Collect(ctx, t.tx, "erase received ops", func(r *sql.Rows) (s sent, err error) {
		err = r.Scan(&s.device, &s.seq, &s.Body, &s.Original)
		return s, err
	}, "SELECT device, device_seq, body, original FROM received WHERE "+t.backend.contains("body"), id[:])
	if err != nil {
		return err
	}
	for _, s := range rows {
		var op syncproto.Op
		if err := syncproto.Unmarshal(s.Body, &op); err != nil {
			return fmt.Errorf("erase received op %d: %w", s.seq, err)
		}
		if op.Entity != e || op.ID != id {
			continue // it names the record
		}
		redacted, err := s.Redacted()
		if err != nil {
			return err
		}
		err = t.exec(ctx, "erase received op", "UPDATE received SET body = ?, original = ? WHERE device = ? AND device_seq = ?",
			redacted.Body, redacted.Original, s.device, s.seq)
		if err != nil {
			return err
		}
	}
	return nil
}

// erasedImport stands for a value of the file last imported that was erased: the
// file's is neither that nor what the record holds, so an import leaves the
// record alone and says so until the file drops the value too.
var erasedImport = syncproto.Value("\x66erased")

// EraseImported takes values out of what is remembered of the file last imported.
func (t *Tx) EraseImported(ctx context.Context, e domain.Entity, id domain.AnyID, keys []uint64) error {
	fields, known, err := t.Imported(ctx, e, id)
	if err != nil || !known {
		return err
	}
	for _, key := range keys {
		if !syncproto.IsNull(fields[key]) {
			fields[key] = erasedImport
		}
	}
	body, err := syncproto.Marshal(fields)
	if err != nil {
		return fmt.Errorf("erase imported: %w", err)
	}
	return t.exec(ctx, "erase imported", "UPDATE imported SET fields = ? WHERE entity = ? AND id = ?", body, e, id[:])
}

// LetGo drops a scope's log up to an entry, whatever its age: devices that have
// not read it get a snapshot.
func (t *Tx) LetGo(ctx context.Context, s syncproto.Scope, upTo uint64) error {
	if err := t.mayWrite(s); err != nil {
		return err
	}
	if err := t.flush(ctx); err != nil {
		return err
	}
	if err := t.exec(ctx, "let go", "DELETE FROM log WHERE scope = ? AND seq <= ?", s.String(), upTo); err != nil {
		return err
	}
	return t.exec(ctx, "let go", "UPDATE heads SET kept_after = ? WHERE scope = ? AND kept_after < ?", upTo, s.String(), upTo)
}
