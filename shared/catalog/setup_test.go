package catalog_test

import (
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"keyturn/shared/catalog"
)

// shipped is the reference data of the project.
var shipped = os.DirFS("../../assets/catalog")

var loadOnce = sync.OnceValues(func() (*catalog.Catalogue, error) { return catalog.Load(shipped) })

// load gives the shipped catalogue, which is immutable and shared by all tests.
func load(t testing.TB) *catalog.Catalogue {
	t.Helper()
	c, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// files reads the shipped tables into memory, to be broken.
func files(t testing.TB) fstest.MapFS {
	t.Helper()
	names, err := fs.Glob(shipped, "*.csv")
	if err != nil {
		t.Fatal(err)
	}
	m := fstest.MapFS{}
	for _, name := range names {
		data, err := fs.ReadFile(shipped, name)
		if err != nil {
			t.Fatal(err)
		}
		m[name] = &fstest.MapFile{Data: data}
	}
	return m
}

// edited is a copy of the shipped tables with one text replaced in one file.
func edited(t testing.TB, file, from, to string) fstest.MapFS {
	t.Helper()
	m := files(t)
	text := string(m[file].Data)
	if !strings.Contains(text, from) {
		t.Fatalf("%s does not contain %q", file, from)
	}
	m[file] = &fstest.MapFile{Data: []byte(strings.Replace(text, from, to, 1))}
	return m
}

func codes(defects []catalog.LibraryDefect) []string {
	list := make([]string, len(defects))
	for i, d := range defects {
		list[i] = d.Code
	}
	return list
}
