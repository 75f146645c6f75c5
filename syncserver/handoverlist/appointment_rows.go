package handoverlist

import "keyturn/shared/domain"

// appointmentRow is one row of the table of appointments.
type appointmentRow struct {
	row                        tableRow
	building, entrance, number string
	date                       domain.Date
	slot, inspector            string
}

func (a appointmentRow) key() unitKey {
	return unitKey{buildingKey(a.building), entranceKey(a.entrance), numberKey(a.number)}
}

func (a appointmentRow) unitName() string { return unitName(a.building, a.entrance, a.number) }

func (b *Book) readAppointment(r tableRow) {
	a := appointmentRow{
		row:       r,
		building:  plainNumber(r.required(colBuilding)),
		entrance:  plainNumber(r.text(colEntrance)),
		number:    plainNumber(r.required(colNumber)),
		slot:      parseSlot(r.text(colSlot)),
		inspector: r.text(colInspector),
	}
	if r.required(colDate) != "" {
		a.date = r.date(colDate)
	}
	// Arrival is witnessed in the app; a list kept by hand is no evidence of it.
	if r.text(colArrived) != "" {
		r.warn(colArrived, keyArrived)
	}
	b.appointments = append(b.appointments, a)
}
