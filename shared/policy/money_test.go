package policy_test

import (
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/policy"
)

func TestBackCharge(t *testing.T) {
	for name, tc := range map[string]struct {
		cost    domain.Fen
		rate    domain.BasisPoints
		penalty domain.Fen
		fee     domain.Fen
		total   domain.Fen
	}{
		"plain":             {100_000, 1500, 0, 15_000, 115_000},
		"penalty":           {100_000, 1500, 5_000, 15_000, 120_000},
		"half goes up":      {10, 1500, 0, 2, 12}, // 1.5 fen
		"below half":        {9, 1500, 0, 1, 10},  // 1.35 fen
		"other contract":    {333, 5000, 0, 167, 500},
		"no fee":            {333, 0, 7, 0, 340},
		"a large contract":  {18_650_000_000, 1500, 0, 2_797_500_000, 21_447_500_000},
		"nothing was spent": {0, 1500, 0, 0, 0},
	} {
		if fee, total := policy.BackCharge(tc.cost, tc.rate, tc.penalty); fee != tc.fee || total != tc.total {
			t.Errorf("%s: fee %d total %d", name, fee, total)
		}
	}
}

func TestRetentionBalance(t *testing.T) {
	entry := func(kind domain.LedgerKind, fen domain.Fen, charge byte) domain.LedgerEntry {
		return domain.LedgerEntry{Kind: kind, AmountFen: fen, BackChargeID: id[domain.BackCharge](charge)}
	}
	withheld := entry(domain.LedgerWithheld, 1000, 0)
	for name, tc := range map[string]struct {
		entries []domain.LedgerEntry
		want    policy.Balance
	}{
		"empty": {nil, policy.Balance{}},
		"held":  {[]domain.LedgerEntry{withheld, entry(domain.LedgerHeld, 300, 1)}, policy.Balance{Withheld: 1000, Held: 300, Available: 700}},
		"posted ends its hold only": {
			[]domain.LedgerEntry{withheld, entry(domain.LedgerHeld, 300, 1), entry(domain.LedgerHeld, 200, 2), entry(domain.LedgerPosted, 310, 1)},
			policy.Balance{Withheld: 1000, Posted: 310, Held: 200, Available: 490},
		},
		"order does not matter": {
			[]domain.LedgerEntry{entry(domain.LedgerPosted, 310, 1), entry(domain.LedgerHeld, 300, 1), withheld},
			policy.Balance{Withheld: 1000, Posted: 310, Available: 690},
		},
		"reversed after posting": {
			[]domain.LedgerEntry{withheld, entry(domain.LedgerHeld, 300, 1), entry(domain.LedgerPosted, 300, 1), entry(domain.LedgerReversed, 300, 1)},
			policy.Balance{Withheld: 1000, Available: 1000},
		},
		"reversed before posting": {
			[]domain.LedgerEntry{withheld, entry(domain.LedgerHeld, 300, 1), entry(domain.LedgerReversed, 300, 1)},
			policy.Balance{Withheld: 1000, Available: 1000},
		},
		"released": {
			[]domain.LedgerEntry{withheld, entry(domain.LedgerPosted, 400, 1), entry(domain.LedgerReleased, 600, 0)},
			policy.Balance{Withheld: 1000, Posted: 400, Released: 600},
		},
		"shortfall": {
			[]domain.LedgerEntry{withheld, entry(domain.LedgerPosted, 900, 1), entry(domain.LedgerHeld, 250, 2)},
			policy.Balance{Withheld: 1000, Posted: 900, Held: 250, Shortfall: 150},
		},
	} {
		if got := policy.RetentionBalance(tc.entries); got != tc.want {
			t.Errorf("%s: %+v, want %+v", name, got, tc.want)
		}
	}
}
