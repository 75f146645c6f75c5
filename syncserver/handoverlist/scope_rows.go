package handoverlist

import (
	"strings"

	"keyturn/shared/domain"
)

// scopeRow is one row of the table of contract scopes.
type scopeRow struct {
	row           tableRow
	company       string
	kind          domain.PartyKind
	trades        []string
	buildings     []string
	warrantyStart domain.Date
	liabilityEnd  domain.Date
	settlement    domain.Fen
	retention     domain.BasisPoints
	feeRate       domain.BasisPoints
	responseHours int64
	contact       string
	phone         string
}

var partyKinds = map[string]domain.PartyKind{
	"总包": domain.PartyGeneral, "总承包": domain.PartyGeneral, "施工总承包": domain.PartyGeneral,
	"general": domain.PartyGeneral, "generalcontractor": domain.PartyGeneral, "maincontractor": domain.PartyGeneral,
	"分包": domain.PartySub, "专业分包": domain.PartySub, "专业承包": domain.PartySub,
	"sub": domain.PartySub, "subcontractor": domain.PartySub,
	"第三方": domain.PartyThirdParty, "第三方维修": domain.PartyThirdParty, "thirdparty": domain.PartyThirdParty,
}

func (b *Book) readScope(r tableRow) {
	s := scopeRow{
		row:           r,
		company:       r.required(colCompany),
		trades:        items(r.raw(colTrades)),
		warrantyStart: r.date(colWarrantyStart),
		liabilityEnd:  r.date(colLiabilityEnd),
		settlement:    r.money(colSettlement),
		retention:     r.rate(colRetention),
		feeRate:       r.rate(colFeeRate),
		responseHours: r.hours(colResponse),
		contact:       r.text(colContact),
	}
	if kind := r.required(colPartyKind); kind != "" {
		known := false
		if s.kind, known = partyKinds[fold(kind)]; !known {
			r.refuse(colPartyKind, keyPartyKind)
		}
	}
	r.required(colBuildings)
	if len(s.trades) == 0 {
		r.missing(colTrades)
	}
	ok := false
	if s.phone, ok = parsePhones(r.raw(colPhone)); !ok {
		r.warn(colPhone, keyPhone)
	}
	if s.warrantyStart != "" && s.liabilityEnd != "" && s.liabilityEnd < s.warrantyStart {
		r.warn(colLiabilityEnd, keyDatesOrder)
	}
	b.scopes = append(b.scopes, s)
}

// hasTerms reports whether the row says anything about money.
func (s scopeRow) hasTerms() bool { return s.settlement != 0 || s.retention != 0 || s.feeRate != 0 }

// name is the scope for people: company and trades.
func (s scopeRow) name() string { return s.company + " " + strings.Join(s.trades, "、") }

// scopeKey knows a scope again after trades or buildings were added to it. Two
// rows with one key overlap for certain.
type scopeKey struct{ company, trade, building string }

// key needs at least one trade and one building, which checkScopes sees to.
func (s scopeRow) key() scopeKey {
	return scopeKey{compact(s.company), compact(s.trades[0]), buildingKey(s.buildings[0])}
}
