package handoverlist

import (
	"strconv"

	"keyturn/shared/domain"
)

// check compares rows with each other; faults go to the list that the rows'
// tables share.
func (b *Book) check() {
	known := b.checkUnits()
	b.checkLayouts()
	b.checkScopes()
	b.checkParties()
	b.checkAppointments(known)
}

// checkUnits finds units that are listed twice and returns whether each is
// sold. Rows without a key have their own fault.
func (b *Book) checkUnits() (sold map[unitKey]bool) {
	sold = make(map[unitKey]bool, len(b.units))
	first := make(map[unitKey]place, len(b.units))
	for _, u := range b.units {
		if u.building == "" || u.number == "" {
			continue
		}
		b.buildings.learn(u.building)
		key := u.key()
		if at, again := first[key]; again {
			u.row.refuse(colNumber, keyDuplicateUnit, "unit", u.name(), "sheet", at.sheet, "row", strconv.Itoa(at.row))
			continue
		}
		first[key] = u.row.place()
		sold[key] = u.sold
	}
	return sold
}

// checkLayouts finds one code with two descriptions.
func (b *Book) checkLayouts() {
	first := map[string]string{}
	for _, u := range b.units {
		code := layoutCode(u.layout)
		if code == "" {
			continue
		}
		name, seen := first[code]
		if !seen {
			first[code] = u.layout
		} else if name != u.layout {
			u.row.warn(colLayout, keyLayoutDiffers, "code", code, "name", name)
		}
	}
}

// checkScopes expands building ranges, which may mean the unit table's names,
// and finds scopes that are listed twice.
func (b *Book) checkScopes() {
	first := map[scopeKey]place{}
	for i := range b.scopes {
		s := &b.scopes[i]
		text := s.row.text(colBuildings)
		if text == "" {
			continue
		}
		ok := false
		if s.buildings, ok = expandBuildings(text, b.buildings); !ok {
			s.row.refuse(colBuildings, keyBuildingRange)
			continue
		}
		if b.hasUnits && !anyKnown(s.buildings, b.buildings) {
			s.row.warn(colBuildings, keyBuildingUnknown)
		}
		if s.company == "" || len(s.trades) == 0 {
			continue
		}
		if at, again := first[s.key()]; again {
			s.row.refuse(colCompany, keyDuplicateScope, "sheet", at.sheet, "row", strconv.Itoa(at.row))
			continue
		}
		first[s.key()] = s.row.place()
	}
}

func anyKnown(names []string, known *buildingNames) bool {
	for _, n := range names {
		if known.has(n) {
			return true
		}
	}
	return false
}

// checkParties finds rows of one company that disagree on what is kept once a
// company.
func (b *Book) checkParties() {
	first := map[string]*scopeRow{}
	for i := range b.scopes {
		s := &b.scopes[i]
		was, seen := first[compact(s.company)]
		if !seen {
			first[compact(s.company)] = s
			continue
		}
		row := strconv.Itoa(was.row.row.number)
		if s.kind != was.kind {
			s.row.warn(colPartyKind, keyPartyDiffers, "row", row)
		}
		if s.contact != was.contact || s.phone != was.phone {
			s.row.warn(colContact, keyPartyDiffers, "row", row)
		}
	}
}

// checkAppointments looks units up; without a unit table the plan does so.
func (b *Book) checkAppointments(sold map[unitKey]bool) {
	type slot struct {
		unit unitKey
		date domain.Date
	}
	first := map[slot]place{}
	for _, a := range b.appointments {
		if a.building == "" || a.number == "" || a.date == "" {
			continue
		}
		if b.hasUnits {
			isSold, listed := sold[a.key()]
			switch {
			case !listed:
				a.row.refuse(colNumber, keyUnitUnknown, "unit", a.unitName())
			case !isSold:
				a.row.warn(colNumber, keyUnitUnsold, "unit", a.unitName())
			}
		}
		key := slot{a.key(), a.date}
		if at, again := first[key]; again {
			a.row.refuse(colNumber, keyDuplicateAppointment, "unit", a.unitName(), "date", string(a.date), "sheet", at.sheet, "row", strconv.Itoa(at.row))
			continue
		}
		first[key] = a.row.place()
	}
}
