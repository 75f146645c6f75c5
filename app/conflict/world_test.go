package conflict

import (
	"context"
	"sync"
	"testing"
	"time"

	reference "keyturn/assets/catalog"
	"keyturn/assets/translations"
	"keyturn/shared/catalog"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

var (
	li     = ident.Derive[domain.Person]("li")
	wang   = ident.Derive[domain.Person]("wang")
	people = map[domain.PersonID]string{li: "Sample Li", wang: "Sample Wang"}
	unit   = ident.Derive[domain.Unit]("unit")
	area   = ident.Derive[domain.PublicArea]("area")
	// began is when the first of the ops was captured; each comes a minute later.
	began = domain.At(time.Date(2026, 9, 26, 1, 0, 0, 0, time.UTC))
)

var shipped = sync.OnceValues(func() (*catalog.Catalogue, error) { return catalog.Load(reference.FS) })

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// words are those of Li.
func words(t testing.TB, locale string) Words {
	t.Helper()
	texts, err := wording.Load(translations.FS)
	must(t, err)
	cat, err := shipped()
	must(t, err)
	w := Words{Reader: wording.Reader{Texts: texts, Locale: locale, Zone: time.UTC}, Catalogue: cat, Me: li}
	w.Person = func(id domain.PersonID) string { return people[id] }
	w.Severity = func(s domain.Severity) string { return w.Text("severity." + s.String()) }
	w.Answer = func(a domain.Answer) string { return w.Text("field.answer." + string(a)) }
	w.Place = func(_ context.Context, id domain.UnitID, room string) (string, string, error) {
		if id != unit {
			t.Errorf("asked for unit %s", id)
		}
		return "1# 101", room, nil
	}
	return w
}

// source holds one public area.
type source struct{}

func (source) Get(_ context.Context, e domain.Entity, id domain.AnyID) (syncproto.Fields, bool, error) {
	if e != domain.EntityPublicArea || id != area.Any() {
		return nil, false, nil
	}
	f, err := syncproto.Encode(domain.PublicArea{Name: "Lobby"})
	return f, true, err
}

// wrote is what somebody, on a device of their own, wrote into a record.
type wrote struct {
	who    domain.PersonID
	base   uint64
	record any
}

// written is a record after several people wrote into it.
func written(t testing.TB, e domain.Entity, ops ...wrote) Record {
	t.Helper()
	r := Record{}
	for i, o := range ops {
		f, err := syncproto.Encode(o.record)
		must(t, err)
		r = applied(r, e, o.who, o.base, i, f)
	}
	return r
}

func applied(r Record, e domain.Entity, who domain.PersonID, base uint64, minute int, f syncproto.Fields) Record {
	captured := began.Add(time.Duration(minute) * time.Minute)
	next, _ := merge.Apply(r, syncproto.Op{
		Device: ident.Derive[domain.Device](people[who]), Actor: who, BaseSeq: base, Kind: syncproto.Amended, Entity: e,
		ID: ident.Derive[any]("record"), Fields: f, At: captured, HLC: uint64(captured) << 16,
	}, r.Seq+1)
	return next
}

// decided is the record after a person chose.
func decided(t testing.TB, r Record, d Decision) Record {
	t.Helper()
	if d.Entity != r.Entity || d.ID != r.ID || len(d.Values) == 0 {
		t.Fatalf("%+v", d)
	}
	return applied(r, r.Entity, li, r.Seq, 60, d.Values)
}

func (w Words) one(t testing.TB, r Record) Question {
	t.Helper()
	list, err := w.Questions(t.Context(), source{}, []Record{r})
	must(t, err)
	if len(list) != 1 || Count([]Record{r}) != 1 {
		t.Fatalf("%d questions: %+v", len(list), list)
	}
	return list[0]
}
