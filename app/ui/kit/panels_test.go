package kit

import (
	"fmt"
	"image/color"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
)

func TestBanner(t *testing.T) {
	newApp(t, Tablet)
	var events []string
	b := NewBanner(StatusInfo, longText).
		AddAction("Open", func() { events = append(events, "open") }).
		AddDismiss(func() { events = append(events, "dismissed") })
	page := NewPage(b)
	showIn(t, page, 600, 400)
	if b.Size().Height < b.text.MinSize().Height {
		t.Errorf("banner is %.0f high, its text needs %.0f", b.Size().Height, b.text.MinSize().Height)
	}
	tapButton(t, b, "Open", nil)
	tapButton(t, b, "", theme.CancelIcon())
	if !slices.Equal(events, []string{"open", "dismissed"}) || b.Visible() {
		t.Errorf("events %v, visible %v", events, b.Visible())
	}
	b.SetMessage(StatusWarn, "other")
	if b.text.Text() != "other" || b.glyph.Resource != StatusWarn.Glyph() {
		t.Error("the message was not replaced")
	}
}

func TestErrorPanel(t *testing.T) {
	newApp(t, Tablet)
	retries := 0
	text := ErrorText{Happened: "The sync stopped.", Safe: "All records are safe.", Next: "Try again.", Retry: "Retry"}
	p := NewErrorPanel(text, func() { retries++ })
	showIn(t, p, 600, 400)
	tapButton(t, p, "Retry", nil)
	if retries != 1 {
		t.Errorf("%d retries", retries)
	}
	paragraphs := func(p *ErrorPanel) (texts []string) {
		for _, o := range shownObjects(p) {
			if text, ok := o.(*Paragraph); ok {
				texts = append(texts, text.Text())
			}
		}
		return texts
	}
	if got := paragraphs(p); !slices.Equal(got, []string{text.Happened, text.Safe, text.Next}) {
		t.Errorf("says %q", got)
	}
	short := NewErrorPanel(ErrorText{Happened: "Only this."}, nil)
	showIn(t, short, 600, 400)
	if got := paragraphs(short); !slices.Equal(got, []string{"Only this."}) {
		t.Errorf("says %q", got)
	}
	for _, o := range shownObjects(short) {
		if _, ok := o.(*Button); ok {
			t.Error("a retry button without a retry")
		}
	}
}

func TestProgressPanel(t *testing.T) {
	newApp(t, Tablet)
	cancelled := 0
	p := NewProgressPanel("Upload", "Cancel", func() { cancelled++ })
	showIn(t, p, 600, 300)
	for _, c := range []struct {
		done, total int
		want        float64
	}{{0, 0, 0}, {97, 152, 97.0 / 152}, {152, 152, 1}, {200, 152, 1}, {-1, 152, 0}, {5, 0, 0}} {
		p.SetProgress(c.done, c.total, "97/152")
		if p.bar.Value != c.want || p.counts.Text() != "97/152" {
			t.Errorf("%d of %d: bar %v, counts %q", c.done, c.total, p.bar.Value, p.counts.Text())
		}
	}
	p.SetTitle("Done")
	tapButton(t, p, "Cancel", nil)
	if cancelled != 1 || p.title.Text() != "Done" {
		t.Errorf("cancelled %d, title %q", cancelled, p.title.Text())
	}
}

func TestCompare(t *testing.T) {
	newApp(t, Tablet)
	photo := samplePhoto(4000, 3000, color.Black)
	c := NewCompare(
		CompareSide{Image: photo, Caption: "Before", Status: StatusBad},
		CompareSide{Missing: "No photo yet", Caption: "Now", Status: StatusPending, Note: "Same place"},
	)
	var tapped []int
	c.OnTapped = func(side int) { tapped = append(tapped, side) }
	w := showIn(t, c, 1280, 800)
	test.TapCanvas(w.Canvas(), fyne.NewPos(200, 400))
	test.TapCanvas(w.Canvas(), fyne.NewPos(1000, 400))
	w.Resize(fyne.NewSize(800, 1280))
	test.TapCanvas(w.Canvas(), fyne.NewPos(400, 300))
	test.TapCanvas(w.Canvas(), fyne.NewPos(400, 1000))
	if !slices.Equal(tapped, []int{0, 1, 0, 1}) {
		t.Errorf("tapped %v", tapped)
	}
	before, now := c.halves[0], c.halves[1]
	if got := before.image.Image.Bounds().Dx(); got != comparePixels {
		t.Errorf("a camera original is drawn at %d pixels", got)
	}
	if before.missing.Visible() || before.note.Visible() || !now.missing.Visible() || now.image.Visible() || !now.note.Visible() {
		t.Error("wrong parts are shown")
	}
	c.Set(CompareSide{Missing: "gone"}, CompareSide{Image: photo})
	if before.image.Visible() || !now.image.Visible() || now.missing.Visible() {
		t.Error("wrong parts are shown after Set")
	}
}

func TestBadge(t *testing.T) {
	newApp(t, Tablet)
	b := NewStatusBadge(StatusOK, "passed")
	narrow := b.MinSize().Width
	b.SetStatus(StatusBad, "failed twice")
	if b.MinSize().Width <= narrow {
		t.Error("a longer text needs no more room")
	}
	if NewStatusBadge(StatusOK, "").MinSize().Width >= narrow {
		t.Error("a badge without text keeps room for it")
	}
}

// Markup goldens: structure, colours and places of the widgets in which a state
// is read. Delete a file and copy it from testdata/failed to accept a change.
func TestMarkup(t *testing.T) {
	newApp(t, Tablet)
	matrix := NewUnitMatrix()
	matrix.SetData(MatrixData{
		Groups:     []string{"1", "2"},
		FloorLabel: func(floor int) string { return string(rune('0' + floor)) },
		Units: []MatrixUnit{
			{ID: "a", Label: "101", Floor: 1, Status: StatusOK},
			{ID: "b", Label: "102", Floor: 1, Column: 1, Status: StatusBad, Defects: 12},
			{ID: "c", Label: "301", Floor: 3, Group: 1, Status: StatusPending},
		},
	})
	matrix.Resize(fyne.NewSize(320, 200))
	for name, o := range map[string]fyne.CanvasObject{
		"badge.xml":  NewStatusBadge(StatusWarn, "due soon"),
		"banner.xml": NewBanner(StatusInfo, "One draft was restored.").AddAction("Open", nil),
		"error.xml":  NewErrorPanel(ErrorText{Happened: "No answer.", Safe: "All is saved.", Next: "Try again.", Retry: "Retry"}, func() {}),
		"matrix.xml": matrix,
		"checklist.xml": NewChecklistRow(englishTexts, ChecklistItem{
			ID: "1", Text: "Plumb", Room: "Hall", Answer: AnswerFail,
			Reading: &Reading{Value: "5", Unit: "mm", Limit: "≤ 3 mm", Status: StatusBad, Verdict: "over by 2"},
		}),
	} {
		t.Run(name, func(t *testing.T) { test.AssertObjectRendersToMarkup(t, name, o) })
	}
}

// Everything that can be tapped is at least 48 dp in both directions.
func TestTouchTargets(t *testing.T) {
	for name, content := range map[string]func(*testing.T) fyne.CanvasObject{
		"controls": galleryControls, "checklist": galleryChecklist, "numberpad": galleryNumberPad,
		"matrix": galleryMatrix, "plan": galleryPinPlan, "photos": galleryPhotos, "compare": galleryCompare,
	} {
		newApp(t, Tablet)
		w := showIn(t, content(t), 800, 1280)
		targets := 0
		for _, o := range shownObjects(w.Content()) {
			_, tappable := o.(fyne.Tappable)
			// Fyne's scroll bar is tappable too, and thin; pages scroll by dragging.
			if !tappable || fmt.Sprintf("%T", o) == "*widget.scrollBarArea" {
				continue
			}
			targets++
			if size := o.Size(); size.Width < 48 || size.Height < 48 {
				t.Errorf("%s: %T of %v", name, o, size)
			}
		}
		if targets == 0 {
			t.Errorf("%s: nothing to tap", name)
		}
	}
}
