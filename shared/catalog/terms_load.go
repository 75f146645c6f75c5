package catalog

import (
	"slices"
	"strings"
	"time"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

// WarrantyClass describes a class for people; the periods are in its terms.
type WarrantyClass struct {
	Code             string
	NameZH, NameEN   string
	Source, Evidence string
	Note             string
}

// Name of the class; "zh-Hans" or, for any other locale, English.
func (w WarrantyClass) Name(locale string) string { return inLocale(locale, w.NameZH, w.NameEN) }

// WarrantyClasses in catalogue order.
func (c *Catalogue) WarrantyClasses() []WarrantyClass { return slices.Clone(c.classes) }

func (c *Catalogue) loadClasses(l *loader) {
	for _, r := range unique(l.table("warranty.csv", "class", "scope_zh", "scope_en", "contractor_min_period", "contractor_start",
		"owner_min_period_1998", "owner_start", "regional_or_practice_variants", "default_config_value_owner", "source", "evidence", "note"), "class") {
		c.classes = append(c.classes, WarrantyClass{
			Code: r.must("class"), NameZH: r.must("scope_zh"), NameEN: r.must("scope_en"),
			Source: r.must("source"), Evidence: r.tag("evidence"), Note: r.text("note"),
		})
	}
}

var termFlags = []string{"never_expires", "conformity", "handover_only", "by_contract", "of_repair"}

// loadTerms reads the periods of the classes as numbers.
func (c *Catalogue) loadTerms(l *loader) {
	c.terms = map[[2]string]policy.WarrantyTerm{}
	covered := map[string]bool{}
	for _, r := range unique(l.table("warranty_terms.csv", "class", "sub_type", "contractor_months", "floor_months", "promise_months",
		"contractor_seasons", "floor_seasons", "promise_seasons", "season_key", "flags", "effective_on",
		"contractor_tag", "floor_tag", "promise_tag", "source"), "class", "sub_type") {
		for _, flag := range r.list("flags") {
			if !slices.Contains(termFlags, flag) {
				r.fault("flags", ErrValue)
			}
		}
		flag := func(name string) bool { return slices.Contains(r.list("flags"), name) }
		effective, err := domain.ParseDate(r.text("effective_on"))
		if err != nil {
			r.fault("effective_on", err)
		}
		t := policy.WarrantyTerm{
			Class: r.must("class"), SubType: r.text("sub_type"),
			ContractorMonths: r.whole("contractor_months"), FloorMonths: r.whole("floor_months"), PromiseMonths: r.whole("promise_months"),
			ContractorSeasons: r.whole("contractor_seasons"), FloorSeasons: r.whole("floor_seasons"), PromiseSeasons: r.whole("promise_seasons"),
			SeasonKey: r.text("season_key"), NeverExpires: flag("never_expires"), Conformity: flag("conformity"),
			HandoverOnly: flag("handover_only"), ByContract: flag("by_contract"), OfRepair: flag("of_repair"),
			EffectiveOn: effective, Legal: strings.HasPrefix(r.text("contractor_tag"), "L"),
			ContractorTag: r.text("contractor_tag"), Tag: r.tag("promise_tag"),
		}
		r.must("source")
		checkPeriods(r, t)
		if !slices.ContainsFunc(c.classes, func(w WarrantyClass) bool { return w.Code == t.Class }) {
			r.fault("class", ErrUnresolved)
		}
		covered[t.Class] = true
		c.terms[[2]string{t.Class, t.SubType}] = t
	}
	for _, w := range c.classes {
		if !covered[w.Code] {
			l.faults = append(l.faults, &Fault{File: "warranty_terms.csv", Column: "class", Value: w.Code, Err: ErrMissing})
		}
	}
}

// checkPeriods wants a tag beside every period, a period wherever one can run,
// and seasons only together with the calendar they are counted in.
func checkPeriods(r row, t policy.WarrantyTerm) {
	for _, name := range []string{"contractor", "floor"} {
		if r.text(name+"_months") != "" || r.text(name+"_seasons") != "" {
			r.tag(name + "_tag")
		}
	}
	endless := t.NeverExpires || t.HandoverOnly
	if endless != (t.PromiseMonths+t.PromiseSeasons == 0) {
		r.fault("promise_months", ErrMissing)
	}
	if !endless && t.ByContract != (t.ContractorMonths+t.ContractorSeasons == 0) {
		r.fault("contractor_months", ErrContradiction)
	}
	seasons, months := t.ContractorSeasons+t.FloorSeasons+t.PromiseSeasons, t.ContractorMonths+t.FloorMonths+t.PromiseMonths
	if (seasons > 0) != (t.SeasonKey != "") || seasons > 0 && months > 0 {
		r.fault("season_key", ErrContradiction)
	}
}

// loadSLA reads the limits of every SLA class.
func (c *Catalogue) loadSLA(l *loader) {
	c.slas = map[domain.SLAClass]policy.SLALimits{}
	classes := []domain.SLAClass{domain.P1, domain.P1S, domain.P2, domain.P3, domain.P4, domain.P5}
	for _, r := range unique(l.table("sla.csv", "class", "respond_minutes", "onsite_hours", "make_safe_hours", "fix_days", "fix_clock", "tag", "basis"), "class") {
		limits := policy.SLALimits{
			Class:       domain.SLAClass(r.text("class")),
			Respond:     time.Duration(r.whole("respond_minutes")) * time.Minute,
			OnSite:      time.Duration(r.whole("onsite_hours")) * time.Hour,
			MakeSafe:    time.Duration(r.whole("make_safe_hours")) * time.Hour,
			FixDays:     r.whole("fix_days"),
			FixWorkdays: r.oneOf("fix_clock", "elapsed", "working") == "working",
			Tag:         r.tag("tag"),
		}
		if !slices.Contains(classes, limits.Class) {
			r.fault("class", ErrUnresolved)
		}
		for _, column := range []string{"respond_minutes", "onsite_hours", "fix_days", "basis"} {
			r.must(column)
		}
		c.slas[limits.Class] = limits
	}
	for _, class := range classes {
		if _, ok := c.slas[class]; !ok {
			l.faults = append(l.faults, &Fault{File: "sla.csv", Column: "class", Value: string(class), Err: ErrMissing})
		}
	}
}
