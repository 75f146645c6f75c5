package policy_test

import (
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

func scope(n byte, kind domain.PartyKind, trades, buildings []string) policy.ScopeFacts {
	return policy.ScopeFacts{
		ID: id[domain.ContractScope](n), PartyID: id[domain.Party](n), PartyName: "Sample " + string(rune('A'+n)), Kind: kind,
		Trades: trades, Buildings: buildings, WarrantyStart: "2026-08-20", LiabilityEnd: "2028-08-19", ResponseHours: int64(n),
	}
}

func TestLiable(t *testing.T) {
	general := scope(1, domain.PartyGeneral, []string{"structure", "waterproof", "plaster"}, []string{"1#", "2#", "3#"})
	waterproofer := scope(2, domain.PartySub, []string{"waterproof"}, []string{"1#", "2#"})
	fitOut := scope(3, domain.PartySub, []string{"tile", "paint", "sanitary", "cleaning"}, []string{"1#", "2#"})
	sanitary := scope(4, domain.PartySub, []string{"sanitary"}, nil)
	third := scope(5, domain.PartyThirdParty, []string{"waterproof", "tile", "door"}, []string{"1#", "2#", "3#"})
	former := scope(6, domain.PartySub, []string{"paint"}, []string{"1#"})
	former.WarrantyStart, former.LiabilityEnd = "2020-01-01", "2022-01-01"
	paint := scope(7, domain.PartySub, []string{"paint", "wallcover"}, []string{"3#"})
	paintAlone := scope(8, domain.PartySub, []string{"paint", "wallcover"}, []string{"2#", "3#"})
	all := []policy.ScopeFacts{general, waterproofer, fitOut, sanitary, third, former, paint, paintAlone}
	for name, tc := range map[string]struct {
		trade, building string
		scopes          []policy.ScopeFacts
		want            byte
		reason          string
	}{
		"general contractor":           {"structure", "1#", all, 1, "reason.liability.general_contractor"},
		"subcontractor before general": {"waterproof", "1#", all, 2, "reason.liability.subcontractor"},
		"outside the sub's buildings":  {"waterproof", "3#", all, 1, "reason.liability.general_contractor"},
		"fewer trades":                 {"sanitary", "1#", all, 4, "reason.liability.several"},
		"no building list is all":      {"sanitary", "9#", all, 4, "reason.liability.subcontractor"},
		"scope in force first":         {"paint", "1#", all, 3, "reason.liability.several"},
		"past scope if alone":          {"paint", "1#", []policy.ScopeFacts{former}, 6, "reason.liability.subcontractor"},
		"fewer buildings":              {"paint", "3#", all, 7, "reason.liability.several"},
		"third party never":            {"door", "1#", all, 0, "reason.liability.no_scope"},
		"unknown trade":                {"gas", "1#", all, 0, "reason.liability.no_scope"},
		"unknown building":             {"tile", "7#", all, 0, "reason.liability.no_scope"},
	} {
		t.Run(name, func(t *testing.T) {
			got := policy.Liable(tc.trade, tc.building, tc.scopes, "2026-09-26")
			if got.Found != (tc.want != 0) {
				t.Fatalf("found = %v", got.Found)
			}
			if got.Found && (got.ScopeID != id[domain.ContractScope](tc.want) || got.PartyID != id[domain.Party](tc.want) || got.ResponseHours != int64(tc.want)) {
				t.Errorf("got scope %v", got.ScopeID)
			}
			checkReason(t, got.Reason, tc.reason)
		})
	}
}

// TestLiableOrder: the order in which scopes arrive never decides.
func TestLiableOrder(t *testing.T) {
	a := scope(1, domain.PartySub, []string{"tile"}, []string{"1#"})
	b := scope(2, domain.PartySub, []string{"tile"}, []string{"1#"})
	for _, scopes := range [][]policy.ScopeFacts{{a, b}, {b, a}} {
		if got := policy.Liable("tile", "1#", scopes, "2026-09-26"); got.ScopeID != a.ID {
			t.Errorf("got %v", got.ScopeID)
		}
	}
}
