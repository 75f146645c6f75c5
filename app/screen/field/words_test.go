package field

import (
	"slices"
	"strings"
	"testing"

	"keyturn/assets/catalog"
	"keyturn/assets/translations"
	shipped "keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

func TestThousandths(t *testing.T) {
	for _, c := range []struct {
		text  string
		value int64
		ok    bool
	}{
		{"3.5", 3500, true},
		{"-3.5", -3500, true},
		{"0", 0, true},
		{"12", 12000, true},
		{"0.125", 125, true},
		{"-0.5", -500, true},
		{"2806", 2_806_000, true},
		{"", 0, false},
		{"-", 0, false},
		{".5", 0, false},
		{"1.2345", 0, false},
		{"abc", 0, false},
		{"1e3", 0, false},
		{"9999999999999", 0, false},
	} {
		v, ok := parseThousandths(c.text)
		if v != c.value || ok != c.ok {
			t.Errorf("%q: %d %v, want %d %v", c.text, v, ok, c.value, c.ok)
		}
		if ok && thousandths(v) != c.text {
			t.Errorf("%d is written %q, not %q", v, thousandths(v), c.text)
		}
	}
}

func FuzzParseThousandths(f *testing.F) {
	for _, s := range []string{"3.5", "-0.001", "", "+1", "--1", "1.", "1..2", "999999999999.999", "１"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, ok := parseThousandths(s)
		if !ok {
			return
		}
		if again, ok := parseThousandths(thousandths(v)); !ok || again != v {
			t.Errorf("%q is %d, which reads back as %d", s, v, again)
		}
	})
}

func TestNaturalOrder(t *testing.T) {
	want := []string{"", "1#", "2#", "02-1", "10#", "10#A", "甲"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, naturally)
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestServerAddressIsCompleted(t *testing.T) {
	for typed, want := range map[string]string{
		"keyturn.example": "https://keyturn.example", " http://10.0.0.1:8443 ": "http://10.0.0.1:8443", "https://a": "https://a",
	} {
		if got := withScheme(typed); got != want {
			t.Errorf("%q becomes %q, want %q", typed, got, want)
		}
	}
}

func TestTaskGroups(t *testing.T) {
	const today = domain.Date("2026-09-26")
	for _, c := range []struct {
		task domain.Task
		want string
	}{
		{domain.Task{Stage: domain.StageReinspect, DueOn: "2026-09-20"}, "reinspect"},
		{domain.Task{Stage: domain.StageShowflatCompare}, "compare"},
		{domain.Task{Stage: domain.StageHandover, DueOn: today}, "today"},
		{domain.Task{Stage: domain.StageHandover, DueOn: "2026-09-25"}, "today"},
		{domain.Task{Stage: domain.StageHandover, DueOn: "2026-09-27"}, "next"},
		{domain.Task{Stage: domain.StageVacantPatrol, DueOn: today}, "other"},
	} {
		if got := groupOf(c.task, today); got != c.want {
			t.Errorf("%+v is in %s, want %s", c.task, got, c.want)
		}
		if !slices.Contains(groupIDs, c.want) {
			t.Errorf("group %s is never shown", c.want)
		}
	}
}

func TestRecentFirst(t *testing.T) {
	var r recents
	for _, code := range []string{"A", "B", "C", "D", "E", "F", "G", "B", ""} {
		r.use(code, "")
	}
	if want := []string{"B", "G", "F", "E", "D", "C"}; !slices.Equal(r.codes, want) || len(r.phrases) != 0 {
		t.Errorf("%q %q, want %q", r.codes, r.phrases, want)
	}
}

func load(t *testing.T) *shipped.Catalogue {
	t.Helper()
	c, err := shipped.Load(catalog.FS)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every item of the shipped catalogue can be answered on the screen.
func TestEveryItemHasAWayToAnswer(t *testing.T) {
	c := load(t)
	conclusions := 0
	for _, item := range c.Items() {
		switch kind := kindOf(item); kind {
		case AskChoice:
			if len(item.Options) < 2 {
				t.Errorf("%s: nothing to choose", item.Code)
			}
		case AskReading:
			if !item.Rule.Measured() {
				t.Errorf("%s: %s judges no reading", item.Code, item.Rule)
			}
		case AskText, AskDate:
			if !item.Rule.AcceptsText("2026-09-30") {
				t.Errorf("%s: %s takes no text", item.Code, item.Rule)
			}
		case AskMark:
			if item.Kind != shipped.KindPassFail {
				t.Errorf("%s of kind %s can only be marked", item.Code, item.Kind)
			}
		}
		if mandatory(item) {
			conclusions++
		}
	}
	if conclusions != 2 { // handover verdict, comparison verdict
		t.Errorf("%d items conclude an inspection", conclusions)
	}
}

// Every rule of the shipped catalogue says its limit or what it needs first.
func TestEveryReadingSaysItsLimit(t *testing.T) {
	c := load(t)
	texts, err := wording.Load(translations.FS)
	if err != nil {
		t.Fatal(err)
	}
	r := wording.Reader{Texts: texts, Locale: wording.English}
	room := domain.Room{Code: "LIV1", Polygon: [][2]int{{0, 0}, {1000, 0}, {1000, 600}, {0, 600}}}
	f := flat{Config: c.Defaults(), HasPlan: true, Plan: domain.Plan{MicrometrePerPX: 5000}}
	for _, item := range c.Items() {
		if kindOf(item) != AskReading || item.Rule.String() == "number" {
			continue
		}
		j := judgement{Question: shipped.Question{Item: item, Room: room}, flat: f, shown: domain.BaselineItem{Readings: []int64{7000}}}
		limit := j.limit(r)
		needs := slices.ContainsFunc(item.Variables, func(v shipped.Variable) bool { return v.Source == shipped.FromInput && !v.Optional })
		if limit == "" || strings.HasPrefix(limit, "Needs first") != needs {
			t.Errorf("%s: limit %q", item.Code, limit)
		}
	}
	// 0.5 % of the shorter side of 3 m is stricter than 20 mm.
	length, _ := c.Item("BOTH-004")
	j := judgement{Question: shipped.Question{Item: length, Room: room}, flat: f}
	if got := j.limit(r); got != "Allowed range ≤ 15 mm" {
		t.Errorf("limit of the length's range: %q", got)
	}
}

func TestShownHashDependsOnEveryWord(t *testing.T) {
	seen := map[domain.Hash]bool{}
	for _, lines := range [][]string{{"a", "b"}, {"a", "c"}, {"a"}, {"ab"}, nil} {
		h := shownHash(lines)
		if seen[h] {
			t.Errorf("%q has the hash of other words", lines)
		}
		seen[h] = true
	}
}

// The texts that states are rendered from exist for all that can stand in them.
func TestStatesHaveTexts(t *testing.T) {
	texts, err := wording.Load(translations.FS)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, s := range domain.Stages() {
		keys = append(keys, "field.stage."+string(s))
	}
	for s := range repairTones {
		keys = append(keys, "field.repair_status."+string(s))
	}
	for s := range unitTones {
		keys = append(keys, "field.unit_state."+string(s))
	}
	for e := domain.EntityProject; e <= domain.EntityReview; e++ {
		keys = append(keys, "field.entity."+e.String())
	}
	for _, id := range groupIDs {
		keys = append(keys, "field.home.group."+id)
	}
	for s := domain.Cosmetic; s <= domain.Critical; s++ {
		keys = append(keys, "severity."+s.String())
	}
	for _, s := range []OpState{OpWaiting, OpConfirmed, OpDone, OpRejected, OpInReview} {
		_, name := opState(s)
		keys = append(keys, "field.op_state."+name)
	}
	for _, key := range keys {
		for _, locale := range wording.Locales() {
			if !texts.Has(locale, key) {
				t.Errorf("%s has no text in %s", key, locale)
			}
		}
	}
}
