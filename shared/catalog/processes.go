package catalog

import "slices"

// Process is one process of the developer's after-sales system.
type Process struct {
	Code                                      string
	NameZH, NameEN                            string
	NamedIn, Basis, Purpose, Actors           string
	Entities, States, Numbers, Forms, Figures string
}

// Name of the process; "zh-Hans" or, for any other locale, English.
func (p Process) Name(locale string) string { return inLocale(locale, p.NameZH, p.NameEN) }

// Processes in catalogue order.
func (c *Catalogue) Processes() []Process { return slices.Clone(c.processes) }

func (c *Catalogue) loadProcesses(l *loader) {
	for _, r := range unique(l.table("processes.csv", "code", "name_zh", "name_en", "named_in", "body_basis", "purpose", "actors",
		"entities_and_fields", "states_transitions", "time_limits_and_numbers", "forms", "kpis"), "code") {
		c.processes = append(c.processes, Process{
			Code: r.must("code"), NameZH: r.must("name_zh"), NameEN: r.must("name_en"), NamedIn: r.must("named_in"),
			Basis: r.must("body_basis"), Purpose: r.must("purpose"), Actors: r.text("actors"), Entities: r.text("entities_and_fields"),
			States: r.text("states_transitions"), Numbers: r.text("time_limits_and_numbers"), Forms: r.text("forms"), Figures: r.text("kpis"),
		})
	}
}
