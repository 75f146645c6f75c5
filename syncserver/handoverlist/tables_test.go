package handoverlist

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"keyturn/shared/domain"
)

// The same small list in Chinese and, in another order, in English.
func unitsZH() [][]any {
	return [][]any{
		{"楼栋", "单元", "楼层", "房号", "户型", "装修标准", "预测面积(㎡)", "实测面积(㎡)", "竣工验收日期", "合同交付日期", "业主姓名", "联系电话", "身份证后四位", "按揭银行", "备注"},
		{"1#", "1单元", 1, "101", "A户型 两室", "精装", 89.37, 88.49, "2026-08-20", "2026-09-30", "样例甲、样例乙", "12000000001", "1422", "样例银行", nil},
		{"1#", "1单元", 1, "102", "A户型 两室", "精装", 89.37, 88.5, "2026-08-20", "2026-09-30", nil, nil, nil, nil, "未售"},
		{"2#", "1单元", 26, "2601", "B户型 三室", "毛坯", 118.62, 119, "2026-08-20", "2026-09-30", "样例丙", "12000000002", "719X", nil, nil},
	}
}

func unitsEN() [][]any {
	return [][]any{
		{"Sample Garden, handover list"},
		{"Remark(s)", "Flat No.", "Key cabinet", "Fit-out", "OWNER", "Phone", "ID last 4", "Mortgage bank", "Layout", "Floor", "Building", "Entrance", "Surveyed area sqm", "Contract area (m²)", "Contract handover date", "Completion date"},
		{nil, 101, "K1", "Fitted", "样例甲; 样例乙", "12000000001", "1422", "样例银行", "A户型 两室", "1F", "1#", "1单元", "88.49", "89.37", "2026/9/30", "2026年8月20日"},
		{"未售", 102, "K2", "fitted", nil, nil, nil, nil, "A户型 两室", 1, "1#", "1单元", "88.50 m2", 89.37, "2026-09-30", 46254},
		{nil, "２６０１", "K3", "Bare shell", "样例丙", "120-0000-0002", "719x", "-", "B户型 三室", 26, "2#", "1单元", 119, "１１８．６２", "20260930", "2026.8.20"},
		{"Total 3 units"},
	}
}

func sameRecords(t *testing.T, got, want []Record) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d records, want %d", len(got), len(want))
	}
	for i, r := range got {
		if r.ID != want[i].ID || r.Name != want[i].Name || r.Key != want[i].Key {
			t.Errorf("record %d is %s %q, want %s %q", i, r.Entity, r.Name, want[i].Entity, want[i].Name)
		}
		for _, key := range want[i].Fields.Keys() {
			if !same(r.Fields[key], want[i].Fields[key]) {
				t.Errorf("%s %s field %d: %x, want %x", r.Entity, r.Name, key, r.Fields[key], want[i].Fields[key])
			}
		}
		if len(r.Fields) != len(want[i].Fields) {
			t.Errorf("%s %s has fields %v, want %v", r.Entity, r.Name, r.Fields.Keys(), want[i].Fields.Keys())
		}
	}
}

func TestEnglishHeadersInAnyOrder(t *testing.T) {
	want := desired(t, readBytes(t, "zh.xlsx", workbook(t, testSheet{name: "清单", rows: unitsZH()})))
	b := readBytes(t, "en.xlsx", workbook(t, testSheet{name: "Units", rows: unitsEN()}))
	sameRecords(t, desired(t, b), want)
	if got := faultPlaces(b.Faults, SeverityWarning); !slices.Equal(got, []string{"Units!C2 column_ignored"}) {
		t.Errorf("warnings %v", got)
	}
}

func TestCSVEncodings(t *testing.T) {
	want := desired(t, readBytes(t, "zh.xlsx", workbook(t, testSheet{name: "清单", rows: unitsZH()})))
	utf8Text := csvText(t, unitsZH())
	gbk, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(strings.ReplaceAll(string(utf8Text), "㎡", "平方米")))
	must(t, err)
	gb18030, err := simplifiedchinese.GB18030.NewEncoder().Bytes(utf8Text)
	must(t, err)
	for name, content := range map[string][]byte{
		"UTF-8":         utf8Text,
		"UTF-8 marked":  append([]byte("\xEF\xBB\xBF"), utf8Text...),
		"GBK":           gbk,
		"GB18030":       gb18030,
		"Windows lines": []byte(strings.ReplaceAll(string(utf8Text), "\n", "\r\n")),
	} {
		t.Run(name, func(t *testing.T) {
			b := readBytes(t, "dir\\清单.csv", content)
			sameRecords(t, desired(t, b), want)
			if r := desired(t, b)[0]; r.Sheet != "清单.csv" || r.Row != 2 {
				t.Errorf("first record at %s row %d", r.Sheet, r.Row)
			}
		})
	}
}

func TestCSVOfMergedCellsAndItsRowNumbers(t *testing.T) {
	text := "样例花园\n\n楼栋,单元,楼层,房号,户型\n1#,1单元,1,101,\"A户型\n两室\"\n,,1,102,B户型\n,2单元,1,101,B户型\n2#,,1,101,B户型\n,,1,102,B户型\n\n,,x,103,B户型\n"
	b := readBytes(t, "units.csv", []byte(text))
	var names []string
	for _, u := range b.units {
		names = append(names, u.name())
	}
	want := []string{"1# 1单元 101", "1# 1单元 102", "1# 2单元 101", "2# 101", "2# 102", "2# 103"}
	if !slices.Equal(names, want) {
		t.Errorf("units %q, want %q", names, want)
	}
	// A spreadsheet shows the cell with a line break as one row and the blank line
	// as another.
	if got := faultPlaces(b.Faults, SeverityError); !slices.Equal(got, []string{"units.csv!C10 floor"}) {
		t.Errorf("faults %v", got)
	}
}

func TestMergedCellsFillOnlyTheirArea(t *testing.T) {
	rows := unitsZH()
	rows[0][0], rows[2][0], rows[3][0] = nil, nil, nil
	rows = slices.Insert(rows, 0, []any{"样例花园"}, []any{"楼栋"})
	b := readBytes(t, "merged.xlsx", workbook(t, testSheet{
		name: "清单", rows: rows, merges: [][2]string{{"A1", "O1"}, {"A2", "A3"}, {"A4", "A5"}},
	}))
	if b.units[1].building != "1#" {
		t.Errorf("merged building is %q", b.units[1].building)
	}
	if got := faultPlaces(b.Faults, SeverityError); !slices.Equal(got, []string{"清单!A6 missing"}) {
		t.Errorf("faults %v", got)
	}
}

func TestHeaderUnitsAndTranslationsOfUnit(t *testing.T) {
	scopes := [][]any{
		{"Company", "Kind", "Trades", "Buildings", "Contract sum (万元)", "Retention rate (%)", "Management fee rate", "Response time (hours)"},
		{"样例公司", "General contractor", "结构/防水", "1号楼至3号楼, 5号楼", 18650.5, 3, "15%", "24h"},
	}
	units := [][]any{
		{"Building", "Unit", "Floor", "Room No.", "Layout"},
		{"Building 1", "Unit 1", 1, 101, "Layout A1"},
	}
	b := readBytes(t, "en.xlsx", workbook(t, testSheet{name: "c", rows: scopes}, testSheet{name: "u", rows: units}))
	if len(b.Faults) != 0 {
		t.Fatalf("faults %+v", b.Faults)
	}
	records := desired(t, b)
	terms := find[domain.ContractTerms](t, records, domain.EntityTerms, "样例公司 结构、防水")
	if terms.SettlementFen != 18_650_500_000 || terms.RetentionRate != 300 || terms.FeeRate != 1500 {
		t.Errorf("terms %+v", terms)
	}
	scope := find[domain.ContractScope](t, records, domain.EntityScope, "样例公司 结构、防水")
	// The building that the unit table knows keeps that table's name.
	if want := []string{"Building 1", "2号楼", "3号楼", "5号楼"}; !slices.Equal(scope.Buildings, want) || scope.ResponseHours != 24 {
		t.Errorf("scope %+v, want buildings %v", scope, want)
	}
	unit := find[domain.Unit](t, records, domain.EntityUnit, "Building 1 Unit 1 101")
	if unit.Entrance != "Unit 1" || unit.Number != "101" {
		t.Errorf("unit %+v", unit)
	}
	if l := find[domain.Layout](t, records, domain.EntityLayout, "Layout A1"); l.Code != "A1" {
		t.Errorf("layout %+v", l)
	}
}

func TestTablesMayBeSplitAndOtherSheetsAreIgnored(t *testing.T) {
	rows := unitsZH()
	b := readBytes(t, "split.xlsx", workbook(t,
		testSheet{name: "封面", rows: [][]any{{"样例花园"}, {"说明", "内部"}}},
		testSheet{name: "1#楼", rows: rows[:3]},
		testSheet{name: "2#楼", rows: [][]any{rows[0], rows[3]}},
		testSheet{name: "旧", rows: rows, hidden: true},
		testSheet{name: "空"},
	))
	if b.Refused() || len(b.units) != 3 {
		t.Errorf("%d units, faults %+v", len(b.units), b.Faults)
	}
	want := []string{"封面!0 sheet_ignored", "旧!0 sheet_hidden"}
	if got := faultPlaces(b.Faults, SeverityWarning); !slices.Equal(got, want) {
		t.Errorf("warnings %v, want %v", got, want)
	}
}

func TestOneBuildingUnderTwoNames(t *testing.T) {
	rows := unitsZH()
	appointments := [][]any{
		{"日期", "时段", "楼栋", "单元", "房号", "验房员"},
		{"2026-09-26", 0.375, "1号楼", "一单元", "101室", "样例员"},
	}
	b := readBytes(t, "names.xlsx", workbook(t, testSheet{name: "a", rows: appointments}, testSheet{name: "u", rows: rows}))
	if len(b.Faults) != 0 {
		t.Fatalf("faults %+v", b.Faults)
	}
	records := desired(t, b)
	a := find[domain.Appointment](t, records, domain.EntityAppointment, "1号楼 一单元 101室 2026-09-26")
	u := records[slices.IndexFunc(records, func(r Record) bool { return r.Name == "1# 1单元 101" && r.Entity == domain.EntityUnit })]
	if a.UnitID.Any() != u.ID || a.Slot != "09:00" {
		t.Errorf("appointment %+v of unit %s", a, u.ID)
	}
}

func TestLayoutsWithoutCodeAndUnitsWithoutLayout(t *testing.T) {
	rows := unitsZH()
	rows[1][uLayout], rows[2][uLayout] = "三室 两厅", nil
	records := desired(t, readBytes(t, "list.csv", csvText(t, rows)))
	if l := find[domain.Layout](t, records, domain.EntityLayout, "三室 两厅"); l.Code != "" || l.Name != "三室 两厅" {
		t.Errorf("layout %+v", l)
	}
	if u := find[domain.Unit](t, records, domain.EntityUnit, "1# 1单元 102"); !u.LayoutID.IsZero() || u.Layout != "" {
		t.Errorf("unit %+v", u)
	}
	if n := counts(records)[domain.EntityLayout]; n != 2 {
		t.Errorf("%d layouts", n)
	}
}

func TestUnitsAreSoldByTheirOwnersWhereNoNoteSaysSo(t *testing.T) {
	var rows [][]any
	for _, row := range unitsZH() {
		rows = append(rows, row[:14])
	}
	records := desired(t, readBytes(t, "list.csv", csvText(t, rows)))
	for name, sold := range map[string]bool{"1# 1单元 101": true, "1# 1单元 102": false} {
		if u := find[domain.Unit](t, records, domain.EntityUnit, name); u.Sold != sold {
			t.Errorf("%s: sold %v", name, u.Sold)
		}
	}
}
