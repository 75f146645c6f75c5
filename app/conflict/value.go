package conflict

import (
	"context"
	"strconv"
	"strings"
	"unicode"

	"keyturn/shared/domain"
	"keyturn/shared/syncproto"
)

// shape is what a field holds.
type shape int

const (
	// plain is what people wrote in their own words; several can be joined.
	plain shape = iota
	name
	number
	flag
	severity
	readings
	room
	link
	pin
	answer
	method
	inspected
)

// field is a field with a name for people: the key of its text.
type field struct {
	label string
	shape shape
}

// fields are those that people fill in one by one, by entity and key. Others are
// shown with their number.
var fields = map[domain.Entity]map[uint64]field{
	domain.EntityDefect: {
		3: {"room", room}, 8: {"description", plain},
		9: {"severity", severity}, 10: {"quantity", number}, 11: {"readings", readings}, 12: {"pin", pin}, 15: {"duplicate", link},
		16: {"owner_hidden", flag}, 19: {"public_area", link}, 21: {"warranty_class", name},
	},
	domain.EntityTask:        {3: {"stage", name}, 4: {"date", name}, 5: {"assignee", name}},
	domain.EntityAppointment: {3: {"date", name}, 4: {"slot", name}, 5: {"assignee", name}},
	domain.EntityUnit:        {18: {"note", plain}},
}

// label names a field.
func (w Words) label(e domain.Entity, key uint64) string {
	if f, ok := fields[e][key]; ok {
		return w.Text("conflict.field." + f.label)
	}
	return w.Text("conflict.field.other", "number", strconv.FormatUint(key, 10))
}

// value puts a field's value into words.
func (w Words) value(ctx context.Context, r Record, key uint64, v syncproto.Value) (string, error) {
	if syncproto.IsNull(v) {
		return w.Text("conflict.empty"), nil
	}
	f := syncproto.Fields{key: v}
	switch fields[r.Entity][key].shape {
	case severity:
		return read(w, f, key, w.Severity), nil
	case readings:
		return read(w, f, key, func(points []int64) string { return w.points(points, w.measure(r)) }), nil
	case flag:
		return read(w, f, key, w.yes), nil
	case room:
		code, err := syncproto.DecodeField[string](f, key)
		if err != nil {
			return "", err
		}
		_, named, err := w.place(ctx, r, code)
		return named, err
	case link:
		return w.Text("conflict.link"), nil
	case pin:
		return read(w, f, key, w.pin), nil
	default:
		return w.anything(f, key), nil
	}
}

// read decodes a value and puts it into words. A value of another type is one
// that this version does not know.
func read[T any](w Words, f syncproto.Fields, key uint64, say func(T) string) string {
	v, err := syncproto.DecodeField[T](f, key)
	if err != nil {
		return w.Text("conflict.unknown_value")
	}
	return say(v)
}

// anything shows texts and numbers as they are, and says of the rest that this
// version cannot show it.
func (w Words) anything(f syncproto.Fields, key uint64) string {
	if s, err := syncproto.DecodeField[string](f, key); err == nil {
		return s
	}
	if n, err := syncproto.DecodeField[int64](f, key); err == nil {
		return strconv.FormatInt(n, 10)
	}
	return w.Text("conflict.unknown_value")
}

func (w Words) yes(yes bool) string { return w.Text("conflict.flag." + strconv.FormatBool(yes)) }

func (w Words) pin(p domain.Pin) string {
	percent := func(millionths int64) string { return strconv.FormatInt(millionths/(domain.PinScale/100), 10) }
	return w.Text("conflict.pin", "x", percent(p.X), "y", percent(p.Y))
}

// measure is the unit of a record's readings, empty if it is not known.
func (w Words) measure(r Record) string {
	code, err := syncproto.DecodeField[string](r.Fields, 3)
	if err != nil || r.Entity != domain.EntityResult {
		return ""
	}
	item, ok := w.Catalogue.Item(code)
	if !ok {
		return ""
	}
	if key := "field.measure." + item.Unit; w.Texts.Has(w.Locale, key) {
		return w.Text(key)
	}
	return item.Unit
}

// points writes readings as people do: 3500 and 4000 mm are "3.5 / 4 mm".
func (w Words) points(points []int64, unit string) string {
	texts := make([]string, len(points))
	for i, p := range points {
		texts[i] = thousandths(p)
	}
	return strings.TrimSpace(strings.Join(texts, " / ") + " " + unit)
}

func thousandths(v int64) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	text := sign + strconv.FormatInt(v/1000, 10)
	if places := strings.TrimRight(strconv.FormatInt(1000+v%1000, 10)[1:], "0"); places != "" {
		text += "." + places
	}
	return text
}

// endings are what a text may end with that another one is joined to.
const endings = " .,;\u3002\uff0c\uff1b"

// together joins what people wrote, in the order in which they wrote it. A text
// that another one contains adds nothing. Texts are joined as their language
// does it, whoever reads them.
func together(texts []string) string {
	var kept []string
	for i, t := range texts {
		t = strings.TrimSpace(t)
		said := false
		for j, o := range texts {
			o = strings.TrimSpace(o)
			said = said || j != i && strings.Contains(o, t) && (o != t || j < i)
		}
		if !said {
			kept = append(kept, t)
		}
	}
	separator := "; "
	if strings.ContainsFunc(strings.Join(kept, ""), func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		separator = "\uff1b"
	}
	for i := range len(kept) - 1 {
		kept[i] = strings.TrimRight(kept[i], endings)
	}
	return strings.Join(kept, separator)
}
