package conflict

import (
	"context"
	"errors"
	"slices"
	"strings"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// Told is what one op says, for a person who decides whether it is applied.
type Told struct {
	Subject
	Kind  syncproto.Kind
	Facts []Fact
}

// Fact is a field of an op in words.
type Fact struct{ What, Value string }

// toldFields are those that people fill in of what is signed and never
// contested, beside fields.
var toldFields = map[domain.Entity]map[uint64]field{
	domain.EntityReinspection: {2: {"statement", answer}, 6: {"note", plain}, 8: {"water_tested", flag}},
	domain.EntityConfirmation: {2: {"method", method}, 3: {"refused", flag}, 6: {"note", plain}},
	domain.EntityInspection:   {2: {"state", inspected}},
}

// filledInToo lists what the app fills in by itself of those.
var filledInToo = map[domain.Entity][]uint64{
	domain.EntityReinspection: {1, 3, 4, 5, 7},
	domain.EntityConfirmation: {1, 4, 5, 7},
}

// Told puts an op into words. Nobody vouches for it: what cannot be read is said
// to be so and is no error.
func (w Words) Told(ctx context.Context, s Source, op syncproto.Op) (Told, error) {
	t := Told{Kind: op.Kind}
	// What the op does not say, such as the unit of a defect that it changes, is
	// as this device knows it.
	r := Record{Entity: op.Entity, ID: op.ID, Fields: syncproto.Fields{}}
	known, _, err := s.Get(ctx, op.Entity, op.ID)
	if err != nil {
		return t, err
	}
	for _, fields := range []syncproto.Fields{known, op.Fields} {
		for key, v := range fields {
			r.Fields[key] = v
		}
	}
	if t.Subject, err = w.toldSubject(ctx, s, r); err != nil {
		return t, err
	}
	if op.Kind == syncproto.Commanded {
		return t, nil
	}
	saidWhole := false
	for _, key := range op.Fields.Keys() {
		switch {
		case slices.Contains(filledIn[op.Entity], key) && toldFields[op.Entity][key].label == "" && !whole(r, key) || slices.Contains(filledInToo[op.Entity], key):
		case op.Kind == syncproto.Recorded && t.Where != "" && fields[op.Entity][key].shape == room: // it is in Where
		case whole(r, key):
			if !saidWhole {
				saidWhole = true
				t.Facts = append(t.Facts, w.toldWhole(r, op.Fields))
			}
		default:
			f, err := w.toldField(ctx, r, key, op.Fields[key])
			if err != nil {
				return t, err
			}
			t.Facts = append(t.Facts, f)
		}
	}
	return t, nil
}

// toldSubject names the record; one that cannot be read has only its kind.
func (w Words) toldSubject(ctx context.Context, s Source, r Record) (Subject, error) {
	sub, err := w.subject(ctx, s, r)
	if errors.Is(err, syncproto.ErrBadFrame) {
		return Subject{Entity: r.Entity, ID: r.ID, Title: w.Text("field.entity." + r.Entity.String())}, nil
	}
	if err != nil || r.Entity != domain.EntityReinspection && r.Entity != domain.EntityConfirmation {
		return sub, err
	}
	f, ok, err := s.Get(ctx, domain.EntityTicket, r.Fields.Parent())
	if err != nil || !ok {
		return sub, err
	}
	ticket, err := syncproto.Decode[domain.Ticket](f)
	if err != nil {
		return sub, err
	}
	unit, room, err := w.Place(ctx, ticket.UnitID, ticket.Room)
	sub.Where = strings.Join(slices.DeleteFunc([]string{ticket.Number, unit, room}, func(s string) bool { return s == "" }), " · ")
	return sub, err
}

func (w Words) toldWhole(r Record, given syncproto.Fields) Fact {
	value, detail, err := w.whole(r, given)
	if err != nil {
		value = w.Text("conflict.unknown_value")
	}
	if detail != "" {
		value += "\n" + detail
	}
	return Fact{w.wholeLabel(r), value}
}

func (w Words) toldField(ctx context.Context, r Record, key uint64, v syncproto.Value) (Fact, error) {
	f, own := toldFields[r.Entity][key]
	if !own {
		value, err := w.value(ctx, r, key, v)
		if errors.Is(err, syncproto.ErrBadFrame) {
			value, err = w.Text("conflict.unknown_value"), nil
		}
		return Fact{w.label(r.Entity, key), value}, err
	}
	fields, value := syncproto.Fields{key: v}, ""
	switch f.shape {
	case flag:
		value = read(w, fields, key, w.yes)
	case answer:
		value = read(w, fields, key, w.Answer)
	case method, inspected:
		prefix := map[shape]string{method: "conflict.method.", inspected: "conflict.inspected."}[f.shape]
		value = read(w, fields, key, func(code string) string {
			if w.Texts.Has(w.Locale, prefix+code) {
				return w.Text(prefix + code)
			}
			return code
		})
	default:
		value = w.anything(fields, key)
	}
	return Fact{w.Text("conflict.field." + f.label), value}, nil
}
