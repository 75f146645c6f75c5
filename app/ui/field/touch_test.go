package field

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	screen "keyturn/app/screen/field"
	"keyturn/app/ui/kit"
	"keyturn/shared/domain"
	"keyturn/shared/wording"
)

func gap() float32 { return theme.Padding() }

// askedChecklist notes what a checklist page asks its view model for.
type askedChecklist struct {
	*fake[screen.ChecklistState]
	anyChecklist
}

func (m askedChecklist) Answer(id string, a domain.Answer) {
	m.note(fmt.Sprintf("answer %s %q", id, a))
}
func (m askedChecklist) Measure(id, v string)     { m.note("measure " + id + " " + v) }
func (m askedChecklist) Pick(id, option string)   { m.note("pick " + id + " " + option) }
func (m askedChecklist) Say(id, text string)      { m.note("say " + id + " " + text) }
func (m askedChecklist) Choose(room string)       { m.note("room " + room) }
func (m askedChecklist) RecordDefect(id string)   { m.note("record " + id) }
func (m askedChecklist) OpenDefect(id string)     { m.note("defect " + id) }
func (m askedChecklist) AddPhoto(id, path string) { m.note("photo " + id + " " + path) }
func (m askedChecklist) Correct(id string, point int, v string) {
	m.note(fmt.Sprintf("correct %s %d %s", id, point, v))
}

func TestChecklistTapsReachTheViewModel(t *testing.T) {
	a, w := stage(t, wording.English, fyne.NewSize(1280, 800), false)
	a.PickPhoto = func(use func(string)) { use("camera.jpg") }
	m := askedChecklist{fake: &fake[screen.ChecklistState]{state: states{}.checklist()}}
	a.put(screen.Route{Place: screen.PlaceChecklist}, func() *page { return newChecklist(a, m) }, true)
	for _, c := range []struct{ tap, want string }{
		{"checklist.HO-011.LIV1.fail", `answer HO-011.LIV1 "fail"`},
		{"checklist.HO-011.LIV1.na", `answer HO-011.LIV1 "na"`},
		{"checklist.HO-011.LIV1.undo", `answer HO-011.LIV1 ""`},
		{"checklist.BOTH-001.LIV1.pass", `answer BOTH-001.LIV1 "pass"`},
		{"checklist.BOTH-001.LIV1.record", "record BOTH-001.LIV1"},
		{"checklist.BOTH-015.LIV1.defect", "defect d2"},
		{"checklist.HO-023.UNIT.photo", "photo HO-023.UNIT camera.jpg"},
		{"checklist.HO-030.UNIT.option.accept_with_list", "pick HO-030.UNIT accept_with_list"},
		{"checklist.HO-030.UNIT.na", `answer HO-030.UNIT "na"`},
		{"checklist.HO-031.UNIT.option.2026-10-03", "say HO-031.UNIT 2026-10-03"},
		{"checklist.room.KIT1", "room KIT1"},
	} {
		m.calls = nil
		touch(t, a, c.tap)
		if !slices.Equal(m.calls, []string{c.want}) {
			t.Errorf("%s: %q, want %q", c.tap, m.calls, c.want)
		}
	}
	// A point is corrected with the pad, on a keyboard here.
	m.calls = nil
	touch(t, a, "checklist.BOTH-001.LIV1.point.2")
	typeNumber(t, w, "\b\b\b\b2798\n")
	if want := []string{"correct BOTH-001.LIV1 2 2798"}; !slices.Equal(m.calls, want) {
		t.Errorf("pad: %q, want %q", m.calls, want)
	}
}

// typeNumber types into the pad that is open; \b is backspace, \n return.
func typeNumber(t *testing.T, w fyne.Window, keys string) {
	t.Helper()
	pad, ok := w.Canvas().Focused().(*kit.NumberPad)
	if !ok {
		t.Fatalf("no pad has the focus but %T", w.Canvas().Focused())
	}
	for _, r := range keys {
		switch r {
		case '\b':
			pad.TypedKey(&fyne.KeyEvent{Name: fyne.KeyBackspace})
		case '\n':
			pad.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		default:
			pad.TypedRune(r)
		}
	}
}

func TestAnswerRedrawsOnlyItsQuestion(t *testing.T) {
	a, _ := stage(t, wording.English, fyne.NewSize(1280, 800), false)
	m := askedChecklist{fake: &fake[screen.ChecklistState]{state: states{}.checklist()}}
	a.put(screen.Route{Place: screen.PlaceChecklist}, func() *page { return newChecklist(a, m) }, true)
	before := a.Find("checklist.BOTH-001.LIV1.record", nil)
	m.state.Rows = slices.Clone(m.state.Rows)
	m.state.Rows[0].Answer = domain.AnswerFail
	m.emit()
	if after := a.Find("checklist.BOTH-001.LIV1.record", nil); after == nil || after != before {
		t.Error("another question was drawn anew")
	}
	m.state.Rows = m.state.Rows[2:]
	m.emit()
	if a.Find("checklist.BOTH-001.LIV1.record", nil) != nil {
		t.Error("a question that is not shown can be found")
	}
}

// askedForm notes what the form asks its view model for.
type askedForm struct {
	*fake[screen.FormState]
	anyForm
}

func (m askedForm) Save()                       { m.note("save") }
func (m askedForm) Search(query string)         { m.note("search " + query) }
func (m askedForm) Pick(code string)            { m.note("pick " + code) }
func (m askedForm) ChooseRoom(code string)      { m.note("room " + code) }
func (m askedForm) ChooseSeverity(name string)  { m.note("severity " + name) }
func (m askedForm) Describe(text string)        { m.note("describe " + text) }
func (m askedForm) AddPhoto(path string)        { m.note("photo " + path) }
func (m askedForm) PlacePin()                   { m.note("pin") }
func (m askedForm) Link(id string, linked bool) { m.note(fmt.Sprintf("link %s %v", id, linked)) }
func (m askedForm) Left()                       { m.note("left") }
func (m askedForm) Discard()                    { m.note("discard") }

func TestFormTapsReachTheViewModel(t *testing.T) {
	a, _ := stage(t, wording.English, fyne.NewSize(1280, 800), false)
	a.PickPhoto = func(use func(string)) { use("camera.jpg") }
	m := askedForm{fake: &fake[screen.FormState]{state: states{}.form()}}
	a.put(screen.Route{Place: screen.PlaceForm}, func() *page { return newForm(a, m) }, true)
	for _, c := range []struct{ tap, want string }{
		{"defect.photo.add", "photo camera.jpg"},
		{"defect.room.LIV1", "room LIV1"},
		{"defect.severity.critical", "severity critical"},
		{"defect.pin", "pin"},
		{"defect.pick.DOR-01", "pick DOR-01"},
		{"defect.recent.TIL-03", "pick TIL-03"},
		{"defect.phrase.1", "describe Floor drain smells"},
		{"defect.link", "link d0 true"},
		{"defect.save", "save"},
	} {
		m.calls = nil
		touch(t, a, c.tap)
		if !slices.Equal(m.calls, []string{c.want}) {
			t.Errorf("%s: %q, want %q", c.tap, m.calls, c.want)
		}
	}
	m.calls = nil
	touch(t, a, "defect.discard")
	if len(m.calls) != 0 {
		t.Error("discarded without being asked")
	}
	touch(t, a, "dialog.yes")
	search, ok := a.Find("defect.search", nil).(*widget.Entry)
	if !ok {
		t.Fatal("no search")
	}
	search.SetText("kg")
	m.state.Missing = "choose the room"
	m.emit()
	touch(t, a, "defect.save")
	a.Back()
	if want := []string{"discard", "search kg", "left"}; !slices.Equal(m.calls, want) {
		t.Errorf("%q, want %q", m.calls, want)
	}
}

func TestProblemIsShownUntilUnderstood(t *testing.T) {
	a, _ := stage(t, wording.English, fyne.NewSize(1280, 800), false)
	m := askedForm{fake: &fake[screen.FormState]{state: states{}.form(), problem: &screen.Problem{Happened: "disk full", Safe: "safe", Next: "free some"}}}
	a.put(screen.Route{Place: screen.PlaceForm}, func() *page { return newForm(a, m) }, true)
	touch(t, a, "problem.understood")
	if !slices.Equal(m.calls, []string{"dismiss"}) {
		t.Errorf("calls %q", m.calls)
	}
	m.problem = nil
	m.emit()
	if a.Find("problem.understood", nil) != nil {
		t.Error("the problem is still there")
	}
}

func TestMatrixCellsAreFoundAmongRepeatedNumbers(t *testing.T) {
	a, _ := stage(t, wording.English, fyne.NewSize(1280, 800), false)
	st := states{}.buildings()
	m := &openedUnits{fake: &fake[screen.BuildingsState]{state: st}}
	a.put(screen.Route{Place: screen.PlaceBuildings}, func() *page { return newBuildings(a, m) }, true)
	for _, id := range []string{"11-0", "11-4", "9-3", "9-7"} {
		m.calls = nil
		touch(t, a, "buildings.unit."+id)
		if !slices.Equal(m.calls, []string{id}) {
			t.Errorf("%s opens %q", id, m.calls)
		}
	}
}

type openedUnits struct {
	*fake[screen.BuildingsState]
	anyBuildings
}

func (m *openedUnits) OpenUnit(id string) { m.note(id) }
