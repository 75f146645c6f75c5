package conflict

import (
	"testing"

	"keyturn/shared/domain"
	"keyturn/shared/merge"
	"keyturn/shared/syncproto"
	"keyturn/shared/wording"
)

func (w Words) losers(t *testing.T, r Record) []Lost {
	t.Helper()
	list, err := w.Lost(t.Context(), source{}, []Record{r})
	must(t, err)
	return list
}

// What lost to a later clock can be seen and taken again, and so can what that
// replaces.
func TestLostValuesCanBeTakenAgain(t *testing.T) {
	r := written(t, domain.EntityDefect, wrote{li, 0, domain.Defect{UnitID: unit, Room: "LIV1", Description: "x"}}, wrote{wang, 0, domain.Defect{Room: "BED1"}})
	w := words(t, wording.English)
	list := w.losers(t, r)
	if len(list) != 1 {
		t.Fatalf("%+v", list)
	}
	if l := list[0]; l.What != "Room" || l.Value != "LIV1" || l.Who != "Sample Li" || !l.Mine || l.At != "2026-09-26 01:00" ||
		l.Now != "BED1" || l.NowWho != "Sample Wang" || l.NowAt != "2026-09-26 01:01" || l.Where != "1# 101 · BED1" || l.Title != "x" {
		t.Errorf("%+v", l)
	}
	r = decided(t, r, list[0].TakeAgain())
	if d, err := merge.As[domain.Defect](r); err != nil || d.Room != "LIV1" {
		t.Errorf("%+v, %v", d, err)
	}
	if list = w.losers(t, r); len(list) != 1 || list[0].Value != "BED1" || list[0].Now != "LIV1" {
		t.Errorf("the choice cannot be undone: %+v", list)
	}
}

// The choice of a kind fills in several fields, which are one value to people.
func TestLostKindComesBackWhole(t *testing.T) {
	kind := func(code, element, trade string) domain.Defect {
		return domain.Defect{UnitID: unit, LibraryCode: code, Element: element, Trade: trade, Type: "fault of " + element}
	}
	r := written(t, domain.EntityDefect, wrote{li, 0, kind("WIN-01", "window", "window")}, wrote{wang, 0, kind("DOR-02", "door", "door")})
	w := words(t, wording.English)
	list := w.losers(t, r)
	if len(list) != 1 || list[0].What != "Kind of defect" || list[0].Value != "Exterior window water leak" || list[0].Now != "Entrance door or smart lock fault" {
		t.Fatalf("%+v", list)
	}
	r = decided(t, r, list[0].TakeAgain())
	if d, err := merge.As[domain.Defect](r); err != nil || d.LibraryCode != "WIN-01" || d.Element != "window" || d.Trade != "window" || d.Type != "fault of window" {
		t.Errorf("%+v, %v", d, err)
	}
}

// Words that stand in what both became are not listed as lost.
func TestJoinedWordsAreNotLost(t *testing.T) {
	r := written(t, domain.EntityDefect, wrote{li, 0, domain.Defect{UnitID: unit, Description: "a crack."}}, wrote{wang, 0, domain.Defect{Description: "a stain"}})
	w := words(t, wording.English)
	q := w.one(t, r)
	both, _ := q.TakeBoth()
	if list := w.losers(t, decided(t, r, both)); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	theirs, _ := q.Take(1)
	if list := w.losers(t, decided(t, r, theirs)); len(list) != 1 || list[0].Value != "a crack." || list[0].Now != "a stain" {
		t.Errorf("%+v", list)
	}
	if list := w.losers(t, r); len(list) != 0 {
		t.Errorf("nothing has lost yet: %+v", list)
	}
}

// An answer that was decided against comes back whole.
func TestLostStatementComesBackWhole(t *testing.T) {
	result := func(a domain.Answer, reading int64, by domain.PersonID) domain.Result {
		return domain.Result{
			Item: "BOTH-015", Room: "LIV1", UnitID: unit, Answer: a, Readings: []int64{reading}, Inspector: by, CapturedAt: began,
			Verdict: domain.Because("judged", "by", people[by]),
		}
	}
	r := written(t, domain.EntityResult, wrote{li, 0, result(domain.AnswerPass, 1500, li)}, wrote{wang, 0, result(domain.AnswerFail, 3500, wang)})
	w := words(t, wording.English)
	theirs, _ := w.one(t, r).Take(1)
	r = decided(t, r, theirs)
	list := w.losers(t, r)
	if len(list) != 1 || list[0].Value != "Pass · 1.5 mm" || list[0].Now != "Fail · 3.5 mm" || list[0].Who != "Sample Li" {
		t.Fatalf("%+v", list)
	}
	r = decided(t, r, list[0].TakeAgain())
	res, err := merge.As[domain.Result](r)
	if err != nil || res.Answer != domain.AnswerPass || res.Readings[0] != 1500 || res.Inspector != li || res.Verdict.Args["by"] != people[li] {
		t.Errorf("%+v, %v", res, err)
	}
}

// What the app fills in by itself is nobody's word.
func TestWhatNobodySaidIsNotLost(t *testing.T) {
	r := written(t, domain.EntityDefect, wrote{li, 0, domain.Defect{UnitID: unit, Inspector: li, CapturedAt: began}}, wrote{wang, 0, domain.Defect{UnitID: unit, Inspector: wang, CapturedAt: began + 1}})
	if list := words(t, wording.English).losers(t, r); len(list) != 0 || len(r.Contests) != 2 {
		t.Errorf("%+v of %+v", list, r.Contests)
	}
}

// Every kind of value reads as words, also one that this version does not know.
func TestValuesInWords(t *testing.T) {
	encode := func(v any) syncproto.Value {
		b, err := syncproto.Marshal(v)
		must(t, err)
		return b
	}
	for _, c := range []struct {
		entity domain.Entity
		key    uint64
		value  any
		en, zh string
	}{
		{domain.EntityDefect, 3, "LIV1", "LIV1", "LIV1"},
		{domain.EntityDefect, 10, 3, "3", "3"},
		{domain.EntityDefect, 12, domain.Pin{X: 250_000, Y: 500_000}, "25 % from the left, 50 % from the top", "距左 25%，距上 50%"},
		{domain.EntityDefect, 15, unit, "(another record)", "（另一条记录）"},
		{domain.EntityDefect, 16, true, "yes", "是"},
		{domain.EntityDefect, 99, []int{1}, "(cannot be shown by this version)", "（此版本无法显示）"},
		{domain.EntityDefect, 9, "wrong type", "(cannot be shown by this version)", "（此版本无法显示）"},
		{domain.EntityDefect, 8, nil, "(empty)", "（空）"},
		{domain.EntityDefect, 11, []int64{-500, 2000}, "-0.5 / 2", "-0.5 / 2"},
		{domain.EntityTask, 4, "2026-09-26", "2026-09-26", "2026-09-26"},
	} {
		r := written(t, c.entity, wrote{li, 0, domain.Defect{UnitID: unit}})
		for locale, want := range map[string]string{wording.English: c.en, wording.Chinese: c.zh} {
			got, err := words(t, locale).value(t.Context(), r, c.key, encode(c.value))
			if err != nil || got != want {
				t.Errorf("%s %d in %s: %q, want %q (%v)", c.entity, c.key, locale, got, want, err)
			}
		}
	}
}
