package policy

import "keyturn/shared/domain"

// BackCharge is settled cost × (1 + fee) + penalty (domain spec 3.5). The fee is
// rounded half up to the fen, once.
func BackCharge(cost domain.Fen, fee domain.BasisPoints, penalty domain.Fen) (feeFen, total domain.Fen) {
	feeFen = fee.Of(cost)
	return feeFen, cost + feeFen + penalty
}

// Balance sums up a contract scope's retention ledger.
type Balance struct {
	// Withheld came in; Posted (less what was reversed) and Released went out.
	Withheld, Posted, Released domain.Fen
	// Held is reserved for back-charges that are not posted yet.
	Held domain.Fen
	// Available may be released or charged: never below zero.
	Available domain.Fen
	// Shortfall is what the ledger cannot cover: to be taken from pending
	// payments and then claimed.
	Shortfall domain.Fen
}

// RetentionBalance adds up ledger entries in any order. A hold ends when its
// back-charge is posted or reversed; a reversal gives back what was posted.
func RetentionBalance(entries []domain.LedgerEntry) Balance {
	var b Balance
	ended := map[domain.BackChargeID]bool{}
	posted := map[domain.BackChargeID]domain.Fen{}
	for _, e := range entries {
		if e.Kind == domain.LedgerPosted {
			posted[e.BackChargeID] += e.AmountFen
		}
		if !e.BackChargeID.IsZero() && (e.Kind == domain.LedgerPosted || e.Kind == domain.LedgerReversed) {
			ended[e.BackChargeID] = true
		}
	}
	for _, e := range entries {
		switch e.Kind {
		case domain.LedgerWithheld:
			b.Withheld += e.AmountFen
		case domain.LedgerReleased:
			b.Released += e.AmountFen
		case domain.LedgerHeld:
			if !ended[e.BackChargeID] {
				b.Held += e.AmountFen
			}
		case domain.LedgerReversed:
			// A back-charge reversed before posting only ends its hold.
			posted[e.BackChargeID] = max(0, posted[e.BackChargeID]-e.AmountFen)
		}
	}
	for _, fen := range posted {
		b.Posted += fen
	}
	left := b.Withheld - b.Posted - b.Released - b.Held
	b.Available, b.Shortfall = max(left, 0), max(-left, 0)
	return b
}
