package merge

import (
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/syncproto"
)

// An erasure leaves no value behind, neither the one in force nor those that
// lost, and what was written without knowing of it would bring one back.
func TestErase(t *testing.T) {
	device := func(name string) domain.DeviceID { return ident.Derive[domain.Device](name) }
	op := func(name string, kind syncproto.Kind, base, hlc uint64, f syncproto.Fields) syncproto.Op {
		return syncproto.Op{Device: device(name), Entity: domain.EntityHomeowner, ID: domain.AnyID{1}, Kind: kind, BaseSeq: base, HLC: hlc, Fields: f}
	}
	text := func(s string) syncproto.Value { return syncproto.Value(append([]byte{0x60 + byte(len(s))}, s...)) }
	r, _ := Apply(Record{}, op("a", syncproto.Recorded, 0, 1, syncproto.Fields{1: text("unit"), 3: text("name"), 4: text("phone")}), 1)
	r, _ = Apply(r, op("a", syncproto.Amended, 1, 5, syncproto.Fields{4: text("second")}), 2)
	r, _ = Apply(r, op("b", syncproto.Amended, 1, 4, syncproto.Fields{4: text("loser")}), 3)
	if len(r.Contests) != 1 {
		t.Fatalf("%+v", r.Contests)
	}
	erased, conflict := Apply(r, op("server", syncproto.Erased, 3, 9, syncproto.Fields{3: syncproto.Null, 4: syncproto.Null}), 4)
	if conflict || len(erased.Contests) != 0 || len(erased.Fields) != 1 || string(erased.Fields[1]) != string(text("unit")) {
		t.Errorf("%+v", erased)
	}
	for name, c := range map[string]struct {
		base    uint64
		fields  syncproto.Fields
		revives bool
	}{
		"unseen": {3, syncproto.Fields{4: text("phone")}, true}, "seen": {4, syncproto.Fields{4: text("next")}, false},
		"another field": {3, syncproto.Fields{1: text("unit")}, false}, "cleared": {3, syncproto.Fields{4: syncproto.Null}, false},
	} {
		if got := erased.Revives(op("b", syncproto.Amended, c.base, 10, c.fields)); got != c.revives {
			t.Errorf("%s: revives %v", name, got)
		}
	}
	next, _ := Apply(erased, op("b", syncproto.Amended, 4, 10, syncproto.Fields{4: text("next")}), 5)
	if string(next.Fields[4]) != string(text("next")) || len(next.Contests) != 0 || len(r.Contests) != 1 {
		t.Errorf("%+v", next)
	}
}
