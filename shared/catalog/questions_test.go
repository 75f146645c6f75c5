package catalog_test

import (
	"slices"
	"testing"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

// asked lists the rooms in which an item is asked.
func asked(questions []catalog.Question, item string) []string {
	var rooms []string
	for _, q := range questions {
		if q.Item.Code == item {
			rooms = append(rooms, q.Room.Code)
		}
	}
	return rooms
}

func TestQuestions(t *testing.T) {
	c := load(t)
	rooms := c.StandardRooms("B户型 三室两厅两卫")
	bare := []domain.Room{{Code: "B1", Type: domain.RoomBed}}
	for name, tc := range map[string]struct {
		stage domain.Stage
		fit   domain.FitOut
		rooms []domain.Room
		item  string
		want  []string
	}{
		"both bathrooms":                   {domain.StageHandover, domain.FitOutFitted, rooms, "BOTH-033", []string{"KIT1", "BTH1", "BTH2", "BAL1"}},
		"bedrooms and living":              {domain.StageHandover, domain.FitOutFitted, rooms, "BOTH-005", []string{"LIV1", "BED1", "BED2", "BED3"}},
		"panel is the whole unit's":        {domain.StageHandover, domain.FitOutFitted, rooms, "BOTH-039", []string{"UNIT"}},
		"entrance door in its room":        {domain.StageHandover, domain.FitOutFitted, rooms, "HO-010", []string{"ENT1"}},
		"entrance door without such room":  {domain.StageHandover, domain.FitOutFitted, bare, "HO-010", []string{"UNIT"}},
		"no balcony, no railing":           {domain.StageHandover, domain.FitOutFitted, bare, "HO-015", nil},
		"wood floor not in a shell":        {domain.StageHandover, domain.FitOutShell, rooms, "BOTH-022", nil},
		"screed only in a shell":           {domain.StageHandover, domain.FitOutShell, bare, "BOTH-012", []string{"B1"}},
		"no screed when fitted":            {domain.StageHandover, domain.FitOutFitted, bare, "BOTH-012", nil},
		"unknown fit-out asks everything":  {domain.StageHandover, "", bare, "BOTH-012", []string{"B1"}},
		"show flat in comparison":          {domain.StageShowflatCompare, domain.FitOutFitted, bare, "SF-010", []string{"B1"}},
		"baseline papers not in compare":   {domain.StageShowflatCompare, domain.FitOutFitted, bare, "SF-001", nil},
		"baseline papers in baseline":      {domain.StageShowflatBaseline, domain.FitOutFitted, bare, "SF-001", []string{"UNIT"}},
		"no show flat at handover":         {domain.StageHandover, domain.FitOutFitted, bare, "SF-010", nil},
		"no desk in the post check":        {domain.StagePostCheck11, domain.FitOutFitted, bare, "HO-004", nil},
		"walls in the post check":          {domain.StagePostCheck11, domain.FitOutFitted, bare, "HO-011", []string{"B1"}},
		"meters at handover":               {domain.StageHandover, domain.FitOutFitted, nil, "HO-023", []string{"UNIT"}},
		"re-inspection has no checklist":   {domain.StageReinspect, domain.FitOutFitted, rooms, "HO-011", nil},
		"an unknown stage asks nothing":    {"PARTY", domain.FitOutFitted, rooms, "HO-011", nil},
		"a unit room given is not doubled": {domain.StageHandover, domain.FitOutFitted, []domain.Room{{Code: "U", Type: domain.RoomWhole}}, "HO-023", []string{"UNIT"}},
	} {
		if got := asked(c.Questions(tc.stage, tc.fit, tc.rooms), tc.item); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
	for _, stage := range domain.Stages() {
		n := len(c.Questions(stage, domain.FitOutFitted, rooms))
		if (n == 0) != (stage == domain.StageReinspect) {
			t.Errorf("%s asks %d questions", stage, n)
		}
	}
}

// TestQuestionsOrder: an inspector walks room by room and ends with the unit.
func TestQuestionsOrder(t *testing.T) {
	c := load(t)
	rooms := c.StandardRooms("一室一厅一卫")
	var walked []string
	for _, q := range c.Questions(domain.StageHandover, domain.FitOutFitted, rooms) {
		if n := len(walked); n == 0 || walked[n-1] != q.Room.Code {
			walked = append(walked, q.Room.Code)
		}
	}
	var want []string
	for _, r := range rooms {
		want = append(want, r.Code)
	}
	if want = append(want, catalog.WholeUnitRoom); !slices.Equal(walked, want) {
		t.Errorf("walked %v, want %v", walked, want)
	}
}

func TestStandardRooms(t *testing.T) {
	c := load(t)
	for name, want := range map[string][]string{
		"B户型 三室两厅两卫":        {"玄关", "客厅", "餐厅", "主卧", "次卧1", "次卧2", "厨房", "主卫", "公卫", "阳台"},
		"C户型 三室两厅两卫(镜像)":    {"玄关", "客厅", "餐厅", "主卧", "次卧1", "次卧2", "厨房", "主卫", "公卫", "阳台"},
		"A户型 两室一厅一卫":        {"玄关", "客餐厅", "主卧", "次卧", "厨房", "卫生间", "阳台"},
		"１室０厅１卫":            {"玄关", "卧室", "厨房", "卫生间", "阳台"},
		"110㎡四室两厅三卫2阳台":     {"玄关", "客厅", "餐厅", "主卧", "次卧1", "次卧2", "次卧3", "厨房", "主卫", "公卫", "次卫1", "阳台1", "阳台2"},
		"3-bedroom, 2 bath": {"玄关", "客餐厅", "主卧", "次卧1", "次卧2", "厨房", "主卫", "公卫", "阳台"},
		"2BR 2 halls 1BA":   {"玄关", "客厅", "餐厅", "主卧", "次卧", "厨房", "卫生间", "阳台"},
		"":                  {"玄关", "客餐厅", "主卧", "次卧", "厨房", "卫生间", "阳台"},
		"E2户型":              {"玄关", "客餐厅", "主卧", "次卧", "厨房", "卫生间", "阳台"},
		"25室":               {"玄关", "客餐厅", "主卧", "次卧", "厨房", "卫生间", "阳台"},
	} {
		var got []string
		seen := map[string]bool{}
		for _, r := range c.StandardRooms(name) {
			got = append(got, r.NameZH)
			if seen[r.Code] || r.NameEN == "" || len(r.Polygon) > 0 {
				t.Errorf("%s: room %+v", name, r)
			}
			seen[r.Code] = true
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := c.RoomTypeName(domain.RoomBath, "zh-Hans"); got != "卫生间" {
		t.Errorf("room type name %q", got)
	}
}

func TestItems(t *testing.T) {
	c := load(t)
	height, _ := c.Item("BOTH-001")
	if height.Points != 5 || height.Kind != catalog.KindMeasurement || height.Unit != "mm" || height.FailSeverity != domain.Major ||
		height.PhotoAlways || !height.PhotoOnFail || height.Part != catalog.PartBoth || !height.Variables[0].Optional {
		t.Errorf("BOTH-001 %+v", height)
	}
	if height.Name("zh-Hans") != "室内净高偏差" || height.Name("en") != "Clear height deviation from design" {
		t.Error("names")
	}
	depth, _ := c.Item("BOTH-004")
	if v, err := depth.Rule.Judge([]int64{3_600_000, 3_610_000, 4_200_000, 4_205_000}, map[string]int64{"L": 3_600_000}); err != nil || v.Range != 10000 {
		t.Errorf("range by direction: %+v %v", v, err)
	}
	hollow, _ := c.Item("BOTH-011")
	never, _ := c.Item("HO-003")
	if !hollow.PhotoAlways || never.PhotoAlways || never.PhotoOnFail {
		t.Error("photo rules")
	}
	verdict, _ := c.Item("HO-030")
	if len(verdict.Options) != 3 || verdict.Options[2].Answer != domain.AnswerFail || verdict.Options[2].Name("zh-Hans") != "拒收" {
		t.Errorf("options %+v", verdict.Options)
	}
	rail, _ := c.Item("BOTH-028")
	if len(rail.Variables) != 1 || len(rail.Variables[0].Choices) != 2 || rail.Variables[0].Source != catalog.FromConfig ||
		rail.Variables[0].Label("en") != "Minimum railing height" || rail.Variables[0].Choices[1].Name("en") != "Up to 6 floors" {
		t.Errorf("variables %+v", rail.Variables)
	}
	v, err := rail.Rule.Judge([]int64{1_080_000}, c.Defaults().Bind(rail.Rule, nil))
	if err != nil || v.Answer != domain.AnswerFail || v.Reason.Args["low"] != "1100" {
		t.Errorf("railing %+v %v", v, err)
	}
	if _, ok := c.Item("HO-999"); ok {
		t.Error("HO-999 exists")
	}
}

// TestEveryMeasuredItemJudges: with its variables bound, each rule over
// readings gives an answer.
func TestEveryMeasuredItemJudges(t *testing.T) {
	c := load(t)
	for _, item := range c.Items() {
		if !item.Rule.Measured() {
			if len(item.Options) == 0 && !item.Rule.AcceptsText("2026-10-26") && !item.Rule.AcceptsText("12") {
				t.Errorf("%s can never be answered", item.Code)
			}
			continue
		}
		vars := c.Defaults().Bind(item.Rule, nil)
		for _, v := range item.Variables {
			if _, bound := vars[v.Name]; bound {
				continue
			}
			vars[v.Name] = 3_000_000
			if len(v.Choices) > 0 {
				vars[v.Name], _ = c.Defaults().Milli(v.Choices[0].ConfigKey)
			}
		}
		verdict, err := item.Rule.Judge(make([]int64, item.Points), vars)
		if err != nil || verdict.Answer == "" {
			t.Errorf("%s %s: %v", item.Code, item.Rule, err)
		}
		if item.Rule.Subject() == policy.SubjectRange && item.Kind != catalog.KindMeasurement {
			t.Errorf("%s counts but takes a range", item.Code)
		}
	}
}

func TestDefectsFor(t *testing.T) {
	c := load(t)
	if got := codes(c.DefectsFor("BOTH-011")); !slices.Equal(got, []string{"PLA-01", "PLA-02", "PLA-03"}) {
		t.Errorf("hollow plaster: %v", got)
	}
	if got := codes(c.DefectsIn("BOTH-033", domain.RoomKitchen)); !slices.Equal(got, []string{"WPF-03", "WPF-08", "WPF-01", "WPF-04"}) {
		t.Errorf("ponding in the kitchen: %v", got)
	}
	for _, item := range []string{"HO-023", "HO-999", ""} {
		if got := c.DefectsFor(item); len(got) > 0 {
			t.Errorf("%q: %v", item, codes(got))
		}
	}
	pipe, _ := c.Defect("PLB-01")
	accessory, _ := c.Defect("HDW-03")
	gas, _ := c.Defect("GAS-01")
	if !pipe.Leak || !pipe.NeedsRepairPlan || pipe.SLA != domain.P1 || pipe.WarrantySub != "PIPE" || pipe.MinPhotos != 2 || pipe.Severity != domain.Critical {
		t.Errorf("PLB-01 %+v", pipe)
	}
	if accessory.Trade != "sanitary" || gas.Leak {
		t.Error("typed terms not applied")
	}
}
