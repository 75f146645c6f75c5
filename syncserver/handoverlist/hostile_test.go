package handoverlist

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"runtime"
	"strings"
	"testing"
)

// zeros is an endless file that packs to almost nothing.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// rawWorkbook is a package around sheets of hand-written XML.
func rawWorkbook(t testing.TB, extra func(*zip.Writer), sheets ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	part := func(name, content string) {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store}) // not packed: no dense part
		must(t, err)
		_, err = io.WriteString(f, content)
		must(t, err)
	}
	var list, rels strings.Builder
	for i, s := range sheets {
		fmt.Fprintf(&list, `<sheet name="s%d" sheetId="%d" r:id="rId%d"/>`, i+1, i+1, i+1)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, i+1)
		part(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), s)
	}
	part("[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`)
	part("_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	part("xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`+rels.String()+`</Relationships>`)
	part("xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>`+list.String()+`</sheets></workbook>`)
	if extra != nil {
		extra(w)
	}
	must(t, w.Close())
	return out.Bytes()
}

func sheetXML(rows, after string) string {
	return `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows + `</sheetData>` + after + `</worksheet>`
}

const goodRows = `<row r="1"><c r="A1" t="inlineStr"><is><t>楼栋</t></is></c><c r="B1" t="inlineStr"><is><t>房号</t></is></c><c r="C1" t="inlineStr"><is><t>户型</t></is></c><c r="D1" t="inlineStr"><is><t>楼层</t></is></c></row>` +
	`<row r="2"><c r="A2" t="inlineStr"><is><t>1#</t></is></c><c r="B2"><v>101</v></c><c r="C2" t="inlineStr"><is><t>A户型</t></is></c><c r="D2"><v>1</v></c></row>`

func TestRawWorkbookIsReadable(t *testing.T) {
	b := readBytes(t, "raw.xlsx", rawWorkbook(t, nil, sheetXML(goodRows, "")))
	if b.Refused() || len(b.units) != 1 || b.units[0].name() != "1# 101" {
		t.Errorf("units %+v, faults %+v", b.units, b.Faults)
	}
}

// fill adds a part of so many zero bytes.
func fill(t testing.TB, name string, size int64) func(*zip.Writer) {
	return func(w *zip.Writer) {
		f, err := w.Create(name)
		must(t, err)
		_, err = io.CopyN(f, zeros{}, size)
		must(t, err)
	}
}

// declare adds a part that claims so many bytes. The claim alone must do: what is
// behind it must not be unpacked.
func declare(t testing.TB, name string, packed, size uint64) func(*zip.Writer) {
	return func(w *zip.Writer) {
		part, err := w.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CompressedSize64: packed, UncompressedSize64: size})
		must(t, err)
		_, err = io.CopyN(part, zeros{}, int64(packed))
		must(t, err)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	liar := func(w *zip.Writer) {
		var packed bytes.Buffer
		f, err := flate.NewWriter(&packed, flate.BestSpeed)
		must(t, err)
		_, err = io.CopyN(f, zeros{}, 4<<20)
		must(t, err)
		must(t, f.Close())
		part, err := w.CreateRaw(&zip.FileHeader{
			Name: "xl/sharedStrings.xml", Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(nil),
			CompressedSize64: uint64(packed.Len()), UncompressedSize64: 100,
		})
		must(t, err)
		_, err = part.Write(packed.Bytes())
		must(t, err)
	}
	manyParts := func(w *zip.Writer) {
		for i := range maxParts {
			_, err := w.Create(fmt.Sprintf("xl/media/%d", i))
			must(t, err)
		}
	}
	sample := sampleBytes(t, goodSample)
	wide := make([]any, maxColumns+1)
	for i := range wide {
		wide[i] = i
	}
	plain := sheetXML(goodRows, "")
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, keyFileEmpty},
		{"too big", make([]byte, maxFileBytes+1), keyFileTooBig},
		{"picture", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), keyFileUnknown},
		{"old .xls", append(bytes.Clone(oleMagic), make([]byte, 600)...), keyFileLegacy},
		{"no text encoding", []byte("楼栋,房号\n\xff\xff\xff\n"), keyFileEncoding},
		{"marked as UTF-8 but is not", []byte("\xEF\xBB\xBF\xC2\xA5\xC2\n"), keyFileEncoding},
		{"letter", []byte("尊敬的业主,\n您好\n"), keyFileNoTable},
		{"binary words", bytes.Repeat([]byte{7, 8}, 100), keyFileNoTable},
		{"wide CSV", csvText(t, [][]any{wide}), keyFileColumns},
		{"long CSV", bytes.Repeat([]byte("1#,101\n"), maxRows+1), keyFileRows},
		{"another zip", rawWorkbook(t, nil), keyFileNoTable},
		{"truncated header", sample[:100], keyFileBroken},
		{"truncated middle", sample[:len(sample)/2], keyFileBroken},
		{"truncated end", sample[:len(sample)-1], keyFileBroken},
		{"bomb", rawWorkbook(t, declare(t, "xl/media/a", 3<<20, maxUnzippedBytes+1), plain), keyFileBomb},
		{"bomb of several parts", rawWorkbook(t, func(w *zip.Writer) {
			for i := range 3 {
				declare(t, fmt.Sprint("xl/media/", i), 1<<20, 80<<20)(w)
			}
		}, plain), keyFileBomb},
		{"dense part", rawWorkbook(t, fill(t, "xl/media/a", 2<<20), plain), keyFileBomb},
		{"part larger than it says", rawWorkbook(t, liar, plain), keyFileBroken},
		{"too many parts", rawWorkbook(t, manyParts, plain), keyFileParts},
		{"empty cells far right", rawWorkbook(t, nil, sheetXML(strings.Repeat(`<row><c r="XFD1"/></row>`, 1000), "")), keyFileCells},
		{"rows far down", rawWorkbook(t, nil, sheetXML(`<row r="1048576"/>`, ""), sheetXML(`<row r="1048576"/>`, "")), keyFileCells},
		{"too many merged cells", rawWorkbook(t, nil, sheetXML(goodRows, "<mergeCells>"+strings.Repeat(`<mergeCell ref="A1:B2"/>`, maxMerges+1)+"</mergeCells>")), keyFileCells},
		{"too many elements", rawWorkbook(t, nil, sheetXML(strings.Repeat("<x/>", maxElements), "")), keyFileCells},
		{"endless tag", rawWorkbook(t, nil, "<worksheet "+strings.Repeat(`a="b" c="d" `, maxTokenBytes/6)+"/>"), keyFileBroken},
		{"wide sheet", workbook(t, testSheet{name: "w", rows: [][]any{wide}}), keyFileColumns},
		{"long sheet", rawWorkbook(t, nil, sheetXML(strings.Repeat("<row><c><v>1</v></c></row>", maxRows+1), "")), keyFileRows},
		{"sheet cut off", rawWorkbook(t, nil, strings.TrimSuffix(plain, "</sheetData></worksheet>")), keyFileBroken},
		{"sheet with broken rows", rawWorkbook(t, nil, sheetXML(goodRows+`<row r="3"><c r="A3"<v>1</v></c></row>`, "")), keyFileBroken},
		{"rows out of order", rawWorkbook(t, nil, sheetXML(goodRows+goodRows, "")), keyFileBroken},
		{"cell without place", rawWorkbook(t, nil, sheetXML(goodRows+`<row r="3"><c r="3A"><v>1</v></c></row>`, "")), keyFileBroken},
		{"merged area without place", rawWorkbook(t, nil, sheetXML(goodRows, `<mergeCells><mergeCell ref="x:y"/></mergeCells>`)), keyFileBroken},
		{"not UTF-8", rawWorkbook(t, nil, `<?xml version="1.0" encoding="gbk"?>`+plain), keyFileBroken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Read(t.Context(), "list.xlsx", bytes.NewReader(tt.file), int64(len(tt.file)))
			runtime.ReadMemStats(&after)
			var refused *FileError
			if !errors.As(err, &refused) || refused.Reason.Key != tt.want {
				t.Fatalf("error %v, want %s", err, tt.want)
			}
			// A bomb is refused before it is opened.
			if used := after.TotalAlloc - before.TotalAlloc; tt.want == keyFileBomb && used > 8<<20 {
				t.Errorf("%d MB were allocated", used>>20)
			}
		})
	}
}

func TestReadStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, name := range []string{goodSample, "list.csv"} {
		content := sampleBytes(t, goodSample)
		if name != goodSample {
			content = csvText(t, append(unitsZH(), make([][]any, 300)...))
		}
		if _, err := Read(ctx, name, bytes.NewReader(content), int64(len(content))); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestReadReportsShortFiles(t *testing.T) {
	if _, err := Read(t.Context(), "x.csv", strings.NewReader("a,b"), 10); !errors.Is(err, io.EOF) {
		t.Errorf("error %v", err)
	}
}
