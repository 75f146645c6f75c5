package handoverlist

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

var utf8BOM = []byte{0xEF, 0xBB, 0xBF}

// readCSV reads comma-separated text; sheetName stands in for a sheet's name.
func readCSV(ctx context.Context, sheetName string, content []byte) (*sheet, error) {
	text, err := decodeText(content)
	if err != nil {
		return nil, err
	}
	s := &sheet{name: sheetName, flat: true}
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord = -1
	reader.LazyQuotes = true // a lone inch or quotation mark is no reason to refuse
	// Spreadsheets count a record with line breaks as one row, and blank lines,
	// which the reader skips, as rows too.
	extraLines := 0
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return nil, fileError(err, keyFileBroken)
		}
		line, _ := reader.FieldPos(0)
		r := newRow(line-extraLines, cells)
		for _, c := range cells {
			extraLines += strings.Count(c, "\n")
		}
		if r.filled == 0 {
			continue
		}
		if len(cells) > maxColumns {
			return nil, fileError(nil, keyFileColumns, "limit", strconv.Itoa(maxColumns))
		}
		if s.rows = append(s.rows, r); len(s.rows) > maxRows {
			return nil, fileError(nil, keyFileRows, "limit", strconv.Itoa(maxRows))
		}
		if len(s.rows)%256 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("read CSV: %w", ctx.Err())
		}
	}
}

// decodeText takes UTF-8, with or without a byte order mark, and otherwise
// GB18030, which contains GBK and GB 2312.
func decodeText(content []byte) (string, error) {
	body, marked := bytes.CutPrefix(content, utf8BOM)
	if bytes.IndexByte(body, 0) >= 0 {
		return "", fileError(nil, keyFileUnknown)
	}
	if utf8.Valid(body) {
		return string(body), nil
	}
	if marked {
		return "", fileError(nil, keyFileEncoding)
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(body)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", fileError(err, keyFileEncoding)
	}
	return string(text), nil
}
