package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"keyturn/shared/syncproto"
	"keyturn/syncserver/store"
)

// A dump that was cut or changed anywhere is recognised.
func TestDumpNoticesDamage(t *testing.T) {
	w := newWorld(t, sqlite)
	w.attach("a")
	dump := w.dumpOf()
	check := func(b []byte) error {
		_, err := Check(t.Context(), bytes.NewReader(b), int64(len(b)))
		return err
	}
	must(t, check(dump))
	for n := 0; n < len(dump); n += 1 + n%7 {
		if err := check(dump[:n]); !errors.Is(err, ErrDamaged) {
			t.Errorf("cut to %d of %d bytes: %v", n, len(dump), err)
		}
		changed := bytes.Clone(dump)
		changed[n] ^= 1
		if err := check(changed); !errors.Is(err, ErrDamaged) {
			t.Errorf("byte %d of %d changed: %v", n, len(dump), err)
		}
	}
	if err := check(append(bytes.Clone(dump), 0)); !errors.Is(err, ErrDamaged) {
		t.Errorf("a byte more: %v", err)
	}
}

// stream makes a dump of items, whatever they are, with a right hash.
func stream(t testing.TB, items ...any) []byte {
	t.Helper()
	var out bytes.Buffer
	out.WriteString(magic)
	s, err := syncproto.NewStreamWriter(&out, maxItem)
	must(t, err)
	for _, i := range items {
		must(t, s.Write(i))
	}
	must(t, s.Close())
	sum := sha256.Sum256(out.Bytes())
	return append(out.Bytes(), sum[:]...)
}

// Rules beside the hash: a dump that another program wrote wrongly.
func TestDumpHasItsOrder(t *testing.T) {
	h := Header{Schema: 1, Epoch: "e", CreatedAt: 1, Server: "test", Tables: []store.Table{
		{Name: "meta", Columns: []store.Column{{Name: "key", Type: store.Text}, {Name: "value", Type: store.Text}}},
		{Name: "blobs", Columns: []store.Column{{Name: "sha256", Type: store.Bytes}, {Name: "bytes", Type: store.Int}, {Name: "received_at", Type: store.Int}}},
	}}
	sha := bytes.Repeat([]byte{7}, 32)
	header := item{Header: &h}
	meta := item{Rows: &rows{Table: 0, Rows: [][]any{{"a", "b"}}}}
	photo := item{Rows: &rows{Table: 1, Rows: [][]any{{sha, 10, 1}}}}
	ends := func(counts ...uint64) item { return item{End: &end{Counts: counts}} }
	for name, c := range map[string]struct {
		items []any
		good  bool
	}{
		"good":                  {[]any{header, meta, photo, ends(1, 1)}, true},
		"no rows":               {[]any{header, ends(0, 0)}, true},
		"nothing":               {nil, false},
		"no header":             {[]any{meta, ends(1, 0)}, false},
		"two headers":           {[]any{header, header, ends(0, 0)}, false},
		"no end":                {[]any{header, meta}, false},
		"more after the end":    {[]any{header, ends(0, 0), meta}, false},
		"wrong count":           {[]any{header, meta, ends(2, 0)}, false},
		"too few counts":        {[]any{header, meta, ends(1)}, false},
		"tables out of order":   {[]any{header, photo, meta, ends(1, 1)}, false},
		"a table that is none":  {[]any{header, item{Rows: &rows{Table: 2, Rows: [][]any{{"a"}}}}, ends(0, 0)}, false},
		"a negative table":      {[]any{header, item{Rows: &rows{Table: -1}}, ends(0, 0)}, false},
		"an empty item":         {[]any{header, item{}, ends(0, 0)}, false},
		"two things at once":    {[]any{header, item{Rows: photo.Rows, End: &end{}}, ends(0, 0)}, false},
		"a column too few":      {[]any{header, item{Rows: &rows{Rows: [][]any{{"a"}}}}, ends(1, 0)}, false},
		"a value of other type": {[]any{header, item{Rows: &rows{Rows: [][]any{{"a", 1}}}}, ends(1, 0)}, false},
		"a short hash":          {[]any{header, item{Rows: &rows{Table: 1, Rows: [][]any{{sha[:5], 10, 1}}}}, ends(0, 1)}, false},
		"no hash":               {[]any{header, item{Rows: &rows{Table: 1, Rows: [][]any{{make([]byte, 32), 10, 1}}}}, ends(0, 1)}, false},
		"a negative size":       {[]any{header, item{Rows: &rows{Table: 1, Rows: [][]any{{sha, -1, 1}}}}, ends(0, 1)}, false},
		"a photo over 50 MiB":   {[]any{header, item{Rows: &rows{Table: 1, Rows: [][]any{{sha, 50<<20 + 1, 1}}}}, ends(0, 1)}, false},
		"no table of photos":    {[]any{item{Header: &Header{Tables: h.Tables[:1]}}, ends(0)}, false},
		"too many tables":       {[]any{item{Header: &Header{Tables: make([]store.Table, maxTables+1)}}, ends()}, false},
		"too many rows":         {[]any{header, item{Rows: &rows{Rows: make([][]any, maxRows+1)}}, ends(0, 0)}, false},
	} {
		b := stream(t, c.items...)
		got, err := Check(t.Context(), bytes.NewReader(b), int64(len(b)))
		if c.good && (err != nil || got.Epoch != "e") || !c.good && !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever was damaged in a backup, it is refused before anything is written.
func TestDamagedBackupsAreRefused(t *testing.T) {
	w := newWorld(t, sqlite)
	w.attach("a")
	for name, damage := range map[string]func(path string) error{
		"dump cut":          func(path string) error { return os.Truncate(filepath.Join(path, dumpFile), 300) },
		"dump gone":         func(path string) error { return os.Remove(filepath.Join(path, dumpFile)) },
		"manifest changed":  func(path string) error { return appendTo(filepath.Join(path, manifestFile)) },
		"key changed":       func(path string) error { return appendTo(filepath.Join(path, keysDir, "receipt.key")) },
		"key gone":          func(path string) error { return os.Remove(filepath.Join(path, keysDir, "receipt.key")) },
		"hashes changed":    func(path string) error { return appendTo(filepath.Join(path, sumsFile)) },
		"hashes of nothing": func(path string) error { return os.Truncate(filepath.Join(path, sumsFile), 0) },
		"names outside": func(path string) error {
			return os.WriteFile(filepath.Join(path, sumsFile), []byte(strings.Repeat("a", 64)+"  ../../etc/passwd\n"), 0o600)
		},
		"manifest of another dump": func(path string) error {
			must(t, os.WriteFile(filepath.Join(path, manifestFile), nil, 0o600))
			sums, err := os.ReadFile(filepath.Join(path, sumsFile))
			must(t, err)
			lines := strings.Split(string(sums), "\n")
			empty := sha256.Sum256(nil)
			lines[1] = hex.EncodeToString(empty[:]) + "  " + manifestFile
			return os.WriteFile(filepath.Join(path, sumsFile), []byte(strings.Join(lines, "\n")), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			made := w.backup(true)
			must(t, damage(made.Path))
			if _, err := Verify(t.Context(), made.Path, nil); !errors.Is(err, ErrDamaged) {
				t.Errorf("verify: %v", err)
			}
			s := newSite(t, sqlite)
			if _, err := s.Restore(t.Context(), made.Path); !errors.Is(err, ErrDamaged) {
				t.Errorf("restore: %v", err)
			}
			if _, err := os.Stat(s.address); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a database was made: %v", err)
			}
		})
	}
}

func appendTo(path string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString("x")
	return errors.Join(err, f.Close())
}

// A database or data directory that is in use is left as it is.
func TestRestoreReplacesNothing(t *testing.T) {
	w := newWorld(t, sqlite)
	_, sha := w.attach("a")
	made := w.backup(true)
	for _, d := range []database{sqlite, postgres} {
		s := newSite(t, d)
		held := s.opened(t)
		must(t, held.Update(t.Context(), func(tx *store.Tx) error { return tx.SetMeta(t.Context(), "epoch", "other") }))
		if _, err := s.Restore(t.Context(), made.Path); !errors.Is(err, store.ErrNotEmpty) {
			t.Errorf("%s: %v", d.name, err)
		}
		if _, whole, err := s.disk.Offset(t.Context(), sha); whole || err != nil {
			t.Errorf("%s: photos were copied: %v", d.name, err)
		}
	}
	s := newSite(t, sqlite)
	must(t, os.MkdirAll(s.keys, 0o700))
	must(t, os.WriteFile(filepath.Join(s.keys, "receipt.key"), []byte("another"), 0o600))
	if _, err := s.Restore(t.Context(), made.Path); !errors.Is(err, ErrOtherKey) {
		t.Errorf("another key: %v", err)
	}
	must(t, os.WriteFile(filepath.Join(s.keys, "receipt.key"), []byte("secret"), 0o600))
	if _, err := s.Restore(t.Context(), made.Path); err != nil { // the second try, after a first that stopped
		t.Errorf("the same key: %v", err)
	}
}

func FuzzDump(f *testing.F) {
	h, err := syncproto.Marshal(Header{Schema: 1, Epoch: "e", Tables: store.DumpTables()})
	must(f, err)
	r, err := syncproto.Marshal(rows{Table: 0, Rows: [][]any{{"epoch", "e"}}})
	must(f, err)
	e, err := syncproto.Marshal(end{Counts: make([]uint64, len(store.DumpTables()))})
	must(f, err)
	f.Add(h, r, e)
	f.Add(h, []byte{0xf6}, e)
	f.Add(h, []byte{0xa2, 1, 0x20, 2, 0x81, 0x80}, e)
	f.Fuzz(func(t *testing.T, header, body, last []byte) {
		var items []any
		for key, raw := range [][]byte{header, body, last} {
			var value any
			if syncproto.Unmarshal(raw, &value) != nil {
				return // such bytes are FuzzStream's
			}
			items = append(items, map[uint64]syncproto.Value{uint64(key + 1): raw})
		}
		b := stream(t, items...)
		seen := 0
		c, err := readDump(t.Context(), bytes.NewReader(b), int64(len(b)), func(table int, rows [][]any) error {
			seen += len(rows)
			return nil
		})
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("%v", err)
		}
		if err == nil && uint64(seen) != sum(c.Counts) {
			t.Errorf("%d rows seen, %v counted", seen, c.Counts)
		}
	})
}

func sum(list []uint64) (n uint64) {
	for _, v := range list {
		n += v
	}
	return n
}
