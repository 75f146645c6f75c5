package handoverlist

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

func FuzzRead(f *testing.F) {
	f.Add(sampleBytes(f, goodSample))
	f.Add(sampleBytes(f, badSample))
	f.Add(rawWorkbook(f, nil, sheetXML(goodRows, `<mergeCells><mergeCell ref="A2:A9"/></mergeCells>`)))
	f.Add(csvText(f, unitsZH()))
	f.Add(csvText(f, unitsEN()))
	f.Add(csvText(f, scopesZH()))
	f.Add(csvText(f, appointmentsZH()))
	f.Add([]byte("\xc2\xa5\xb6\xb0,\xb7\xbf\xba\xc5\n"))
	f.Add(oleMagic)
	f.Fuzz(readAnything)
}

// FuzzSheet reaches what is behind the zip's checksums.
func FuzzSheet(f *testing.F) {
	f.Add(sheetXML(goodRows, `<mergeCells><mergeCell ref="A2:A9"/></mergeCells>`))
	f.Add(sheetXML(goodRows+`<row r="9"><c r="B9" t="s"><v>7</v></c><c r="C9" t="str"><f>A1</f><v>x</v></c><c t="b"><v>1</v></c></row>`, ""))
	f.Add(sheetXML(`<row><c t="e"><v>#REF!</v></c><c s="99"><v>1e5</v></c></row>`, `<mergeCells><mergeCell ref="B2:A1"/></mergeCells>`))
	f.Add(`<worksheet/>`)
	f.Fuzz(func(t *testing.T, sheet string) { readAnything(t, rawWorkbook(t, nil, sheet)) })
}

// readAnything holds for any bytes: a reason for refusing them, or a book whose
// second import changes nothing.
func readAnything(t *testing.T, content []byte) {
	b, err := Read(t.Context(), "list", bytes.NewReader(content), int64(len(content)))
	var refused *FileError
	if err != nil {
		if !errors.As(err, &refused) {
			t.Fatalf("an error without a reason: %v", err)
		}
		return
	}
	if len(b.Faults) > 2*maxFaults {
		t.Fatalf("%d faults", len(b.Faults))
	}
	known := map[string]bool{}
	for _, key := range TextKeys() {
		known[key] = true
	}
	for _, fault := range b.Faults {
		if !known[fault.Expected.Key] || fault.Sheet == "" {
			t.Fatalf("fault %+v", fault)
		}
	}
	p, err := b.Preview(t.Context(), project, derive, newMemory())
	if err != nil {
		t.Fatal(err)
	}
	now := newMemory()
	now.apply(p.Changes)
	again, err := b.Preview(t.Context(), project, derive, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(again.Changes)+len(again.Kept)+len(again.Missing) != 0 {
		t.Fatalf("importing again changes %+v", again.Changes)
	}
	if err := p.Render(io.Discard, func(key string, _ map[string]string) string { return key }); err != nil {
		t.Fatal(err)
	}
}

func FuzzCell(f *testing.F) {
	for _, seed := range []string{
		"2026-09-30", "2026年9月30日", "46295.5", "20260930", "118.62㎡", "1.2000003349E10", "1,186.20", "18650万元", "3%", "09:00~10:00",
		"1#-3#、5#", "１２００００３３４９", "样例甲、样例乙", "B户型", "-", "B1", "1e99", "0.999999", "\xf0\u02db", "e\u200d\u0301",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		text := clean(cell)
		if again := clean(text); again != text {
			t.Errorf("%q is cleaned to %q and then %q", cell, text, again)
		}
		if d, ok := parseDate(text, false); ok {
			if again, ok := parseDate(string(d), false); !ok || again != d {
				t.Errorf("%q is the date %q and then %q", cell, d, again)
			}
		}
		if cm2, isNumber, plausible := parseArea(text); plausible && (!isNumber || cm2 <= 0 || cm2 > maxAreaM2*10_000) {
			t.Errorf("%q is %d cm²", cell, cm2)
		}
		if fen, ok := parseMoney(text, 1); ok && (fen < 0 || fen > maxFen) {
			t.Errorf("%q is %d fen", cell, fen)
		}
		if rate, ok := parseRate(text, false); ok && (rate < 0 || rate > 10_000) {
			t.Errorf("%q is %d basis points", cell, rate)
		}
		if names, ok := expandBuildings(text, newBuildingNames()); ok && (len(names) == 0 || len(names) > maxRange) {
			t.Errorf("%q is %d buildings", cell, len(names))
		}
		if text != "" && (buildingKey(text) == "" || entranceKey(text) == "" || numberKey(text) == "") {
			t.Errorf("%q has no key", cell)
		}
		if floor, ok := parseFloor(text); ok && (floor == 0 || floor > maxFloor) {
			t.Errorf("%q is floor %d", cell, floor)
		}
		if phones, ok := parsePhones(cell); ok && maskPhones(phones) == phones && phones != "" {
			t.Errorf("%q is shown unmasked", cell)
		}
		parseSlot(text)
		layoutCode(text)
		splitBrackets(cell)
	})
}

func BenchmarkRead264Units(b *testing.B) {
	content := sampleBytes(b, goodSample)
	for b.Loop() {
		book, err := Read(b.Context(), goodSample, bytes.NewReader(content), int64(len(content)))
		if err != nil || len(book.units) != 264 {
			b.Fatal(err)
		}
	}
}

func BenchmarkPlan264Units(b *testing.B) {
	book := readSample(b, goodSample)
	now := newMemory()
	now.apply(preview(b, book, now).Changes)
	for b.Loop() {
		if p := preview(b, book, now); len(p.Changes) != 0 {
			b.Fatal("changes")
		}
	}
}
