package catalog_test

import (
	"slices"
	"testing"
	"time"

	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

// TestShippedReferences repeats, through the exported API, what every caller
// relies on: nothing that a record can name is missing.
func TestShippedReferences(t *testing.T) {
	c := load(t)
	if n := len(c.Items()); n != 105 {
		t.Errorf("%d items", n)
	}
	all := c.Search("", domain.RoomBath, 0)
	if len(all) != 135 {
		t.Errorf("%d library defects", len(all))
	}
	if len(c.Processes()) != 39 || len(c.WarrantyClasses()) != 14 {
		t.Errorf("%d processes, %d classes", len(c.Processes()), len(c.WarrantyClasses()))
	}
	for _, d := range all {
		term, ok := c.WarrantyTerm(d.WarrantyClass, d.WarrantySub)
		if !ok || term.Class != d.WarrantyClass {
			t.Errorf("%s: no term %s %s", d.Code, d.WarrantyClass, d.WarrantySub)
		}
		limits, ok := c.SLALimits(d.SLA)
		if !ok || limits.Respond == 0 || limits.FixDays == 0 {
			t.Errorf("%s: no limits %s", d.Code, d.SLA)
		}
		if d.Name("zh-Hans") == "" || d.Name("en") == "" || c.TradeName(d.Trade, "zh-Hans") == d.Trade {
			t.Errorf("%s lacks a name", d.Code)
		}
		if one, ok := c.Defect(d.Code); !ok || one.NameZH != d.NameZH {
			t.Errorf("%s not found by code", d.Code)
		}
	}
	for _, item := range c.Items() {
		for _, d := range c.DefectsFor(item.Code) {
			if _, ok := c.Defect(d.Code); !ok {
				t.Errorf("%s names unknown defect %s", item.Code, d.Code)
			}
		}
		for _, v := range item.Variables {
			for _, choice := range v.Choices {
				if _, ok := c.Defaults().Milli(choice.ConfigKey); !ok {
					t.Errorf("%s: choice %s", item.Code, choice.ConfigKey)
				}
			}
		}
	}
}

// TestTradesReachable: each library trade belongs to some contract trade,
// except those for which no contractor can be liable.
func TestTradesReachable(t *testing.T) {
	c := load(t)
	reachable := map[string]bool{}
	for _, words := range []string{
		"结构、防水、抹灰", "精装修、油漆、木作", "门窗、栏杆", "给排水、电气、暖通", "弱电", "消防", "燃气", "电梯", "园林", "市政", "保温", "保洁", "Screed",
	} {
		trades, ok := c.LibraryTrades(words)
		if !ok || len(trades) == 0 {
			t.Errorf("%s: %v %v", words, trades, ok)
		}
		for _, trade := range trades {
			reachable[trade] = true
		}
	}
	for _, d := range c.Search("", "", 0) {
		developer := slices.Contains([]string{"design", "document", "environment"}, d.Trade)
		if reachable[d.Trade] == developer {
			t.Errorf("%s: trade %s reachable = %v", d.Code, d.Trade, !developer)
		}
	}
}

func TestLibraryTrades(t *testing.T) {
	c := load(t)
	for words, want := range map[string][]string{
		"门窗": {"door", "window", "hardware"}, " 防水工程 ": {"waterproof"}, "ＨＶＡＣ": {"hvac"}, "Doors and Windows": {"door", "window", "hardware"},
		"抹灰，油漆": {"plaster", "screed", "paint", "wallcover"}, "fit-out / waterproofing": {
			"tile", "stone", "paint", "wallcover", "panel", "ceiling", "woodfloor", "joinery", "kitchen", "sanitary", "appliance", "cleaning", "waterproof",
		},
	} {
		if got, ok := c.LibraryTrades(words); !ok || !slices.Equal(got, want) {
			t.Errorf("%s: %v %v", words, got, ok)
		}
	}
	if got, ok := c.LibraryTrades("防水、魔法"); ok || !slices.Equal(got, []string{"waterproof"}) {
		t.Errorf("one unknown trade: %v %v", got, ok)
	}
	for _, words := range []string{"", "、", "-", "工程"} {
		if got, ok := c.LibraryTrades(words); ok || len(got) > 0 {
			t.Errorf("%q: %v %v", words, got, ok)
		}
	}
	firm, ok := c.LibraryTrades("综合维修")
	if !ok || !slices.Contains(firm, "waterproof") || slices.Contains(firm, "gas") {
		t.Errorf("general repair %v", firm)
	}
}

func TestWarrantyTerms(t *testing.T) {
	c := load(t)
	// Domain spec 3.6 with the shipped roof term and defaults.
	roof, ok := c.WarrantyTerm("W-WP", "ROOF")
	if !ok {
		t.Fatal("no roof term")
	}
	d := policy.Warranty(roof, policy.WarrantyFacts{CompletedOn: "2020-01-01", DeliveredOn: "2024-06-01", On: "2026-05-01"}, c.Defaults())
	if d.ContractorEnd != "2025-01-01" || d.OwnerEnd < "2027-06-01" || !d.ChargeToDeveloper || !d.Covered {
		t.Errorf("spec vector: %+v", d)
	}
	if roof.FloorMonths != 36 || roof.ContractorMonths != 60 || !roof.Legal {
		t.Errorf("roof %+v", roof)
	}
	for _, tc := range []struct {
		class, sub string
		found      bool
		wantSub    string
	}{
		{"W-FIN", "FLOOR", true, "FLOOR"},
		{"W-FIN", "", true, "OTHER"},
		{"W-FIN", "NONSENSE", false, "OTHER"},
		{"W-LAMP", "", true, ""},
		{"W-LAMP", "ANY", true, ""},
		{"W-XXX", "", false, ""},
		{"W-REP", "WATERPROOF", true, "WATERPROOF"},
	} {
		term, ok := c.WarrantyTerm(tc.class, tc.sub)
		if ok != tc.found || ok && term.SubType != tc.wantSub {
			t.Errorf("%s %s: %v %q", tc.class, tc.sub, ok, term.SubType)
		}
	}
	str, _ := c.WarrantyTerm("W-STR", "")
	conf, _ := c.WarrantyTerm("W-CONF", "")
	none, _ := c.WarrantyTerm("W-NONE", "")
	lamp, _ := c.WarrantyTerm("W-LAMP", "")
	if !str.NeverExpires || str.Conformity || !conf.Conformity || !none.HandoverOnly || !lamp.ByContract || lamp.Legal {
		t.Error("flags lost")
	}
}

func TestSLALimits(t *testing.T) {
	c := load(t)
	p1, _ := c.SLALimits(domain.P1)
	p1s, _ := c.SLALimits(domain.P1S)
	if p1.Respond != 30*time.Minute || p1.OnSite != 2*time.Hour || p1.MakeSafe != 24*time.Hour || p1.FixDays != 3 || p1s.FixDays != 30 {
		t.Errorf("P1 %+v, P1S %+v", p1, p1s)
	}
	if _, ok := c.SLALimits("P9"); ok {
		t.Error("P9 exists")
	}
}

func TestDefaults(t *testing.T) {
	cfg := load(t).Defaults()
	for key, tag := range map[string]string{
		"tp.t1.first_hours": "P", "tp.t2.days": "L-V", "escalation.gm_hours": "D", "complaint.target.closure": "S3 corrected",
		"sla.P1.onsite_hours": "P", "warranty.W-FIN.FLOOR.contractor_months": "L-V", "warranty.W-BLOCK.promise_months": "L-V",
		"warranty.W-LAMP.contractor_months": "L-V", "warranty.W-HVAC.HEAT.promise_seasons": "D",
	} {
		if level, got := cfg.Source(key); level != policy.LevelCompany || got != tag {
			t.Errorf("%s: %s %q", key, level, got)
		}
	}
	project, err := cfg.Override(policy.LevelProject, map[string]string{"warranty.W-BLOCK.promise_months": "24"})
	if err != nil || project.Int("warranty.W-BLOCK.promise_months") != 24 {
		t.Errorf("override: %v", err)
	}
}

func TestVersion(t *testing.T) {
	c := load(t)
	if again := loadFS(t, shipped); len(c.Version) != 12 || c.Version != again.Version {
		t.Errorf("version %q", c.Version)
	}
	changed, err := catalog.Load(edited(t, "sla.csv", "7 d", "7 days"))
	if err != nil {
		t.Fatal(err)
	}
	if changed.Version == c.Version {
		t.Error("content changed, version did not")
	}
}

func TestForProject(t *testing.T) {
	c := load(t)
	limit := func(c *catalog.Catalogue) string {
		item, _ := c.Item("BOTH-001")
		v, err := item.Rule.Judge([]int64{18000}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(v.Answer)
	}
	xj, err := c.ForProject(domain.Project{ToleranceProfile: "XJ+GB55038"})
	if err != nil {
		t.Fatal(err)
	}
	if limit(c) != "fail" || limit(xj) != "pass" {
		t.Error("+18 mm must fail in general and pass in Xinjiang")
	}
	if m, _ := xj.Defaults().Milli("cfg.min_height_hab"); m != 2600 {
		t.Errorf("minimum height %d", m)
	}
	item, _ := xj.Item("BOTH-003")
	if item.Rule.Subject() != policy.SubjectDeviation || item.Tolerance != "|dev|<=10" {
		t.Errorf("BOTH-003 of XJ: %s %s", item.Rule.Subject(), item.Tolerance)
	}
	if _, err := c.ForProject(domain.Project{ToleranceProfile: "MARS"}); err == nil {
		t.Error("an unknown profile was accepted")
	}
	if same, err := c.ForProject(domain.Project{}); err != nil || limit(same) != "fail" {
		t.Errorf("no profile: %v", err)
	}
	for _, p := range c.Profiles() {
		if _, err := c.ForProject(domain.Project{ToleranceProfile: p.Code}); err != nil || p.Name("zh-Hans") == p.Name("en") {
			t.Errorf("%s: %v", p.Code, err)
		}
	}
}
