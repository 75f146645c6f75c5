package handoverlist

import (
	"errors"

	"keyturn/shared/domain"
)

func (d *desire) addScopes() error {
	for _, s := range d.book.scopes {
		if err := errors.Join(d.addParty(s), d.addScope(s)); err != nil {
			return err
		}
	}
	return nil
}

func (d *desire) addParty(s scopeRow) error {
	company := compact(s.company)
	err := d.add(naming{domain.EntityParty, []string{company}, s.company}, s.row,
		domain.Party{ProjectID: d.project, Kind: s.kind, Name: s.company})
	if err != nil || s.contact == "" && s.phone == "" {
		return err
	}
	return d.add(naming{domain.EntityPartyContact, []string{company}, s.company}, s.row, domain.PartyContact{
		PartyID: domain.PartyID(d.id(domain.EntityParty, company)), Name: s.contact, Phone: s.phone,
	})
}

func (d *desire) addScope(s scopeRow) error {
	key := s.key()
	parts := []string{key.company, key.trade, key.building}
	err := d.add(naming{domain.EntityScope, parts, s.name()}, s.row, domain.ContractScope{
		PartyID: domain.PartyID(d.id(domain.EntityParty, key.company)),
		Trades:  s.trades, Buildings: s.buildings,
		WarrantyStart: s.warrantyStart, LiabilityEnd: s.liabilityEnd, ResponseHours: s.responseHours,
	})
	if err != nil || !s.hasTerms() {
		return err
	}
	return d.add(naming{domain.EntityTerms, parts, s.name()}, s.row, domain.ContractTerms{
		ScopeID:       domain.ScopeID(d.id(domain.EntityScope, parts...)),
		SettlementFen: s.settlement, RetentionRate: s.retention, FeeRate: s.feeRate,
	})
}
