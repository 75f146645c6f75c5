package catalog

import (
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

// Profile is a regional set of tolerances that a project may name.
type Profile struct {
	Code           string
	NameZH, NameEN string
	items          map[string]profileRule
}

// Name of the profile; "zh-Hans" or, for any other locale, English.
func (p Profile) Name(locale string) string { return inLocale(locale, p.NameZH, p.NameEN) }

type profileRule struct {
	rule      policy.Rule
	tolerance string
}

// Profiles lists the tolerance profiles.
func (c *Catalogue) Profiles() []Profile { return slices.Clone(c.profiles) }

func (c *Catalogue) profile(code string) (Profile, bool) {
	at := slices.IndexFunc(c.profiles, func(p Profile) bool { return p.Code == code })
	if at < 0 {
		return Profile{}, false
	}
	return c.profiles[at], true
}

func (c *Catalogue) loadProfiles(l *loader) {
	for _, r := range unique(l.table("profiles.csv", "profile", "name_zh", "name_en", "tag", "note"), "profile") {
		r.tag("tag")
		c.profiles = append(c.profiles, Profile{r.must("profile"), r.must("name_zh"), r.must("name_en"), map[string]profileRule{}})
	}
	for _, r := range unique(l.table("tolerance_profiles.csv", "profile", "item", "rule_expr", "tolerance", "tag", "source_note"), "profile", "item") {
		r.tag("tag")
		p, known := c.profile(r.text("profile"))
		if !known {
			r.fault("profile", ErrUnresolved)
		}
		rule, err := policy.ParseRule(r.text("rule_expr"))
		if err != nil || len(rule.Variables()) > 0 {
			r.fault("rule_expr", ErrValue)
		}
		if item := c.itemAt(r); known && item != nil {
			p.items[item.Code] = profileRule{rule.LikeOf(item.Rule), r.must("tolerance")}
		}
	}
	for _, code := range c.defaults.Profiles() {
		if _, known := c.profile(code); !known {
			l.faults = append(l.faults, &Fault{File: "config_extra.csv", Column: "profile", Value: code, Err: ErrUnresolved})
		}
	}
}

// ForProject applies a project's tolerance profile, which may join several with
// "+": the catalogue with the profile's rules and the defaults with its values.
// The version stays, since the project itself names its profile.
func (c *Catalogue) ForProject(p domain.Project) (*Catalogue, error) {
	known := make([]string, len(c.profiles))
	for i, k := range c.profiles {
		known[i] = k.Code
	}
	defaults, err := c.defaults.WithProfiles(p.ToleranceProfile, known...)
	if err != nil {
		return nil, err
	}
	next := *c
	next.defaults, next.items = defaults, slices.Clone(c.items)
	for _, code := range policy.ProfileNames(p.ToleranceProfile) {
		chosen, _ := c.profile(code) // WithProfiles has refused unknown names
		for item, special := range chosen.items {
			i := c.itemIndex[item]
			next.items[i].Rule, next.items[i].Tolerance = special.rule, special.tolerance
		}
	}
	return &next, nil
}
