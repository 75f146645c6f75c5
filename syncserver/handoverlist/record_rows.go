package handoverlist

import (
	"errors"

	"keyturn/shared/domain"
)

func (k unitKey) parts() []string { return []string{k.building, k.entrance, k.number} }

func (d *desire) addUnits() error {
	booked := make(map[unitKey]bool, len(d.book.appointments))
	for _, a := range d.book.appointments {
		booked[a.key()] = true
	}
	for _, u := range d.book.units {
		err := errors.Join(d.addBuilding(u), d.addLayout(u), d.addUnit(u, booked[u.key()]), d.addHomeowner(u))
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *desire) addBuilding(u unitRow) error {
	name := d.book.buildings.name(u.building)
	return d.add(naming{domain.EntityBuilding, []string{u.key().building}, name}, u.row,
		domain.Building{ProjectID: d.project, Name: name})
}

func (d *desire) addLayout(u unitRow) error {
	if u.layout == "" {
		return nil
	}
	return d.add(naming{domain.EntityLayout, []string{layoutKey(u.layout)}, u.layout}, u.row,
		domain.Layout{ProjectID: d.project, Code: layoutCode(u.layout), Name: u.layout})
}

func (d *desire) addUnit(u unitRow, booked bool) error {
	key := u.key()
	unit := domain.Unit{
		BuildingID: domain.BuildingID(d.id(domain.EntityBuilding, key.building)),
		State:      domain.UnitPending,
		Building:   d.book.buildings.name(u.building), Entrance: u.entrance, Floor: u.floor, Number: u.number,
		Layout: u.layout, FitOut: u.fitOut,
		ContractAreaCM2: u.contractArea, SurveyedAreaCM2: u.surveyedArea,
		CompletedOn: u.completedOn, ContractHandoverOn: u.handoverOn,
		Sold: u.sold, Note: u.note,
	}
	if booked {
		unit.State = domain.UnitBooked
	}
	if u.layout != "" {
		unit.LayoutID = domain.LayoutID(d.id(domain.EntityLayout, layoutKey(u.layout)))
	}
	if u.sold {
		unit.OwnerMasked, unit.PhoneMasked = maskNames(u.owners), maskPhones(u.phone)
	}
	return d.add(naming{domain.EntityUnit, key.parts(), u.name()}, u.row, unit)
}

func (d *desire) addHomeowner(u unitRow) error {
	if !u.sold || len(u.owners) == 0 && u.phone == "" {
		return nil
	}
	return d.add(naming{domain.EntityHomeowner, u.key().parts(), u.name()}, u.row, domain.Homeowner{
		UnitID: domain.UnitID(d.id(domain.EntityUnit, u.key().parts()...)),
		Names:  u.owners, Phone: u.phone, IDLast4: u.idLast4, Bank: u.bank,
	})
}

func (d *desire) addAppointments() error {
	for _, a := range d.book.appointments {
		err := d.add(
			naming{domain.EntityAppointment, append(a.key().parts(), string(a.date)), a.unitName() + " " + string(a.date)}, a.row,
			domain.Appointment{
				UnitID: domain.UnitID(d.id(domain.EntityUnit, a.key().parts()...)),
				Date:   a.date, Slot: a.slot, Inspector: a.inspector,
			})
		if err != nil {
			return err
		}
	}
	return nil
}

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
