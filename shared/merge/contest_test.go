package merge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/ident"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
)

var (
	tabletC = ident.Derive[domain.Device]("c")
	tablets = map[string]domain.DeviceID{"A": tabletA, "B": tabletB, "C": tabletC}
)

// entry is an op of one tablet, named A, B or C, on one field.
type entry struct {
	tablet string
	base   uint64
	hlc    uint64
	field  uint64
	value  any
}

// failing is a test or a run of a property.
type failing interface {
	Helper()
	Fatal(args ...any)
}

func encoded(t failing, v any) syncproto.Value {
	t.Helper()
	if v == nil {
		return syncproto.Null
	}
	b, err := syncproto.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// said is a field as text: the value in force, "|" and the versions of the open
// contest, "~" and those of the closed one.
func said(t failing, r merge.Record, field uint64) string {
	t.Helper()
	word := func(v []byte) string {
		var value any
		if !syncproto.IsNull(v) {
			if err := syncproto.Unmarshal(v, &value); err != nil {
				t.Fatal(err)
			}
		}
		return fmt.Sprint(value)
	}
	text := word(r.Fields[field])
	for _, c := range r.Contests {
		if c.Field != field {
			continue
		}
		sign := "~"
		if c.Open {
			sign = "|"
		}
		text += " " + sign
		for _, v := range c.Versions {
			text += " " + word(v.Value)
		}
	}
	return text
}

// TestContests follows the ways in which values meet, one op a line.
func TestContests(t *testing.T) {
	const description, severity, room = 8, 9, 3
	for name, c := range map[string]struct {
		entity domain.Entity
		ops    []entry
		want   string // of the last op's field
	}{
		"the first is in force, both are open": {ops: []entry{
			{"A", 0, 1, description, "a"}, {"B", 0, 9, description, "b"},
		}, want: "a | a b"},
		"three of them": {ops: []entry{
			{"A", 0, 1, description, "a"}, {"B", 0, 9, description, "b"}, {"C", 0, 9, description, "c"},
		}, want: "a | a b c"},
		"an own value is replaced in its place": {ops: []entry{
			{"A", 0, 1, description, "a"}, {"B", 0, 9, description, "b"}, {"A", 0, 9, description, "a2"},
		}, want: "a2 | a2 b"},
		"the one that was replaced in its place is found by the next": {ops: []entry{
			{"A", 0, 1, severity, 2}, {"B", 0, 9, severity, 1}, {"A", 0, 9, severity, 3}, {"C", 0, 9, severity, 4},
		}, want: "4 | 3 1 4"},
		"who has seen both decides": {ops: []entry{
			{"A", 0, 1, description, "a"}, {"B", 0, 9, description, "b"}, {"C", 2, 9, description, "c"},
		}, want: "c ~ a b"},
		"who has seen one leaves the other open": {ops: []entry{
			{"A", 0, 1, description, "a"}, {"B", 0, 9, description, "b"}, {"C", 1, 9, description, "c"},
		}, want: "c | c b"},
		"two decisions are another contest": {ops: []entry{
			{"A", 0, 1, description, "a"},
			{"B", 0, 9, description, "b"},
			{"A", 2, 9, description, "x"},
			{"B", 2, 9, description, "y"},
		}, want: "x | x y ~ a b"},
		"agreement ends it": {ops: []entry{
			{"A", 0, 1, description, "a"}, {"B", 0, 9, description, "b"}, {"A", 0, 9, description, "b"},
		}, want: "b"},
		"the same from two is nothing": {ops: []entry{
			{"A", 0, 1, description, "a"}, {"B", 0, 9, description, "a"},
		}, want: "a"},
		"the same from two against a third stays with both": {ops: []entry{
			{"A", 0, 1, description, "a"}, {"B", 0, 9, description, "b"}, {"C", 0, 9, description, "b"},
		}, want: "a | a b b"},
		"both cleared": {ops: []entry{
			{"A", 0, 1, description, "a"}, {"A", 1, 2, description, nil}, {"B", 1, 3, description, nil},
		}, want: "<nil>"},
		"cleared against written": {ops: []entry{
			{"A", 0, 1, description, "a"}, {"A", 1, 2, description, nil}, {"B", 1, 3, description, "b"},
		}, want: "<nil> | <nil> b"},
		"the highest severity is in force": {ops: []entry{
			{"A", 0, 1, severity, 2}, {"B", 0, 9, severity, 4}, {"C", 0, 9, severity, 3},
		}, want: "4 | 2 4 3"},
		"when the highest is taken back the next is": {ops: []entry{
			{"A", 0, 1, severity, 2}, {"B", 0, 9, severity, 4}, {"C", 0, 9, severity, 3}, {"B", 0, 9, severity, 1},
		}, want: "3 | 2 1 3"},
		"the later clock wins and the loser is kept": {ops: []entry{
			{"A", 0, 50, room, "LIV1"}, {"B", 0, 40, room, "BED1"},
		}, want: "LIV1 ~ BED1"},
		"a tie stays": {ops: []entry{
			{"A", 0, 50, room, "LIV1"}, {"B", 0, 50, room, "BED1"},
		}, want: "LIV1 ~ BED1"},
		"whoever loses": {ops: []entry{
			{"A", 0, 50, room, "LIV1"}, {"B", 0, 60, room, "BED1"},
		}, want: "BED1 ~ LIV1"},
		"of one writer's losers the newest": {ops: []entry{
			{"A", 0, 50, room, "LIV1"}, {"B", 0, 40, room, "BED1"}, {"B", 0, 45, room, "BED2"}, {"C", 0, 41, room, "KIT1"},
		}, want: "LIV1 ~ BED2 KIT1"},
		"a loser of one writer outlives what another one writes": {ops: []entry{
			{"A", 0, 50, room, "LIV1"}, {"B", 0, 40, room, "BED1"}, {"C", 0, 40, room, "BED1"}, {"C", 0, 40, room, "KIT1"},
		}, want: "LIV1 ~ BED1 KIT1"},
		"a loser taken again changes places": {ops: []entry{
			{"A", 0, 50, room, "LIV1"}, {"B", 0, 40, room, "BED1"}, {"C", 2, 60, room, "BED1"},
		}, want: "BED1 ~ LIV1"},
		"what is written knowingly leaves the losers": {ops: []entry{
			{"A", 0, 50, room, "LIV1"}, {"B", 0, 40, room, "BED1"}, {"C", 2, 60, room, "KIT1"},
		}, want: "KIT1 ~ BED1"},
		"nothing that lost is an empty value": {ops: []entry{
			{"A", 0, 50, room, "LIV1"}, {"B", 0, 40, room, nil},
		}, want: "LIV1"},
		"the assignee of a task": {entity: domain.EntityTask, ops: []entry{
			{"A", 0, 1, 5, "Sample A"}, {"B", 0, 9, 5, "Sample B"},
		}, want: "Sample A | Sample A Sample B"},
		"the assignee of an appointment": {entity: domain.EntityAppointment, ops: []entry{
			{"A", 0, 1, 5, "Sample A"}, {"B", 0, 9, 5, "Sample B"},
		}, want: "Sample A | Sample A Sample B"},
		"the day of an appointment": {entity: domain.EntityAppointment, ops: []entry{
			{"A", 0, 1, 3, "2026-09-26"}, {"B", 0, 9, 3, "2026-09-27"},
		}, want: "2026-09-27 ~ 2026-09-26"},
		"the worst answer is in force": {entity: domain.EntityResult, ops: []entry{
			{"A", 0, 1, 2, "na"}, {"B", 0, 9, 2, "fail"}, {"C", 0, 9, 2, "pass"},
		}, want: "fail | na fail pass"},
	} {
		if c.entity == 0 {
			c.entity = domain.EntityDefect
		}
		r, conflict := merge.Record{}, false
		for i, e := range c.ops {
			r, conflict = merge.Apply(r, syncproto.Op{
				Device: tablets[e.tablet], BaseSeq: e.base, HLC: e.hlc, Kind: syncproto.Amended, Entity: c.entity, ID: defect,
				Fields: syncproto.Fields{e.field: encoded(t, e.value)},
			}, uint64(i+1))
		}
		if got := said(t, r, c.ops[len(c.ops)-1].field); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if open := strings.Contains(c.want, "|"); conflict != open {
			t.Errorf("%s: answered as a conflict %v, want %v", name, conflict, open)
		}
	}
}

// What is in force of a result comes from one answer: a failure never stands
// beside the reading and the name of somebody whose answer was "pass".
func TestResultStaysTogether(t *testing.T) {
	r := merge.Record{}
	answer := func(tablet string, base uint64, a domain.Answer, reading int64, hlc uint64) {
		f, err := syncproto.Encode(domain.Result{
			Answer: a, Readings: []int64{reading}, Verdict: domain.Because("judged." + tablet), Note: "note " + tablet,
			Inspector: ident.Derive[domain.Person](tablet), CapturedAt: domain.Instant(hlc),
		})
		if err != nil {
			t.Fatal(err)
		}
		r, _ = merge.Apply(r, syncproto.Op{Device: tablets[tablet], BaseSeq: base, HLC: hlc, Kind: syncproto.Recorded, Entity: domain.EntityResult, ID: defect, Fields: f}, r.Seq+1)
	}
	for _, c := range []struct {
		name string
		do   func()
		want string
	}{
		{"the first passes", func() { answer("A", 0, domain.AnswerPass, 1500, 100) }, "A"},
		{"the second fails", func() { answer("B", 0, domain.AnswerFail, 3500, 50) }, "B"},
		{"the third passes later", func() { answer("C", 0, domain.AnswerPass, 1400, 900) }, "B"},
		{"a person decides", func() { answer("A", 3, domain.AnswerPass, 1500, 950) }, "A"},
	} {
		c.do()
		got, err := merge.As[domain.Result](r)
		if err != nil {
			t.Fatal(err)
		}
		if got.Verdict.Key != "judged."+c.want || got.Note != "note "+c.want || got.Inspector != ident.Derive[domain.Person](c.want) {
			t.Errorf("%s: %+v, want all of %s", c.name, got, c.want)
		}
	}
	if r.OpenContests() != 0 {
		t.Errorf("still open: %+v", r.Contests)
	}
}

// The device's own pending op takes a contest off the screen only if its writer
// has seen it.
func TestOverlayHidesWhatIsResolved(t *testing.T) {
	r, _ := merge.Apply(merge.Record{}, op(t, tabletA, 0, 1, syncproto.Recorded, domain.Defect{Description: "a"}), 1)
	r, _ = merge.Apply(r, op(t, tabletB, 0, 2, syncproto.Amended, domain.Defect{Description: "b"}), 2)
	for base, want := range map[uint64]string{2: "a and b ~ a b", 1: "a and b | a and b b", 0: "a and b | a b a and b"} {
		shown := merge.Overlay(r, op(t, tabletC, base, 3, syncproto.Amended, domain.Defect{Description: "a and b"}))
		if got := said(t, shown, 8); got != want {
			t.Errorf("base %d: %q, want %q", base, got, want)
		}
	}
	if r.OpenContests() != 1 || slices.ContainsFunc(r.Contests, func(c merge.Contest) bool { return !c.Open }) {
		t.Errorf("the server's state changed: %+v", r.Contests)
	}
}
