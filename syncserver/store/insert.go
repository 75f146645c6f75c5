package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/sqltx"
	"keyturn/shared/syncproto"
)

// table is one that takes many rows at once.
type table struct {
	name, columns, conflict string
}

func (to table) width() int { return strings.Count(to.columns, ",") + 1 }

// Tables whose rows are gathered, in the order in which they are written.
const (
	tableRecords = iota
	tableSpots
	tableLog
	tableReceived
	tableBlobRefs
	tableHeads
	tableNumbers
	tableCount
)

var tables = [tableCount]table{
	tableRecords: {"records", "entity, id, scope, parent, state, seq, body", ` ON CONFLICT (entity, id) DO UPDATE SET scope = excluded.scope,
		parent = excluded.parent, state = excluded.state, seq = excluded.seq, body = excluded.body`},
	tableSpots:    {"spots", "defect, spot", " ON CONFLICT (defect) DO UPDATE SET spot = excluded.spot"},
	tableLog:      {"log", "scope, seq, op, appended_at", ""},
	tableReceived: {"received", "device, device_seq, body, status, log_seq, code, details, received_at, original", ""},
	tableBlobRefs: {"blob_refs", "sha256, scope, entity, id", " ON CONFLICT DO NOTHING"},
	tableHeads:    {"heads", "scope, seq", " ON CONFLICT (scope) DO UPDATE SET seq = excluded.seq"},
	tableNumbers:  {"numbers", "series, last", " ON CONFLICT (series) DO UPDATE SET last = excluded.last"},
}

// Rows per statement: few different lengths, so that few statements are
// prepared.
var insertRows = []int{64, 8, 1}

func (embedded) insert(ctx context.Context, tx sqltx.Tx, to table, args []any) error {
	width := to.width()
	for _, n := range insertRows {
		for len(args) >= n*width {
			if _, err := tx.ExecContext(ctx, to.statement(n), args[:n*width]...); err != nil {
				return fmt.Errorf("insert into %s: %w", to.name, err)
			}
			args = args[n*width:]
		}
	}
	return nil
}

// unnestRows bounds the rows that travel to Postgres in one statement.
const unnestRows = 2000

// insert sends whole columns: one short statement, however many rows.
func (p *postgres) insert(ctx context.Context, tx sqltx.Tx, to table, args []any) error {
	width := to.width()
	for len(args) > 0 {
		n := min(len(args), unnestRows*width)
		columns, casts := make([]any, width), make([]string, width)
		for c := range width {
			var err error
			if columns[c], casts[c], err = column(args[c:n], width); err != nil {
				return fmt.Errorf("insert into %s: %w", to.name, err)
			}
		}
		query := "INSERT INTO " + to.name + " (" + to.columns + ") SELECT * FROM unnest(" + strings.Join(casts, ", ") + ")" + to.conflict
		if _, err := tx.ExecContext(ctx, query, columns...); err != nil {
			return fmt.Errorf("insert into %s: %w", to.name, err)
		}
		args = args[n:]
	}
	return nil
}

// column gathers every width-th argument in an array of Postgres.
func column(args []any, width int) (array any, cast string, err error) {
	var numbers []int64
	var texts []string
	var bytes [][]byte
	for i := 0; i < len(args); i += width {
		switch v := reflect.ValueOf(args[i]); {
		case v.CanInt():
			numbers = append(numbers, v.Int())
		case v.CanUint() && v.Uint() <= math.MaxInt64:
			numbers = append(numbers, int64(v.Uint()))
		case v.Kind() == reflect.String:
			texts = append(texts, v.String())
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
			value := v.Bytes()
			if value == nil {
				value = []byte{} // nil would be NULL
			}
			bytes = append(bytes, value)
		default:
			return nil, "", fmt.Errorf("a column cannot hold %T", args[i])
		}
	}
	switch {
	case numbers != nil && texts == nil && bytes == nil:
		return numbers, "?::bigint[]", nil
	case texts != nil && numbers == nil && bytes == nil:
		return texts, "?::text[]", nil
	case bytes != nil && numbers == nil && texts == nil:
		return bytes, "?::bytea[]", nil
	default:
		return nil, "", errors.New("a column of several types")
	}
}

func (to table) statement(rows int) string {
	row := "(?" + strings.Repeat(", ?", to.width()-1) + ")"
	return "INSERT INTO " + to.name + " (" + to.columns + ") VALUES " + row + strings.Repeat(", "+row, rows-1) + to.conflict
}

// dirty lists the keys of values that the database lacks, in order.
func dirty[K comparable, T any](m map[K]known[T], compare func(a, b K) int) []K {
	return slices.SortedFunc(func(yield func(K) bool) {
		for k := range maps.Keys(m) {
			if m[k].dirty && !yield(k) {
				return
			}
		}
	}, compare)
}

func compareRecords(a, b Key) int {
	return cmp.Or(cmp.Compare(a.Entity, b.Entity), bytes.Compare(a.ID[:], b.ID[:]))
}

func compareScopes(a, b syncproto.Scope) int {
	return cmp.Or(bytes.Compare(a.Project[:], b.Project[:]), cmp.Compare(a.Audience, b.Audience))
}

func compareIDs(a, b domain.DefectID) int { return bytes.Compare(a[:], b[:]) }

func compareText(a, b string) int { return strings.Compare(a, b) }
