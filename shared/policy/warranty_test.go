package policy_test

import (
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

var (
	roof    = policy.WarrantyTerm{Class: "W-WP", SubType: "ROOF", ContractorMonths: 60, FloorMonths: 36, PromiseMonths: 60, Legal: true}
	floor   = policy.WarrantyTerm{Class: "W-FIN", SubType: "FLOOR", ContractorMonths: 24, FloorMonths: 12, PromiseMonths: 24, Legal: true}
	lamp    = policy.WarrantyTerm{Class: "W-LAMP", FloorMonths: 6, PromiseMonths: 6, ByContract: true}
	heating = policy.WarrantyTerm{
		Class: "W-HVAC", SubType: "HEAT", ContractorSeasons: 2, FloorSeasons: 1, PromiseSeasons: 2, SeasonKey: "season.heating", Legal: true,
	}
	structure  = policy.WarrantyTerm{Class: "W-STR", NeverExpires: true}
	conformity = policy.WarrantyTerm{Class: "W-CONF", NeverExpires: true, Conformity: true}
	none       = policy.WarrantyTerm{Class: "W-NONE", HandoverOnly: true}
	repair     = policy.WarrantyTerm{Class: "W-REP", SubType: "OTHER", ContractorMonths: 12, PromiseMonths: 12, OfRepair: true}
)

type ends struct {
	contractor, owner          domain.Date
	covered, liable, developer bool
}

func TestWarranty(t *testing.T) {
	roofNoPromise := roof
	roofNoPromise.PromiseMonths = 0
	for name, tc := range map[string]struct {
		term   policy.WarrantyTerm
		facts  policy.WarrantyFacts
		want   ends
		reason string
	}{
		// Domain spec 3.6: contractor end 2025-01-01, 1998 floor gives 2027-06-01, a ticket of 2026 is the developer's.
		"spec vector, floor only": {
			roofNoPromise,
			policy.WarrantyFacts{CompletedOn: "2020-01-01", DeliveredOn: "2024-06-01", On: "2026-05-01"},
			ends{"2025-01-01", "2027-06-01", true, false, true},
			"reason.warranty.developer_pays",
		},
		"spec vector with promise": {
			roof,
			policy.WarrantyFacts{CompletedOn: "2020-01-01", DeliveredOn: "2024-06-01", On: "2026-05-01"},
			ends{"2025-01-01", "2029-06-01", true, false, true},
			"reason.warranty.developer_pays",
		},
		"last day of the contractor": {
			roof,
			policy.WarrantyFacts{CompletedOn: "2020-01-01", DeliveredOn: "2020-02-01", On: "2025-01-01"},
			ends{"2025-01-01", "2025-02-01", true, true, false},
			"reason.warranty.covered",
		},
		"day after the contractor": {
			roof,
			policy.WarrantyFacts{CompletedOn: "2020-01-01", DeliveredOn: "2020-02-01", On: "2025-01-02"},
			ends{"2025-01-01", "2025-02-01", true, false, true},
			"reason.warranty.developer_pays",
		},
		"last day of the owner": {
			floor,
			policy.WarrantyFacts{CompletedOn: "2024-01-10", DeliveredOn: "2024-02-29", On: "2026-02-28"},
			ends{"2026-01-10", "2026-02-28", true, false, true},
			"reason.warranty.developer_pays",
		},
		"day after the owner": {
			floor,
			policy.WarrantyFacts{CompletedOn: "2024-01-10", DeliveredOn: "2024-02-29", On: "2026-03-01"},
			ends{"2026-01-10", "2026-02-28", false, false, false},
			"reason.warranty.over",
		},
		"contractor outlasts the owner's own periods": {
			floor,
			policy.WarrantyFacts{ContractStart: "2025-06-30", CompletedOn: "2024-01-01", DeliveredOn: "2024-02-01", On: "2027-06-30"},
			ends{"2027-06-30", "2027-06-30", true, true, false},
			"reason.warranty.covered",
		},
		"month end": {
			lamp,
			policy.WarrantyFacts{CompletedOn: "2025-01-01", DeliveredOn: "2025-08-31", On: "2026-02-28"},
			ends{"", "2026-02-28", true, true, false},
			"reason.warranty.by_contract",
		},
		"by contract, undelivered": {
			lamp,
			policy.WarrantyFacts{CompletedOn: "2025-01-01", On: "2026-02-28"},
			ends{"", "", true, true, false},
			"reason.warranty.by_contract_undelivered",
		},
		"undelivered": {
			floor,
			policy.WarrantyFacts{CompletedOn: "2026-08-20", On: "2026-09-26"},
			ends{"2028-08-20", "", true, true, false},
			"reason.warranty.undelivered",
		},
		"undelivered for years": {
			floor,
			policy.WarrantyFacts{CompletedOn: "2020-08-20", On: "2026-09-26"},
			ends{"2022-08-20", "", true, false, true},
			"reason.warranty.undelivered_developer_pays",
		},
		"completion unknown": {
			floor,
			policy.WarrantyFacts{DeliveredOn: "2026-01-01", On: "2026-09-26"},
			ends{"", "2028-01-01", true, true, false},
			"reason.warranty.start_unknown",
		},
		"structure never expires": {
			structure,
			policy.WarrantyFacts{CompletedOn: "1990-01-01", DeliveredOn: "1990-02-01", On: "2026-09-26"},
			ends{"", "", true, true, false},
			"reason.warranty.structure",
		},
		"non-conformity never expires": {
			conformity,
			policy.WarrantyFacts{CompletedOn: "1990-01-01", DeliveredOn: "1990-02-01", On: "2026-09-26"},
			ends{"", "", true, true, false},
			"reason.warranty.conformity",
		},
		"handover only, undelivered": {
			none, policy.WarrantyFacts{On: "2026-09-26"}, ends{"", "", true, true, false}, "reason.warranty.handover_open",
		},
		"handover only, last day of grace": {
			none,
			policy.WarrantyFacts{DeliveredOn: "2026-09-26", On: "2026-10-03"},
			ends{"2026-10-03", "2026-10-03", true, true, false},
			"reason.warranty.handover",
		},
		"handover only, after the grace": {
			none,
			policy.WarrantyFacts{DeliveredOn: "2026-09-26", On: "2026-10-04"},
			ends{"2026-10-03", "2026-10-03", false, false, false},
			"reason.warranty.handover_late",
		},
		"handover only, recorded before": {
			none,
			policy.WarrantyFacts{DeliveredOn: "2026-09-26", On: "2026-10-04", RecordedBeforeHandover: true},
			ends{"2026-10-03", "2026-10-03", true, true, false},
			"reason.warranty.handover",
		},
		// Seasons run 15 November to 15 March; one that has begun does not count.
		"season from the first day": {
			heating,
			policy.WarrantyFacts{CompletedOn: "2024-11-15", DeliveredOn: "2024-11-15", On: "2026-03-15"},
			ends{"2026-03-15", "2026-03-15", true, true, false},
			"reason.warranty.covered",
		},
		"season already begun": {
			heating,
			policy.WarrantyFacts{CompletedOn: "2024-11-15", DeliveredOn: "2024-11-16", On: "2026-03-16"},
			ends{"2026-03-15", "2027-03-15", true, false, true},
			"reason.warranty.developer_pays",
		},
		"season begun before New Year": {
			heating,
			policy.WarrantyFacts{CompletedOn: "2025-01-10", DeliveredOn: "2025-01-10", On: "2025-02-01"},
			ends{"2027-03-15", "2027-03-15", true, true, false},
			"reason.warranty.covered",
		},
		"repair prolongs": {
			repair,
			policy.WarrantyFacts{RepairedOn: "2026-05-31", OriginalContractorEnd: "2026-08-20", OriginalOwnerEnd: "2026-12-01", On: "2027-05-31"},
			ends{"2027-05-31", "2027-05-31", true, true, false},
			"reason.warranty.covered",
		},
		"repair never shortens": {
			repair,
			policy.WarrantyFacts{RepairedOn: "2026-01-31", OriginalContractorEnd: "2028-08-20", OriginalOwnerEnd: "2029-12-01", On: "2029-12-01"},
			ends{"2028-08-20", "2029-12-01", true, false, true},
			"reason.warranty.developer_pays",
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := policy.Warranty(tc.term, tc.facts, config(t, nil))
			got := ends{d.ContractorEnd, d.OwnerEnd, d.Covered, d.ContractorLiable, d.ChargeToDeveloper}
			if got != tc.want {
				t.Errorf("got %+v, want %+v", got, tc.want)
			}
			if d.NeverExpires != tc.term.NeverExpires {
				t.Error("NeverExpires lost")
			}
			checkReason(t, d.Reason, tc.reason)
		})
	}
}

// TestWarrantyConfigured: a project may promise more or, where the law allows,
// set other periods; it cannot go below the contractor's legal minimum.
func TestWarrantyConfigured(t *testing.T) {
	facts := policy.WarrantyFacts{CompletedOn: "2025-01-01", DeliveredOn: "2025-01-01", On: "2025-06-01"}
	for name, tc := range map[string]struct {
		term              policy.WarrantyTerm
		key, months       string
		contractor, owner domain.Date
	}{
		"longer promise":          {floor, floor.PromiseKey(), "36", "2027-01-01", "2028-01-01"},
		"shorter promise":         {floor, floor.PromiseKey(), "1", "2027-01-01", "2027-01-01"},
		"promise below the floor": {lamp, lamp.PromiseKey(), "1", "", "2025-07-01"},
		"contractor longer":       {floor, floor.ContractorKey(), "30", "2027-07-01", "2027-07-01"},
		"contractor below law":    {floor, floor.ContractorKey(), "6", "2027-01-01", "2027-01-01"},
		"contract period":         {lamp, lamp.ContractorKey(), "12", "2026-01-01", "2026-01-01"},
	} {
		cfg, err := policy.NewConfig(append([]policy.Setting{{Key: tc.key, Value: tc.months, Unit: "months", Tag: "D"}}, settings...))
		if err != nil {
			t.Fatal(err)
		}
		d := policy.Warranty(tc.term, facts, cfg)
		if d.ContractorEnd != tc.contractor || d.OwnerEnd != tc.owner {
			t.Errorf("%s: %s %s, want %s %s", name, d.ContractorEnd, d.OwnerEnd, tc.contractor, tc.owner)
		}
	}
	if got := floor.PromiseKey(); got != "warranty.W-FIN.FLOOR.promise_months" {
		t.Error(got)
	}
	if got := heating.ContractorKey(); got != "warranty.W-HVAC.HEAT.contractor_seasons" {
		t.Error(got)
	}
	if got := lamp.ContractorKey(); got != "warranty.W-LAMP.contractor_months" {
		t.Error(got)
	}
}
