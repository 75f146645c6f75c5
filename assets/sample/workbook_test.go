package sample

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"
)

// Every layout that the list names has its plan, under the same name, so that the sample shows no standard rooms.
func TestEveryLayoutOfTheWorkbookHasAPlan(t *testing.T) {
	content, err := FS.ReadFile(Workbook)
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("房屋清单")
	if err != nil {
		t.Fatal(err)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	flats := map[string]int{}
	for _, row := range rows[3:] {
		if len(row) > 4 && row[4] != "" {
			flats[row[4]]++
		}
	}
	total := 0
	for _, p := range plans(t) {
		if flats[p.LayoutNameZH] == 0 {
			t.Errorf("no flat has layout %q", p.LayoutNameZH)
		}
		total += flats[p.LayoutNameZH]
		delete(flats, p.LayoutNameZH)
	}
	if len(flats) > 0 || total != 264 {
		t.Errorf("%d flats with a plan; without one: %v", total, flats)
	}
}
