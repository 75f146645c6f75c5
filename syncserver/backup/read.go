package backup

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"keyturn/shared/syncproto"
)

// Check reads a whole dump and proves that it is what was written: its hash,
// every value's type, and the number of rows. Failures are ErrDamaged.
func Check(ctx context.Context, f io.ReaderAt, size int64) (*Contents, error) {
	body := size - sha256.Size
	if body < int64(len(magic)) {
		return nil, fmt.Errorf("%w: %d bytes are no dump", ErrDamaged, size)
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f, 0, body)); err != nil {
		return nil, fmt.Errorf("read dump: %w", err)
	}
	written := make([]byte, sha256.Size)
	if _, err := f.ReadAt(written, body); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read dump: %w", err)
	}
	if !bytes.Equal(written, sum.Sum(nil)) {
		return nil, fmt.Errorf("%w: its hash is wrong", ErrDamaged)
	}
	return readDump(ctx, f, size, func(int, [][]any) error { return nil })
}

// readDump gives the rows of a dump whose hash is right.
func readDump(ctx context.Context, f io.ReaderAt, size int64, visit func(table int, rows [][]any) error) (*Contents, error) {
	in := bufio.NewReader(io.NewSectionReader(f, 0, size-sha256.Size))
	start := make([]byte, len(magic))
	if _, err := io.ReadFull(in, start); err != nil || string(start) != magic {
		return nil, fmt.Errorf("%w: it is no dump of a version that this server knows", ErrDamaged)
	}
	return readItems(ctx, in, visit)
}

// readItems reads the stream: a header, rows in the order of its tables, the
// counts, and nothing more.
func readItems(ctx context.Context, in io.Reader, visit func(table int, rows [][]any) error) (*Contents, error) {
	stream, err := syncproto.NewStreamReader(in, maxItem)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	var first item
	if err := stream.Read(&first); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if first.Header == nil || first.Rows != nil || first.End != nil {
		return nil, fmt.Errorf("%w: it does not begin with a header", ErrDamaged)
	}
	c, err := newContents(*first.Header)
	if err != nil {
		return nil, err
	}
	last := 0
	for {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		var next item
		if err := stream.Read(&next); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		switch {
		case next.Header != nil, (next.Rows == nil) == (next.End == nil):
			return nil, fmt.Errorf("%w: an item is out of place", ErrDamaged)
		case next.Rows != nil:
			if next.Rows.Table < last || next.Rows.Table >= len(c.Tables) || len(next.Rows.Rows) > maxRows {
				return nil, fmt.Errorf("%w: rows are out of place", ErrDamaged)
			}
			last = next.Rows.Table
			if err := c.take(*next.Rows); err != nil {
				return nil, err
			}
			if err := visit(last, next.Rows.Rows); err != nil {
				return nil, err
			}
		default:
			if err := c.ends(*next.End, stream); err != nil {
				return nil, err
			}
			return c, nil
		}
	}
}

func (c *Contents) take(r rows) error {
	for _, row := range r.Rows {
		if err := c.Tables[r.Table].Check(row); err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	return c.count(r.Table, r.Rows...)
}

func (c *Contents) ends(e end, stream *syncproto.StreamReader) error {
	if !slices.Equal(e.Counts, c.Counts) {
		return fmt.Errorf("%w: rows are missing", ErrDamaged)
	}
	var more item
	if err := stream.Read(&more); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: it goes on after its end", ErrDamaged)
	}
	slices.SortFunc(c.Blobs, byHash)
	return nil
}
