package kit

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var englishTexts = ChecklistText{
	Pass: "Pass", Fail: "Fail", NotApplicable: "N/A", NotInspected: "Not inspected",
	AddReading: "Enter reading", OK: "OK", Cancel: "Cancel",
}

func TestChecklistRowAnswers(t *testing.T) {
	newApp(t, Tablet)
	item := ChecklistItem{ID: "door", Text: "Door closes", Room: "Hall"}
	row := NewChecklistRow(englishTexts, item)
	showIn(t, row, 900, 200)
	var events []string
	row.OnAnswer = func(id string, a Answer) {
		events = append(events, fmt.Sprint(id, a))
		item.Answer = a
		row.SetItem(item)
	}
	if row.state.text != "Not inspected" || row.undo.Visible() {
		t.Errorf("unanswered row says %q", row.state.text)
	}
	seen := map[string]bool{row.state.text: true}
	seenStatus := map[Status]bool{row.state.status: true}
	place := row.buttons[AnswerPass].Size()
	height := row.MinSize().Height
	for _, c := range []struct {
		text   string
		answer Answer
		look   widget.Importance
	}{
		{"Pass", AnswerPass, widget.SuccessImportance},
		{"Fail", AnswerFail, widget.DangerImportance},
		{"N/A", AnswerNotApplicable, widget.HighImportance},
	} {
		tapButton(t, row, c.text, nil)
		if want := fmt.Sprint("door", c.answer); events[len(events)-1] != want {
			t.Errorf("tap on %s gave %v", c.text, events)
		}
		for answer, b := range row.buttons {
			if (b.Importance == c.look) != (answer == c.answer) {
				t.Errorf("after %s the button %d looks like %v", c.text, answer, b.Importance)
			}
		}
		if row.buttons[AnswerPass].Size() != place || row.MinSize().Height != height {
			t.Errorf("the answer %s moved the row", c.text)
		}
		seen[row.state.text], seenStatus[row.state.status] = true, true
	}
	if len(seen) != 4 || len(seenStatus) != 4 {
		t.Errorf("four answers look like %v, %v", seen, seenStatus)
	}

	n := len(events)
	tapButton(t, row, "N/A", nil)
	if len(events) != n {
		t.Error("the same answer again is an event: a bouncing finger would repeat it")
	}
	tapButton(t, row, "", theme.ContentUndoIcon())
	if item.Answer != AnswerNone || row.state.text != "Not inspected" {
		t.Errorf("undo left %v", item.Answer)
	}
}

func TestChecklistRowReading(t *testing.T) {
	newApp(t, Tablet)
	judge := func(v string) (Status, string) { return StatusBad, "over by " + v }
	item := ChecklistItem{ID: "wall", Text: "Plumb", Room: "Hall", Reading: &Reading{Unit: "mm", Limit: "≤ 3 mm", Judge: judge}}
	row := NewChecklistRow(englishTexts, item)
	w := showIn(t, row, 900, 700)
	if row.reading.Text != "Enter reading" || row.verdict.Visible() || row.limit.Text() != "≤ 3 mm" {
		t.Errorf("empty reading: %q, verdict %v", row.reading.Text, row.verdict.Visible())
	}
	var events []string
	row.OnReading = func(id, value string) { events = append(events, id+"="+value) }
	tapButton(t, row, "Enter reading", nil)
	pad := w.Canvas().Overlays().Top()
	tapButton(t, pad, "5", nil)
	tapButton(t, pad, "−", nil)
	tapButton(t, pad, "OK", nil)
	if !slices.Equal(events, []string{"wall=-5"}) {
		t.Errorf("events %v", events)
	}

	item.Reading = &Reading{Value: "-5", Unit: "mm", Limit: "≤ 3 mm", Status: StatusBad, Verdict: "over by 2"}
	row.SetItem(item)
	if row.reading.Text != "−5 mm" || !row.verdict.Visible() || row.verdict.text != "over by 2" {
		t.Errorf("reading %q, verdict %q", row.reading.Text, row.verdict.text)
	}
	item.Reading = nil
	row.SetItem(item)
	if row.measure.Visible() {
		t.Error("an item without measurement shows one")
	}
}

func TestChecklistRowIsStackedWhenNarrow(t *testing.T) {
	newApp(t, Tablet)
	row := NewChecklistRow(englishTexts, ChecklistItem{ID: "1", Text: longText, Room: "Hall"})
	page := NewPage(row)
	w := showIn(t, page, 1200, 600)
	driver := fyne.CurrentApp().Driver()
	text := driver.AbsolutePositionForObject(row.text)
	button := driver.AbsolutePositionForObject(row.buttons[AnswerPass])
	if button.X < text.X+row.text.Size().Width {
		t.Errorf("wide: the buttons at %v overlap the text at %v", button, text)
	}
	w.Resize(fyne.NewSize(500, 600))
	text = driver.AbsolutePositionForObject(row.text)
	button = driver.AbsolutePositionForObject(row.buttons[AnswerPass])
	if button.Y < text.Y+row.text.MinSize().Height {
		t.Errorf("narrow: the buttons at %v overlap the text at %v", button, text)
	}
	for _, b := range row.buttons {
		if b.Size().Height < 48 || b.Size().Width < 48 {
			t.Errorf("button of %v", b.Size())
		}
	}
}

// Fyne asks every object for its minimum size in every frame that changes, so
// this is the cost that a long checklist adds to each.
func BenchmarkChecklistPageMinSize(b *testing.B) {
	newApp(b, Tablet)
	var rows []fyne.CanvasObject
	for i := range 100 {
		rows = append(rows, NewChecklistRow(englishTexts, ChecklistItem{ID: fmt.Sprint(i), Text: longText, Room: "Hall"}))
	}
	page := NewPage(rows...)
	showIn(b, page, 1280, 800)
	for b.Loop() {
		for _, o := range shownObjects(page) {
			o.MinSize()
		}
	}
}
