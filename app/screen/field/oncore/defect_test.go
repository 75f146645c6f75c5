package oncore_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"keyturn/app/localstore"
	"keyturn/app/screen/field"
	"keyturn/shared/domain"
	"keyturn/shared/ident"
)

func TestPlanTapBeginsADefectInItsRoom(t *testing.T) {
	s := newSite(t)
	plan := s.Plan(flat, handover, "")
	if st := now(s, plan); !st.HasPlan || st.Here || len(st.Pins) != 0 {
		t.Errorf("plan: %+v", st)
	}
	plan.Tap(0.6, 0.5)
	r := s.went()
	form := s.Form(r.Draft)
	st := now(s, form)
	if st.Pin == "" || !slices.ContainsFunc(st.Rooms, func(c field.Chip) bool { return c.ID == "BTH1" && c.Chosen }) {
		t.Errorf("room does not follow from the pin: %+v", st)
	}
	form.PlacePin()
	if r := s.went(); r.Place != field.PlacePlan || r.Draft == "" {
		t.Fatalf("went to %+v", r)
	}
	again := s.Plan(flat, handover, r.Draft)
	again.Tap(0.1, 0.5)
	s.went()
	form.Search("kg")
	found := until(s, form, "kg", func(st field.FormState, _ *field.Problem) bool { return st.Query == "kg" })
	if len(found.Picks) == 0 || !slices.ContainsFunc(found.Rooms, func(c field.Chip) bool { return c.ID == "ENT1" && c.Chosen }) {
		t.Fatalf("pinyin or moved pin: %+v", found)
	}
	form.Pick(found.Picks[0].Code)
	form.ChooseSeverity("critical")
	form.Describe("空鼓一处")
	form.Save()
	s.went()
	st2 := until(s, plan, "pin", func(st field.PlanState, _ *field.Problem) bool { return len(st.Pins) == 1 })
	plan.OpenPin(st2.Pins[0].ID)
	if r := s.went(); r.Place != field.PlaceDefect || r.Defect.String() != st2.Pins[0].ID {
		t.Errorf("went to %+v", r)
	}
	buildings := s.Buildings()
	cells := now(s, buildings).Cells
	if len(cells) != 2 || cells[0].Defects != 1 || cells[0].Tone != field.TonePending {
		t.Errorf("matrix: %+v", cells)
	}
}

func TestLayoutWithoutPlanOffersItsRooms(t *testing.T) {
	s := newSite(t)
	plan := s.Plan(bare, domain.TaskID{}, "")
	st := now(s, plan)
	if st.HasPlan || len(st.Rooms) < 4 {
		t.Fatalf("plan: %+v", st)
	}
	plan.ChooseRoom(st.Rooms[0].ID)
	form := now(s, s.Form(s.went().Draft))
	if form.HasPlan || !form.Rooms[0].Chosen {
		t.Errorf("form: %+v", form)
	}
	if unit := now(s, s.Unit(bare, domain.TaskID{})); unit.NoPlan == "" || len(unit.Tasks) != 0 {
		t.Errorf("unit: %+v", unit)
	}
}

func TestBlankFormLeavesNoDraft(t *testing.T) {
	s := newSite(t)
	s.Unit(flat, handover).AddDefect()
	form := s.Form(s.went().Draft)
	if st := now(s, form); st.Missing == "" {
		t.Error("a blank form could be saved")
	}
	form.Save() // nothing to save
	form.Left()
	home := s.Home()
	if st := now(s, home); len(st.Drafts) != 0 {
		t.Errorf("drafts: %+v", st.Drafts)
	}
}

func TestFormSurvivesTheKilledApp(t *testing.T) {
	s := newSite(t)
	list := s.Checklist(flat, handover, "LIV1", "")
	list.Answer("HO-011.LIV1", domain.AnswerPass)
	s.Unit(flat, handover).AddDefect()
	form := s.Form(s.went().Draft)
	form.ChooseRoom("BTH1")
	form.Describe("地漏反")
	until(s, form, "typed", func(st field.FormState, _ *field.Problem) bool { return st.Description == "地漏反" })
	s.killed()

	home := s.Home()
	st := now(s, home)
	if len(st.Drafts) != 1 || st.Drafts[0].Title != "地漏反" || !strings.Contains(st.Drafts[0].Detail, "Bathroom") {
		t.Fatalf("drafts: %+v", st.Drafts)
	}
	if !strings.Contains(st.Restored, "answers 1, defects 0") {
		t.Errorf("restored: %q", st.Restored)
	}
	home.ContinueDraft(st.Drafts[0].Key)
	r := s.went()
	if r.Place != field.PlaceForm || now(s, s.Form(r.Draft)).Description != "地漏反" {
		t.Errorf("went to %+v", r)
	}
	home.DiscardDraft(st.Drafts[0].Key)
	home.Understood()
	until(s, home, "discarded", func(st field.HomeState, _ *field.Problem) bool { return len(st.Drafts) == 0 && st.Restored == "" })
}

func TestDuplicateIsLinkedNotRefused(t *testing.T) {
	s := newSite(t)
	fill := func() *field.FormScreen {
		s.Unit(flat, handover).AddDefect()
		form := s.Form(s.went().Draft)
		form.ChooseRoom("BTH1")
		form.Pick("PLB-07")
		return form
	}
	fill().Save()
	s.went()
	form := fill()
	st := until(s, form, "hint", func(st field.FormState, _ *field.Problem) bool { return st.Duplicate != nil })
	if st.Duplicate.Linked || !strings.Contains(st.Duplicate.Text, "2026-09-26") {
		t.Errorf("hint: %+v", st.Duplicate)
	}
	if len(st.Recent) != 1 || st.Recent[0].Code != "PLB-07" {
		t.Errorf("recent: %+v", st.Recent)
	}
	form.Link(st.Duplicate.ID, true)
	until(s, form, "linked", func(st field.FormState, _ *field.Problem) bool { return st.Duplicate != nil && st.Duplicate.Linked })
	form.Save()
	s.went()
	defects := records[domain.Defect](s, domain.EntityDefect, flat.Any())
	if len(defects) != 2 || defects[1].Record.DuplicateOf != defects[0].ID {
		t.Errorf("defects: %+v", defects)
	}
}

func TestBadPhotosAreExplained(t *testing.T) {
	s := newSite(t)
	s.Unit(flat, handover).AddDefect()
	form := s.Form(s.went().Draft)
	empty := filepath.Join(t.TempDir(), "empty.jpg")
	must(t, os.WriteFile(empty, nil, 0o600))
	text := filepath.Join(t.TempDir(), "text.jpg")
	must(t, os.WriteFile(text, []byte("no picture"), 0o600))
	for path, says := range map[string]string{empty: "empty", text: "not a photo", filepath.Join(t.TempDir(), "gone.jpg"): "cannot be read"} {
		form.AddPhoto(path)
		st := until(s, form, path, func(_ field.FormState, p *field.Problem) bool {
			return p != nil && strings.Contains(p.Happened, says) && p.Safe != "" && p.Next != ""
		})
		if len(st.Photos) != 0 {
			t.Errorf("%s became a photo", path)
		}
	}
	form.AddPhoto(s.photo("tile-chip.jpg"))
	form.AddPhoto(s.photo("tile-chip.jpg"))
	st := until(s, form, "photo", func(st field.FormState, p *field.Problem) bool { return len(st.Photos) > 0 && p == nil })
	if len(st.Photos) != 1 {
		t.Errorf("the same picture is there %d times", len(st.Photos))
	}
	f, err := s.Picture(t.Context(), st.Photos[0].Picture)
	must(t, err)
	must(t, f.Close())
}

// repaired brings a ticket for a recorded defect, finished and to be
// re-inspected.
func (s *site) repaired(library string, status domain.RepairStatus) (domain.TicketID, domain.TaskID) {
	s.t.Helper()
	s.Unit(flat, handover).AddDefect()
	form := s.Form(s.went().Draft)
	form.ChooseRoom("BTH1")
	form.Pick(library)
	form.Save()
	s.went()
	defects := records[domain.Defect](s, domain.EntityDefect, flat.Any())
	ticket, task := ident.Derive[domain.Ticket]("ticket"), ident.Derive[domain.Task]("reinspect")
	s.record(domain.EntityTicket, ticket.Any(), domain.Ticket{
		UnitID: flat, Status: status, Number: "WX-2026-000001", DefectID: defects[0].ID, Room: "BTH1", LibraryCode: library, Attempt: 1,
		FinishDue: domain.At(morning), LiabilityReason: domain.Because("reason.liability.no_scope", "trade", "plumbing", "building", "1#"),
	})
	s.record(domain.EntityTask, task.Any(), domain.Task{UnitID: flat, State: domain.TaskOpen, Stage: domain.StageReinspect, TicketID: ticket, Attempt: 1})
	return ticket, task
}

func TestReinspectionPassesAndIsConfirmed(t *testing.T) {
	s := newSite(t)
	ticket, task := s.repaired("WIN-01", domain.RepairPendingReinspect)
	home := now(s, s.Home())
	if home.Groups[0].ID != "reinspect" {
		t.Fatalf("groups: %+v", home.Groups)
	}
	m := s.Reinspect(task)
	st := now(s, m)
	if st.Done || st.Warning == "" {
		t.Errorf("re-inspection: %+v", st)
	}
	m.Fail()
	until(s, m, "note wanted", func(st field.ReinspectState, p *field.Problem) bool { return p != nil && st.AskNote })
	m.Cancel()
	if st.Leak {
		m.Pass()
		until(s, m, "water test wanted", func(_ field.ReinspectState, p *field.Problem) bool { return p != nil })
		m.WaterTest(true)
	} else {
		t.Error("the window leak is no leak")
	}
	m.AddPhoto(s.photo("wall-repaired.jpg"))
	until(s, m, "photo", func(st field.ReinspectState, _ *field.Problem) bool { return len(st.After) == 1 && st.WaterTested })
	m.Pass()
	if r := s.went(); r.Place != field.PlaceConfirm || r.Ticket != ticket || !r.Instead {
		t.Fatalf("went to %+v", r)
	}
	verdicts := records[domain.Reinspection](s, domain.EntityReinspection, ticket.Any())
	if len(verdicts) != 1 || verdicts[0].Record.Answer != domain.AnswerPass || !verdicts[0].Record.WaterTested {
		t.Errorf("verdicts: %+v", verdicts)
	}
	m.Pass() // a second tap is not a second verdict
	confirm := s.Confirm(ticket)
	shown := now(s, confirm)
	if len(shown.Photos) != 1 || !strings.Contains(strings.Join(shown.Shown, " "), "WX-2026-000001") {
		t.Errorf("shown: %+v", shown)
	}
	signature, err := os.ReadFile(s.photo("tile-chip.jpg"))
	must(t, err)
	confirm.Sign(signature)
	s.went()
	given := records[domain.Confirmation](s, domain.EntityConfirmation, ticket.Any())
	if len(given) != 1 || given[0].Record.Method != "signature" || given[0].Record.ShownSHA.String() != shown.Hash {
		t.Errorf("confirmation: %+v, shown %s", given, shown.Hash)
	}
	if n := len(records[domain.Reinspection](s, domain.EntityReinspection, ticket.Any())); n != 1 {
		t.Errorf("%d verdicts", n)
	}
}

func TestDefectShowsItsTicket(t *testing.T) {
	s := newSite(t)
	s.repaired("PLB-07", domain.RepairPassed)
	defect := records[domain.Defect](s, domain.EntityDefect, flat.Any())[0].ID
	m := s.Defect(defect)
	st := now(s, m)
	if st.State != "Passed" || st.NoPhotos == "" || len(st.Timeline) != 1 || !st.Confirmable {
		t.Errorf("defect: %+v", st)
	}
	text := ""
	for _, f := range st.Facts {
		text += f.Label + " " + f.Value + "\n"
	}
	for _, want := range []string{"WX-2026-000001", "2026-09-26 09:00", "please name the contractor"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

func TestSyncCountsAndReceipt(t *testing.T) {
	s := newSite(t)
	list := s.Checklist(flat, handover, "LIV1", "")
	list.Answer("HO-011.LIV1", domain.AnswerPass)
	m := s.Sync()
	st := until(s, m, "two records", func(st field.SyncState, _ *field.Problem) bool { return st.All == 2 })
	if st.Sum != "0/2" || st.Tone != field.TonePending || len(st.Receipt) != 2 {
		t.Errorf("sync: %+v", st)
	}
	m.SaveReceipt()
	st = until(s, m, "saved", func(st field.SyncState, _ *field.Problem) bool { return st.SavedAs != "" })
	files, err := filepath.Glob(filepath.Join(s.dir, "keyturn-receipt-*.txt"))
	if err != nil || len(files) != 1 || !strings.Contains(st.SavedAs, files[0]) {
		t.Fatalf("files %v, %v, %q", files, err, st.SavedAs)
	}
	b, err := os.ReadFile(files[0])
	must(t, err)
	results := records[domain.Result](s, domain.EntityResult, domain.AnyID{})
	if len(results) != 1 || !strings.Contains(string(b), results[0].ID.String()) || !strings.Contains(string(b), tablet.String()) {
		t.Errorf("receipt:\n%s", b)
	}
	if sync, err := s.First(t.Context()); err != nil || sync.Place != field.PlaceHome {
		t.Errorf("first screen: %+v, %v", sync, err)
	}
}

func TestNewTabletEnrols(t *testing.T) {
	s := &site{t: t, dir: t.TempDir(), moved: make(chan struct{}, 10)}
	s.open()
	s.begin()
	if r, err := s.First(t.Context()); err != nil || r.Place != field.PlaceEnrol {
		t.Fatalf("first screen: %+v, %v", r, err)
	}
	m := s.Enrol()
	m.Submit("", "code", "tablet")
	until(s, m, "missing", func(st field.EnrolState, _ *field.Problem) bool {
		return strings.Contains(st.Missing, "Server address")
	})
	m.Submit("ftp://nowhere", "code", "tablet")
	until(s, m, "bad address", func(st field.EnrolState, p *field.Problem) bool {
		return !st.Busy && p != nil && strings.Contains(p.Happened, "not valid")
	})
	must(t, s.core.Store.SetIdentity(t.Context(), localstore.Identity{Device: tablet, Person: me}))
	if r, err := s.First(t.Context()); err != nil || r.Place != field.PlaceDownload {
		t.Errorf("first screen: %+v, %v", r, err)
	}
	if st := now(s, s.Download()); st.Finished || st.Usable {
		t.Errorf("download: %+v", st)
	}
}
