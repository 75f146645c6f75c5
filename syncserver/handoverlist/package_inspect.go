package handoverlist

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// inspectPackage refuses a zip that would cost too much to open as a workbook.
// It goes by what the workbook library does with the parts: see maxPositions.
func inspectPackage(ctx context.Context, r io.ReaderAt, size int64) error {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return fileError(err, keyFileBroken)
	}
	if len(archive.File) > maxParts {
		return fileError(nil, keyFileParts, "limit", strconv.Itoa(maxParts))
	}
	var total uint64
	for _, part := range archive.File {
		// The zip reader holds parts to the size declared here.
		if part.UncompressedSize64 > maxUnzippedBytes {
			return fileError(nil, keyFileBomb, "limit", strconv.Itoa(maxUnzippedBytes>>20))
		}
		total += part.UncompressedSize64
		tooDense := part.UncompressedSize64/maxRatio > part.CompressedSize64
		if total > maxUnzippedBytes || part.UncompressedSize64 > ratioFreeBytes && tooDense {
			return fileError(nil, keyFileBomb, "limit", strconv.Itoa(maxUnzippedBytes>>20))
		}
	}
	count := partCount{}
	for _, part := range archive.File {
		if err := inspectPart(ctx, part, &count); err != nil {
			return err
		}
	}
	return nil
}

func inspectPart(ctx context.Context, part *zip.File, count *partCount) (err error) {
	if part.FileInfo().IsDir() {
		return nil
	}
	content, err := part.Open()
	if err != nil {
		return fileError(err, keyFileBroken)
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	err = count.scan(ctx, content)
	var syntax *xml.SyntaxError
	// Pictures and old drawing parts are no XML; what follows the first syntax
	// error is invisible to the workbook library too.
	isXML := strings.EqualFold(path.Ext(part.Name), ".xml") || strings.EqualFold(path.Ext(part.Name), ".rels")
	if errors.As(err, &syntax) && !isXML {
		return nil
	}
	var known *FileError
	if err != nil && !errors.As(err, &known) && ctx.Err() == nil {
		return fileError(fmt.Errorf("part %.80q: %w", part.Name, err), keyFileBroken)
	}
	return err
}

// partCount adds up what all parts of a package hold.
type partCount struct {
	elements, positions, merges int
}

// scan walks one part to its end or first XML error.
func (p *partCount) scan(ctx context.Context, content io.Reader) error {
	limited := &tokenReader{from: content}
	decoder := xml.NewDecoder(limited)
	row, column := 0, 0
	for {
		limited.left = maxTokenBytes
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		element, isStart := token.(xml.StartElement)
		if !isStart {
			continue
		}
		p.elements++
		switch element.Name.Local {
		case "row":
			next, err := rowNumber(element, row)
			if err != nil {
				return err
			}
			p.positions += next - row
			row, column = next, 0
		case "c":
			next := columnNumber(element, column)
			p.positions += max(next-column, 0)
			column = max(next, column)
		case "mergeCell":
			p.merges++
		}
		if p.elements > maxElements || p.positions > maxPositions || p.merges > maxMerges {
			return fileError(nil, keyFileCells, "limit", strconv.Itoa(maxElements))
		}
		if p.elements%1024 == 0 && ctx.Err() != nil {
			return fmt.Errorf("inspect workbook: %w", ctx.Err())
		}
	}
}

// rowNumber reads a row's number, which the next row's must exceed.
func rowNumber(row xml.StartElement, previous int) (int, error) {
	for _, a := range row.Attr {
		if a.Name.Local != "r" {
			continue
		}
		n, err := strconv.Atoi(a.Value)
		if err != nil || n <= previous {
			return 0, fmt.Errorf("row %.20q after row %d", a.Value, previous)
		}
		return n, nil
	}
	return previous + 1, nil
}

// columnNumber reads the column of a cell reference such as "AB12"; cells
// without one follow their neighbour.
func columnNumber(cell xml.StartElement, previous int) int {
	for _, a := range cell.Attr {
		if a.Name.Local != "r" {
			continue
		}
		n := 0
		for _, letter := range strings.ToUpper(a.Value) {
			if letter < 'A' || letter > 'Z' || n > maxPositions {
				break
			}
			n = n*26 + int(letter-'A') + 1
		}
		return n
	}
	return previous + 1
}

// tokenReader fails when a single XML token takes too many bytes.
type tokenReader struct {
	from io.Reader
	left int
}

var errLongToken = errors.New("an XML tag or text is too long")

func (t *tokenReader) Read(b []byte) (int, error) {
	if t.left <= 0 {
		return 0, errLongToken
	}
	n, err := t.from.Read(b)
	t.left -= n
	return n, err
}
