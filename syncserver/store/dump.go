package store

import (
	"context"
	"errors"
	"fmt"
)

// DumpRows gives every row of a table, its values as int64, string or []byte in
// the order of the table's columns. It needs a view: one snapshot of all tables.
func (t *Tx) DumpRows(ctx context.Context, from Table, each func(row []any) error) (err error) {
	rows, err := t.tx.QueryContext(ctx, "SELECT "+from.columns()+" FROM "+from.Name)
	if err != nil {
		return fmt.Errorf("dump %s: %w", from.Name, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		row := make([]any, len(from.Columns))
		into := make([]any, len(row))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("dump %s: %w", from.Name, err)
		}
		if err := from.Check(row); err != nil {
			return fmt.Errorf("dump: %w", err)
		}
		if err := each(row); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("dump %s: %w", from.Name, err)
	}
	return nil
}

// ErrRow says that a row does not fit its table.
var ErrRow = errors.New("the row does not fit the table")

// Check proves that a row has the table's columns and types. Integers may also
// come as uint64, as CBOR has them; they become int64 in place.
func (t Table) Check(row []any) error {
	if len(row) != len(t.Columns) {
		return fmt.Errorf("%w: %s has %d columns, the row %d", ErrRow, t.Name, len(t.Columns), len(row))
	}
	for i, c := range t.Columns {
		fits := false
		switch v := row[i].(type) {
		case int64:
			fits = c.Type == Int
		case uint64:
			row[i] = int64(v)
			fits = c.Type == Int && v <= 1<<63-1
		case string:
			fits = c.Type == Text
		case []byte:
			fits = c.Type == Bytes
		}
		if !fits {
			return fmt.Errorf("%w: %s.%s is %s, the value %T", ErrRow, t.Name, c.Name, c.Type, row[i])
		}
	}
	return nil
}
