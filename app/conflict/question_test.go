package conflict

import (
	"slices"
	"strings"
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

func TestQuestions(t *testing.T) {
	defect := func(d domain.Defect) domain.Defect {
		d.UnitID, d.Room, d.LibraryCode = unit, "LIV1", "WAL-003"
		return d
	}
	for name, c := range map[string]struct {
		entity      domain.Entity
		mine, other any
		what, where string
		values      [2]string // in the order of writing: mine, theirs
		inForce     int
		both        string
	}{
		"description": {
			entity: domain.EntityDefect, mine: defect(domain.Defect{Description: "crack by the door."}), other: defect(domain.Defect{Description: "crack, 2 m"}),
			what: "Description", where: "1# 101 · LIV1", values: [2]string{"crack by the door.", "crack, 2 m"}, both: "crack by the door; crack, 2 m",
		},
		"severity": {
			entity: domain.EntityDefect, mine: defect(domain.Defect{Severity: domain.Minor}), other: defect(domain.Defect{Severity: domain.Critical}),
			what: "Severity", where: "1# 101 · LIV1", values: [2]string{"Minor", "Critical"}, inForce: 1,
		},
		"readings": {
			entity: domain.EntityDefect, mine: defect(domain.Defect{Readings: []int64{3500, -500}}), other: defect(domain.Defect{Readings: []int64{4000}}),
			what: "Readings", where: "1# 101 · LIV1", values: [2]string{"3.5 / -0.5", "4"},
		},
		"outside": {
			entity: domain.EntityDefect, mine: domain.Defect{PublicAreaID: area, Description: "a"}, other: domain.Defect{PublicAreaID: area, Description: "b"},
			what: "Description", where: "Lobby", values: [2]string{"a", "b"}, both: "a; b",
		},
		"assignee": {
			entity: domain.EntityAppointment, mine: domain.Appointment{UnitID: unit, Inspector: "Sample A"}, other: domain.Appointment{UnitID: unit, Inspector: "Sample B"},
			what: "Inspector", where: "1# 101", values: [2]string{"Sample A", "Sample B"},
		},
	} {
		r := written(t, c.entity, wrote{li, 0, c.mine}, wrote{wang, 0, c.other})
		q := words(t, wording.English).one(t, r)
		if q.What != c.what || q.Where != c.where || q.Both != c.both || q.Title == "" || len(q.Sides) != 2 {
			t.Errorf("%s: %+v", name, q)
			continue
		}
		for i, s := range q.Sides {
			who, when := []string{"Sample Li", "Sample Wang"}[i], []string{"2026-09-26 01:00", "2026-09-26 01:01"}[i]
			if s.Value != c.values[i] || s.Who != who || s.At != when || s.Mine != (i == 0) || s.InForce != (i == c.inForce) {
				t.Errorf("%s, side %d: %+v", name, i, s)
			}
			d, ok := q.Take(i)
			if !ok || decided(t, r, d).OpenContests() != 0 {
				t.Errorf("%s: taking side %d decides nothing: %+v", name, i, d)
			}
		}
		if d, ok := q.TakeBoth(); ok != (c.both != "") {
			t.Errorf("%s: both %v", name, ok)
		} else if after := r; ok {
			after = decided(t, r, d)
			if got, err := syncproto.DecodeField[string](after.Fields, 8); err != nil || got != c.both || after.OpenContests() != 0 {
				t.Errorf("%s: both give %q, %v", name, got, err)
			}
		}
		if _, ok := q.Take(2); ok {
			t.Errorf("%s: a third side", name)
		}
	}
}

// Who has written the same stands together.
func TestSidesAreDistinct(t *testing.T) {
	zhao := wang
	zhao[0]++
	people[zhao] = "Sample Zhao"
	r := written(t, domain.EntityDefect, wrote{li, 0, domain.Defect{UnitID: unit, Description: "a"}}, wrote{wang, 0, domain.Defect{Description: "b"}}, wrote{zhao, 0, domain.Defect{Description: "b"}})
	q := words(t, wording.English).one(t, r)
	if len(q.Sides) != 2 || q.Sides[1].Who != "Sample Wang, Sample Zhao" || q.Both != "a; b" {
		t.Errorf("%+v", q)
	}
}

// A checklist item is one question, and what is taken comes whole.
func TestStatementIsOneQuestion(t *testing.T) {
	result := func(a domain.Answer, reading int64, by domain.PersonID) domain.Result {
		return domain.Result{
			Item: "BOTH-015", Room: "LIV1", UnitID: unit, Answer: a, Readings: []int64{reading}, Inspector: by, CapturedAt: began,
			Verdict: domain.Because("conflict.field.other", "number", people[by]),
		}
	}
	r := written(t, domain.EntityResult, wrote{li, 0, result(domain.AnswerPass, 1500, li)}, wrote{wang, 0, result(domain.AnswerFail, 3500, wang)})
	q := words(t, wording.English).one(t, r)
	if len(q.Sides) != 2 || q.Both != "" || q.What != "Answer" || !strings.Contains(q.Title, "flat") {
		t.Fatalf("%+v", q)
	}
	for i, want := range []struct {
		value  string
		answer domain.Answer
		by     domain.PersonID
	}{{"Pass · 1.5 mm", domain.AnswerPass, li}, {"Fail · 3.5 mm", domain.AnswerFail, wang}} {
		s := q.Sides[i]
		if s.Value != want.value || !strings.Contains(s.Detail, people[want.by]) || s.InForce != (i == 1) {
			t.Errorf("%+v", s)
		}
		d, _ := q.Take(i)
		after := decided(t, r, d)
		res, err := merge.As[domain.Result](after)
		if err != nil || res.Answer != want.answer || res.Inspector != want.by || res.Verdict.Args["number"] != people[want.by] || after.OpenContests() != 0 {
			t.Errorf("%+v, %v", res, err)
		}
	}
}

func TestStatementOfAChoiceIsNamed(t *testing.T) {
	note := func(key string, a domain.Answer) domain.Result {
		return domain.Result{Item: "HO-030", Room: "UNIT", UnitID: unit, Answer: a, Note: key}
	}
	r := written(t, domain.EntityResult, wrote{li, 0, note("refuse", domain.AnswerFail)}, wrote{wang, 0, note("accept", domain.AnswerPass)})
	for locale, want := range map[string][2]string{wording.English: {"Fail · Refuse", "Pass · Accept"}, wording.Chinese: {"不合格 · 拒", "合格 · 接收"}} {
		q := words(t, locale).one(t, r)
		for i, s := range q.Sides {
			if !strings.HasPrefix(s.Value, want[i]) {
				t.Errorf("%s: %q, want %q", locale, s.Value, want[i])
			}
		}
	}
}

func TestTogether(t *testing.T) {
	for _, c := range []struct {
		texts []string
		want  string
	}{
		{[]string{"a", "b"}, "a; b"},
		{[]string{"a.", "b."}, "a; b."},
		{[]string{" a ", "a"}, "a"},
		{[]string{"crack", "long crack by the door"}, "long crack by the door"},
		{[]string{"墙面开裂。", "门边空鼓"}, "墙面开裂；门边空鼓"},
		{[]string{"a", "b", "c"}, "a; b; c"},
	} {
		if got := together(c.texts); got != c.want {
			t.Errorf("%q: %q, want %q", c.texts, got, c.want)
		}
	}
}

// Every field that can wait for a person has a name and can be asked about, in
// both languages.
func TestEveryFieldHasAName(t *testing.T) {
	for e := domain.EntityProject; e <= domain.EntityPerson; e++ {
		for key := uint64(1); key < 100; key++ {
			if _, known := fields[e][key]; merge.KeepsBoth(e, key) && !known && !slices.Contains(wholes[e], key) {
				t.Errorf("no name for key %d of %s", key, e)
			}
		}
	}
	texts := words(t, wording.English).Texts
	for e, named := range fields {
		for key, f := range named {
			for _, locale := range wording.Locales() {
				if !texts.Has(locale, "conflict.field."+f.label) {
					t.Errorf("no %s text for key %d of %s", locale, key, e)
				}
			}
		}
	}
}
