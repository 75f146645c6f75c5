package oncore_test

import (
	"slices"
	"strings"
	"testing"

	"keyturn/app/screen/field"
	"keyturn/shared/domain"
)

func row(t *testing.T, st field.ChecklistState, id string) field.QuestionRow {
	t.Helper()
	i := slices.IndexFunc(st.Rows, func(r field.QuestionRow) bool { return r.ID == id })
	if i < 0 {
		t.Fatalf("no question %s among %d", id, len(st.Rows))
	}
	return st.Rows[i]
}

// shows waits until a question satisfies a condition.
func shows(s *site, m *field.Checklist, id string, holds func(field.QuestionRow) bool) field.QuestionRow {
	s.t.Helper()
	var found field.QuestionRow
	until(s, m, "question "+id, func(st field.ChecklistState, _ *field.Problem) bool {
		i := slices.IndexFunc(st.Rows, func(r field.QuestionRow) bool { return r.ID == id })
		if i < 0 || !holds(st.Rows[i]) {
			return false
		}
		found = st.Rows[i]
		return true
	})
	return found
}

func TestHomeListsTheDay(t *testing.T) {
	s := newSite(t)
	home := s.Home()
	st := now(s, home)
	if st.Person != "样例验房员" || st.Project != "样例花园" || st.Date != "2026-09-26" || st.Restored != "" {
		t.Errorf("home: %+v", st)
	}
	if len(st.Groups) != 2 || st.Groups[0].ID != "today" || st.Groups[1].ID != "compare" {
		t.Fatalf("groups: %+v", st.Groups)
	}
	for query, want := range map[string]int{"1-101": 1, "10": 2, "1# 102": 1, "999": 0, "": 0} {
		home.Search(query)
		found := until(s, home, query, func(st field.HomeState, _ *field.Problem) bool { return st.Query == query }).Found
		if len(found) != want {
			t.Errorf("search %q finds %d, want %d", query, len(found), want)
		}
	}
	home.OpenTask(st.Groups[0].Tasks[0].ID)
	if r := s.went(); r.Place != field.PlaceUnit || r.Unit != flat || r.Task != handover {
		t.Errorf("went to %+v", r)
	}
}

func TestLanguageSwitchesAtOnce(t *testing.T) {
	s := newSite(t)
	unit := s.Unit(flat, handover)
	if st := now(s, unit); st.State != "Booked" || st.Rooms[0].Name != "Entrance hall" {
		t.Errorf("English: %q, %q", st.State, st.Rooms[0].Name)
	}
	s.SetLocale("zh-Hans")
	st := until(s, unit, "Chinese", func(st field.UnitState, _ *field.Problem) bool { return st.State == "已预约" })
	if st.Rooms[0].Name != "玄关" {
		t.Errorf("room: %q", st.Rooms[0].Name)
	}
}

// The way of four taps: fail, photo, save.
func TestFailedItemBecomesADefect(t *testing.T) {
	s := newSite(t)
	list := s.Checklist(flat, handover, "ENT1", "")
	list.Answer("HO-010.ENT1", domain.AnswerFail)
	r := s.went()
	if r.Place != field.PlaceForm || r.Draft == "" {
		t.Fatalf("went to %+v", r)
	}
	form := s.Form(r.Draft)
	st := now(s, form)
	if st.Kind == "" || st.Missing != "" || st.From == "" || !slices.ContainsFunc(st.Rooms, func(c field.Chip) bool { return c.ID == "ENT1" && c.Chosen }) {
		t.Errorf("not prefilled: %+v", st)
	}
	if st.PhotosMissing == "" {
		t.Error("missing photos are not mentioned")
	}
	form.AddPhoto(s.photo("wall-crack.jpg"))
	form.Save()
	if r := s.went(); r.Place != "" {
		t.Fatalf("went to %+v", r)
	}
	defects := records[domain.Defect](s, domain.EntityDefect, flat.Any())
	if len(defects) != 1 {
		t.Fatalf("%d defects", len(defects))
	}
	d := defects[0].Record
	if d.Room != "ENT1" || d.LibraryCode == "" || d.ResultID.IsZero() || d.InspectionID.IsZero() || d.Stage != domain.StageHandover {
		t.Errorf("defect: %+v", d)
	}
	if photos := records[domain.Attachment](s, domain.EntityAttachment, defects[0].ID.Any()); len(photos) != 1 {
		t.Errorf("%d photos", len(photos))
	}
	failed := shows(s, list, "HO-010.ENT1", func(q field.QuestionRow) bool { return q.Defect != nil })
	if failed.Answer != domain.AnswerFail || failed.MayRecord {
		t.Errorf("question: %+v", failed)
	}
	// Failing it again opens no second form.
	list.Answer("HO-010.ENT1", domain.AnswerPass)
	shows(s, list, "HO-010.ENT1", func(q field.QuestionRow) bool { return q.Answer == domain.AnswerPass })
	list.Answer("HO-010.ENT1", domain.AnswerFail)
	shows(s, list, "HO-010.ENT1", func(q field.QuestionRow) bool { return q.Answer == domain.AnswerFail })
	if drafts, err := s.core.Field.DefectDrafts(t.Context()); err != nil || len(drafts) != 0 {
		t.Errorf("drafts: %v, %v", drafts, err)
	}
}

func TestAnswersAreDifferentAndCanBeTakenBack(t *testing.T) {
	s := newSite(t)
	list := s.Checklist(flat, handover, "LIV1", "")
	before := now(s, list).Answered
	for _, answer := range []domain.Answer{domain.AnswerPass, domain.AnswerNotApplicable, ""} {
		list.Answer("HO-011.LIV1", answer)
		shows(s, list, "HO-011.LIV1", func(q field.QuestionRow) bool { return q.Answer == answer })
		want := before + 1
		if answer == "" {
			want = before
		}
		if st := now(s, list); st.Answered != want {
			t.Errorf("%q: %d answered, want %d", answer, st.Answered, want)
		}
	}
	list.Answer("HO-011.LIV1", domain.AnswerPass)
	list.Unanswered(true)
	st := until(s, list, "unanswered only", func(st field.ChecklistState, _ *field.Problem) bool { return st.UnansweredOnly })
	if slices.ContainsFunc(st.Rows, func(r field.QuestionRow) bool { return r.Answer != "" }) {
		t.Error("an answered question is shown")
	}
}

func TestReadingShowsLimitAndVerdictAtOnce(t *testing.T) {
	s := newSite(t)
	list := s.Checklist(flat, handover, "LIV1", "")
	q := row(t, now(s, list), "BOTH-015.LIV1")
	if q.Kind != field.AskReading || !strings.Contains(q.Reading.Limit, "2") {
		t.Fatalf("question: %+v", q.Reading)
	}
	if tone, text := q.Reading.Judge("3.5"); tone != field.ToneBad || !strings.Contains(text, "3.5") {
		t.Errorf("while typing: %v %q", tone, text)
	}
	if tone, _ := q.Reading.Judge("1.5"); tone != field.ToneOK {
		t.Errorf("1.5 mm is %v", tone)
	}
	list.Measure("BOTH-015.LIV1", "3.5")
	if r := s.went(); r.Place != field.PlaceForm {
		t.Errorf("went to %+v", r)
	}
	q = shows(s, list, "BOTH-015.LIV1", func(q field.QuestionRow) bool { return q.Answer == domain.AnswerFail })
	if q.Reading.Value != "3.5" || q.Reading.Tone != field.ToneBad {
		t.Errorf("question: %+v", q.Reading)
	}
	list.Measure("BOTH-015.LIV1", "")
	shows(s, list, "BOTH-015.LIV1", func(q field.QuestionRow) bool { return q.Answer == "" && q.Reading.Value == "" })
}

func TestSeveralPointsGiveDeviationAndRange(t *testing.T) {
	s := newSite(t)
	list := s.Checklist(flat, handover, "LIV1", "")
	const id = "BOTH-001.LIV1"
	list.Input(id, "design", "2800")
	for _, v := range []string{"2806", "2797", "2790", "2803"} {
		list.Measure(id, v)
	}
	q := shows(s, list, id, func(q field.QuestionRow) bool { return len(q.Reading.Points) == 4 })
	if q.Answer != domain.AnswerPass || !strings.Contains(q.Reading.Verdict, "-10") || !strings.Contains(q.Reading.Verdict, "16") {
		t.Errorf("verdict: %s %+v", q.Answer, q.Reading)
	}
	list.Correct(id, 2, "2781")
	q = shows(s, list, id, func(q field.QuestionRow) bool { return q.Answer == domain.AnswerFail })
	if !q.MayRecord || !strings.Contains(q.Reading.Verdict, "-19") {
		t.Errorf("after correction: %+v %+v", q, q.Reading)
	}
	list.Correct(id, 2, "")
	q = shows(s, list, id, func(q field.QuestionRow) bool { return len(q.Reading.Points) == 3 })
	if q.Answer != domain.AnswerPass {
		t.Errorf("after removal: %s", q.Answer)
	}
	again := row(t, now(s, s.Checklist(flat, handover, "LIV1", "")), id)
	if again.Inputs[0].Value != "2800" {
		t.Errorf("the design height is forgotten: %+v", again.Inputs)
	}
}

func TestCompletingNeedsOnlyTheConclusion(t *testing.T) {
	s := newSite(t)
	unit := s.Unit(flat, handover)
	unit.AskComplete()
	st := until(s, unit, "question", func(st field.UnitState, _ *field.Problem) bool { return st.Closing != nil })
	if st.Closing.May || len(st.Closing.Mandatory) != 1 || st.Closing.Room != "UNIT" || len(st.Closing.Warnings) == 0 {
		t.Fatalf("closing: %+v", st.Closing)
	}
	unit.Complete()
	if st := now(s, unit); st.TaskDone {
		t.Fatal("completed without a conclusion")
	}
	list := s.Checklist(flat, handover, "UNIT", "")
	list.Pick("HO-030.UNIT", "accept_with_list")
	shows(s, list, "HO-030.UNIT", func(q field.QuestionRow) bool { return q.Answer == domain.AnswerPass && q.Options[1].Chosen })
	list.Say("HO-031.UNIT", "soon")
	until(s, list, "refused date", func(_ field.ChecklistState, p *field.Problem) bool { return p != nil })
	list.Say("HO-031.UNIT", "2026-10-11")
	shows(s, list, "HO-031.UNIT", func(q field.QuestionRow) bool { return q.Value == "2026-10-11" })
	until(s, unit, "may", func(st field.UnitState, _ *field.Problem) bool { return st.Closing != nil && st.Closing.May })
	unit.Complete()
	until(s, unit, "done", func(st field.UnitState, _ *field.Problem) bool { return st.TaskDone && st.Closing == nil })
	list.Answer("HO-011.LIV1", domain.AnswerPass)
	if st := now(s, list); !st.Done {
		t.Error("a completed inspection can be changed")
	}
	inspections := records[domain.Inspection](s, domain.EntityInspection, flat.Any())
	if len(inspections) != 1 || inspections[0].Record.State != domain.InspectionCompleted {
		t.Errorf("inspections: %+v", inspections)
	}
}

func TestComparisonShowsTheShowFlat(t *testing.T) {
	s := newSite(t)
	list := s.Checklist(flat, compare, "", "")
	st := now(s, list)
	if !st.Compare || !st.ShownOnly || len(st.Rows) != 2 {
		t.Fatalf("comparison: %+v", st)
	}
	if q := row(t, st, "SF-005.LIV1"); q.Shown == nil || q.Shown.Text != "木饰面" {
		t.Errorf("shown: %+v", q.Shown)
	}
	q := row(t, st, "SF-008.LIV1")
	if tone, _ := q.Reading.Judge("7"); tone != field.ToneOK {
		t.Errorf("the show flat's count is %v", tone)
	}
	if tone, _ := q.Reading.Judge("6"); tone != field.ToneBad {
		t.Errorf("one less is %v", tone)
	}
	list.Answer("SF-005.LIV1", domain.AnswerPass)
	shows(s, list, "SF-005.LIV1", func(q field.QuestionRow) bool { return q.Answer == domain.AnswerPass })
}
