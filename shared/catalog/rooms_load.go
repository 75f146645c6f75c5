package catalog

import (
	"slices"

	"keyturn/shared/domain"
)

type roomType struct {
	types          []domain.RoomType
	fallback       domain.RoomType
	nameZH, nameEN string
}

var allRoomTypes = []domain.RoomType{
	domain.RoomLiving, domain.RoomDining, domain.RoomBed, domain.RoomKitchen, domain.RoomBath, domain.RoomBalcony,
	domain.RoomEntrance, domain.RoomStorage, domain.RoomCorridor, domain.RoomPublic, domain.RoomExterior,
	domain.RoomBasement, domain.RoomPlant, domain.RoomDocument, domain.RoomWhole,
}

// loadRoomTypes reads every spelling of a place in the other tables.
func (c *Catalogue) loadRoomTypes(l *loader) {
	c.roomTypes = map[string]roomType{}
	rows := l.table("room_types.csv", "spelling", "room_types", "fallback", "name_zh", "name_en", "tag", "note")
	for _, r := range unique(rows, "spelling") {
		t := roomType{nameZH: r.text("name_zh"), nameEN: r.text("name_en")}
		for _, name := range r.list("room_types") {
			if !slices.Contains(allRoomTypes, domain.RoomType(name)) {
				r.fault("room_types", ErrUnresolved)
			}
			t.types = append(t.types, domain.RoomType(name))
		}
		r.must("room_types")
		if t.fallback = domain.RoomType(r.text("fallback")); t.fallback != "" && t.fallback != domain.RoomWhole {
			r.fault("fallback", ErrValue)
		}
		r.tag("tag")
		c.roomTypes[r.must("spelling")] = t
	}
	for _, t := range allRoomTypes {
		if known := c.roomTypes[string(t)]; len(rows) > 0 && (known.nameZH == "" || known.nameEN == "") {
			l.faults = append(l.faults, &Fault{File: "room_types.csv", Column: "spelling", Value: string(t), Err: ErrMissing})
		}
	}
}

// rooms resolves a "|" list of spellings.
func (c *Catalogue) rooms(r row, column string) (types []domain.RoomType, fallback domain.RoomType) {
	r.must(column)
	for _, spelling := range r.list(column) {
		t, ok := c.roomTypes[spelling]
		if !ok {
			r.fault(column, ErrUnresolved)
		}
		for _, one := range t.types {
			if !slices.Contains(types, one) {
				types = append(types, one)
			}
		}
		if t.fallback != "" {
			fallback = t.fallback
		}
	}
	return types, fallback
}

// RoomTypeName names a room type for the locale; empty for an unknown one.
func (c *Catalogue) RoomTypeName(t domain.RoomType, locale string) string {
	known := c.roomTypes[string(t)]
	return inLocale(locale, known.nameZH, known.nameEN)
}
