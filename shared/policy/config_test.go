package policy_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

func TestConfigReaders(t *testing.T) {
	c := config(t, nil)
	if got := c.Hours(policy.KeyT1FirstHours); got != 24*time.Hour {
		t.Errorf("hours %v", got)
	}
	if got := c.Rate("backcharge.fee_rate"); got != 1500 {
		t.Errorf("rate %d", got)
	}
	if got := c.Fen("dunning.litigate.amount"); got != 2_000_000 {
		t.Errorf("fen %d", got)
	}
	if got := c.List("postcheck.months"); !slices.Equal(got, []int64{3, 11, 23, 35}) {
		t.Errorf("list %v", got)
	}
	if !c.Bool("complaint.major.lawsuit") || c.Text("complaint.hot.combine") != "OR" || c.Days(policy.KeyT2Days) != 7 {
		t.Error("bool, text or days wrong")
	}
	if m, ok := c.Milli("cfg.min_height_hab"); !ok || m != 2400 {
		t.Errorf("milli %d %v", m, ok)
	}
	if c.Int("no.such.key") != 0 || c.Int("complaint.hot.combine") != 0 || c.Rate(policy.KeyT2Days) != 0 {
		t.Error("a missing key or another type must read as zero")
	}
	if err := c.CheckRequired(); err != nil {
		t.Error(err)
	}
	if err := (policy.Config{}).CheckRequired(); !errors.Is(err, policy.ErrUnknownKey) {
		t.Errorf("empty configuration passes: %v", err)
	}
}

func TestConfigOverride(t *testing.T) {
	company := config(t, nil)
	contract, err := company.Override(policy.LevelContract, map[string]string{"backcharge.fee_rate": "0.2"})
	if err != nil {
		t.Fatal(err)
	}
	project, err := contract.Override(policy.LevelProject, map[string]string{"backcharge.fee_rate": "0.5", policy.KeyT2Days: "5"})
	if err != nil {
		t.Fatal(err)
	}
	if got := project.Rate("backcharge.fee_rate"); got != 2000 {
		t.Errorf("contract must beat project: %d", got)
	}
	if level, tag := project.Source("backcharge.fee_rate"); level != policy.LevelContract || tag != "P" {
		t.Errorf("source %s %s", level, tag)
	}
	if level, _ := project.Source(policy.KeyT2Days); level != policy.LevelProject || project.Days(policy.KeyT2Days) != 5 {
		t.Error("project value not taken")
	}
	if company.Days(policy.KeyT2Days) != 7 {
		t.Error("override changed its origin")
	}
	if company.Version() == project.Version() || company.Version() != config(t, nil).Version() {
		t.Error("version does not identify values")
	}
}

func TestConfigOverrideRefuses(t *testing.T) {
	c := config(t, nil)
	for name, tc := range map[string]struct {
		level      policy.Level
		key, value string
		want       error
	}{
		"unknown key":        {policy.LevelProject, "tp.t1.frist_hours", "3", policy.ErrUnknownKey},
		"unknown level":      {"city", policy.KeyT2Days, "3", policy.ErrUnknownLevel},
		"no number":          {policy.LevelProject, policy.KeyT2Days, "seven", policy.ErrBadValue},
		"fraction of days":   {policy.LevelProject, policy.KeyT2Days, "1.5", policy.ErrBadValue},
		"negative":           {policy.LevelProject, policy.KeyT2Days, "-1", policy.ErrBadValue},
		"empty":              {policy.LevelProject, policy.KeyT2Days, "", policy.ErrBadValue},
		"list for a number":  {policy.LevelProject, policy.KeyT2Days, "1,2", policy.ErrBadValue},
		"bad list element":   {policy.LevelProject, "postcheck.months", "3,x", policy.ErrBadValue},
		"rate too fine":      {policy.LevelProject, "backcharge.fee_rate", "0.12345", policy.ErrBadValue},
		"no bool":            {policy.LevelProject, "complaint.major.lawsuit", "maybe", policy.ErrBadValue},
		"season without end": {policy.LevelProject, "season.heating", "11-15", policy.ErrBadSeason},
		"season on 29 Feb":   {policy.LevelProject, "season.heating", "02-29..03-15", policy.ErrBadSeason},
		"empty enum":         {policy.LevelProject, "complaint.hot.combine", " ", policy.ErrBadValue},
	} {
		got, err := c.Override(tc.level, map[string]string{tc.key: tc.value, policy.KeyT5OverdueDays: "9"})
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: error %v", name, err)
		}
		if got.Version() != c.Version() {
			t.Errorf("%s: a refused override changed values", name)
		}
	}
}

func TestConfigProfiles(t *testing.T) {
	c := config(t, nil)
	next, err := c.WithProfiles("XJ+GB55038", "XJ")
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := next.Milli("cfg.min_height_hab"); m != 2600 {
		t.Errorf("profile value %d", m)
	}
	if _, err := c.WithProfiles("GB99999"); !errors.Is(err, policy.ErrUnknownProfile) {
		t.Errorf("unknown profile: %v", err)
	}
	own, err := config(t, map[string]string{"cfg.min_height_hab": "2.70"}).WithProfiles("GB55038")
	if err != nil {
		t.Fatal(err)
	}
	if m, _ := own.Milli("cfg.min_height_hab"); m != 2700 {
		t.Errorf("a profile must not undo a project's own value: %d", m)
	}
}

func TestNewConfigRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		settings []policy.Setting
		want     error
	}{
		"duplicate":         {[]policy.Setting{{Key: "a", Value: "1", Unit: "days"}, {Key: "a", Value: "2", Unit: "days"}}, policy.ErrDuplicateKey},
		"unknown unit":      {[]policy.Setting{{Key: "a", Value: "1", Unit: "furlongs"}}, policy.ErrBadValue},
		"only in a profile": {[]policy.Setting{{Key: "a", Profile: "XJ", Value: "1", Unit: "days"}}, policy.ErrUnknownKey},
	} {
		if _, err := policy.NewConfig(tc.settings); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCalendar(t *testing.T) {
	c := shanghai(t, []domain.Date{"2026-10-01", "2026-10-02"}, []domain.Date{"2026-10-10", "2026-10-01"})
	for d, want := range map[domain.Date]bool{
		"2026-09-30": true, "2026-10-01": false, "2026-10-03": false, "2026-10-04": false,
		"2026-10-10": true, "2026-10-11": false, "": false, "nonsense": false,
	} {
		if got := c.IsWorkday(d); got != want {
			t.Errorf("%s workday = %v", d, got)
		}
	}
	// Wednesday 30 September 09:00, then a holiday Thursday and Friday and a weekend.
	wednesday := start + 2*day
	for n, want := range map[int]domain.Instant{-1: wednesday, 0: wednesday, 1: wednesday + 5*day, 2: wednesday + 6*day, 6: wednesday + 10*day} {
		if got := c.AddWorkdays(wednesday, n); got != want {
			t.Errorf("%d workdays: %s, want %s", n, rfc(got), rfc(want))
		}
	}
	// 23:30 UTC on Sunday is already Monday in Shanghai.
	if got := c.Date(domain.At(time.Date(2026, 9, 27, 23, 30, 0, 0, time.UTC))); got != "2026-09-28" {
		t.Errorf("date %s", got)
	}
	for _, zone := range []string{"", "Mars/Olympus"} {
		if _, err := policy.NewCalendar(domain.Project{Zone: zone}); !errors.Is(err, policy.ErrNoZone) {
			t.Errorf("zone %q: %v", zone, err)
		}
	}
}

// FuzzOverride: no value panics; one that is accepted reads back as written.
func FuzzOverride(f *testing.F) {
	for _, seed := range []string{"24", "0.15", "3,11,23", "true", "11-15..03-15", "OR", "-1", "99999999999999999999", "1.", ","} {
		f.Add(seed)
	}
	c := config(f, nil)
	f.Fuzz(func(t *testing.T, text string) {
		for _, key := range c.Keys() {
			next, err := c.Override(policy.LevelContract, map[string]string{key: text})
			if err != nil {
				if !errors.Is(err, policy.ErrBadValue) {
					t.Fatalf("foreign error %v", err)
				}
				continue
			}
			if next.Text(key) != text || next.Int(key) < 0 || next.Rate(key) < 0 || next.Fen(key) < 0 {
				t.Fatalf("%s = %q reads %q", key, text, next.Text(key))
			}
		}
	})
}
