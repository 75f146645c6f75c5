package catalog

import (
	"bytes"
	"encoding/csv"
	"io/fs"
	"testing"
	"unicode/utf8"
)

// TestTables: each embedded table is UTF-8 CSV with rows, without carriage
// returns, which would change the catalogue's version from one checkout to
// another. What the tables mean is tested by the package that reads them.
func TestTables(t *testing.T) {
	names, err := fs.Glob(FS, "*.csv")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d tables, %v", len(names), err)
	}
	for _, name := range names {
		text, err := FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil || len(rows) < 2 || !utf8.Valid(text) || bytes.ContainsRune(text, '\r') {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
		}
	}
}
