package policy_test

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

// hour and day in milliseconds, as instants count.
const (
	hour = domain.Instant(3_600_000)
	day  = 24 * hour
)

// start is 2026-09-28 09:00 in Shanghai, a Monday.
var start = domain.At(time.Date(2026, 9, 28, 1, 0, 0, 0, time.UTC))

// settings are the defaults that decisions read, as the catalogue ships them.
var settings = []policy.Setting{
	{Key: policy.KeyHandoverGrace, Value: "7", Unit: "days", Tag: "D"},
	{Key: policy.KeyPromiseMaxDays, Value: "30", Unit: "days", Tag: "D"},
	{Key: policy.KeyRemindPercent, Value: "50", Unit: "percent", Tag: "D"},
	{Key: policy.KeyWarnPercent, Value: "80", Unit: "percent", Tag: "D"},
	{Key: policy.KeyManagerHours, Value: "24", Unit: "hours", Tag: "D"},
	{Key: policy.KeyGMHours, Value: "72", Unit: "hours", Tag: "D"},
	{Key: policy.KeyT1FirstHours, Value: "24", Unit: "hours", Tag: "P"},
	{Key: policy.KeyT1SecondHours, Value: "24", Unit: "hours", Tag: "P"},
	{Key: policy.KeyT2Days, Value: "7", Unit: "days", Tag: "L-V"},
	{Key: policy.KeyT4FailedReinspections, Value: "2", Unit: "times", Tag: "P"},
	{Key: policy.KeyT5OverdueDays, Value: "3", Unit: "days", Tag: "D"},
	{Key: policy.KeyT6UnreachableHours, Value: "48", Unit: "hours", Tag: "D"},
	{Key: "season.heating", Value: "11-15..03-15", Unit: "season", Tag: "L-M"},
	{Key: "backcharge.fee_rate", Value: "0.15", Unit: "ratio", Tag: "P"},
	{Key: "dunning.litigate.amount", Value: "20000", Unit: "CNY (>)", Tag: "S1"},
	{Key: "postcheck.months", Value: "3,11,23,35", Unit: "months", Tag: "S3"},
	{Key: "complaint.major.lawsuit", Value: "True", Unit: "bool", Tag: "S3"},
	{Key: "complaint.hot.combine", Value: "OR", Unit: "enum", Tag: "D"},
	{Key: "cfg.min_height_hab", Value: "2.40", Unit: "m", Tag: "L-V"},
	{Key: "cfg.min_height_hab", Profile: "GB55038", Value: "2.60", Unit: "m", Tag: "L-V"},
}

func config(t testing.TB, overrides map[string]string) policy.Config {
	t.Helper()
	c, err := policy.NewConfig(settings)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = c.Override(policy.LevelProject, overrides); err != nil {
		t.Fatal(err)
	}
	return c
}

func shanghai(t testing.TB, holidays, workdays []domain.Date) policy.Calendar {
	t.Helper()
	c, err := policy.NewCalendar(domain.Project{Zone: "Asia/Shanghai", Holidays: holidays, Workdays: workdays})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// id makes a distinct id of any record type.
func id[T any](n byte) domain.ID[T] {
	var v domain.ID[T]
	v[15] = n
	return v
}

var placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)

// texts are the shipped translations by locale.
var texts = func() map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, locale := range []string{"zh-Hans", "en"} {
		data, err := os.ReadFile("../../assets/translations/policy." + locale + ".json")
		if err != nil {
			panic(err)
		}
		var m map[string]string
		if err := json.Unmarshal(data, &m); err != nil {
			panic(err)
		}
		all[locale] = m
	}
	return all
}()

// checkReason wants a reason with the key and with a value for every
// placeholder of its texts in both languages.
func checkReason(t testing.TB, got domain.Reason, key string) {
	t.Helper()
	if got.Key != key {
		t.Errorf("reason %q, want %q", got.Key, key)
	}
	for locale, m := range texts {
		for _, p := range placeholder.FindAllStringSubmatch(m[got.Key], -1) {
			if got.Args[p[1]] == "" {
				t.Errorf("%s: reason %s leaves {%s} empty: %v", locale, got.Key, p[1], got.Args)
			}
		}
	}
}

func rfc(at domain.Instant) string { return at.Time().Format(time.RFC3339) }
