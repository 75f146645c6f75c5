package handoverlist

import (
	"slices"
	"testing"

	"keyturn/shared/domain"
)

func TestParseDate(t *testing.T) {
	for text, want := range map[string]domain.Date{
		"2026-09-30": "2026-09-30", "2026/9/3": "2026-09-03", "2026.9.30": "2026-09-30", "2026年9月30日": "2026-09-30",
		"2026年9月30号": "2026-09-30", "2026 年 9 月 30 日": "2026-09-30", "２０２６年９月３０日": "2026-09-30",
		"20260930": "2026-09-30", "20260930.0": "2026-09-30", "2026-09-30 00:00:00": "2026-09-30", "2026-09-30T08:00:00Z": "2026-09-30",
		"46295": "2026-09-30", "46295.75": "2026-09-30", "46254": "2026-08-20", "2028-02-29": "2028-02-29",
		"": "", "2026年13月5日": "", "2026-02-30": "", "2027-02-29": "", "0": "", "45": "", "99999": "", "1979-12-31": "", "2101-01-01": "",
		"9/30/2026": "", "26-9-30": "", "约2026年": "", "2026": "", "2026-09": "", "2026-9-30-1": "",
	} {
		if got, ok := parseDate(clean(text), false); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, %v; want %q", text, got, ok, want)
		}
	}
	// The other calendar of spreadsheets counts from 1904: ECMA-376 part 1, 18.17.4.1.
	if got, ok := parseDate("44833", true); !ok || got != "2026-09-30" {
		t.Errorf("a date counted from 1904 is %q", got)
	}
}

func TestParseSlot(t *testing.T) {
	for text, want := range map[string]string{
		"09:00-10:00": "09:00-10:00", "9:00～10:30": "09:00-10:30", "9:00 至 10:30": "09:00-10:30", "９：００－１０：００": "09:00-10:00",
		"0.375": "09:00", "0.99999": "00:00", "上午": "上午", "": "", "1.5": "1.5",
	} {
		if got := parseSlot(clean(text)); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestParseArea(t *testing.T) {
	for text, want := range map[string]int64{
		"118.62": 1186200, "118.61999999999999": 1186200, "118.62000000000001": 1186200, "１１８．６２": 1186200, "118.62㎡": 1186200,
		"118.62 平方米": 1186200, "118.62 Sqm": 1186200, "1,186.2": 11862000, "1.1862E2": 1186200, "89": 890000, "0.0001": 1,
		"88.12344": 881234, "88.12345": 881235, "2000": 20000000,
		"0": 0, "-1": 0, "2000.0001": 0, "约118": 0, "118.62.1": 0, "1e99": 0, "1e999": 0, "": 0, "1,18": 0, "NaN": 0, "Inf": 0, "0x10": 0, "1/2": 0,
		"0.00001": 0,
	} {
		cm2, isNumber, plausible := parseArea(clean(text))
		if ok := isNumber && plausible; ok != (want != 0) || ok && cm2 != want {
			t.Errorf("%q is %d cm² (%v, %v), want %d", text, cm2, isNumber, plausible, want)
		}
	}
}

func TestParseMoney(t *testing.T) {
	for _, tt := range []struct {
		text   string
		factor int64
		want   domain.Fen
		ok     bool
	}{
		{"186500000", 1, 18_650_000_000, true},
		{"1.865E8", 1, 18_650_000_000, true},
		{"¥186,500,000.01", 1, 18_650_000_001, true},
		{"186500000.00999999", 1, 18_650_000_001, true},
		{"18650.5", 10_000, 18_650_500_000, true},
		{"18650万元", 1, 18_650_000_000, true},
		{"1.865亿", 10_000, 18_650_000_000, true},
		{"0.1", 1, 10, true},
		{"0.3", 1, 30, true},
		{"0", 1, 0, true},
		{"0.005", 1, 0, false},
		{"-5", 1, 0, false},
		{"99999999999999", 1, 0, false},
		{"面议", 1, 0, false},
		{"", 1, 0, false},
	} {
		if got, ok := parseMoney(clean(tt.text), tt.factor); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%q × %d is %d, %v; want %d, %v", tt.text, tt.factor, got, ok, tt.want, tt.ok)
		}
	}
}

func TestParseRate(t *testing.T) {
	for _, tt := range []struct {
		text    string
		percent bool
		want    domain.BasisPoints
		ok      bool
	}{
		{"0.03", false, 300, true},
		{"0.15", false, 1500, true},
		{"0.15000000000000002", false, 1500, true},
		{"0.28999999999999998", false, 2900, true},
		{"3%", false, 300, true},
		{"3.25％", false, 325, true},
		{"1", false, 10_000, true},
		{"0", false, 0, true},
		{"3", true, 300, true},
		{"3%", true, 300, true},
		{"0", true, 0, true},
		{"0.03", true, 0, false},
		{"3", false, 0, false},
		{"101%", false, 0, false},
		{"-0.01", false, 0, false},
		{"0.00001", false, 0, false},
		{"三成", false, 0, false},
	} {
		if got, ok := parseRate(clean(tt.text), tt.percent); ok != tt.ok || ok && got != tt.want {
			t.Errorf("%q (%v) is %d, %v; want %d, %v", tt.text, tt.percent, got, ok, tt.want, tt.ok)
		}
	}
}

func TestPlainNumber(t *testing.T) {
	for text, want := range map[string]string{
		"101": "101", "101.0": "101", "1.2000003349E10": "12000003349", "12E3": "12E3", "0101": "0101", "1-101": "1-101", "1.5": "1.5", "-1.0": "-1.0",
	} {
		if got := plainNumber(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestFloors(t *testing.T) {
	for text, want := range map[string]int{
		"26": 26, "26.0": 26, "26层": 26, "第26层": 26, "26F": 26, "-1": -1, "B1": -1, "负1层": -1, "地下2": -2, "0": 0, "151": 0, "顶层": 0, "1-2": 0,
	} {
		if got, ok := parseFloor(text); ok != (want != 0) || ok && got != want {
			t.Errorf("floor %q is %d, %v; want %d", text, got, ok, want)
		}
	}
	for number, want := range map[string]int{"101": 1, "2602": 26, "0101": 1, "1203A": 12, "10101": 101, "99": 0, "B101": 0, "1-101": 0, "001": 0} {
		if got, ok := floorFromNumber(number); ok != (want != 0) || ok && got != want {
			t.Errorf("number %q is on floor %d, %v; want %d", number, got, ok, want)
		}
	}
}

func TestPlaceKeys(t *testing.T) {
	for key, names := range map[string][]string{
		"1": {"1#", "1号楼", "1栋", "01幢", "1", "一号楼", "Building 1", "No. 1", "1#楼", "1 #"},
		"A": {"A座", "a", "Block A", "Tower A"},
	} {
		for _, n := range names {
			if got := buildingKey(n); got != key {
				t.Errorf("building %q has key %q, want %q", n, got, key)
			}
		}
	}
	for _, n := range []string{"1单元", "一单元", "1", "01", "Entrance 1", "Unit 1"} {
		if got := entranceKey(n); got != "1" {
			t.Errorf("entrance %q has key %q", n, got)
		}
	}
	if numberKey("101室") != numberKey("101") || numberKey("0101") == numberKey("101") || numberKey("12a") != "12A" {
		t.Error("number keys")
	}
	if buildingKey("号楼") == "" {
		t.Error("a building without a number has no key")
	}
}

func TestExpandBuildings(t *testing.T) {
	known := newBuildingNames()
	for _, n := range []string{"1#", "2#", "3#", "5-1#"} {
		known.learn(n)
	}
	for text, want := range map[string][]string{
		"1#-3#": {"1#", "2#", "3#"}, "1-3#": {"1#", "2#", "3#"}, "1号楼至2号楼": {"1#", "2#"}, "1#～2#、8#": {"1#", "2#", "8#"},
		"8#-9#": {"8#", "9#"}, "5-1#": {"5-1#"}, "全部": {"1#", "2#", "3#", "5-1#"}, "All buildings": {"1#", "2#", "3#", "5-1#"},
		"2#,2#,1#-2#": {"2#", "1#"}, "A座": {"A座"}, "8 - 9": {"8", "9"},
		"3#-1#": nil, "1#-": nil, "-": nil, "A座-C座": nil, "1#-201#": nil, "": nil,
	} {
		if got, ok := expandBuildings(text, known); ok != (want != nil) || ok && !slices.Equal(got, want) {
			t.Errorf("%q is %v, %v; want %v", text, got, ok, want)
		}
	}
	if _, ok := expandBuildings("全部", newBuildingNames()); ok {
		t.Error("all of no buildings")
	}
}

func TestPersonalData(t *testing.T) {
	for _, tt := range []struct {
		text, phone, masked string
		ok                  bool
	}{
		{"12000003349", "12000003349", "120****3349", true},
		{"120 0000-3349", "12000003349", "120****3349", true},
		{"1.2000003349E10", "12000003349", "120****3349", true},
		{"12000003349/+8612000001745", "12000003349、+8612000001745", "120****3349、+86****1745", true},
		{"(010)1234567", "0101234567", "010****4567", true},
		{"8001234", "8001234", "****", true},
		{"", "", "", true},
		{"见合同", "见合同", "****", false},
		{"123", "123", "****", false},
	} {
		phone, ok := parsePhones(tt.text)
		if phone != tt.phone || ok != tt.ok || maskPhones(phone) != tt.masked {
			t.Errorf("%q is %q, %v, masked %q", tt.text, phone, ok, maskPhones(phone))
		}
	}
	if got := maskNames(items("样例业主001、Sample Owner\n样乙")); got != "样***、S***、样***" {
		t.Errorf("masked names %q", got)
	}
	for text, want := range map[string]string{"1422": "1422", "719x": "719X", "719Ｘ": "719X", "0123.0": "123", "110101199001011422": "1422", "42": "42"} {
		got, ok := parseIDLast4(clean(text))
		if got != want || ok != (len(want) == 4 && len(text) < 8) {
			t.Errorf("%q is %q, %v", text, got, ok)
		}
	}
}

func TestLayoutCode(t *testing.T) {
	for name, want := range map[string]string{
		"B户型 三室两厅两卫": "B", "C户型 三室两厅两卫(镜像)": "C", "A1户型": "A1", "A'户型": "A'", "b型": "B", "户型B": "B", "Layout B": "B", "Type C2": "C2",
		"A 两室": "A", "Z户型": "Z", "三室两厅": "", "Two bedrooms": "", "": "", "B2": "B2", "样板": "",
	} {
		if got := layoutCode(name); got != want {
			t.Errorf("layout %q has code %q, want %q", name, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		" 　２６０２\u200b ": "2602", "a\r\n\tb": "a b", "（镜像）": "(镜像)", "—": "", "无": "", "\x00x": "x", "n/a": "", "无备注": "无备注",
	} {
		if got := clean(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
