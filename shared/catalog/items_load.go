package catalog

import (
	"maps"
	"slices"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

var itemKinds = map[string]ItemKind{
	"pass/fail": KindPassFail, "measurement": KindMeasurement, "count": KindCount, "text": KindText,
}

// loadItems reads the checklists and, for every item, its typed terms.
func (c *Catalogue) loadItems(l *loader) {
	c.itemIndex = map[string]int{}
	rows := unique(l.table("checklists.csv", "code", "stage", "area", "element", "item_zh", "item_en", "kind", "unit", "tolerance",
		"rule_expr", "tool_sampling", "fail_severity", "photo_required", "source", "evidence"), "code")
	for _, r := range rows {
		item := Item{
			Code: r.must("code"), Part: Part(r.oneOf("stage", string(PartBoth), string(PartShowflat), string(PartHandover))),
			Area: r.must("area"), Element: r.must("element"), NameZH: r.must("item_zh"), NameEN: r.must("item_en"),
			Kind: itemKinds[r.oneOf("kind", slices.Sorted(maps.Keys(itemKinds))...)],
			Unit: r.text("unit"), Tolerance: r.text("tolerance"), Sampling: r.must("tool_sampling"),
			Source: r.must("source"), Evidence: r.tag("evidence"), Points: 1,
		}
		item.Rooms, item.fallback = c.rooms(r, "area")
		photo := r.oneOf("photo_required", "always", "on_fail", "never")
		item.PhotoAlways, item.PhotoOnFail = photo == "always", photo != "never"
		var err error
		if item.Rule, err = policy.ParseRule(r.text("rule_expr")); err != nil {
			r.fault("rule_expr", err)
		}
		var known bool
		if item.FailSeverity, known = domain.ParseSeverity(r.text("fail_severity")); !known {
			r.fault("fail_severity", ErrValue)
		}
		c.itemIndex[item.Code] = len(c.items)
		c.items = append(c.items, item)
	}
	if !l.unreadable {
		c.loadItemTerms(l, rows)
	}
}

func (c *Catalogue) loadItemTerms(l *loader, items []row) {
	const file = "item_terms.csv"
	done := map[string]bool{}
	for _, r := range unique(l.table(file, "item", "fit_outs", "subject", "group", "points", "tag", "note"), "item") {
		r.tag("tag")
		item := c.itemAt(r)
		if item == nil {
			continue
		}
		done[item.Code] = true
		item.FitOuts = fitOuts(r, "fit_outs")
		if item.Points = r.whole("points"); item.Points < 1 {
			r.fault("points", ErrValue)
		}
		rule, err := item.Rule.Over(policy.Subject(r.text("subject")), r.whole("group"))
		if err != nil {
			r.fault("subject", err)
		}
		item.Rule = rule
	}
	complete(items, "code", done, file)
}

// itemAt is the item that the column "item" names, or nil with a fault.
func (c *Catalogue) itemAt(r row) *Item {
	i, ok := c.itemIndex[r.text("item")]
	if !ok {
		r.fault("item", ErrUnresolved)
		return nil
	}
	return &c.items[i]
}

// complete reports rows of a table that have no row in the file that must
// cover them all.
func complete(rows []row, column string, done map[string]bool, file string) {
	for _, r := range rows {
		if !done[r.text(column)] {
			r.fault(column, missingIn(file))
		}
	}
}

func fitOuts(r row, column string) []domain.FitOut {
	var list []domain.FitOut
	for _, name := range r.list(column) {
		fit := domain.FitOut(name)
		if fit != domain.FitOutShell && fit != domain.FitOutFitted {
			r.fault(column, ErrValue)
		}
		list = append(list, fit)
	}
	if len(list) == 0 {
		r.fault(column, ErrMissing)
	}
	return list
}

// loadItemDefects links every item to library defects, or says why not.
func (c *Catalogue) loadItemDefects(l *loader) {
	const file = "item_defects.csv"
	c.forItem = map[string][]string{}
	done := map[string]bool{}
	for _, r := range unique(l.table(file, "item", "defects", "reason", "tag"), "item") {
		r.tag("tag")
		done[r.text("item")] = true
		if c.itemAt(r) == nil {
			continue
		}
		if r.must("defects") == "-" {
			r.must("reason")
			continue
		}
		for _, code := range r.list("defects") {
			if _, ok := c.defectRank[code]; !ok {
				r.fault("defects", ErrUnresolved)
			}
			c.forItem[r.text("item")] = append(c.forItem[r.text("item")], code)
		}
	}
	for _, item := range c.items {
		if !done[item.Code] {
			l.faults = append(l.faults, &Fault{File: file, Column: "item", Value: item.Code, Err: ErrMissing})
		}
	}
}

// loadOptions reads the answers of choice items; each choice needs a way to
// pass.
func (c *Catalogue) loadOptions(l *loader) {
	const file = "item_options.csv"
	for _, r := range unique(l.table(file, "item", "option", "name_zh", "name_en", "answer", "tag"), "item", "option") {
		r.tag("tag")
		item := c.itemAt(r)
		if item == nil {
			continue
		}
		if item.Rule.String() != choiceRule {
			r.fault("item", ErrContradiction)
		}
		item.Options = append(item.Options, Option{
			Key: r.must("option"), NameZH: r.must("name_zh"), NameEN: r.must("name_en"),
			Answer: domain.Answer(r.oneOf("answer", string(domain.AnswerPass), string(domain.AnswerFail))),
		})
	}
	for _, item := range c.items {
		passes := slices.ContainsFunc(item.Options, func(o Option) bool { return o.Answer == domain.AnswerPass })
		if strings.TrimSpace(item.Rule.String()) == choiceRule && !passes {
			l.faults = append(l.faults, &Fault{File: file, Column: "item", Value: item.Code, Err: ErrMissing})
		}
	}
}

const choiceRule = "enum"
