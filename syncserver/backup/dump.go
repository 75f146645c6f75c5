package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
	"keyturn/syncserver/blobs"
	"keyturn/syncserver/intake"
	"keyturn/syncserver/store"
)

// ErrNothing says that there is no server's database to back up.
var ErrNothing = errors.New("no server has used this database yet; there is nothing to back up")

// WriteDump writes every row of the database as it is at one moment. Who writes
// to the database does not wait.
func WriteDump(ctx context.Context, to io.Writer, s *store.Store, now domain.Instant, server string) (c *Contents, err error) {
	sum := sha256.New()
	out := io.MultiWriter(to, sum)
	if _, err := io.WriteString(out, magic); err != nil {
		return nil, fmt.Errorf("write dump: %w", err)
	}
	stream, err := syncproto.NewStreamWriter(out, maxItem)
	if err != nil {
		return nil, err
	}
	err = s.View(ctx, func(tx *store.Tx) error {
		h := Header{CreatedAt: now, Server: server, Tables: store.DumpTables()}
		if h.Epoch, err = tx.Meta(ctx, intake.MetaEpoch); err != nil {
			return err
		}
		if h.Epoch == "" {
			return ErrNothing
		}
		if h.Schema, err = tx.SchemaVersion(ctx); err != nil {
			return err
		}
		if c, err = newContents(h); err != nil {
			return err
		}
		return c.write(ctx, tx, stream)
	})
	if err = errors.Join(err, stream.Close()); err != nil {
		return nil, fmt.Errorf("write dump: %w", err)
	}
	if _, err := to.Write(sum.Sum(nil)); err != nil {
		return nil, fmt.Errorf("write dump: %w", err)
	}
	slices.SortFunc(c.Blobs, byHash)
	return c, nil
}

func byHash(a, b blobs.Blob) int { return bytes.Compare(a.SHA256[:], b.SHA256[:]) }

// write writes all items of a dump.
func (c *Contents) write(ctx context.Context, tx *store.Tx, stream *syncproto.StreamWriter) error {
	if err := stream.Write(item{Header: &c.Header}); err != nil {
		return err
	}
	for i, table := range c.Tables {
		var pending [][]any
		size := 0
		flush := func() error {
			if len(pending) == 0 {
				return nil
			}
			err := stream.Write(item{Rows: &rows{Table: i, Rows: pending}})
			pending, size = pending[:0], 0
			return err
		}
		err := tx.DumpRows(ctx, table, func(row []any) error {
			if err := c.count(i, row); err != nil {
				return err
			}
			pending = append(pending, row)
			if size += sizeOf(row); size < rowsBytes && len(pending) < maxRows {
				return nil
			}
			return flush()
		})
		if err := errors.Join(err, flush()); err != nil {
			return err
		}
	}
	return stream.Write(item{End: &end{Counts: c.Counts}})
}

// sizeOf is roughly what a row takes as CBOR.
func sizeOf(row []any) int {
	n := len(row)
	for _, v := range row {
		switch v := v.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		}
	}
	return n
}
