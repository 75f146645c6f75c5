package catalog

import (
	"fmt"
	"slices"
	"strings"

	"keyturn/shared/policy"
)

func missingIn(file string) error { return fmt.Errorf("%w: no row in %s", ErrMissing, file) }

// loadVariables binds the variables of the rules. Several rows of one variable
// are choices among configured limits.
func (c *Catalogue) loadVariables(l *loader) {
	const file = "rule_variables.csv"
	for _, r := range unique(l.table(file, "item", "variable", "source", "optional", "config_key",
		"name_zh", "name_en", "choice_zh", "choice_en", "tag"), "item", "variable", "config_key") {
		r.tag("tag")
		item := c.itemAt(r)
		if item == nil {
			continue
		}
		v := Variable{
			Name:     r.must("variable"),
			Source:   VariableSource(r.oneOf("source", string(FromBaseline), string(FromPlan), string(FromInput), string(FromConfig))),
			Optional: r.yes("optional"), NameZH: r.must("name_zh"), NameEN: r.must("name_en"),
		}
		c.checkVariable(r, *item, v)
		at := slices.IndexFunc(item.Variables, func(o Variable) bool { return o.Name == v.Name })
		if at < 0 {
			at = len(item.Variables)
			item.Variables = append(item.Variables, v)
		}
		if v.Source == FromConfig {
			choice := Choice{r.must("config_key"), r.must("choice_zh"), r.must("choice_en")}
			item.Variables[at].Choices = append(item.Variables[at].Choices, choice)
		}
	}
	for _, item := range c.items {
		for _, name := range item.Rule.Variables() {
			if !slices.ContainsFunc(item.Variables, func(v Variable) bool { return v.Name == name }) {
				l.faults = append(l.faults, &Fault{File: file, Column: "variable", Value: item.Code + " " + name, Err: ErrMissing})
			}
		}
	}
}

// checkVariable wants a variable that the rule reads, and a configured limit
// that exists; limits named by the rule itself must be in the item's unit.
func (c *Catalogue) checkVariable(r row, item Item, v Variable) {
	named := slices.Contains(item.Rule.Variables(), v.Name)
	design := v.Name == policy.VarDesign && v.Optional &&
		(item.Rule.Subject() == policy.SubjectDeviation || item.Rule.Subject() == policy.SubjectMagnitude)
	if !named && !design {
		r.fault("variable", ErrContradiction)
	}
	key := r.text("config_key")
	if (v.Source == FromConfig) != (key != "") {
		r.fault("config_key", ErrContradiction)
	}
	if key == "" {
		return
	}
	if _, ok := c.defaults.Milli(key); !ok {
		r.fault("config_key", ErrUnresolved)
	}
	if strings.HasPrefix(v.Name, "cfg.") && c.defaults.Unit(key) != item.Unit {
		r.fault("config_key", fmt.Errorf("%w: unit %q, item has %q", ErrContradiction, c.defaults.Unit(key), item.Unit))
	}
}
