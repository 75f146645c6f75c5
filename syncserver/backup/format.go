package backup

import (
	"errors"
	"fmt"
	"slices"

	"keyturn/shared/domain"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/store"
)

// ErrDamaged says that a backup is not what was written.
var ErrDamaged = errors.New("the backup is damaged or incomplete")

const magic = "keyturn backup 1\n"

// Limits of a dump. A row is rarely longer than an op (64 KiB); the record of
// an old dispute may be some MiB.
const (
	maxItem   = 32 << 20
	maxRows   = 2_000
	maxTables = 200
	rowsBytes = 256 << 10
)

// Header says what a dump is.
type Header struct {
	// Schema is the number of the newest migration that its database had.
	Schema    int64          `cbor:"1,keyasint"`
	Epoch     string         `cbor:"2,keyasint"`
	CreatedAt domain.Instant `cbor:"3,keyasint"`
	// Server is the version of the program that wrote it, for people.
	Server string        `cbor:"4,keyasint"`
	Tables []store.Table `cbor:"5,keyasint"`
}

// item is one element of the stream; exactly one field is set.
type item struct {
	Header *Header `cbor:"1,keyasint,omitempty"`
	Rows   *rows   `cbor:"2,keyasint,omitempty"`
	End    *end    `cbor:"3,keyasint,omitempty"`
}

// rows are some rows of the table at an index of the header's list.
type rows struct {
	Table int     `cbor:"1,keyasint"`
	Rows  [][]any `cbor:"2,keyasint"`
}

// end is the last item: how many rows each table has.
type end struct {
	Counts []uint64 `cbor:"1,keyasint"`
}

// Contents sums up a dump.
type Contents struct {
	Header
	// Counts are the rows per table, in the header's order.
	Counts []uint64
	// Blobs are those whose bytes the server had, ordered by hash.
	Blobs []blobs.Blob

	table, sha, bytes int // where a blob's row has its values
}

// newContents finds the blobs' columns, which every schema has.
func newContents(h Header) (*Contents, error) {
	if len(h.Tables) > maxTables {
		return nil, fmt.Errorf("%w: %d tables", ErrDamaged, len(h.Tables))
	}
	c := &Contents{Header: h, Counts: make([]uint64, len(h.Tables)), sha: -1, bytes: -1}
	c.table = slices.IndexFunc(h.Tables, func(t store.Table) bool { return t.Name == "blobs" })
	if c.table >= 0 {
		at := func(name string, kind store.ColumnType) int {
			return slices.Index(h.Tables[c.table].Columns, store.Column{Name: name, Type: kind})
		}
		c.sha, c.bytes = at("sha256", store.Bytes), at("bytes", store.Int)
	}
	if c.sha < 0 || c.bytes < 0 {
		return nil, fmt.Errorf("%w: it has no table of photos", ErrDamaged)
	}
	return c, nil
}

// count notes rows that have the table's types.
func (c *Contents) count(table int, rows ...[]any) error {
	c.Counts[table] += uint64(len(rows))
	if table != c.table {
		return nil
	}
	for _, row := range rows {
		b := blobs.Blob{}
		raw, isBytes := row[c.sha].([]byte)
		n, isInt := row[c.bytes].(int64)
		if err := b.SHA256.UnmarshalBinary(raw); err != nil || b.SHA256.IsZero() || !isBytes || !isInt || n < 0 || n > blobs.MaxBytes {
			return fmt.Errorf("%w: a photo's row is none", ErrDamaged)
		}
		b.Bytes = n
		c.Blobs = append(c.Blobs, b)
	}
	return nil
}
