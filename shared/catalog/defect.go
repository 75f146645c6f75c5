package catalog

import "keyturn/shared/domain"

// LibraryDefect is one known defect of the library.
type LibraryDefect struct {
	Code               string
	Element            string
	Trade              string
	Type               string
	NameZH, NameEN     string
	RoomTypes          []domain.RoomType
	Severity           domain.Severity
	WarrantyClass      string
	WarrantySub        string
	SLA                domain.SLAClass
	CheckMethod, Group string
	MinPhotos          int
	Basis              string
	// Leak defects need a water test to pass re-inspection.
	Leak bool
	// NeedsRepairPlan defects need a repair plan before work starts.
	NeedsRepairPlan bool

	// usual ranks how commonly the defect is found, 1 most; keywords are further
	// words that people use for it.
	usual    int
	keywords string
}

// Name of the defect; "zh-Hans" or, for any other locale, English.
func (d LibraryDefect) Name(locale string) string { return inLocale(locale, d.NameZH, d.NameEN) }
