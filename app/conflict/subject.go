package conflict

import (
	"context"
	"slices"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

// subject names a record and where it is.
func (w Words) subject(ctx context.Context, s Source, r Record) (Subject, error) {
	sub := Subject{Entity: r.Entity, ID: r.ID, Title: w.Text("field.entity." + r.Entity.String())}
	code := ""
	switch r.Entity {
	case domain.EntityDefect:
		d, err := merge.As[domain.Defect](r)
		if err != nil {
			return sub, err
		}
		code, sub.Title = d.Room, w.defect(d)
		if d.UnitID.IsZero() {
			sub.Where, err = publicArea(ctx, s, d.PublicAreaID)
			return sub, err
		}
	case domain.EntityResult:
		res, err := merge.As[domain.Result](r)
		if err != nil {
			return sub, err
		}
		code, sub.Title = res.Room, res.Item
		if item, ok := w.Catalogue.Item(res.Item); ok {
			sub.Title = item.Name(w.Locale)
		}
	}
	unit, room, err := w.place(ctx, r, code)
	sub.Where = unit
	if room != "" {
		sub.Where += " · " + room
	}
	return sub, err
}

func (w Words) defect(d domain.Defect) string {
	switch known, ok := w.Catalogue.Defect(d.LibraryCode); {
	case ok:
		return known.Name(w.Locale)
	case d.Description != "":
		return d.Description
	default:
		return w.Text("field.defect.unnamed")
	}
}

func publicArea(ctx context.Context, s Source, id domain.PublicAreaID) (string, error) {
	f, ok, err := s.Get(ctx, domain.EntityPublicArea, id.Any())
	if err != nil || !ok {
		return "", err
	}
	area, err := syncproto.Decode[domain.PublicArea](f)
	return area.Name, err
}

// unitKeys are the fields that name the unit of a record.
var unitKeys = map[domain.Entity]uint64{
	domain.EntityDefect: 1, domain.EntityResult: 8, domain.EntityTask: 1, domain.EntityAppointment: 1, domain.EntityInspection: 1,
}

// place names the unit of a record and one of its rooms.
func (w Words) place(ctx context.Context, r Record, room string) (unitName, roomName string, err error) {
	unit := domain.UnitID(r.ID)
	if key, ok := unitKeys[r.Entity]; ok {
		if unit, err = syncproto.DecodeField[domain.UnitID](r.Fields, key); err != nil {
			return "", "", err
		}
	} else if r.Entity != domain.EntityUnit {
		return "", "", nil
	}
	if unit.IsZero() {
		return "", room, nil
	}
	return w.Place(ctx, unit, room)
}

// wholes lists the fields that are chosen as one: of a result, an answer and the
// reading, reason and note that it comes with (PROTOCOL.md, section 10); of a
// defect, what the choice of its kind fills in.
var wholes = map[domain.Entity][]uint64{
	domain.EntityResult: {2, 5, 6, 7},
	domain.EntityDefect: {4, 5, 6, 7},
}

// filledIn lists the fields that the app fills in by itself: where one lost,
// nobody said anything that people would look for.
var filledIn = map[domain.Entity][]uint64{
	domain.EntityAppointment: {1, 6},
	domain.EntityTask:        {1, 2, 6, 7, 8},
	domain.EntityInspection:  {1, 2, 3, 4, 5, 6, 7, 8, 9},
	domain.EntityResult:      {1, 3, 4, 8, 9, 10},
	domain.EntityDefect:      {1, 2, 13, 14, 17, 18, 20},
	domain.EntityAttachment:  {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14},
}

// whole reports whether a field is chosen together with others.
func whole(r Record, key uint64) bool { return slices.Contains(wholes[r.Entity], key) }

// groups lists the fields of a record that are contested, those that are chosen
// as one together: what waits, or what lost.
func groups(r Record, open bool) (list [][]uint64) {
	together := -1
	for _, c := range r.Contests {
		switch {
		case c.Open != open, !open && slices.Contains(filledIn[r.Entity], c.Field):
		case !whole(r, c.Field):
			list = append(list, []uint64{c.Field})
		case together < 0:
			together = len(list)
			list = append(list, []uint64{c.Field})
		default:
			list[together] = append(list[together], c.Field)
		}
	}
	return list
}

// Count is how many questions there are about records.
func Count(records []Record) int {
	n := 0
	for _, r := range records {
		n += len(groups(r, true))
	}
	return n
}

// At is when a version was written: the corrected capture time or, before the
// server has seen it, the writer's clock.
func at(v merge.Version) domain.Instant {
	if v.At.Set() {
		return v.At
	}
	return domain.Instant(v.Stamp.HLC >> 16)
}
