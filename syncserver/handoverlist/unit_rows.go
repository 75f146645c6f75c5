package handoverlist

import (
	"strconv"
	"strings"

	"keyturn/shared/domain"
)

// unitRow is one row of the unit table.
type unitRow struct {
	row                                tableRow
	building, entrance, number, layout string
	floor                              int
	fitOut                             domain.FitOut
	contractArea, surveyedArea         int64
	completedOn, handoverOn            domain.Date
	owners                             []string
	phone, idLast4, bank, note         string
	sold                               bool
}

func (u unitRow) key() unitKey {
	return unitKey{buildingKey(u.building), entranceKey(u.entrance), numberKey(u.number)}
}

func (u unitRow) name() string { return unitName(u.building, u.entrance, u.number) }

// unitReader reads unit rows in order.
type unitReader struct {
	book *Book
	// building and entrance are those of the row above, for flat files.
	building, entrance string
}

var fitOuts = map[string]domain.FitOut{
	"毛坯": domain.FitOutShell, "毛坯房": domain.FitOutShell, "清水": domain.FitOutShell, "shell": domain.FitOutShell, "bareshell": domain.FitOutShell,
	"精装": domain.FitOutFitted, "精装修": domain.FitOutFitted, "全装修": domain.FitOutFitted, "装修": domain.FitOutFitted,
	"fitted": domain.FitOutFitted, "fittedout": domain.FitOutFitted, "fullyfitted": domain.FitOutFitted,
}

func (p *unitReader) read(r tableRow) {
	u := unitRow{
		row:          r,
		building:     plainNumber(r.text(colBuilding)),
		entrance:     plainNumber(r.text(colEntrance)),
		number:       plainNumber(r.required(colNumber)),
		layout:       r.text(colLayout),
		contractArea: r.area(colContractArea),
		surveyedArea: r.area(colSurveyedArea),
		completedOn:  r.date(colCompletedOn),
		handoverOn:   r.date(colHandoverOn),
		owners:       items(r.raw(colOwners)),
		bank:         r.text(colBank),
		note:         r.text(colNote),
	}
	p.fillDown(&u)
	if u.building == "" {
		r.missing(colBuilding)
	}
	u.readFloor()
	u.readFitOut()
	u.readPerson()
	p.book.units = append(p.book.units, u)
}

// fillDown repeats the building of the row above in a flat file, where merged
// cells have become blanks, and then the entrance, if it is blank too.
func (p *unitReader) fillDown(u *unitRow) {
	if !u.row.table.sheet.flat {
		return
	}
	if u.building != "" {
		p.building, p.entrance = u.building, u.entrance
		return
	}
	u.building = p.building
	if u.entrance == "" {
		u.entrance = p.entrance
	}
	p.entrance = u.entrance
}

func (u *unitRow) readFloor() {
	shown, derivable := floorFromNumber(numberKey(u.number))
	text := u.row.text(colFloor)
	if text == "" {
		u.floor = shown
		return
	}
	floor, ok := parseFloor(text)
	u.floor = floor
	switch {
	case !ok:
		u.row.refuse(colFloor, keyFloor)
	case derivable && floor != shown:
		u.row.warn(colFloor, keyFloorNumber, "number", u.number, "floor", strconv.Itoa(shown))
	}
}

func (u *unitRow) readFitOut() {
	text := u.row.text(colFitOut)
	if text == "" {
		return
	}
	known := false
	if u.fitOut, known = fitOuts[fold(text)]; !known {
		u.row.warn(colFitOut, keyFitOut)
	}
}

// readPerson reads what concerns the owners. An unsold unit has none, whatever
// the row says.
func (u *unitRow) readPerson() {
	phones, ok := parsePhones(u.row.raw(colPhone))
	if !ok {
		u.row.warn(colPhone, keyPhone)
	}
	u.phone = phones
	if text := u.row.text(colIDLast4); text != "" {
		if u.idLast4, ok = parseIDLast4(text); !ok {
			u.row.warn(colIDLast4, keyIDLast4)
		}
	}
	u.sold = len(u.owners) > 0
	if !u.row.has(colNote) {
		return
	}
	u.sold = !strings.Contains(u.note, "未售") && !strings.Contains(strings.ToLower(u.note), "unsold")
	switch {
	case !u.sold && len(u.owners) > 0:
		u.row.warn(colOwners, keyOwnerUnsold)
	case u.sold && len(u.owners) == 0 && u.row.has(colOwners):
		u.row.warn(colOwners, keyOwnerMissing)
	}
}
