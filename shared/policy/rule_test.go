package policy_test

import (
	"errors"
	"slices"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

func rule(t testing.TB, text string, subject policy.Subject, group int) policy.Rule {
	t.Helper()
	r, err := policy.ParseRule(text)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = r.Over(subject, group); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestJudge(t *testing.T) {
	const each, dev, mag, rng = policy.SubjectEach, policy.SubjectDeviation, policy.SubjectMagnitude, policy.SubjectRange
	vars := func(name string, v int64) map[string]int64 { return map[string]int64{name: v} }
	for name, tc := range map[string]struct {
		rule              string
		subject           policy.Subject
		group             int
		readings          []int64
		vars              map[string]int64
		pass              bool
		reason, worst     string
		deviation, spread int64
	}{
		"le at the limit":     {"le(4)", each, 0, []int64{3000, 4000}, nil, true, "le.pass", "4", 0, 1000},
		"le a µm above":       {"le(4)", each, 0, []int64{1000, 4001, 2000}, nil, false, "le.fail", "4.001", 0, 3001},
		"le half millimetre":  {"le(0.5)", each, 0, []int64{500}, nil, true, "le.pass", "0.5", 0, 0},
		"ge at the limit":     {"ge(2.20)", each, 0, []int64{2200}, nil, true, "ge.pass", "2.2", 0, 0},
		"ge below":            {"ge(2.20)", each, 0, []int64{2300, 2199}, nil, false, "ge.fail", "2.199", 0, 101},
		"ge configured":       {"ge(cfg.min_height_hab)", each, 0, []int64{2400}, vars("cfg.min_height_hab", 2600), false, "ge.fail", "2.4", 0, 0},
		"eq":                  {"eq(ref)", each, 0, []int64{12000}, vars("ref", 12000), true, "eq.pass", "12", 0, 0},
		"eq one missing":      {"eq(ref)", each, 0, []int64{11000}, vars("ref", 12000), false, "eq.fail", "11", 0, 0},
		"eq zero":             {"eq(0)", each, 0, []int64{0}, nil, true, "eq.pass", "0", 0, 0},
		"between lower":       {"between(-15,15)", dev, 0, []int64{-15000, 15000, 0}, nil, true, "between.pass", "-15", -15000, 30000},
		"between beyond":      {"between(-15,15)", dev, 0, []int64{-15001, 2000}, nil, false, "between.fail", "-15.001", -15001, 17001},
		"deviation of design": {"between(-15,15)", dev, 0, []int64{2_790_000, 2_816_000}, vars("design", 2_800_000), false, "between.fail", "16", 16000, 26000},
		"magnitude":           {"le(20)", mag, 0, []int64{-21000}, nil, false, "le.fail", "21", -21000, 0},
		"magnitude of design": {"le(20)", mag, 0, []int64{3_980_000}, vars("design", 4_000_000), true, "le.pass", "20", -20000, 0},
		"range":               {"le(20)", rng, 0, []int64{2_800_000, 2_815_000, 2_795_000}, nil, true, "le.pass", "20", 0, 20000},
		"range beyond":        {"le(20)", rng, 0, []int64{2_800_000, 2_815_001, 2_795_000}, nil, false, "le.fail", "20.001", 0, 20001},
		"range typed":         {"le(20)", rng, 0, []int64{21000}, nil, false, "le.fail", "21", 0, 21000},
		"range by direction":  {"le(20)", rng, 2, []int64{3_600_000, 3_610_000, 4_200_000, 4_205_000}, nil, true, "le.pass", "10", 0, 10000},
		"0.5 % of 3.6 m":      {"le(min(20,0.005*L))", rng, 2, []int64{3_600_000, 3_618_000}, vars("L", 3_600_000), true, "le.pass", "18", 0, 18000},
		"0.5 % of less":       {"le(min(20,0.005*L))", rng, 2, []int64{3_600_000, 3_618_000}, vars("L", 3_599_000), false, "le.fail", "18", 0, 18000},
		"20 mm for long":      {"le(min(20,0.005*L))", rng, 2, []int64{8_000_000, 8_021_000}, vars("L", 8_000_000), false, "le.fail", "21", 0, 21000},
		"bool yes":            {"bool", each, 0, []int64{1000}, nil, true, "bool.pass", "", 0, 0},
		"bool no":             {"bool", each, 0, []int64{1000, 0}, nil, false, "bool.fail", "", 0, 0},
		"number":              {"number", each, 0, []int64{1234500}, nil, true, "number.pass", "1234.5", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := rule(t, tc.rule, tc.subject, tc.group).Judge(tc.readings, tc.vars)
			if err != nil {
				t.Fatal(err)
			}
			if (v.Answer == domain.AnswerPass) != tc.pass || (v.Answer == domain.AnswerFail) == tc.pass {
				t.Errorf("answer %s", v.Answer)
			}
			checkReason(t, v.Reason, "reason.reading."+tc.reason)
			if v.Reason.Args["worst"] != tc.worst || v.Deviation != tc.deviation || v.Range != tc.spread {
				t.Errorf("worst %s deviation %d range %d", v.Reason.Args["worst"], v.Deviation, v.Range)
			}
		})
	}
}

func TestJudgeProductRounding(t *testing.T) {
	for length, limit := range map[int64]string{1099: "0.005", 1100: "0.006", 1101: "0.006", -1100: "-0.005"} {
		v, err := rule(t, "le(0.005*L)", policy.SubjectEach, 0).Judge([]int64{0}, map[string]int64{"L": length})
		if err != nil || v.Reason.Args["high"] != limit {
			t.Errorf("0.005 × %d = %s, want %s (%v)", length, v.Reason.Args["high"], limit, err)
		}
	}
}

func TestJudgeRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		rule     string
		readings []int64
		vars     map[string]int64
		want     error
	}{
		"unbound":         {"eq(ref)", []int64{1}, nil, policy.ErrUnbound},
		"unbound in min":  {"le(min(20,0.005*L))", []int64{1}, nil, policy.ErrUnbound},
		"no reading":      {"le(4)", nil, nil, policy.ErrNoReading},
		"text":            {"notempty", []int64{1}, nil, policy.ErrNotMeasured},
		"choice":          {"enum", []int64{1}, nil, policy.ErrNotMeasured},
		"absurd reading":  {"le(4)", []int64{1 << 62}, nil, policy.ErrReadingRange},
		"absurd variable": {"le(L)", []int64{1}, map[string]int64{"L": -1 << 63}, policy.ErrReadingRange},
		"absurd design":   {"le(4)", []int64{1}, map[string]int64{"design": 1 << 62}, policy.ErrReadingRange},
	} {
		r, err := policy.ParseRule(tc.rule)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Judge(tc.readings, tc.vars); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (policy.Rule{}).Judge([]int64{1}, nil); !errors.Is(err, policy.ErrNotMeasured) {
		t.Errorf("zero rule: %v", err)
	}
	if _, err := rule(t, "le(4)", policy.SubjectEach, 0).Over("median", 0); !errors.Is(err, policy.ErrBadSubject) {
		t.Errorf("subject: %v", err)
	}
}

func TestParseRuleRefuses(t *testing.T) {
	for _, text := range []string{
		"", "le", "le()", "le(4", "le(4))", "le(4,5)", "between(1)", "between(5,-5)", "max(4)", "le(4.)", "le(.5)", "le(--4)", "le(1e3)",
		"le(0.0005)", "le(0.1234567*L)", "le(L*0.005)", "le(2*)", "le(2*min)", "le(min)", "le(min())", "bool(1)", "le(9999999999999)", "le(4)x",
		"le(min(min(min(min(min(min(min(min(min(min(1)))))))))))", "le(λ)", string(make([]byte, 300)),
	} {
		if r, err := policy.ParseRule(text); !errors.Is(err, policy.ErrBadRule) {
			t.Errorf("%q gives %v, %v", text, r, err)
		}
	}
}

func TestRuleVariablesAndBind(t *testing.T) {
	r, err := policy.ParseRule("between(min(ref, 0.5*L), min(cfg.min_height_hab, L))")
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Variables(); !slices.Equal(got, []string{"ref", "L", "cfg.min_height_hab"}) {
		t.Errorf("variables %v", got)
	}
	own := map[string]int64{"L": 5}
	bound := config(t, nil).Bind(r, own)
	if bound["cfg.min_height_hab"] != 2400 || bound["L"] != 5 || len(own) != 1 {
		t.Errorf("bound %v, own %v", bound, own)
	}
	if bound = config(t, nil).Bind(r, map[string]int64{"cfg.min_height_hab": 1}); bound["cfg.min_height_hab"] != 1 {
		t.Error("a given value must win")
	}
}

func TestAcceptsText(t *testing.T) {
	for _, tc := range []struct {
		rule, text string
		want       bool
	}{
		{"notempty", "x", true},
		{"notempty", "  ", false},
		{"number", "12.5", true},
		{"number", "12,5", false},
		{"enum", "refuse", true},
		{"enum", "", false},
		{"date", "2026-10-26", true},
		{"date", "2026-13-01", false},
		{"date", "", false},
		{"le(4)", "3", false},
	} {
		r, err := policy.ParseRule(tc.rule)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.AcceptsText(tc.text); got != tc.want {
			t.Errorf("%s %q = %v", tc.rule, tc.text, got)
		}
	}
}

// FuzzParseRule: nothing panics; what parses prints as it was written, parses
// again, and judges any readings without panic.
func FuzzParseRule(f *testing.F) {
	for _, seed := range []string{
		"between(-15,15)", "le(min(20,0.005*L))", "ge(cfg.min_height_hab)", "eq(ref)", "bool", "notempty", "number", "enum", "date", "le(", "min(1)", "le(1*L*L)",
	} {
		f.Add(seed, int64(1000), int64(-5))
	}
	f.Fuzz(func(t *testing.T, text string, a, b int64) {
		r, err := policy.ParseRule(text)
		if err != nil {
			if !errors.Is(err, policy.ErrBadRule) {
				t.Fatalf("foreign error %v", err)
			}
			return
		}
		if again, err := policy.ParseRule(r.String()); err != nil || again.String() != text {
			t.Fatalf("%q does not parse again: %v", text, err)
		}
		vars := map[string]int64{policy.VarDesign: b}
		for _, name := range r.Variables() {
			vars[name] = a
		}
		for _, s := range []policy.Subject{policy.SubjectEach, policy.SubjectDeviation, policy.SubjectMagnitude, policy.SubjectRange} {
			over, err := r.Over(s, 2)
			if err != nil {
				t.Fatal(err)
			}
			v, err := over.Judge([]int64{a, b, a}, vars)
			if err == nil && v.Answer != domain.AnswerPass && v.Answer != domain.AnswerFail {
				t.Fatalf("no answer from %q", text)
			}
		}
	})
}
