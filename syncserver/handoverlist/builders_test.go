package handoverlist

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

var project = domain.ProjectID{1}

// derive stands in for the server's version 5 ids.
func derive(parts ...string) (id [16]byte) {
	h := sha256.New()
	for _, p := range parts {
		_ = binary.Write(h, binary.BigEndian, uint32(len(p)))
		h.Write([]byte(p))
	}
	copy(id[:], h.Sum(nil))
	return id
}

// testSheet is a sheet to build: rows of values as excelize takes them, nil for
// no cell.
type testSheet struct {
	name   string
	rows   [][]any
	merges [][2]string
	hidden bool
}

func workbook(t testing.TB, sheets ...testSheet) []byte {
	t.Helper()
	file := excelize.NewFile()
	defer func() { must(t, file.Close()) }()
	for i, s := range sheets {
		if i == 0 {
			must(t, file.SetSheetName("Sheet1", s.name))
		} else {
			_, err := file.NewSheet(s.name)
			must(t, err)
		}
		for r, row := range s.rows {
			for c, value := range row {
				if value == nil {
					continue
				}
				cell, err := excelize.CoordinatesToCellName(c+1, r+1)
				must(t, err)
				must(t, file.SetCellValue(s.name, cell, value))
			}
		}
		for _, m := range s.merges {
			must(t, file.MergeCell(s.name, m[0], m[1]))
		}
		must(t, file.SetSheetVisible(s.name, !s.hidden))
	}
	var out bytes.Buffer
	must(t, file.Write(&out))
	return out.Bytes()
}

// csvText is the same table as comma-separated text.
func csvText(t testing.TB, rows [][]any) []byte {
	t.Helper()
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, v := range row {
			if v != nil {
				cells[i] = fmt.Sprint(v)
			}
		}
		must(t, w.Write(cells))
	}
	w.Flush()
	must(t, w.Error())
	return out.Bytes()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func readBytes(t testing.TB, name string, content []byte) *Book {
	t.Helper()
	b, err := Read(t.Context(), name, bytes.NewReader(content), int64(len(content)))
	must(t, err)
	return b
}

func readSample(t testing.TB, name string) *Book {
	t.Helper()
	return readBytes(t, name, sampleBytes(t, name))
}

func sampleBytes(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name)
	must(t, err)
	return content
}

func desired(t testing.TB, b *Book) []Record {
	t.Helper()
	records, err := b.Desired(project, derive)
	must(t, err)
	return records
}

// find decodes the one record of a type and name.
func find[T any](t testing.TB, records []Record, e domain.Entity, name string) T {
	t.Helper()
	i := slices.IndexFunc(records, func(r Record) bool { return r.Entity == e && r.Name == name })
	if i < 0 {
		t.Fatalf("no %s %q", e, name)
	}
	v, err := syncproto.Decode[T](records[i].Fields)
	must(t, err)
	return v
}

func counts(records []Record) map[domain.Entity]int {
	n := map[domain.Entity]int{}
	for _, r := range records {
		n[r.Entity]++
	}
	return n
}

// faultPlaces lists faults as "sheet!D268 key" without the key's prefix.
func faultPlaces(faults []Fault, severity Severity) []string {
	var list []string
	for _, f := range faults {
		if f.Severity == severity {
			list = append(list, fmt.Sprintf("%s!%s%d %s", f.Sheet, f.Column, f.Row, f.Expected.Key[len(keyPrefix+"fault."):]))
		}
	}
	return list
}

// memory is a Snapshot that applies changes.
type memory struct {
	current, imported map[recordID]syncproto.Fields
	names             map[recordID]string
}

func newMemory() *memory {
	return &memory{map[recordID]syncproto.Fields{}, map[recordID]syncproto.Fields{}, map[recordID]string{}}
}

func (m *memory) Current(_ context.Context, e domain.Entity, id domain.AnyID) (syncproto.Fields, bool, error) {
	f, ok := m.current[recordID{e, id}]
	return f, ok, nil
}

func (m *memory) Imported(_ context.Context, e domain.Entity, id domain.AnyID) (syncproto.Fields, bool, error) {
	f, ok := m.imported[recordID{e, id}]
	return f, ok, nil
}

func (m *memory) ImportedKeys(context.Context) ([]ImportedKey, error) {
	var keys []ImportedKey
	for id, name := range m.names {
		keys = append(keys, ImportedKey{id.entity, id.id, name})
	}
	slices.SortFunc(keys, func(a, b ImportedKey) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return keys, nil
}

func (m *memory) apply(changes []Change) {
	for _, c := range changes {
		id := recordID{c.Entity, c.ID}
		if c.Create {
			m.current[id] = syncproto.Fields{}
		}
		maps.Copy(m.current[id], c.Patch)
		m.imported[id], m.names[id] = c.Imported, c.Name
	}
}

// edit changes a record as people do in the app.
func (m *memory) edit(t testing.TB, r Record, key uint64, value any) {
	t.Helper()
	b, err := syncproto.Marshal(value)
	must(t, err)
	m.current[recordID{r.Entity, r.ID}][key] = b
}

func preview(t testing.TB, b *Book, now Snapshot) *Preview {
	t.Helper()
	p, err := b.Preview(t.Context(), project, derive, now)
	must(t, err)
	return p
}

func plan(t testing.TB, content []byte, now Snapshot) *Preview {
	t.Helper()
	return preview(t, readBytes(t, "list", content), now)
}
