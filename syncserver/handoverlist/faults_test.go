package handoverlist

import (
	"fmt"
	"slices"
	"testing"
)

func scopesZH() [][]any {
	return [][]any{
		{"单位名称", "类别", "专业", "楼栋范围", "质保起算日", "缺陷责任期止", "合同结算价(元)", "质保金比例", "代工管理费率", "响应时限(小时)", "负责人", "电话"},
		{"样例总包公司", "总包", "结构、防水", "1#-2#", "2026-08-20", "2028-08-19", 186500000, 0.03, 0.15, 24, "样例负责人", "12100000001"},
		{"样例门窗公司", "分包", "门窗", "1#、2#", "2026-08-20", "2028-08-19", 1000, 0.03, 0.2, 24, "样例负责人", "12100000003"},
	}
}

func appointmentsZH() [][]any {
	return [][]any{
		{"日期", "时段", "楼栋", "单元", "房号", "验房员", "到场"},
		{"2026-09-26", "09:00-10:00", "1#", "1单元", "101", "样例员", nil},
		{"2026-09-26", "10:00-11:00", "2#", "1单元", "2601", "样例员", nil},
	}
}

// Cells of the tables above, counted from 0.
const (
	uBuilding, uFloor, uNumber, uLayout, uFitOut, uContract, uSurveyed = 0, 2, 3, 4, 5, 6, 7
	uCompleted, uHandover, uOwners, uPhone, uID, uNote                 = 8, 9, 10, 11, 12, 14
)

func TestFaults(t *testing.T) {
	type book struct{ units, scopes, appointments [][]any }
	const e, w = SeverityError, SeverityWarning
	tests := []struct {
		name     string
		spoil    func(*book)
		severity Severity
		want     []string // all faults, beside those of the other severity
	}{
		{"nothing", func(*book) {}, e, nil},
		{"nothing strange", func(*book) {}, w, nil},
		{"no number", func(b *book) { b.units[1][uNumber] = nil; b.appointments = nil }, e, []string{"u!D2 missing"}},
		{"blank number", func(b *book) { b.units[1][uNumber] = "　-　"; b.appointments = nil }, e, []string{"u!D2 missing"}},
		{"no building", func(b *book) { b.units[2][uBuilding] = nil }, e, []string{"u!A3 missing"}},
		{"unit twice", func(b *book) { b.units = append(b.units, b.units[1]) }, e, []string{"u!D5 duplicate_unit"}},
		{"unit twice in other words", func(b *book) {
			again := slices.Clone(b.units[1])
			again[uBuilding], again[uNumber] = "１号楼", 101
			b.units = append(b.units, again)
		}, e, []string{"u!D5 duplicate_unit"}},
		{"no area", func(b *book) { b.units[1][uSurveyed] = "约118" }, e, []string{"u!H2 area"}},
		{"area of zero", func(b *book) { b.units[1][uContract] = 0 }, e, []string{"u!G2 area_range"}},
		{"negative area", func(b *book) { b.units[1][uContract] = -89.37 }, e, []string{"u!G2 area_range"}},
		{"huge area", func(b *book) { b.units[1][uContract] = 2000.01 }, e, []string{"u!G2 area_range"}},
		{"no date", func(b *book) { b.units[1][uHandover] = "2026年13月5日" }, e, []string{"u!J2 date"}},
		{"no such day", func(b *book) { b.units[3][uCompleted] = "2026-02-30" }, e, []string{"u!I4 date"}},
		{"ambiguous date", func(b *book) { b.units[1][uCompleted] = "9/30/2026" }, e, []string{"u!I2 date"}},
		{"date out of time", func(b *book) { b.units[1][uCompleted] = 12 }, e, []string{"u!I2 date"}},
		{"no floor", func(b *book) { b.units[1][uFloor] = "高层" }, e, []string{"u!C2 floor"}},
		{"failed formula", func(b *book) { b.units[1][uContract] = "#REF!" }, e, []string{"u!G2 formula"}},
		{"failed formula for the number", func(b *book) { b.units[2][uNumber] = "#N/A" }, e, []string{"u!D3 formula"}},
		{"several faults of one row", func(b *book) { b.units[1][uContract], b.units[1][uCompleted] = "x", "y" }, e, []string{"u!G2 area", "u!I2 date"}},
		{"column twice", func(b *book) { b.units[0][uNote] = "房间号" }, e, []string{"u!O1 column_twice"}},
		{"unknown unit of measure", func(b *book) { b.units[0][uContract] = "预测面积(平方英尺)" }, e, []string{"u!G1 column_unit"}},
		{"column missing", func(b *book) { b.units[0][uNumber] = "编码"; b.appointments = nil }, e, []string{"u!1 column_missing.number"}},

		{"floor against number", func(b *book) { b.units[3][uFloor] = 25 }, w, []string{"u!C4 floor_number"}},
		{"unknown fit-out", func(b *book) { b.units[1][uFitOut] = "豪装" }, w, []string{"u!F2 fit_out"}},
		{"no phone", func(b *book) { b.units[1][uPhone] = "见合同" }, w, []string{"u!L2 phone"}},
		{"ID too short", func(b *book) { b.units[1][uID] = 422 }, w, []string{"u!M2 id_last4"}},
		{"unsold with owner", func(b *book) { b.units[3][uNote] = "未售"; b.appointments = nil }, w, []string{"u!K4 owner_unsold"}},
		{"sold without owner", func(b *book) { b.units[3][uOwners] = nil }, w, []string{"u!K4 owner_missing"}},
		{"layout described twice", func(b *book) { b.units[2][uLayout] = "A户型 三室" }, w, []string{"u!E3 layout_differs"}},
		{"layout without code", func(b *book) { b.units[2][uLayout] = "三室两厅" }, w, nil},
		{"wrong total", func(b *book) { b.units = append(b.units, nil, []any{"合计 264 户"}) }, w, []string{"u!A6 total"}},
		{"wrong total without unit", func(b *book) { b.units = append(b.units, []any{nil, "总计：4"}) }, w, []string{"u!B5 total"}},
		{"right total", func(b *book) { b.units = append(b.units, nil, nil, []any{"合计：３ 户"}) }, w, nil},
		{"wrong total in full-width digits", func(b *book) { b.units = append(b.units, []any{"合计：", "４ 户"}) }, w, []string{"u!A5 total"}},
		{"total in the next cell", func(b *book) { b.units = append(b.units, []any{"合计", nil, "2套"}) }, w, []string{"u!A5 total"}},
		{"subtotal and repeated header", func(b *book) {
			b.units = slices.Insert(b.units, 3, []any{"小计 9 户"}, b.units[0])
		}, w, nil},
		{"remark below", func(b *book) { b.units = append(b.units, []any{"制表人：样例"}) }, w, []string{"u!A5 row_ignored"}},
		{"extra column", func(b *book) { b.units[0] = append(b.units[0], "钥匙") }, w, []string{"u!P1 column_ignored"}},
		{"no rows", func(b *book) { b.units = b.units[:1]; b.scopes, b.appointments = nil, nil }, w, []string{"u!1 table_empty"}},

		{"no company", func(b *book) { b.scopes[1][0] = nil }, e, []string{"s!A2 missing"}},
		{"unknown kind", func(b *book) { b.scopes[1][1] = "其他" }, e, []string{"s!B2 party_kind"}},
		{"no kind", func(b *book) { b.scopes[1][1] = nil }, e, []string{"s!B2 missing"}},
		{"no trades", func(b *book) { b.scopes[1][2] = "、" }, e, []string{"s!C2 missing"}},
		{"no buildings", func(b *book) { b.scopes[1][3] = nil }, e, []string{"s!D2 missing"}},
		{"no range", func(b *book) { b.scopes[1][3] = "3#-1#" }, e, []string{"s!D2 building_range"}},
		{"endless range", func(b *book) { b.scopes[1][3] = "1#-9999#" }, e, []string{"s!D2 building_range"}},
		{"warranty date", func(b *book) { b.scopes[1][4] = "开工后" }, e, []string{"s!E2 date"}},
		{"money", func(b *book) { b.scopes[1][6] = "面议" }, e, []string{"s!G2 money"}},
		{"part of a fen", func(b *book) { b.scopes[1][6] = "0.001" }, e, []string{"s!G2 money"}},
		{"rate above 1", func(b *book) { b.scopes[1][7] = 3 }, e, []string{"s!H2 rate"}},
		{"negative rate", func(b *book) { b.scopes[1][8] = "-1%" }, e, []string{"s!I2 rate"}},
		{"ambiguous rate", func(b *book) { b.scopes[0][7] = "质保金比例(%)" }, e, []string{"s!H2 rate", "s!H3 rate"}},
		{"hours", func(b *book) { b.scopes[1][9] = "尽快" }, e, []string{"s!J2 hours"}},
		{"scope twice", func(b *book) { b.scopes = append(b.scopes, b.scopes[1]) }, e, []string{"s!A4 duplicate_scope"}},
		{"contact's phone", func(b *book) { b.scopes[1][11] = "无人接" }, w, []string{"s!L2 phone"}},
		{"warranty ends before it starts", func(b *book) { b.scopes[1][5] = "2025-08-19" }, w, []string{"s!F2 dates_order"}},
		{"no such building", func(b *book) { b.scopes[1][3] = "7#-9#" }, w, []string{"s!D2 building_unknown"}},
		{"company with two kinds and contacts", func(b *book) { b.scopes[2][0] = "样例总包公司" }, w, []string{"s!B3 party_differs", "s!K3 party_differs"}},

		{"no day", func(b *book) { b.appointments[1][0] = nil }, e, []string{"a!A2 missing"}},
		{"appointment's date", func(b *book) { b.appointments[1][0] = "下周" }, e, []string{"a!A2 date"}},
		{"appointment without number", func(b *book) { b.appointments[1][4] = nil }, e, []string{"a!E2 missing"}},
		{"appointment without building", func(b *book) { b.appointments[1][2] = nil }, e, []string{"a!C2 missing"}},
		{"unknown unit", func(b *book) { b.appointments[1][4] = "105" }, e, []string{"a!E2 unit_unknown"}},
		{"appointment twice", func(b *book) { b.appointments = append(b.appointments, b.appointments[1]) }, e, []string{"a!E4 duplicate_appointment"}},
		{"unsold unit", func(b *book) { b.appointments[1][4] = 102 }, w, []string{"a!E2 unit_unsold"}},
		{"arrival", func(b *book) { b.appointments[1][6] = "是" }, w, []string{"a!G2 arrived"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := book{unitsZH(), scopesZH(), appointmentsZH()}
			tt.spoil(&b)
			content := workbook(t, testSheet{name: "a", rows: b.appointments}, testSheet{name: "s", rows: b.scopes}, testSheet{name: "u", rows: b.units})
			got := readBytes(t, "list.xlsx", content)
			if places := faultPlaces(got.Faults, tt.severity); !slices.Equal(places, tt.want) {
				t.Errorf("faults %v, want %v", places, tt.want)
			}
			if tt.severity == SeverityError && got.Refused() != (len(tt.want) > 0) {
				t.Errorf("refused %v", got.Refused())
			}
			if tt.severity == SeverityWarning && got.Refused() {
				t.Errorf("refused: %v", faultPlaces(got.Faults, SeverityError))
			}
		})
	}
}

func TestManyFaultsAreCutAndErrorsNotHidden(t *testing.T) {
	rows := unitsZH()
	for i := range 3 * maxFaults {
		row := slices.Clone(rows[1])
		row[uNumber], row[uFloor], row[uPhone] = fmt.Sprint(10000+i), nil, "?"
		rows = append(rows, row)
	}
	rows[len(rows)-1][uSurveyed] = "x"
	b := readBytes(t, "list.csv", csvText(t, rows))
	if len(b.Faults) != maxFaults+1 || b.MoreFaults != 2*maxFaults || !b.Refused() {
		t.Errorf("%d faults and %d more, refused %v", len(b.Faults), b.MoreFaults, b.Refused())
	}
	if f := b.Faults[0]; f.Column != "H" || f.Row != len(rows) {
		t.Errorf("first fault %+v", f)
	}
}

func TestLongValuesAreCut(t *testing.T) {
	rows := unitsZH()
	rows[1][uSurveyed] = string(slices.Repeat([]rune("约"), 500))
	b := readBytes(t, "list.csv", csvText(t, rows))
	if n := len([]rune(b.Faults[0].Value)); n != maxShownRunes+1 {
		t.Errorf("%d characters are shown", n)
	}
}
