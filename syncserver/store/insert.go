package store

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"keyturn/shared/domain"
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
	tableReceived: {"received", "device, device_seq, body, status, log_seq, code, details, received_at", ""},
	tableBlobRefs: {"blob_refs", "sha256, scope, entity, id", " ON CONFLICT DO NOTHING"},
	tableHeads:    {"heads", "scope, seq", " ON CONFLICT (scope) DO UPDATE SET seq = excluded.seq"},
	tableNumbers:  {"numbers", "series, last", " ON CONFLICT (series) DO UPDATE SET last = excluded.last"},
}

// Rows per statement: few different lengths, so that few statements are
// prepared.
var insertRows = []int{64, 8, 1}

// insert writes rows given as their arguments one after the other.
func (t *Tx) insert(ctx context.Context, to table, args []any) error {
	width := to.width()
	for _, n := range insertRows {
		for len(args) >= n*width {
			if err := t.execNow(ctx, "insert into "+to.name, to.statement(n), args[:n*width]...); err != nil {
				return err
			}
			args = args[n*width:]
		}
	}
	return nil
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
