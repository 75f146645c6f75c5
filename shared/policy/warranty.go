package policy

import (
	"strconv"
	"strings"

	"keyturn/shared/domain"
)

// WarrantyTerm is the period of a warranty class and sub-type as typed
// reference data (catalogue table warranty_terms).
type WarrantyTerm struct {
	Class, SubType string
	// ContractorMonths runs from completion acceptance. As a legal minimum
	// (Legal) configuration may lengthen it only.
	ContractorMonths int
	// FloorMonths is the owner's minimum of 建房[1998]102, PromiseMonths what the
	// developer promises; both run from delivery.
	FloorMonths, PromiseMonths int
	// The same in whole seasons of the configured SeasonKey, for heating and cooling.
	ContractorSeasons, FloorSeasons, PromiseSeasons int
	SeasonKey                                       string
	// NeverExpires: structure for its design life, and non-conformity, which is
	// no warranty period at all (Conformity).
	NeverExpires, Conformity bool
	// HandoverOnly: accepted only if found until handover plus the days of grace.
	HandoverOnly bool
	// ByContract: the contractor's period is whatever its contract says.
	ByContract bool
	// OfRepair: the workmanship warranty of a repaired spot.
	OfRepair bool
	Legal    bool
	// EffectiveOn is since when the legal values hold.
	EffectiveOn domain.Date
	// ContractorTag and Tag are the source tags of the contractor's period and of
	// the promise.
	ContractorTag, Tag string
}

// ContractorKey and PromiseKey name the configuration keys that override the
// term's periods: months, or seasons where the term counts seasons.
func (t WarrantyTerm) ContractorKey() string { return t.key("contractor_") }

// PromiseKey is the key of the developer's promise; see ContractorKey.
func (t WarrantyTerm) PromiseKey() string { return t.key("promise_") }

func (t WarrantyTerm) key(period string) string {
	unit := "months"
	if t.SeasonKey != "" {
		unit = "seasons"
	}
	return "warranty." + strings.TrimSuffix(t.Class+"."+t.SubType, ".") + "." + period + unit
}

// WarrantyFacts is what a warranty decision looks at.
type WarrantyFacts struct {
	// CompletedOn is the unit's completion acceptance; ContractStart, where the
	// contract scope has its own, goes before it.
	CompletedOn, ContractStart domain.Date
	// DeliveredOn is empty while the unit has no delivered owner.
	DeliveredOn domain.Date
	// On is the day on which the defect was recorded.
	On                     domain.Date
	RecordedBeforeHandover bool
	// RepairedOn and the original ends are for class W-REP only.
	RepairedOn, OriginalContractorEnd, OriginalOwnerEnd domain.Date
}

// WarrantyDecision says whether a defect is covered and who bears it. An empty
// end is unknown (not delivered, contract silent) or does not exist.
type WarrantyDecision struct {
	ContractorEnd, OwnerEnd domain.Date
	Covered                 bool
	ContractorLiable        bool
	// ChargeToDeveloper: the owner is covered but the contractor no more.
	ChargeToDeveloper bool
	NeverExpires      bool
	Reason            domain.Reason
}

// Warranty decides by domain spec 3.6: the contractor's end is completion plus
// the class period; the owner's is the latest of that, delivery plus the 1998
// minimum and delivery plus the developer's promise. The end day still counts.
func Warranty(t WarrantyTerm, f WarrantyFacts, cfg Config) WarrantyDecision {
	switch {
	case t.NeverExpires && t.Conformity:
		return unlimited(t, reasonWarrantyConformity)
	case t.NeverExpires:
		return unlimited(t, reasonWarrantyStructure)
	case t.HandoverOnly:
		return handoverOnly(t, f, cfg)
	case t.OfRepair:
		months := t.contractorPeriod(cfg)
		contractor := max(f.OriginalContractorEnd, addPeriod(t, f.RepairedOn, months, cfg))
		owner := max(f.OriginalOwnerEnd, addPeriod(t, f.RepairedOn, max(months, cfg.Days(t.PromiseKey())), cfg))
		return bounded(t, f, contractor, owner)
	}
	start := f.ContractStart
	if start == "" {
		start = f.CompletedOn
	}
	contractor := addPeriod(t, start, t.contractorPeriod(cfg), cfg)
	if f.DeliveredOn == "" {
		return bounded(t, f, contractor, "")
	}
	floor := addPeriod(t, f.DeliveredOn, t.floor(), cfg)
	promise := addPeriod(t, f.DeliveredOn, t.promise(cfg), cfg)
	return bounded(t, f, contractor, max(contractor, floor, promise))
}

func unlimited(t WarrantyTerm, key string) WarrantyDecision {
	return WarrantyDecision{Covered: true, ContractorLiable: true, NeverExpires: true, Reason: domain.Because(key, "class", t.Class)}
}

func handoverOnly(t WarrantyTerm, f WarrantyFacts, cfg Config) WarrantyDecision {
	grace := cfg.Days(KeyHandoverGrace)
	args := []string{"class", t.Class, "delivered_on", string(f.DeliveredOn), "found_on", string(f.On), "days", strconv.Itoa(grace)}
	if f.DeliveredOn == "" {
		return WarrantyDecision{Covered: true, ContractorLiable: true, Reason: domain.Because(reasonWarrantyHandoverOpen, args...)}
	}
	d := WarrantyDecision{OwnerEnd: f.DeliveredOn.AddDays(grace)}
	d.ContractorEnd = d.OwnerEnd
	d.Covered = f.RecordedBeforeHandover || f.On <= d.OwnerEnd
	d.ContractorLiable = d.Covered
	key := reasonWarrantyHandoverLate
	if d.Covered {
		key = reasonWarrantyHandover
	}
	d.Reason = domain.Because(key, args...)
	return d
}

// bounded compares the day of the defect with the ends.
func bounded(t WarrantyTerm, f WarrantyFacts, contractor, owner domain.Date) WarrantyDecision {
	d := WarrantyDecision{ContractorEnd: contractor, OwnerEnd: owner}
	d.Covered = owner == "" || f.On <= owner
	d.ContractorLiable = d.Covered && (contractor == "" || f.On <= contractor)
	d.ChargeToDeveloper = d.Covered && !d.ContractorLiable
	var key string
	switch {
	case !d.Covered:
		key = reasonWarrantyOver
	case d.ChargeToDeveloper && owner == "":
		key = reasonWarrantyUndeliveredDeveloper
	case d.ChargeToDeveloper:
		key = reasonWarrantyDeveloper
	case contractor == "" && t.ByContract && owner == "":
		key = reasonWarrantyByContractOpen
	case contractor == "" && t.ByContract:
		key = reasonWarrantyByContract
	case contractor == "":
		key = reasonWarrantyStartUnknown
	case owner == "":
		key = reasonWarrantyUndelivered
	default:
		key = reasonWarrantyCovered
	}
	d.Reason = domain.Because(key, "class", t.Class, "found_on", string(f.On),
		"contractor_end_on", string(contractor), "owner_end_on", string(owner))
	return d
}

// contractorPeriod is the configured period, never below a legal minimum.
func (t WarrantyTerm) contractorPeriod(cfg Config) int {
	n := max(t.ContractorMonths, t.ContractorSeasons)
	if configured := cfg.Days(t.ContractorKey()); configured > n || configured > 0 && !t.Legal {
		return configured
	}
	return n
}

func (t WarrantyTerm) floor() int { return max(t.FloorMonths, t.FloorSeasons) }

func (t WarrantyTerm) promise(cfg Config) int {
	if n := cfg.Days(t.PromiseKey()); n > 0 {
		return n
	}
	return max(t.PromiseMonths, t.PromiseSeasons)
}

// addPeriod is the end of n months or seasons from start; empty if either is
// missing, which max of dates then ignores.
func addPeriod(t WarrantyTerm, start domain.Date, n int, cfg Config) domain.Date {
	if start == "" || n <= 0 {
		return ""
	}
	if t.SeasonKey == "" {
		return start.AddMonths(n)
	}
	s, err := parseSeason(cfg.Text(t.SeasonKey))
	if err != nil {
		return "" // only a configuration without the key gets here; values are checked on entry
	}
	return s.end(start, n)
}
