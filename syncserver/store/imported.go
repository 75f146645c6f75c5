package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// ImportedRow is the value that a record had in the file last imported.
type ImportedRow struct {
	Project domain.ProjectID
	Entity  domain.Entity
	ID      domain.AnyID
	Name    string
	Fields  syncproto.Fields
}

// Imported reads a record's last imported value.
func (t *Tx) Imported(ctx context.Context, e domain.Entity, id domain.AnyID) (f syncproto.Fields, ok bool, err error) {
	var body []byte
	err = t.row(ctx, "imported", []any{&body}, "SELECT fields FROM imported WHERE entity = ? AND id = ?", e, id[:])
	if errors.Is(err, ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	err = syncproto.Unmarshal(body, &f)
	return f, true, err
}

// PutImported remembers a record's value in the imported file.
func (t *Tx) PutImported(ctx context.Context, row ImportedRow) error {
	body, err := syncproto.Marshal(row.Fields)
	if err != nil {
		return fmt.Errorf("imported: %w", err)
	}
	return t.exec(ctx, "imported",
		"INSERT INTO imported VALUES (?, ?, ?, ?, ?) ON CONFLICT (entity, id) DO UPDATE SET name = excluded.name, fields = excluded.fields",
		row.Project[:], row.Entity, row.ID[:], row.Name, body)
}

// ImportedRows lists a project's remembered records without their fields.
func (t *Tx) ImportedRows(ctx context.Context, project domain.ProjectID) ([]ImportedRow, error) {
	return sqltx.Collect(ctx, t.tx, "imported", func(r *sql.Rows) (row ImportedRow, err error) {
		var id []byte
		if err = r.Scan(&row.Entity, &id, &row.Name); err != nil {
			return row, err
		}
		err = row.ID.UnmarshalBinary(id)
		return row, err
	}, "SELECT entity, id, name FROM imported WHERE project = ? ORDER BY entity, name", project[:])
}
