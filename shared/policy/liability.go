package policy

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"

	"keyturn/shared/domain"
)

// ScopeFacts is a contract scope with its party.
type ScopeFacts struct {
	ID        domain.ScopeID
	PartyID   domain.PartyID
	PartyName string
	Kind      domain.PartyKind
	// Trades are library trades, already mapped from the contract's words.
	Trades []string
	// Buildings the scope covers; none listed means the whole project.
	Buildings     []string
	WarrantyStart domain.Date
	// LiabilityEnd is the end of the retention period (缺陷责任期), which is not
	// the end of the warranty.
	LiabilityEnd  domain.Date
	ResponseHours int64
}

// Liability says who has to repair.
type Liability struct {
	Found         bool
	ScopeID       domain.ScopeID
	PartyID       domain.PartyID
	ResponseHours int64
	Reason        domain.Reason
}

// Liable finds the contractor for a library trade in a building on a day.
// Third parties are never liable. Subcontractors go before general contractors
// (the specialist did the work), scopes in force on the day before others, then
// the scope with fewer trades, then with fewer buildings. Found is false when
// nothing matches; the ticket then stays recorded with the reason.
func Liable(trade, building string, scopes []ScopeFacts, on domain.Date) Liability {
	var fits []ScopeFacts
	for _, s := range scopes {
		if s.liableKind() && slices.Contains(s.Trades, trade) && (len(s.Buildings) == 0 || slices.Contains(s.Buildings, building)) {
			fits = append(fits, s)
		}
	}
	if len(fits) == 0 {
		return Liability{Reason: domain.Because(reasonLiabilityNoScope, "trade", trade, "building", building)}
	}
	best := slices.MinFunc(fits, func(a, b ScopeFacts) int {
		return cmp.Or(
			cmp.Compare(kindRank(a.Kind), kindRank(b.Kind)),
			-compareBool(a.inForce(on), b.inForce(on)),
			cmp.Compare(len(a.Trades), len(b.Trades)),
			-compareBool(len(a.Buildings) > 0, len(b.Buildings) > 0),
			cmp.Compare(len(a.Buildings), len(b.Buildings)),
			bytes.Compare(a.ID[:], b.ID[:]),
		)
	})
	key := reasonLiabilityGeneral
	if best.Kind == domain.PartySub {
		key = reasonLiabilitySub
	}
	if rivals(fits, best) {
		key = reasonLiabilitySeveral
	}
	return Liability{
		Found: true, ScopeID: best.ID, PartyID: best.PartyID, ResponseHours: best.ResponseHours,
		Reason: domain.Because(key, "party", best.PartyName, "trade", trade, "building", building, "matches", strconv.Itoa(len(fits))),
	}
}

func (s ScopeFacts) liableKind() bool {
	return s.Kind == domain.PartyGeneral || s.Kind == domain.PartySub
}

// inForce only ranks scopes: warranty outlasts the liability period, so a scope
// past it is still liable when no other fits.
func (s ScopeFacts) inForce(on domain.Date) bool {
	return s.WarrantyStart <= on && (s.LiabilityEnd == "" || on <= s.LiabilityEnd)
}

// rivals reports whether another party of the same kind fits too.
func rivals(fits []ScopeFacts, best ScopeFacts) bool {
	return slices.ContainsFunc(fits, func(s ScopeFacts) bool { return s.Kind == best.Kind && s.PartyID != best.PartyID })
}

func kindRank(k domain.PartyKind) int {
	if k == domain.PartySub {
		return 0
	}
	return 1
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
