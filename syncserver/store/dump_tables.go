package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"keyturn/shared/sqltx"
)

// ColumnType is what a column holds, the same in both databases.
type ColumnType string

// Column types: a 64-bit integer, UTF-8 text and bytes.
const (
	Int   ColumnType = "int"
	Text  ColumnType = "text"
	Bytes ColumnType = "bytes"
)

// Column is a column of a Table.
type Column struct {
	Name string     `cbor:"1,keyasint"`
	Type ColumnType `cbor:"2,keyasint"`
}

// Table is a table as a backup carries it.
type Table struct {
	Name    string   `cbor:"1,keyasint"`
	Columns []Column `cbor:"2,keyasint"`
}

func (t Table) columns() string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}

// migrationTable is where goose notes the schema's version; it is made by
// migrating, not restored.
const migrationTable = "goose_db_version"

// DumpTables lists every table of the present schema, those that others refer
// to first. A migration that adds a table or a column adds it here.
func DumpTables() []Table {
	return []Table{
		{"meta", []Column{{"key", Text}, {"value", Text}}},
		{"people", []Column{{"id", Bytes}, {"login", Text}, {"name", Text}, {"locale", Text}, {"password_hash", Text}, {"disabled_at", Int}}},
		{"role_capabilities", []Column{{"role", Text}, {"capability", Text}}},
		{"grants", []Column{{"person", Bytes}, {"project", Bytes}, {"role", Text}, {"valid_from", Int}, {"valid_to", Int}}},
		{"devices", []Column{
			{"id", Bytes},
			{"name", Text},
			{"token_hash", Bytes},
			{"enrolled_at", Int},
			{"revoked_at", Int},
			{"next_seq", Int},
			{"last_seen_at", Int},
			{"clock_ahead", Int},
		}},
		{"cloned", []Column{{"device", Bytes}, {"at", Int}}},
		{"forks", []Column{{"device", Bytes}, {"origin", Bytes}, {"seq", Int}}},
		{"enrolments", []Column{{"code_hash", Bytes}, {"person", Bytes}, {"expires_at", Int}, {"used_at", Int}}},
		{"sessions", []Column{{"token_hash", Bytes}, {"person", Bytes}, {"device", Bytes}, {"started_at", Int}, {"expires_at", Int}}},
		{"heads", []Column{{"scope", Text}, {"seq", Int}, {"kept_after", Int}, {"common", Int}}},
		{"log", []Column{{"scope", Text}, {"seq", Int}, {"op", Bytes}, {"appended_at", Int}}},
		{"received", []Column{
			{"device", Bytes},
			{"device_seq", Int},
			{"body", Bytes},
			{"status", Int},
			{"log_seq", Int},
			{"code", Text},
			{"details", Text},
			{"received_at", Int},
			{"original", Bytes},
		}},
		{"reviews", []Column{
			{"device", Bytes},
			{"first_seq", Int},
			{"last_seq", Int},
			{"project", Bytes},
			{"actor", Bytes},
			{"code", Text},
			{"captured_at", Int},
			{"received_at", Int},
			{"clock_ahead", Int},
			{"bytes", Int},
			{"blob_bytes", Int},
			{"outcome", Int},
			{"decided_at", Int},
			{"decided_by", Bytes},
			{"reason", Text},
			{"epoch", Text},
		}},
		{"review_blobs", []Column{{"device", Bytes}, {"sha256", Bytes}, {"first_seq", Int}, {"bytes", Int}}},
		{"records", []Column{
			{"entity", Int}, {"id", Bytes}, {"scope", Text}, {"parent", Bytes}, {"state", Text}, {"seq", Int}, {"body", Bytes},
		}},
		{"spots", []Column{{"defect", Bytes}, {"spot", Text}}},
		{"blobs", []Column{{"sha256", Bytes}, {"bytes", Int}, {"received_at", Int}}},
		{"blob_refs", []Column{{"sha256", Bytes}, {"scope", Text}, {"entity", Int}, {"id", Bytes}}},
		{"imported", []Column{{"project", Bytes}, {"entity", Int}, {"id", Bytes}, {"name", Text}, {"fields", Bytes}}},
		{"accesses", []Column{{"day", Int}, {"person", Bytes}, {"device", Bytes}, {"scope", Text}, {"at", Int}}},
		{"numbers", []Column{{"series", Text}, {"last", Int}}},
	}
}

// The databases' own lists of their columns, and how they name the types.
const (
	sqliteCatalogue = `SELECT t.name, c.name, c.type FROM sqlite_master t JOIN pragma_table_info(t.name) c
		WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY t.name, c.cid`
	postgresCatalogue = `SELECT t.table_name::text, c.column_name::text, c.data_type::text FROM information_schema.tables t
		JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
		WHERE t.table_schema = current_schema() AND t.table_type = 'BASE TABLE' ORDER BY t.table_name, c.ordinal_position`
)

var typeNames = map[string]ColumnType{
	"INTEGER": Int, "TEXT": Text, "BLOB": Bytes,
	"bigint": Int, "text": Text, "bytea": Bytes,
}

// Catalogue lists the tables and columns that the database has, as it says
// itself; a type that a backup cannot carry is given by the database's name.
func (t *Tx) Catalogue(ctx context.Context) ([]Table, error) {
	query := sqliteCatalogue
	if _, ok := t.backend.(*postgres); ok {
		query = postgresCatalogue
	}
	type row struct{ table, column, kind string }
	rows, err := sqltx.Collect(ctx, t.tx, "catalogue", func(r *sql.Rows) (x row, err error) {
		err = r.Scan(&x.table, &x.column, &x.kind)
		return x, err
	}, query)
	if err != nil {
		return nil, err
	}
	var list []Table
	for _, x := range rows {
		if x.table == migrationTable {
			continue
		}
		if len(list) == 0 || list[len(list)-1].Name != x.table {
			list = append(list, Table{Name: x.table})
		}
		kind, known := typeNames[x.kind]
		if !known {
			kind = ColumnType(x.kind)
		}
		last := &list[len(list)-1]
		last.Columns = append(last.Columns, Column{x.column, kind})
	}
	return list, nil
}

// SchemaVersion is the number of the newest migration that was applied.
func (t *Tx) SchemaVersion(ctx context.Context) (version int64, err error) {
	err = t.row(ctx, "schema version", []any{&version}, "SELECT coalesce(max(version_id), 0) FROM "+migrationTable+" WHERE is_applied")
	return version, err
}

// sameTables reports how two lists differ, in any order; nil if they do not.
func sameTables(has, wants []Table) error {
	shape := func(list []Table) map[string]ColumnType {
		m := map[string]ColumnType{}
		for _, t := range list {
			for _, c := range t.Columns {
				m[t.Name+"."+c.Name] = c.Type
			}
		}
		return m
	}
	a, b := shape(has), shape(wants)
	for name, kind := range a {
		if b[name] != kind {
			return fmt.Errorf("the database has %s %s, the backup %q", name, kind, b[name])
		}
	}
	for name, kind := range b {
		if a[name] != kind {
			return fmt.Errorf("the backup has %s %s, the database %q", name, kind, a[name])
		}
	}
	return nil
}
