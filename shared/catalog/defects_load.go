package catalog

import (
	"fmt"
	"strconv"
	"time"

	"keyturn/shared/domain"
)

// loadDefects reads the library and, for every defect, its typed terms.
func (c *Catalogue) loadDefects(l *loader) {
	c.defectRank = map[string]int{}
	rows := unique(l.table("defect_library.csv", "code", "room_types", "element", "trade", "defect_type", "name_zh", "name_en",
		"default_severity", "default_warranty_class", "sla_class", "respond_hours", "onsite_hours", "make_safe_hours", "fix_days",
		"check_method", "group_tag", "min_photos", "basis"), "code")
	for _, r := range rows {
		d := LibraryDefect{
			Code: r.must("code"), Element: r.must("element"), Trade: r.must("trade"), Type: r.must("defect_type"),
			NameZH: r.must("name_zh"), NameEN: r.must("name_en"), WarrantyClass: r.must("default_warranty_class"),
			SLA: domain.SLAClass(r.must("sla_class")), CheckMethod: r.must("check_method"), Group: r.text("group_tag"),
			MinPhotos: r.whole("min_photos"), Basis: r.tag("basis"),
		}
		d.RoomTypes, _ = c.rooms(r, "room_types")
		var known bool
		if d.Severity, known = domain.ParseSeverity(r.text("default_severity")); !known {
			r.fault("default_severity", ErrValue)
		}
		if d.MinPhotos < 1 {
			r.fault("min_photos", ErrValue)
		}
		c.checkLimits(r, d.SLA)
		c.defectRank[d.Code] = len(c.defects)
		c.defects = append(c.defects, d)
	}
	if !l.unreadable {
		c.loadDefectTerms(l, rows)
	}
}

// checkLimits compares the library's time limits with the class's: the library
// repeats them and must not drift.
func (c *Catalogue) checkLimits(r row, class domain.SLAClass) {
	limits, ok := c.slas[class]
	if !ok {
		r.fault("sla_class", ErrUnresolved)
		return
	}
	for column, want := range map[string]time.Duration{
		"respond_hours": limits.Respond, "onsite_hours": limits.OnSite, "make_safe_hours": limits.MakeSafe,
		"fix_days": time.Duration(limits.FixDays) * time.Hour,
	} {
		text := r.text(column)
		if text == "" {
			text = "0"
		}
		if hours, err := strconv.ParseFloat(text, 64); err != nil || hours != want.Hours() {
			r.fault(column, fmt.Errorf("%w: class %s says %v", ErrContradiction, class, want.Hours()))
		}
	}
}

func (c *Catalogue) loadDefectTerms(l *loader, library []row) {
	const file = "defect_terms.csv"
	done := map[string]bool{}
	trades := map[string]bool{}
	for _, d := range c.defects {
		trades[d.Trade] = true
	}
	for _, r := range unique(l.table(file, "code", "warranty_sub", "trade", "leak", "repair_plan", "usual", "keywords", "tag", "note"), "code") {
		r.tag("tag")
		i, ok := c.defectRank[r.text("code")]
		if !ok {
			r.fault("code", ErrUnresolved)
			continue
		}
		d := &c.defects[i]
		done[d.Code] = true
		d.WarrantySub, d.Leak, d.NeedsRepairPlan = r.text("warranty_sub"), r.yes("leak"), r.yes("repair_plan")
		d.keywords = r.text("keywords")
		if d.usual = r.whole("usual"); d.usual < 1 {
			r.fault("usual", ErrValue)
		}
		if trade := r.text("trade"); trade != "" {
			if d.Trade = trade; !trades[trade] {
				r.fault("trade", ErrUnresolved)
			}
		}
		if _, ok := c.terms[[2]string{d.WarrantyClass, d.WarrantySub}]; !ok {
			r.fault("warranty_sub", fmt.Errorf("%w: no term of class %s", ErrUnresolved, d.WarrantyClass))
		}
	}
	complete(library, "code", done, file)
}
