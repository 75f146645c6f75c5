package catalog

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"keyturn/shared/policy"
)

// loadConfig makes the defaults of the two configuration tables and of every
// warranty period and SLA limit, so that all of them can be overridden.
func (c *Catalogue) loadConfig(l *loader) {
	var settings []policy.Setting
	general := map[string]string{} // key → unit
	add := func(r row, profile string) {
		s := policy.Setting{Key: r.must("key"), Profile: profile, Value: r.text("default"), Unit: r.text("unit"), Tag: r.tag("tag")}
		if err := s.Check(); err != nil {
			r.fault("default", err)
			return
		}
		unit, exists := general[s.Key]
		switch {
		case profile == "" && exists:
			r.fault("key", ErrDuplicate)
			return
		case profile == "":
			general[s.Key] = s.Unit
		case !exists || unit != s.Unit:
			r.fault("key", ErrUnresolved)
			return
		}
		settings = append(settings, s)
	}
	for _, r := range l.table("config_defaults.csv", "key", "default", "unit", "tag", "source_note") {
		add(r, "")
	}
	for _, r := range unique(l.table("config_extra.csv", "key", "profile", "default", "unit", "tag", "source_note"), "key", "profile") {
		add(r, r.text("profile"))
	}
	settings = append(settings, c.termSettings()...)
	settings = append(settings, c.slaSettings()...)
	defaults, err := policy.NewConfig(settings)
	if err == nil {
		err = defaults.CheckRequired()
	}
	if err != nil {
		l.faults = append(l.faults, &Fault{File: "config_extra.csv", Err: err})
	}
	c.defaults = defaults
	for _, t := range c.terms {
		if t.SeasonKey != "" && defaults.Unit(t.SeasonKey) != "season" {
			l.faults = append(l.faults, &Fault{File: "warranty_terms.csv", Column: "season_key", Value: t.SeasonKey, Err: ErrUnresolved})
		}
	}
}

func (c *Catalogue) termSettings() []policy.Setting {
	var list []policy.Setting
	for _, t := range c.terms {
		if t.NeverExpires || t.HandoverOnly {
			continue
		}
		unit := "months"
		if t.SeasonKey != "" {
			unit = "seasons"
		}
		contractor, promise := max(t.ContractorMonths, t.ContractorSeasons), max(t.PromiseMonths, t.PromiseSeasons)
		list = append(list,
			policy.Setting{Key: t.ContractorKey(), Value: strconv.Itoa(contractor), Unit: unit, Tag: cmp.Or(t.ContractorTag, t.Tag)},
			policy.Setting{Key: t.PromiseKey(), Value: strconv.Itoa(promise), Unit: unit, Tag: t.Tag})
	}
	return list
}

func (c *Catalogue) slaSettings() []policy.Setting {
	var list []policy.Setting
	for _, class := range slices.Sorted(maps.Keys(c.slas)) {
		limits := c.slas[class]
		add := func(limit string, n int64, unit string) {
			if n > 0 {
				list = append(list, policy.Setting{Key: policy.SLAKey(class, limit), Value: strconv.FormatInt(n, 10), Unit: unit, Tag: limits.Tag})
			}
		}
		add(policy.SLARespondMinutes, int64(limits.Respond/time.Minute), "minutes")
		add(policy.SLAOnSiteHours, int64(limits.OnSite/time.Hour), "hours")
		add(policy.SLAMakeSafeHours, int64(limits.MakeSafe/time.Hour), "hours")
		add(policy.SLAFixDays, int64(limits.FixDays), "days")
	}
	return list
}
