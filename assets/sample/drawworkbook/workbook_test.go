package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func built(t *testing.T) ([]byte, *excelize.File) {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := book.Close(); err != nil {
			t.Error(err)
		}
	})
	return out.Bytes(), book
}

// parts are the files inside a workbook; their compression may differ between Go versions.
func parts(t *testing.T, book []byte) map[string]string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, entry := range archive.File {
		reader, err := entry.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(reader)
		if closing := reader.Close(); err != nil || closing != nil {
			t.Fatal(err, closing)
		}
		found[entry.Name] = string(content)
	}
	return found
}

func TestWorkbookIsTheSameEveryTimeAndTheShippedOne(t *testing.T) {
	first, _ := built(t)
	second, _ := built(t)
	if !bytes.Equal(first, second) {
		t.Fatal("two runs differ")
	}
	shipped, err := os.ReadFile(filepath.Join("..", "handover-list.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(parts(t, first), parts(t, shipped)) {
		t.Error("handover-list.xlsx is out of date: run go run ./assets/sample/drawworkbook")
	}
}

func TestFlatsAreInventedAsDescribed(t *testing.T) {
	flats := inventFlats(rand.New(rand.NewPCG(seed, seed)))
	perBuilding, keys, owners := map[string]int{}, map[string]bool{}, map[string]bool{}
	unsold := 0
	for _, f := range flats {
		perBuilding[f.building.name]++
		key := f.building.name + f.entrance + f.number
		if keys[key] {
			t.Errorf("%s twice", key)
		}
		keys[key] = true
		if f.building.name == "1#" && (f.floor == 4 || f.floor == 14) {
			t.Errorf("%s stands on a floor that building 1# does not have", key)
		}
		if !f.sold {
			unsold++
			if f.owners+f.phone+f.id4+f.bank != "" {
				t.Errorf("%s is unsold and has an owner", key)
			}
			continue
		}
		if len(f.phone) != 11 || !strings.HasPrefix(f.phone, "1200000") {
			t.Errorf("%s: phone %q could be somebody's", key, f.phone)
		}
		for _, owner := range strings.Split(f.owners, "、") {
			if owners[owner] || !strings.HasPrefix(owner, "样例业主") {
				t.Errorf("%s: owner %q", key, owner)
			}
			owners[owner] = true
		}
	}
	if got := fmt.Sprint(perBuilding); got != "map[1#:96 2#:96 3#:72]" {
		t.Errorf("flats per building: %s", got)
	}
	if unsold < 10 || unsold > 50 {
		t.Errorf("%d flats unsold", unsold)
	}
}

func TestSheetsHaveTheHabitsOfTypedLists(t *testing.T) {
	_, book := built(t)
	rows, err := book.GetRows(flatSheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	if last := rows[len(rows)-1]; last[0] != "合计 264 户" || len(rows) != 3+264+3 {
		t.Errorf("last of %d rows: %v", len(rows), last)
	}
	seen := map[string]int{}
	for _, row := range rows[3 : 3+264] {
		seen["handover "+row[9]]++
		if strings.ContainsFunc(row[3], func(r rune) bool { return r >= '０' && r <= '９' }) {
			seen["full-width number"]++
		}
		if len(row) > 10 && strings.Contains(row[10], "、") {
			seen["two owners"]++
		}
		if len(row) > 14 && row[14] == "未售" {
			seen["unsold"]++
		}
	}
	for _, habit := range []string{"handover 46295", "handover 2026-09-30", "handover 2026年9月30日", "full-width number", "two owners", "unsold"} {
		if seen[habit] == 0 {
			t.Errorf("nothing with %s", habit)
		}
	}
	merged, err := book.GetMergeCells(flatSheet)
	if err != nil {
		t.Fatal(err)
	}
	var ranges []string
	for _, m := range merged {
		ranges = append(ranges, m.GetStartAxis()+":"+m.GetEndAxis()+"="+m.GetCellValue())
	}
	for _, want := range []string{"A4:A99=1#", "A100:A195=2#", "A196:A267=3#"} {
		if !slices.Contains(ranges, want) {
			t.Errorf("%s is not merged: %v", want, ranges)
		}
	}
	asText, asNumber := 0, 0
	for row := 4; row < 4+264; row++ {
		kind, err := book.GetCellType(flatSheet, fmt.Sprintf("H%d", row))
		if err != nil {
			t.Fatal(err)
		}
		if kind == excelize.CellTypeSharedString {
			asText++
		} else {
			asNumber++
		}
	}
	if asText == 0 || asNumber == 0 {
		t.Errorf("surveyed areas: %d as text, %d as numbers", asText, asNumber)
	}
}

func TestContractsAndAppointments(t *testing.T) {
	_, book := built(t)
	scopes, err := book.GetRows(contractSheet)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, row := range scopes[1:] {
		kinds[row[1]]++
	}
	if got := fmt.Sprint(kinds); got != "map[分包:3 总包:1 第三方:2]" {
		t.Errorf("companies: %s", got)
	}

	unsold := map[string]bool{}
	for _, f := range inventFlats(rand.New(rand.NewPCG(seed, seed))) {
		unsold[f.building.name+f.entrance+f.number] = !f.sold
	}
	booked, err := book.GetRows(appointmentSheet)
	if err != nil {
		t.Fatal(err)
	}
	slots, onUnsold := map[string]bool{}, 0
	for _, row := range booked[1:] {
		isUnsold, known := unsold[row[2]+row[3]+row[4]]
		if !known {
			t.Errorf("no such flat: %v", row)
		}
		if isUnsold {
			onUnsold++
		}
		if slot := row[0] + row[1] + row[5]; slots[slot] {
			t.Errorf("an inspector is booked twice: %v", row)
		} else {
			slots[slot] = true
		}
	}
	if len(booked) != 1+96 || onUnsold == 0 {
		t.Errorf("%d appointments, %d on unsold flats", len(booked)-1, onUnsold)
	}
}

func TestRunReportsAnUnwritableFile(t *testing.T) {
	if err := run(filepath.Join(t.TempDir(), "missing", "list.xlsx")); err == nil {
		t.Error("no error")
	}
}
